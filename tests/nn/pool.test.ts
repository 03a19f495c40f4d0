import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveAvgPool3d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
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

test('adaptive pools take means and maxima over windows that cover the input', () => {
  const x = tensor([[[1, 2, 3, 5, 4]]]);
  assert.equal(new AdaptiveAvgPool1d(2).forward(x).toArray(), [[[2, 4]]]);
  assert.equal(new AdaptiveAvgPool1d(1).forward(x).toArray(), [[[3]]]);
  assert.equal(new AdaptiveAvgPool1d(5).forward(x).toArray(), x.toArray());
  assert.equal(new AdaptiveMaxPool1d(2).forward(x).toArray(), [[[3, 5]]]);
  assert.equal(new AdaptiveMaxPool1d(1).forward(x).toArray(), [[[5]]]);
  assert.equal(new AdaptiveMaxPool1d(5).forward(x).toArray(), x.toArray());
  // More windows than places: 1 2 2 3 3 5 5 4 in pairs, each window up to two places wide.
  assert.equal(new AdaptiveMaxPool1d(4).forward(x).toArray(), [[[2, 3, 5, 5]]]);
  assert.equal(new AdaptiveAvgPool1d(4).forward(x).toArray(), [[[1.5, 2.5, 4, 4.5]]]);
});

test('the windows of an adaptive pool overlap where its size does not divide the input’s', () => {
  // Rows 0–1, 1–2 of three; columns 0–1, 1–2, 2–3 of four.
  const x = tensor([
    [1, 8, 3, 4],
    [5, 6, 7, 2],
    [9, 0, 1, 2],
  ]).reshape([1, 3, 4]);
  assert.equal(new AdaptiveMaxPool2d([2, 3]).forward(x).toArray(), [
    [
      [8, 8, 7],
      [9, 7, 7],
    ],
  ]);
  assert.equal(new AdaptiveAvgPool2d([2, 3]).forward(x).toArray(), [
    [
      [5, 6, 4],
      [5, 3.5, 3],
    ],
  ]);
  const solid = x.reshape([1, 1, 3, 4]);
  assert.equal(
    new AdaptiveMaxPool3d([1, 2, 3]).forward(solid).data,
    new AdaptiveMaxPool2d([2, 3]).forward(x).data,
  );
  assert.equal(
    new AdaptiveAvgPool3d([1, 2, 3]).forward(solid).data,
    new AdaptiveAvgPool2d([2, 3]).forward(x).data,
  );
});

test('equal numbers under an adaptive window: the first gets the gradient, once a window', () => {
  const x = tensor([[2, 2, 1, 3, 3]], { requiresGrad: true });
  new AdaptiveMaxPool1d(3).forward(x).sum().backward();
  // Windows 2 2, 2 1 3 and 3 3.
  assert.equal(x.grad?.toArray(), [[1, 0, 0, 2, 0]]);
});

test('a number that is not finite stays in its windows', () => {
  const x = tensor([[1, Infinity, 2, NaN, 3, 4, 5]]);
  assert.equal(new AdaptiveAvgPool1d(3).forward(x).toArray(), [[Infinity, NaN, 4]]);
  assert.equal(new AdaptiveMaxPool1d(3).forward(x).toArray(), [[Infinity, NaN, 5]]);
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
  gradcheck((x) => new AdaptiveMaxPool2d([3, null]).forward(x), [image]);
});

test('every kind of pool takes an input without a batch axis', () => {
  manualSeed(4);
  const pools = [
    ...[new MaxPool1d(2), new AvgPool1d(2), new AdaptiveMaxPool1d(3), new AdaptiveAvgPool1d(3)],
    ...[new MaxPool2d(2), new AvgPool2d(2), new AdaptiveMaxPool2d(3), new AdaptiveAvgPool2d(3)],
    ...[new MaxPool3d(2), new AvgPool3d(2), new AdaptiveMaxPool3d(3), new AdaptiveAvgPool3d(3)],
  ];
  pools.forEach((pool, i) => {
    const x = randn([2, 4, 5, 4].slice(0, 2 + Math.floor(i / 4)));
    const y = pool.forward(x);
    const whole = pool.forward(x.unsqueeze(0));
    assert.equal([1, ...y.shape], whole.shape);
    assert.equal(y.data, whole.data);
  });
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
  assert.is(String(new AdaptiveMaxPool3d(null)), 'AdaptiveMaxPool3d(null)');
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
    'AdaptiveAvgPool2d: expected 2 numbers as the output size, one a spatial axis, got [1, 2, 3]',
  );
  refused(
    () => new AdaptiveMaxPool2d([0, 2]),
    'AdaptiveMaxPool2d: expected an integer of at least 1 as the output size, got 0',
  );
  refused(
    () => new AdaptiveAvgPool1d(1.5),
    'AdaptiveAvgPool1d: expected an integer of at least 1 as the output size, got 1.5',
  );
});

test('an input of other dimensions is refused', () => {
  assert.throws(
    () => new AdaptiveAvgPool1d(2).forward(randn([4])),
    throwing(
      ShapeError,
      'adaptiveAvgPool1d: expected 2 or 3 dimensions of the input, got shape [4]',
    ),
  );
  assert.throws(
    () => new AdaptiveMaxPool2d(2).forward(randn([4, 4])),
    throwing(
      ShapeError,
      'adaptiveMaxPool2d: expected 3 or 4 dimensions of the input, got shape [4, 4]',
    ),
  );
  assert.throws(
    () => new MaxPool2d(2).forward(randn([4, 4])),
    throwing(ShapeError, 'maxPool2d: expected 3 or 4 dimensions of the input, got shape [4, 4]'),
  );
});

test.run();
