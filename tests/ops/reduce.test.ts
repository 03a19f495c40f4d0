import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  AxisError,
  amax,
  amin,
  argmax,
  argmin,
  type DType,
  max,
  mean,
  min,
  norm,
  ones,
  prod,
  ShapeError,
  std,
  sum,
  type Tensor,
  tensor,
  variance,
  zeros,
} from '../../ops/index.js';
import { near, raises } from '../core/close.js';
import { at, build, type Choices, forAll, indicesOf, same } from './naive.js';

const x = build([2, 3, 4], ([i, j, k]) => 12 * i + 4 * j + k);

/** The numbers of each group that a reduction over `axes` takes together, in order, brought to one. */
function naive(
  t: Tensor,
  axes: readonly number[],
  keepdim: boolean,
  toOne: (numbers: number[]) => number,
): Tensor {
  const kept = t.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
  const inner = indicesOf(t.shape.map((n, axis) => (axes.includes(axis) ? n : 1)));
  const whole = build(kept, (outer) =>
    toOne(
      inner.map((index) =>
        at(
          t,
          index.map((i, axis) => i + outer[axis]),
        ),
      ),
    ),
  );
  return keepdim ? whole : whole.reshape(t.shape.filter((_, axis) => !axes.includes(axis)));
}

const total = (list: number[]): number => list.reduce((s, n) => s + n, 0);
const average = (list: number[]): number => total(list) / list.length;
const spread = (list: number[]): number =>
  total(list.map((n) => (n - average(list)) ** 2)) / Math.max(0, list.length - 1);

const reductions = {
  sum: [sum, total],
  mean: [mean, average],
  prod: [prod, (list: number[]) => list.reduce((p, n) => p * n, 1)],
  amax: [amax, (list: number[]) => Math.max(...list)],
  amin: [amin, (list: number[]) => Math.min(...list)],
  max: [max, (list: number[]) => Math.max(...list)],
  min: [min, (list: number[]) => Math.min(...list)],
  var: [variance, spread],
  std: [std, (list: number[]) => Math.sqrt(spread(list))],
  norm: [norm, (list: number[]) => Math.sqrt(total(list.map((n) => n * n)))],
} as const;

/** A tensor, some of its axes, and the same axes in another order and counted from either end. */
function drawn(choose: Choices): { t: Tensor; axes: number[]; dims: number[] } {
  const t = choose.tensor(choose.ints(choose.int(1, 4), 1, 3));
  const axes = choose.order(t.ndim).slice(0, choose.int(0, t.ndim));
  return { t, axes, dims: axes.map((axis) => choose.pick(axis, axis - t.ndim)) };
}

for (const [name, [op, toOne]] of Object.entries(reductions)) {
  test(`${name} over any axes, counted from either end, kept or dropped, is its definition`, () => {
    forAll(60, (choose) => {
      const { t, axes, dims } = drawn(choose);
      const keepdim = choose.pick(false, true);
      same(op(t, dims, keepdim), naive(t, axes, keepdim, toOne), 1e-12);
    });
  });

  test(`${name} without axes takes all, and one axis may stand alone`, () => {
    same(op(x), naive(x, [0, 1, 2], false, toOne), 1e-12);
    same(op(x, null, true), naive(x, [0, 1, 2], true, toOne), 1e-12);
    same(op(x, -1), naive(x, [2], false, toOne), 1e-12);
  });
}

test('an empty list of axes reduces nothing', () => {
  for (const op of [sum, mean, prod, amax, amin]) same(op(x, []), x);
});

test('a 0-d tensor is reduced to itself, also along axis 0', () => {
  for (const op of [sum, mean, prod, amax, amin]) {
    near(op(tensor(3)), 3);
    near(op(tensor(3), 0), 3);
    near(op(tensor(3), -1, true), 3);
  }
  near(argmax(tensor(3)), 0);
});

test('of nothing the sum is 0, the product 1, the mean NaN', () => {
  const nothing = zeros([2, 0, 3]);
  near(sum(nothing), 0);
  near(sum(nothing, [0, 1]), [0, 0, 0]);
  near(prod(nothing, 1, true), [[[1, 1, 1]], [[1, 1, 1]]]);
  near(mean(nothing), NaN);
  assert.equal(sum(nothing, 0).shape, [0, 3]);
  assert.equal(amax(nothing, 0).shape, [0, 3]);
  assert.equal(argmax(nothing, 2).shape, [2, 0]);
});

test('the largest, the smallest and the places of nothing are refused', () => {
  const nothing = zeros([2, 0]);
  for (const [name, op] of Object.entries({ amax, amin, max, min, argmax, argmin })) {
    raises(
      () => op(nothing, 1),
      ShapeError,
      `${name}: expected at least one number along axes [1], got shape [2, 0]`,
    );
  }
});

test('an axis named twice or outside the tensor is refused', () => {
  raises(
    () => sum(x, [0, -3]),
    AxisError,
    'sum: expected each axis once, got [0, -3] for 3 dimensions',
  );
  raises(() => mean(x, 3), AxisError, 'mean: expected an axis (from -3 to 2), got 3');
  raises(() => argmax(x, -4), AxisError, 'argmax: expected an axis (from -3 to 2), got -4');
});

