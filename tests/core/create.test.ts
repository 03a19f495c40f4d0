import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  arange,
  DTypeError,
  empty,
  emptyLike,
  eye,
  full,
  fullLike,
  IndexError,
  linspace,
  manualSeed,
  oneHot,
  ones,
  onesLike,
  rand,
  randint,
  randLike,
  randn,
  randnLike,
  randperm,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
  zerosLike,
} from '../../ops/index.js';
import { near, raises } from './close.js';

test('zeros, ones, full and empty fill any shape, 0-d and size 0 too', () => {
  near(zeros([2, 3]), [
    [0, 0, 0],
    [0, 0, 0],
  ]);
  near(ones([]), 1);
  near(full([2], 2.5), [2.5, 2.5]);
  assert.equal(empty([2, 0]).toArray(), [[], []]);
  assert.equal(empty([3]).shape, [3]);
});

test('they take dtype and requiresGrad; a truth value fills with bool', () => {
  assert.is(zeros([1], { dtype: 'int32' }).dtype, 'int32');
  assert.is(ones([1], { requiresGrad: true }).requiresGrad, true);
  assert.is(full([1], true).dtype, 'bool');
  assert.equal(full([1], 3, { dtype: 'bool' }).toArray(), [true]);
  assert.is(full([], 0.1, { dtype: 'float64' }).item(), 0.1);
  raises(() => zeros([1], { dtype: 'int8' as 'int32' }), DTypeError, /^zeros: expected one of/);
});

test('full refuses a value that is no number, and one that the dtype cannot hold', () => {
  raises(
    () => full([1], '2' as never),
    ArgumentError,
    "full: expected a number or a truth value, got '2'",
  );
  raises(() => full([1], NaN, { dtype: 'int32' }), DTypeError, /^full: .* for int32, got NaN$/);
});

test('arange counts from start up to but without end; with one number, from 0', () => {
  near(arange(4), [0, 1, 2, 3]);
  near(arange(1, 3), [1, 2]);
  near(arange(0, 1, 0.25), [0, 0.25, 0.5, 0.75]);
  near(arange(3, 0, -1), [3, 2, 1]);
  near(arange(2.5), [0, 1, 2]);
  assert.is(arange(3).dtype, 'float32');
  assert.is(arange(0, 3, 1, { dtype: 'int32' }).dtype, 'int32');
});

test('arange multiplies rather than adds up, so that a long one does not drift', () => {
  const x = arange(0, 1000, 0.1, { dtype: 'float64' });
  assert.is(x.size, 10000);
  assert.is(x.data[9999], 9999 * 0.1);
});

test('arange of nothing is empty; a step of 0 or away from the end is refused', () => {
  assert.equal(arange(0).shape, [0]);
  assert.equal(arange(2, 2).shape, [0]);
  raises(() => arange(0, 3, 0), ArgumentError, 'arange: a step of 0 does not lead from 0 to 3');
  raises(() => arange(0, 3, -1), ArgumentError, 'arange: a step of -1 does not lead from 0 to 3');
  raises(() => arange(-1), ArgumentError, 'arange: a step of 1 does not lead from 0 to -1');
  raises(() => arange(0, Infinity), ArgumentError, 'arange: expected finite numbers, got Infinity');
});

test('linspace meets both ends exactly', () => {
  near(linspace(0, 1, 5), [0, 0.25, 0.5, 0.75, 1]);
  near(linspace(2, -2, 3), [2, 0, -2]);
  near(linspace(3, 7, 1), [3]);
  assert.equal(linspace(0, 1, 0).shape, [0]);
  const x = linspace(0.1, 0.7, 12, { dtype: 'float64' });
  assert.is(x.data[0], 0.1);
  assert.is(x.data[11], 0.7);
  raises(
    () => linspace(0, 1, -1),
    ArgumentError,
    'linspace: expected an integer of at least 0 as steps, got -1',
  );
});

