import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  all,
  any,
  type DType,
  div,
  eq,
  ge,
  gt,
  isfinite,
  isinf,
  isnan,
  le,
  logicalAnd,
  logicalNot,
  logicalOr,
  lt,
  maximum,
  mul,
  ne,
  ones,
  round,
  ShapeError,
  type Tensor,
  tensor,
  where,
  zeros,
} from '../../ops/index.js';
import { near, raises } from '../core/close.js';
import { at, build, forAll, same } from './naive.js';

const comparisons = {
  eq: [eq, (a: number, b: number) => a === b],
  ne: [ne, (a: number, b: number) => a !== b],
  lt: [lt, (a: number, b: number) => a < b],
  le: [le, (a: number, b: number) => a <= b],
  gt: [gt, (a: number, b: number) => a > b],
  ge: [ge, (a: number, b: number) => a >= b],
} as const;

const special = [-Infinity, -1, -0, 0, 0.5, 1, Infinity, NaN];
const column = build([8, 1], ([i]) => special[i]);
const row = build([8], ([i]) => special[i]);

for (const [name, [op, holds]] of Object.entries(comparisons)) {
  test(`${name} is JavaScript's own for every pair of special numbers`, () => {
    const table = build([8, 8], ([i, j]) => Number(holds(special[i], special[j])), 'bool');
    same(op(column, row), table);
    same(op(column.to('float32'), row.to('float32')), table);
  });

  test(`${name} compares whole numbers, truth values and numbers beside tensors`, () => {
    const whole = tensor([-1, 0, 2 ** 31 - 1], { dtype: 'int32' });
    const truth = (values: number[]): boolean[] => values.map((x) => holds(x, 0));
    near(op(whole, 0), truth([-1, 0, 1]));
    near(op(tensor([false, true]), tensor([false, false])), truth([0, 1]));
    near(
      op(0.5, whole),
      [-1, 0, 1].map((x) => holds(0.5, x)),
    );
    near(op(2, 1), holds(2, 1));
    // Neighbours that float32 could not tell apart.
    const big = tensor([2 ** 24, 2 ** 24 + 1], { dtype: 'int32' });
    near(op(big, 2 ** 24), truth([0, 1]));
  });
}

test('comparisons of shapes that do not broadcast are refused', () => {
  raises(
    () => lt(zeros([2, 3]), zeros([4])),
    ShapeError,
    'lt: shapes [2, 3] and [4] do not broadcast: sizes 3 and 4 meet at axis -1',
  );
});

test('logical ops take any number but 0 as true, NaN too', () => {
  const truths = special.map((x) => x !== 0);
  near(
    logicalNot(row),
    truths.map((t) => !t),
  );
  same(
    logicalAnd(column, row),
    build([8, 8], ([i, j]) => Number(truths[i] && truths[j]), 'bool'),
  );
  same(
    logicalOr(column, row),
    build([8, 8], ([i, j]) => Number(truths[i] || truths[j]), 'bool'),
  );
  near(logicalAnd(tensor([2, 0]), tensor([4, 4], { dtype: 'int32' })), [true, false]);
  near(logicalOr(tensor([0.25, 0]), false), [true, false]);
  near(logicalNot(tensor([0.25, 0])), [false, true]);
});

test('isnan, isinf and isfinite sort every number into one of three', () => {
  near(isnan(row), special.map(Number.isNaN));
  near(isfinite(row), special.map(Number.isFinite));
  near(
    isinf(row),
    special.map((x) => Math.abs(x) === Infinity),
  );
  for (const x of [tensor([7], { dtype: 'int32' }), tensor([true])]) {
    near(isnan(x), [false]);
    near(isinf(x), [false]);
    near(isfinite(x), [true]);
  }
});