for (const dtype of ['float32', 'float64'] as const) {
  test(`the largest and the smallest are NaN where one is there, in ${dtype}`, () => {
    for (const place of [0, 1, 70, 99]) {
      const rows = build([2, 100], ([i, j]) => (i === 0 && j === place ? NaN : j), dtype);
      near(amax(rows, 1), [NaN, 99]);
      near(amin(rows, 1), [NaN, 0]);
      near(max(rows), NaN);
      near(min(rows), NaN);
      near(amax(rows, 0).isnan().sum(), 1);
    }
  });

  test(`a NaN is where argmax and argmin point to, the first of several, in ${dtype}`, () => {
    const rows = tensor(
      [
        [1, NaN, 3, NaN],
        [NaN, 1, 2, 0],
      ],
      { dtype },
    );
    near(argmax(rows, 1), [1, 0]);
    near(argmin(rows, 1), [1, 0]);
    near(argmax(rows), 1);
  });
}

test('infinities are ordinary numbers to the largest and the smallest', () => {
  const t = tensor([-Infinity, -Infinity, 5, Infinity]);
  near(amax(t), Infinity);
  near(amin(t), -Infinity);
  near(amax(tensor([-Infinity, -Infinity])), -Infinity);
  near(argmax(tensor([-Infinity, -Infinity])), 0);
});

test('of equal numbers argmax and argmin point to the first', () => {
  const ties = tensor([
    [2, 5, 5, 2],
    [7, 7, 7, 7],
  ]);
  near(argmax(ties, 1), [1, 0]);
  near(argmin(ties, 1), [0, 0]);
  near(argmax(ties, 0), [1, 1, 1, 1]);
  near(argmin(ties, 0), [0, 0, 0, 0]);
  near(argmax(ties), 4);
  near(argmin(ties, null, true), [[0]]);
  assert.is(argmax(ties).dtype, 'int32');
});

test('argmax and argmin are the first place of the extreme along any axis', () => {
  forAll(60, (choose) => {
    const t = choose.tensor(choose.ints(choose.int(1, 4), 1, 4));
    const axis = choose.int(0, t.ndim - 1);
    const keepdim = choose.pick(false, true);
    const most = naive(t, [axis], keepdim, (list) => list.indexOf(Math.max(...list)));
    const least = naive(t, [axis], keepdim, (list) => list.indexOf(Math.min(...list)));
    same(argmax(t, axis - t.ndim, keepdim), most.to('int32'));
    same(argmin(t, axis, keepdim), least.to('int32'));
  });
});

test('a float32 sum of a million terms keeps six digits, whichever axes it is over', () => {
  const n = 1000;
  const tenths = tensor(new Float32Array(n * n).fill(0.1), { shape: [n, n] });
  const exact = Math.fround(0.1) * n * n;
  near(sum(tenths), exact, 1e-6);
  near(sum(tenths.reshape([1, n * n]), 1), [exact], 1e-6);
  near(sum(tenths.reshape([n * n, 1]), 0), [exact], 1e-6);
  near(mean(tenths), Math.fround(0.1), 1e-6);
  const columns = sum(tensor(new Float32Array(2 * n * n).fill(0.1), { shape: [n * n, 2] }), 0);
  near(columns, [exact, exact], 1e-6);
});

test('a sum loses nothing to a large number that cancels in the end', () => {
  near(sum(tensor([1e8, 1, -1e8])), 1);
  near(sum(tensor([[1e8], [1], [-1e8]]), 0), [1]);
});

test('sums and products of int32 are int32 and exact', () => {
  const big = tensor([2 ** 30, 2 ** 30 - 1, 7], { dtype: 'int32' });
  assert.is(sum(big).dtype, 'int32');
  assert.is(sum(tensor([2 ** 24, 1], { dtype: 'int32' })).item(), 2 ** 24 + 1);
  assert.is(sum(big.slice(0, 0, 2)).item(), 2 ** 31 - 1);
  near(prod(tensor([3, 5, 7], { dtype: 'int32' })), 105);
  assert.is(amax(big).dtype, 'int32');
});

test('sums of bool count, and means of whole numbers are float32', () => {
  const mask = tensor([
    [true, false, true],
    [true, true, true],
  ]);
  const many = ones([1000], { dtype: 'bool' });
  near(sum(mask, 1), [2, 3]);
  assert.is(sum(mask).dtype, 'int32');
  near(sum(many), 1000);
  near(prod(mask, 1), [0, 1]);
  near(amax(mask, 1), [true, true]);
  near(amin(mask, 1), [false, true]);
  near(mean(mask, 1), [2 / 3, 1], 1e-7);
  for (const dtype of ['bool', 'int32'] satisfies DType[]) {
    assert.is(mean(ones([2], { dtype })).dtype, 'float32');
  }
});

test('a variance far from 0 keeps its digits, and one number has none', () => {
  near(variance(tensor([1e4, 1e4 + 1, 1e4 + 2])), 1, 1e-6);
  near(variance(tensor([3])), NaN);
  near(variance(tensor([3]), 0, false, 0), 0);
  near(std(tensor([1, 3]), 0, false, 0), 1);
});

test.run();