test('eye has ones on its diagonal, square or not', () => {
  near(eye(2), [
    [1, 0],
    [0, 1],
  ]);
  near(eye(2, 3), [
    [1, 0, 0],
    [0, 1, 0],
  ]);
  near(eye(3, 1), [[1], [0], [0]]);
  assert.equal(eye(0).shape, [0, 0]);
  raises(() => eye(-1), ArgumentError, /^eye: expected an integer of at least 0/);
});

test('oneHot puts a 1 where the index says, along a new last axis', () => {
  const classes = (x: number[] | number[][] | number): Tensor => tensor(x, { dtype: 'int32' });
  near(oneHot(classes([1, 0]), 3), [
    [0, 1, 0],
    [1, 0, 0],
  ]);
  near(oneHot(classes([2, 0])), [
    [0, 0, 1],
    [1, 0, 0],
  ]);
  near(oneHot(classes(1), 2), [0, 1]);
  assert.equal(oneHot(classes([[0], [1]]), 4).shape, [2, 1, 4]);
  raises(() => oneHot(classes([3]), 3), IndexError, 'oneHot: expected classes from 0 to 2, got 3');
  raises(() => oneHot(classes([-1]), 3), IndexError, /got -1$/);
  raises(() => oneHot(tensor([1])), DTypeError, 'oneHot: expected int32 as the index, got float32');
});

test('the …Like functions take shape and dtype from a tensor, and options over them', () => {
  const x = tensor([[1, 2]], { dtype: 'float64', requiresGrad: true });
  for (const make of [zerosLike, onesLike, emptyLike, randLike, randnLike]) {
    assert.equal(make(x).shape, [1, 2]);
    assert.is(make(x).dtype, 'float64');
    assert.is(make(x).requiresGrad, false);
    assert.is(make(x, { dtype: 'float32' }).dtype, 'float32');
    assert.is(make(x, { requiresGrad: true }).requiresGrad, true);
  }
  near(zerosLike(x), [[0, 0]]);
  near(onesLike(x), [[1, 1]]);
  near(fullLike(x, 7), [[7, 7]]);
  assert.is(onesLike(tensor([true])).dtype, 'bool');
  raises(
    () => zerosLike(3 as never),
    ArgumentError,
    'zerosLike: expected a tensor as the model, got 3',
  );
});

test('the random creation functions follow manualSeed', () => {
  const draw = (): unknown[] => [
    rand([3]).toArray(),
    randn([3]).toArray(),
    randint(0, 100, [3]).toArray(),
    randperm(5).toArray(),
  ];
  manualSeed(3);
  const first = draw();
  const second = draw();
  manualSeed(3);
  assert.equal(draw(), first);
  assert.not.equal(second, first);
});

test('rand stays in [0, 1) after it is rounded to float32; randint and randperm are int32', () => {
  manualSeed(1);
  for (const x of rand([20000]).data) assert.ok(x >= 0 && x < 1);
  const dice = randint(1, 7, [600]);
  assert.is(dice.dtype, 'int32');
  assert.equal(new Set(dice.data).size, 6);
  for (const x of dice.data) assert.ok(x >= 1 && x <= 6);
  assert.is(randperm(3).dtype, 'int32');
  assert.equal([...randperm(6).data].sort(), [0, 1, 2, 3, 4, 5]);
  assert.equal(randperm(0).shape, [0]);
});

test('random real numbers do not fit whole dtypes, and a range of none is refused', () => {
  raises(
    () => rand([1], { dtype: 'int32' }),
    DTypeError,
    'rand: expected float32 or float64, got int32',
  );
  raises(
    () => randint(3, 3, [1]),
    ArgumentError,
    'randint: expected an integer of at least 4 as high, got 3',
  );
  raises(
    () => randn(3 as never),
    ShapeError,
    'randn: expected a shape of whole numbers ≥ 0, got 3',
  );
});

test.run();
