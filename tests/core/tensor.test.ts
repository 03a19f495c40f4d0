import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  DTypeError,
  GradientError,
  mul,
  type NestedArray,
  noGrad,
  reshape,
  ShapeError,
  sum,
  Tensor,
  tensor,
  zeros,
} from '../../ops/index.js';
import { near, raises } from './close.js';

/** What callers without types may pass. */
const anything = (x: unknown) => x as NestedArray;

test('a number makes a 0-d float32 tensor', () => {
  const x = tensor(3.5);
  assert.equal(x.shape, []);
  assert.is(x.dtype, 'float32');
  assert.is(x.ndim, 0);
  assert.is(x.size, 1);
  assert.is(x.item(), 3.5);
});

test('nested arrays make a tensor of as many dimensions as they are deep, row-major', () => {
  const x = tensor([[[1, 2]], [[3, 4]], [[5, 6]]]);
  assert.equal(x.shape, [3, 1, 2]);
  assert.equal(x.data, Float32Array.of(1, 2, 3, 4, 5, 6));
  assert.equal(tensor([[[[[[[7]]]]]]]).shape, [1, 1, 1, 1, 1, 1, 1]);
});

test('empty arrays make tensors of size 0 and of their rank', () => {
  assert.equal(tensor([]).shape, [0]);
  assert.equal(tensor([[], []]).shape, [2, 0]);
  assert.is(tensor([[], []]).size, 0);
  assert.is(tensor([]).dtype, 'float32');
});

test('float32 is the default dtype, and rounds; float64 keeps every digit', () => {
  assert.is(tensor(0.1).item(), Math.fround(0.1));
  assert.is(tensor(0.1, { dtype: 'float64' }).item(), 0.1);
});

test('truth values make bool; mixed with numbers they count as 0 and 1', () => {
  const mask = tensor([[true, false]]);
  assert.is(mask.dtype, 'bool');
  assert.equal(mask.toArray(), [[true, false]]);
  assert.equal(mask.data, Uint8Array.of(1, 0));
  const mixed = tensor([true, 2]);
  assert.is(mixed.dtype, 'float32');
  assert.equal(mixed.toArray(), [1, 2]);
});

test('int32 drops fractions toward zero; bool makes all but zero true, NaN included', () => {
  assert.equal(tensor([2.9, -2.9], { dtype: 'int32' }).toArray(), [2, -2]);
  assert.equal(tensor([0, 0.5, NaN], { dtype: 'bool' }).toArray(), [false, true, true]);
  assert.equal(tensor([0, 0.5, NaN]).to('bool').toArray(), [false, true, true]);
});

test('int32 refuses numbers that it cannot hold', () => {
  raises(
    () => tensor([1, 2 ** 31], { dtype: 'int32' }),
    DTypeError,
    'tensor: expected numbers from -2147483648 to 2147483647 for int32, got 2147483648',
  );
  raises(() => tensor(NaN, { dtype: 'int32' }), DTypeError, /for int32, got NaN$/);
  assert.is(tensor(-(2 ** 31), { dtype: 'int32' }).item(), -(2 ** 31));
});

test('a typed array keeps its dtype, is copied, and takes the shape given', () => {
  const source = Float64Array.of(1, 2, 3, 4);
  const x = tensor(source, { shape: [2, 2] });
  source[0] = 9;
  assert.is(x.dtype, 'float64');
  assert.equal(x.toArray(), [
    [1, 2],
    [3, 4],
  ]);
  assert.is(tensor(Float32Array.of(1)).dtype, 'float32');
  assert.is(tensor(Int32Array.of(1)).dtype, 'int32');
  assert.equal(tensor(Int32Array.of(1, 2)).shape, [2]);
});

test('a Uint8Array is bool, or bytes in the dtype asked for', () => {
  assert.equal(tensor(Uint8Array.of(0, 255)).data, Uint8Array.of(0, 1));
  assert.equal(tensor(Uint8Array.of(0, 255), { dtype: 'float32' }).toArray(), [0, 255]);
});

test('a tensor makes a copy of its own, in another dtype if asked, outside the graph', () => {
  const x = tensor([1.5, -1.5], { requiresGrad: true });
  const y = tensor(x, { dtype: 'int32' });
  assert.equal(y.toArray(), [1, -1]);
  const z = tensor(mul(x, 2));
  assert.is(z.requiresGrad, false);
  assert.ok(tensor(x).data !== x.data);
  assert.equal(tensor(x, { shape: [2, 1] }).shape, [2, 1]);
});

test('the caller’s shape array is not kept', () => {
  const shape = [2, 3];
  const [x, y] = [tensor(new Float32Array(6), { shape }), zeros(shape)];
  shape[0] = 7;
  assert.equal(x.shape, [2, 3]);
  assert.equal(y.shape, [2, 3]);
});