test('all and any are every and some over the axes named', () => {
  forAll(100, (choose) => {
    const x = build(choose.ints(2, 1, 3), () => choose.int(0, 2) - 1);
    const [rows, cols] = [x.shape[0], x.shape[1]].map((n) =>
      Array.from({ length: n }, (_, i) => i),
    );
    const of = (op: 'every' | 'some') => (i: number) => cols[op]((j) => at(x, [i, j]) !== 0);
    near(all(x, 1), rows.map(of('every')));
    near(any(x, 1), rows.map(of('some')));
    near(all(x), rows.every(of('every')));
    near(any(x, null, true), [[rows.some(of('some'))]]);
  });
});

test('all of nothing is true, any of nothing is false, NaN counts as true', () => {
  near(all(zeros([2, 0]), 1), [true, true]);
  near(any(zeros([2, 0]), 1), [false, false]);
  near(all(zeros([0])), true);
  near(all(tensor([NaN, 1])), true);
  near(any(tensor([NaN, 0])), true);
  near(any(tensor([0.25])), true);
});

test('two tensors promote to the later of bool, int32, float32, float64', () => {
  const order: DType[] = ['bool', 'int32', 'float32', 'float64'];
  order.forEach((first, i) => {
    order.forEach((second, j) => {
      const pair = [ones([2], { dtype: first }), ones([2], { dtype: second })] as const;
      const wanted = order[Math.max(i, j)];
      for (const op of [add, mul, maximum]) assert.is(op(...pair).dtype, wanted);
      assert.is(where(tensor([true, false]), ...pair).dtype, wanted);
      assert.is(div(...pair).dtype, order[Math.max(i, j, 2)]);
      for (const [op] of Object.values(comparisons)) assert.is(op(...pair).dtype, 'bool');
    });
  });
});

test('a number beside a tensor takes the dtype of the tensor if that can hold it', () => {
  const of = (dtype: DType): Tensor => ones([1], { dtype });
  const dtypeOf = (dtype: DType, x: number | boolean): DType => {
    const result = add(of(dtype), x).dtype;
    assert.is(add(x, of(dtype)).dtype, result);
    return result;
  };
  for (const dtype of ['float32', 'float64'] as const) {
    for (const x of [2, 0.1, true]) assert.is(dtypeOf(dtype, x), dtype);
  }
  assert.is(dtypeOf('int32', 2), 'int32');
  assert.is(dtypeOf('int32', true), 'int32');
  assert.is(dtypeOf('int32', 0.5), 'float32');
  assert.is(dtypeOf('int32', 2 ** 31), 'float32');
  assert.is(dtypeOf('bool', true), 'bool');
  assert.is(dtypeOf('bool', 2), 'int32');
  assert.is(dtypeOf('bool', 0.5), 'float32');
  assert.is(add(1, 2).dtype, 'float32');
  near(add(tensor([1], { dtype: 'int32' }), 0.5), [1.5]);
});

test('a float64 tensor keeps the whole precision of a number beside it', () => {
  assert.is(add(zeros([], { dtype: 'float64' }), 0.1).item(), 0.1);
  assert.is(eq(tensor([0.1], { dtype: 'float64' }), 0.1).item(), true);
  assert.is(eq(tensor([0.1]), 0.1).item(), true);
});

test('round takes halves to the even neighbour', () => {
  const halves = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 4.5];
  const even = [-2, -2, 0, 0, 2, 2, 4, 4];
  near(round(tensor(halves)), even);
  near(round(tensor(halves, { dtype: 'float64' })), even);
  near(round(tensor([2.4999998, 2.5000002, -0.50000006, 1e30, 2 ** 23 + 1])), [
    2,
    3,
    -1,
    Math.fround(1e30),
    2 ** 23 + 1,
  ]);
  near(round(tensor([0.49999999999999994, 2 ** 52 + 1], { dtype: 'float64' })), [0, 2 ** 52 + 1]);
  near(round(tensor([NaN, Infinity, -Infinity])), [NaN, Infinity, -Infinity]);
  near(round(tensor([7, -7], { dtype: 'int32' })), [7, -7]);
});

test.run();
