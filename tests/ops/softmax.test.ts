import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  AxisError,
  type DType,
  logSoftmax,
  logsumexp,
  softmax,
  type Tensor,
  tensor,
  zeros,
} from '../../ops/index.js';
import { near, raises } from '../core/close.js';
import { at, build, forAll, same } from './naive.js';

const { log } = Math;
const dtypes: DType[] = ['float32', 'float64'];
const row = (values: number[], dtype: DType = 'float64'): Tensor => tensor(values, { dtype });

/** Along `axis`, the definitions as they stand: safe for small numbers only. */
function naive(x: Tensor, axis: number): { soft: Tensor; logSoft: Tensor; total: Tensor } {
  const positions = Array.from({ length: x.shape[axis] }, (_, i) => i);
  const sumExp = (index: number[]): number =>
    positions.reduce((sum, i) => sum + Math.exp(at(x, index.with(axis, i))), 0);
  return {
    soft: build(x.shape, (index) => Math.exp(at(x, index)) / sumExp(index)),
    logSoft: build(x.shape, (index) => at(x, index) - log(sumExp(index))),
    total: build(x.shape.with(axis, 1), (index) => log(sumExp(index))),
  };
}

test('softmax, logSoftmax and logsumexp are their definitions along any axis', () => {
  forAll(100, (choose) => {
    const x = choose.tensor(choose.ints(choose.int(1, 4), 1, 4));
    const axis = choose.int(0, x.ndim - 1);
    const dim = choose.pick(axis, axis - x.ndim);
    const { soft, logSoft, total } = naive(x, axis);
    same(softmax(x, dim), soft, 1e-12);
    same(logSoftmax(x, dim), logSoft, 1e-12);
    same(logsumexp(x, dim, true), total, 1e-12);
  });
});

test('logsumexp takes several axes at once', () => {
  const x = build([2, 3, 4], ([i, j, k]) => (i - j + k) / 3);
  same(logsumexp(x, [0, 2]), logsumexp(logsumexp(x, 0), 1), 1e-12);
  same(logsumexp(x), logsumexp(x.reshape([24]), 0), 1e-12);
  near(logsumexp(x, []), x.toArray());
});

for (const dtype of dtypes) {
  for (const huge of [1e4, 1e30]) {
    test(`entries of ±${huge} neither overflow nor become NaN in ${dtype}`, () => {
      const exact = row([huge], dtype).item();
      near(softmax(row([huge, -huge, 0], dtype), 0), [1, 0, 0]);
      near(softmax(row([-huge, -huge], dtype), 0), [0.5, 0.5]);
      near(
        logSoftmax(row([huge, -huge, huge], dtype), 0),
        [-log(2), -2 * exact - log(2), -log(2)],
        1e-7,
      );
      near(logSoftmax(row([-huge, -huge], dtype), 0), [-log(2), -log(2)], 1e-7);
      near(logsumexp(row([huge, huge], dtype)), exact + log(2), 1e-7);
      near(logsumexp(row([-huge, -huge], dtype)), -exact + log(2), 1e-7);
    });
  }

  test(`entries of -Infinity have no share in ${dtype}`, () => {
    near(softmax(row([0, -Infinity, 0], dtype), 0), [0.5, 0, 0.5]);
    near(logSoftmax(row([0, -Infinity, 0], dtype), 0), [-log(2), -Infinity, -log(2)], 1e-7);
    near(logsumexp(row([0, -Infinity, 0], dtype)), log(2), 1e-7);
  });

  test(`a row that is all -Infinity gives zeros, and -Infinity as a logarithm, in ${dtype}`, () => {
    const x = tensor(
      [
        [-Infinity, -Infinity],
        [0, 0],
      ],
      { dtype },
    );
    near(softmax(x, 1), [
      [0, 0],
      [0.5, 0.5],
    ]);
    near(
      logSoftmax(x, 1),
      [
        [-Infinity, -Infinity],
        [-log(2), -log(2)],
      ],
      1e-7,
    );
    near(logsumexp(x, 1), [-Infinity, log(2)], 1e-7);
  });

  test(`a NaN makes its own row NaN, and no other, in ${dtype}`, () => {
    for (const rest of [0, -Infinity, Infinity]) {
      const x = tensor(
        [
          [rest, NaN],
          [0, 0],
        ],
        { dtype },
      );
      near(softmax(x, 1), [
        [NaN, NaN],
        [0.5, 0.5],
      ]);
      near(
        logSoftmax(x, 1),
        [
          [NaN, NaN],
          [-log(2), -log(2)],
        ],
        1e-7,
      );
      near(logsumexp(x, 1), [NaN, log(2)], 1e-7);
    }
  });

  test(`beside +Infinity the shares are not defined but the logsumexp is, in ${dtype}`, () => {
    const x = row([Infinity, 0], dtype);
    assert.ok(Number.isNaN(softmax(x, 0).data[0]));
    assert.ok(Number.isNaN(logSoftmax(x, 0).data[0]));
    near(logsumexp(x), Infinity);
    near(logsumexp(row([Infinity, -Infinity], dtype)), Infinity);
  });
}

test('a long float32 row keeps six digits of its shares', () => {
  const x = build([1000000], ([i]) => (i % 17) - 8, 'float32');
  const exact = x.to('float64');
  near(softmax(x, 0).to('float64').sum(), 1, 1e-6);
  near(logsumexp(logSoftmax(x, 0).to('float64')), 0, 1e-6);
  near(logsumexp(x), logsumexp(exact).item(), 1e-6);
});

test('tensors of size 0 give tensors of size 0, and logsumexp of nothing is -Infinity', () => {
  for (const shape of [[0], [2, 0], [0, 3]]) {
    assert.equal(softmax(zeros(shape), -1).shape, shape);
    assert.equal(logSoftmax(zeros(shape), -1).shape, shape);
  }
  near(logsumexp(zeros([2, 0]), 1), [-Infinity, -Infinity]);
  near(logsumexp(zeros([0])), -Infinity);
  assert.equal(logsumexp(zeros([0, 3]), 1).shape, [0]);
});

test('a 0-d tensor is a row of one', () => {
  near(softmax(tensor(3), 0), 1);
  near(logSoftmax(tensor(3), -1), 0);
  near(logsumexp(tensor(3)), 3);
});

test('whole numbers become float32', () => {
  const x = tensor([0, 0], { dtype: 'int32' });
  for (const y of [softmax(x, 0), logSoftmax(x, 0), logsumexp(x, 0)]) {
    assert.is(y.dtype, 'float32');
  }
  near(softmax(x, 0), [0.5, 0.5]);
});

test('an axis that is not there is refused', () => {
  const message = (op: string): string => `${op}: expected an axis (from -2 to 1), got 2`;
  raises(() => softmax(zeros([2, 2]), 2), AxisError, message('softmax'));
  raises(() => logSoftmax(zeros([2, 2]), 2), AxisError, message('logSoftmax'));
  raises(() => logsumexp(zeros([2, 2]), 2), AxisError, message('logsumexp'));
});

test.run();