test('ragged rows say which shape was begun and which row does not fit', () => {
  raises(
    () => tensor([[1, 2], [3]]),
    ShapeError,
    'tensor: expected nested arrays of shape [2, 2], got a row of 1 at depth 1',
  );
  raises(
    () => tensor([[1], [2, 3]]),
    ShapeError,
    'tensor: expected nested arrays of shape [2, 1], got a row of 2 at depth 1',
  );
  raises(
    () => tensor([[], [1]]),
    ShapeError,
    'tensor: expected nested arrays of shape [2, 0], got a row of 1 at depth 1',
  );
});

test('rows deeper or shallower than the first say so', () => {
  raises(
    () => tensor([1, [2]]),
    ShapeError,
    'tensor: expected nested arrays of shape [2], got a deeper array at depth 1',
  );
  raises(
    () => tensor([[1], 2]),
    ShapeError,
    'tensor: expected nested arrays of shape [2, 1], got 2 at depth 1',
  );
});

test('what is no number is refused by name', () => {
  const message = (got: string) => `tensor: expected numbers or truth values, got ${got}`;
  raises(() => tensor(anything('7')), DTypeError, message("'7'"));
  raises(() => tensor(anything(null)), DTypeError, message('null'));
  raises(() => tensor(anything(undefined)), DTypeError, message('undefined'));
  raises(() => tensor(anything([1, undefined])), DTypeError, message('undefined'));
  raises(() => tensor(anything([1n])), DTypeError, message('1'));
  raises(
    () => tensor(anything(new BigInt64Array(1))),
    DTypeError,
    'tensor: expected a Float32Array, Float64Array, Int32Array or Uint8Array (bool), got BigInt64Array',
  );
});

test('a shape that the numbers do not fill, or that is none, is refused', () => {
  raises(
    () => tensor([1, 2, 3], { shape: [2, 2] }),
    ShapeError,
    'tensor: shape [2, 2] needs 4 numbers, got 3',
  );
  raises(
    () => tensor([1], { shape: [-1] }),
    ShapeError,
    'tensor: expected a shape of whole numbers ≥ 0, got [-1]',
  );
  raises(() => zeros([1.5]), ShapeError, 'zeros: expected a shape of whole numbers ≥ 0, got [1.5]');
  raises(
    () => zeros([2 ** 16, 2 ** 16]),
    ShapeError,
    /^zeros: shape \[65536, 65536\] has more than/,
  );
});

test('an option that does not exist is refused, with those there are', () => {
  raises(
    () => tensor(1, { requireGrad: true } as object),
    ArgumentError,
    /^tensor: expected options shape, dtype, device, requiresGrad, got 'requireGrad'/,
  );
  raises(
    () => tensor(1, { requiresGrad: 1 as never }),
    ArgumentError,
    'tensor: expected true or false as requiresGrad, got 1',
  );
});

test('an unknown dtype is refused, with those there are', () => {
  raises(
    () => tensor(1, { dtype: 'float16' as 'float32' }),
    DTypeError,
    "tensor: expected one of bool, int32, float32, float64 as dtype, got 'float16'",
  );
});

test('whole numbers and truth values cannot require grad', () => {
  raises(
    () => tensor([1], { dtype: 'int32', requiresGrad: true }),
    DTypeError,
    'tensor: expected float32 or float64 with requiresGrad, got int32',
  );
  raises(
    () => tensor([1], { dtype: 'int32' }).requiresGrad_(),
    DTypeError,
    'requiresGrad_: expected float32 or float64, got int32',
  );
  raises(() => tensor(true, { requiresGrad: true }), DTypeError, /got bool$/);
});

test('toArray nests as the shape says, and gives truth values for bool', () => {
  assert.equal(tensor([[1, 2, 3]]).toArray(), [[1, 2, 3]]);
  assert.is(tensor(4).toArray(), 4);
  assert.is(tensor(true).toArray(), true);
  assert.equal(zeros([0, 3]).toArray(), []);
  assert.equal(zeros([2, 0]).toArray(), [[], []]);
});

test('tensor and toArray are each other’s inverse', () => {
  for (const array of [
    5,
    [1, -2],
    [[1], [2]],
    [
      [
        [0.5, 0.25],
        [1, 2],
      ],
    ],
    [true, false],
  ]) {
    assert.equal(tensor(array).toArray(), array);
  }
});

test('item reads the one number of a tensor of any rank, and refuses more or none', () => {
  assert.is(tensor([[[2]]]).item(), 2);
  assert.is(tensor([true]).item<boolean>(), true);
  raises(
    () => tensor([1, 2]).item(),
    ShapeError,
    'item: expected a tensor of one number, got shape [2]',
  );
  raises(
    () => zeros([0]).item(),
    ShapeError,
    'item: expected a tensor of one number, got shape [0]',
  );
});

