import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AvgPool1d,
  AvgPool2d,
  AvgPool3d,
  MaxPool1d,
  MaxPool2d,
  MaxPool3d,
} from '../../nn/index.js';
import {
  ArgumentError,
  avgPool3d,
  gradcheck,
  manualSeed,
  maxPool3d,
  randn,
  ShapeError,
  tensor,
} from '../../ops/index.js';
import { check } from '../golden/run.js';
import { asModule, opCases } from './as-module.js';
import { throwing } from './throwing.js';

const POOLS = ['max_pool', 'avg_pool', 'adaptive_avg_pool'];
for (const c of [...opCases('pool', POOLS), ...opCases('extra', POOLS)]) {
  const module = asModule(c, {});
  test(`${c.name}: ${module.op} agrees with the other engine`, () => void check(module));
}

const float64 = { dtype: 'float64' } as const;

test('a window moves by its own size unless said otherwise', () => {
  const x = tensor([[[1, 4, 2, 3, 9]]]);
  assert.equal(new MaxPool1d(2).forward(x).toArray(), [[[4, 3]]]);
  assert.equal(new AvgPool1d(2).forward(x).toArray(), [[[2.5, 2.5]]]);
  assert.equal(new MaxPool1d(2, { stride: 1 }).forward(x).toArray(), [[[4, 4, 3, 9]]]);
  assert.equal(new MaxPool1d(2, { ceilMode: true }).forward(x).toArray(), [[[4, 3, 9]]]);
  assert.equal(new MaxPool1d(2, { dilation: 3 }).forward(x).toArray(), [[[3]]]);
});

test('pools over three axes are maxPool3d and avgPool3d with their options', () => {
  manualSeed(1);
  const x = randn([2, 3, 5, 6, 4]);
  const max = { stride: [1, 2, 1], padding: [1, 0, 1], ceilMode: true };
  const avg = { ...max, countIncludePad: false };
  const kernel = [2, 3, 2];
  assert.equal(new MaxPool3d(kernel, max).forward(x).data, maxPool3d(x, kernel, max).data);
  assert.equal(new AvgPool3d(kernel, avg).forward(x).data, avgPool3d(x, kernel, avg).data);
});

test('adaptive pools take means over windows that cover the input', () => {
  const x = tensor([[[1, 2, 3, 4, 5]]]);
  assert.equal(new AdaptiveAvgPool1d(2).forward(x).toArray(), [[[2, 4]]]);
  assert.equal(new AdaptiveAvgPool1d(1).forward(x).toArray(), [[[3]]]);
  assert.equal(new AdaptiveAvgPool1d(5).forward(x).toArray(), x.toArray());
});

test('an adaptive pool keeps the input’s size where its own is null', () => {
  manualSeed(2);
  const x = randn([2, 3, 4, 6]);
  assert.equal(new AdaptiveAvgPool2d(null).forward(x).data, x.data);
  const columns = new AdaptiveAvgPool2d([null, 1]).forward(x);
  const means = x.mean(3, true);
  assert.equal(columns.shape, means.shape);
  for (let i = 0; i < means.size; i++) {
    assert.ok(Math.abs(columns.data[i] - means.data[i]) < 1e-6);
  }
});

test('gradients flow through every kind of pool', () => {
  manualSeed(3);
  const line = randn([1, 2, 5], float64);
  const image = randn([1, 2, 4, 3], float64);
  gradcheck((x) => new MaxPool1d(2, { stride: 1 }).forward(x), [line]);
  gradcheck((x) => new AvgPool2d(2, { stride: 1, padding: 1 }).forward(x), [image]);
  gradcheck((x) => new AdaptiveAvgPool1d(3).forward(x), [line]);
  gradcheck((x) => new AdaptiveAvgPool2d([3, null]).forward(x), [image]);
});

test('a pool has no state, and prints its window and the settings that are not the defaults', () => {
  assert.equal(new MaxPool2d(2).stateDict(), {});
  assert.is(String(new MaxPool2d(2)), 'MaxPool2d(2)');
  assert.is(
    String(new MaxPool2d([3, 2], { stride: 2, ceilMode: true })),
    'MaxPool2d([3, 2], stride=2, ceilMode=true)',
  );
  assert.is(
    String(new AvgPool1d(3, { padding: 1, countIncludePad: false })),
    'AvgPool1d(3, padding=1, countIncludePad=false)',
  );
  assert.is(String(new AdaptiveAvgPool1d(4)), 'AdaptiveAvgPool1d(4)');
  assert.is(String(new AdaptiveAvgPool2d([null, 7])), 'AdaptiveAvgPool2d([null, 7])');
});

test('settings that make no sense are refused when the pool is made', () => {
  const refused = (make: () => unknown, message: string) =>
    assert.throws(make, throwing(ArgumentError, message));
  refused(
    () => new MaxPool2d(0),
    'MaxPool2d: expected an integer of at least 1 as the kernel size, got 0',
  );
  refused(
    () => new MaxPool3d([2, 2]),
    'MaxPool3d: expected 3 numbers as the kernel size, one a spatial axis, got [2, 2]',
  );
  refused(
    () => new AvgPool1d(2, { stride: 0 }),
    'AvgPool1d: expected an integer of at least 1 as the stride, got 0',
  );
  refused(
    () => new AvgPool2d(2, { ceilMode: 1 } as object),
    'AvgPool2d: expected true or false as ceilMode, got 1',
  );
  refused(
    () => new AvgPool2d(2, { dilation: 2 } as object),
    "AvgPool2d: expected options stride, padding, ceilMode, countIncludePad, got 'dilation'",
  );
  refused(
    () => new AdaptiveAvgPool2d([1, 2, 3]),
    'AdaptiveAvgPool2d: expected one size or two as outputSize, got [1, 2, 3]',
  );
  refused(
    () => new AdaptiveAvgPool2d([0, 2]),
    'AdaptiveAvgPool2d: expected an integer of at least 1 as outputSize, got 0',
  );
  refused(
    () => new AdaptiveAvgPool1d(1.5),
    'AdaptiveAvgPool1d: expected an integer of at least 1 as outputSize, got 1.5',
  );
});

test('an input of other dimensions is refused', () => {
  assert.throws(
    () => new AdaptiveAvgPool1d(2).forward(randn([3, 4])),
    throwing(ShapeError, 'AdaptiveAvgPool1d: expected 3 dimensions of the input, got shape [3, 4]'),
  );
  assert.throws(
    () => new AdaptiveAvgPool2d(2).forward(randn([3, 4, 4])),
    throwing(
      ShapeError,
      'AdaptiveAvgPool2d: expected 4 dimensions of the input, got shape [3, 4, 4]',
    ),
  );
  assert.throws(
    () => new MaxPool2d(2).forward(randn([3, 4, 4])),
    throwing(ShapeError, 'maxPool2d: expected 4 dimensions of the input, got shape [3, 4, 4]'),
  );
});

test.run();