test('data is the buffer itself; read resolves to a copy', async () => {
  const x = tensor([1, 2]);
  x.data[0] = 7;
  assert.is(x.toArray()?.toString(), '7,2');
  const copy = await x.read();
  copy[0] = 0;
  assert.equal(x.data, Float32Array.of(7, 2));
});

test('detach shares the numbers and leaves the graph; clone copies them and stays in it', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const [outside, inside] = [x.detach(), x.clone()];
  assert.is(outside.data, x.data);
  assert.is(outside.requiresGrad, false);
  assert.ok(inside.data !== x.data);
  sum(mul(inside, tensor([3, 4]))).backward();
  near(x.grad, [3, 4]);
});

test('to converts the dtype, with the gradient converted back, and is x itself where nothing changes', () => {
  const x = tensor([1.5, 2], { requiresGrad: true });
  assert.is(x.to('float32'), x);
  assert.is(x.to(x.device), x);
  const y = x.to('float64');
  assert.is(y.dtype, 'float64');
  y.sum().backward();
  assert.is(x.grad?.dtype, 'float32');
  near(x.grad, [1, 1]);
});

test('no gradient passes through a conversion to whole numbers or truth values', () => {
  const x = tensor([1.5, 0], { requiresGrad: true });
  assert.is(x.to('int32').requiresGrad, false);
  assert.is(x.to('bool').requiresGrad, false);
  assert.is(x.to('int32').to('float32').requiresGrad, false);
});

test('copy_ overwrites in place, and every tensor that shares the buffer sees it', () => {
  const x = tensor([[1, 2]]);
  const flat = reshape(x, [2]);
  assert.is(x.copy_(tensor([[3, 4]])), x);
  assert.equal(flat.toArray(), [3, 4]);
});

test('copy_ takes neither another shape, nor another dtype', () => {
  raises(
    () => tensor([1, 2]).copy_(tensor([1])),
    ShapeError,
    'copy_: expected shape [2] and dtype float32, got [1] and float32',
  );
  raises(
    () => tensor([1]).copy_(tensor([1], { dtype: 'int32' })),
    ShapeError,
    /got \[1\] and int32$/,
  );
});

test('in-place changes work on the old numbers and keep dtype and shape', () => {
  const x = tensor([1, 2]);
  x.add_(1)
    .mul_(tensor([2, 3]))
    .sub_(1)
    .div_(2);
  near(x, [1.5, 4]);
  assert.equal(x.fill_(7).toArray(), [7, 7]);
  assert.equal(x.zero_().toArray(), [0, 0]);
  const n = tensor([1, 2], { dtype: 'int32' });
  assert.is(n.mul_(2).dtype, 'int32');
  raises(
    () => tensor([1, 2]).add_(tensor([[1, 2]])),
    ShapeError,
    'add_: operand [1, 2] does not broadcast to shape [2]',
  );
});

test('an in-place change that a gradient would have to pass is refused, and allowed in noGrad', () => {
  const w = tensor([1, 2], { requiresGrad: true });
  const message =
    'copy_: an in-place change is not recorded; wrap it in noGrad(() => …), or detach() the source';
  raises(() => w.fill_(0), GradientError, message);
  raises(() => tensor([0, 0]).copy_(w), GradientError, message);
  noGrad(() => w.add_(1));
  assert.equal(w.toArray(), [2, 3]);
  assert.is(w.requiresGrad, true);
});

test('requiresGrad_ switches a leaf on and off, and refuses to switch a result off', () => {
  const x = tensor([1]);
  assert.is(x.requiresGrad_(), x);
  assert.is(add(x, 1).requiresGrad, true);
  x.requiresGrad_(false);
  assert.is(add(x, 1).requiresGrad, false);
  raises(
    () => add(x.requiresGrad_(), 1).requiresGrad_(false),
    GradientError,
    'requiresGrad_: expected a leaf, got the result of add; use detach()',
  );
});

test('isLeaf tells tensors that no recorded op made', () => {
  const x = tensor([1], { requiresGrad: true });
  assert.is(x.isLeaf, true);
  assert.is(mul(x, 2).isLeaf, false);
  assert.is(noGrad(() => mul(x, 2)).isLeaf, true);
  assert.is(mul(tensor(1), 2).isLeaf, true);
});

test('a method and its function are one op', () => {
  const x = tensor([1, -2]);
  assert.equal(x.abs().add(1).toArray(), [2, 3]);
  assert.instance(x.abs(), Tensor);
  raises(
    () => (x.add as (y: unknown) => Tensor)('1'),
    ArgumentError,
    "add: expected a tensor or a number, got '1'",
  );
});

test.run();
