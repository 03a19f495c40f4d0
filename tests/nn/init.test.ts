import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { init, Linear, uniform_ } from '../../nn/index.js';
import {
  ArgumentError,
  DTypeError,
  empty,
  erf,
  eye,
  manualSeed,
  matmul,
  ShapeError,
  type Tensor,
} from '../../ops/index.js';
import { throwing } from './throwing.js';

interface Distribution {
  mean: number;
  variance: number;
  /** E(x − mean)⁴ / variance². */
  kurtosis: number;
}

const uniform = (bound: number): Distribution => ({
  mean: 0,
  variance: (bound * bound) / 3,
  kurtosis: 9 / 5,
});

const normal = (std: number, mean = 0): Distribution => ({
  mean,
  variance: std * std,
  kurtosis: 3,
});

/**
 * The mean of n numbers has the standard error √(variance / n), their variance
 * variance·√((kurtosis − 1) / n); five of them are exceeded once in two million draws.
 */
function assertDrawnFrom(x: Tensor, { mean, variance, kurtosis }: Distribution): void {
  const found = { mean: x.mean().item(), variance: x.variance().item() };
  const meanError = Math.sqrt(variance / x.size);
  const varianceError = variance * Math.sqrt((kurtosis - 1) / x.size);
  assert.ok(Math.abs(found.mean - mean) < 5 * meanError, `mean ${found.mean}, not ${mean}`);
  assert.ok(
    Math.abs(found.variance - variance) < 5 * varianceError,
    `variance ${found.variance}, not ${variance}`,
  );
}

function assertWithin(x: Tensor, bound: number): void {
  const largest = x.abs().max().item();
  assert.ok(largest <= bound && largest > 0.999 * bound, `${largest} for ${bound}`);
}

/** A filter of which one output sees 6·15 = 90 inputs and one input reaches 40·15 = 600 outputs. */
const filter = (): Tensor => empty([40, 6, 3, 5], { dtype: 'float64' });

/** Many numbers, in a matrix with 200 inputs and 300 outputs. */
const matrix = (): Tensor => empty([300, 200], { dtype: 'float64' });

test('init has functions of torch.nn.init, and no others', () => {
  const torch = [
    ...['calculateGain', 'constant_', 'eye_', 'kaimingNormal_', 'kaimingUniform_', 'normal_'],
    ...['ones_', 'orthogonal_', 'truncNormal_', 'uniform_', 'xavierNormal_', 'xavierUniform_'],
    'zeros_',
  ];
  assert.equal(Object.keys(init).sort(), torch);
});

test('each function fills the tensor itself, a parameter too, and returns it', () => {
  const { weight } = new Linear(4, 6);
  const functions = [
    ...[init.uniform_, init.normal_, init.zeros_, init.ones_, init.eye_, init.truncNormal_],
    ...[init.xavierUniform_, init.xavierNormal_, init.kaimingUniform_, init.kaimingNormal_],
    ...[init.orthogonal_, (x: Tensor) => init.constant_(x, 2)],
  ];
  for (const fill of functions) {
    const before = weight.toArray();
    assert.is(fill(weight), weight);
    assert.not.equal(weight.toArray(), before);
  }
  assert.ok(weight.requiresGrad && weight.isLeaf);
  assert.is(init.uniform_, uniform_);
});

test('uniform_ and normal_ have the bounds, mean and variance that are asked for', () => {
  manualSeed(1);
  const x = init.uniform_(matrix(), -1, 3);
  assert.ok(x.min().item() >= -1 && x.max().item() < 3);
  assertDrawnFrom(x, { ...uniform(2), mean: 1 });
  assertDrawnFrom(init.normal_(matrix(), -2, 0.5), normal(0.5, -2));
  assertDrawnFrom(init.normal_(matrix()), normal(1));
});

test('constants are constant, and eye_ is the identity of any two sizes', () => {
  assert.equal(init.constant_(empty([2, 2]), 1.5).toArray(), [
    [1.5, 1.5],
    [1.5, 1.5],
  ]);
  assert.equal(init.ones_(empty([2])).toArray(), [1, 1]);
  assert.equal(init.zeros_(init.ones_(empty([2]))).toArray(), [0, 0]);
  assert.equal(init.eye_(empty([2, 3])).toArray(), [
    [1, 0, 0],
    [0, 1, 0],
  ]);
});

test('xavier weighs inputs and outputs alike', () => {
  manualSeed(2);
  const std = Math.sqrt(2 / 500);
  assertDrawnFrom(init.xavierNormal_(matrix()), normal(std));
  assertDrawnFrom(init.xavierNormal_(matrix(), 3), normal(3 * std));
  const x = init.xavierUniform_(matrix(), 2);
  assertWithin(x, 2 * Math.sqrt(6 / 500));
  assertDrawnFrom(x, uniform(2 * Math.sqrt(6 / 500)));
  assertDrawnFrom(init.xavierNormal_(filter()), normal(Math.sqrt(2 / (90 + 600))));
});

test('kaiming makes up for the nonlinearity, forward or backward', () => {
  manualSeed(3);
  const x = init.kaimingUniform_(matrix());
  assertWithin(x, Math.sqrt(6 / 200));
  assertDrawnFrom(x, uniform(Math.sqrt(6 / 200)));
  assertDrawnFrom(init.kaimingUniform_(matrix(), { a: Math.sqrt(5) }), uniform(1 / Math.sqrt(200)));
  assertDrawnFrom(
    init.kaimingNormal_(matrix(), { mode: 'fanOut', nonlinearity: 'relu' }),
    normal(Math.sqrt(2 / 300)),
  );
  assertDrawnFrom(init.kaimingNormal_(filter()), normal(Math.sqrt(2 / 90)));
  assertDrawnFrom(init.kaimingNormal_(filter(), { mode: 'fanOut' }), normal(Math.sqrt(2 / 600)));
  assertDrawnFrom(
    init.kaimingNormal_(matrix(), { nonlinearity: 'tanh' }),
    normal(5 / 3 / Math.sqrt(200)),
  );
});

test('calculateGain knows PyTorch’s gains', () => {
  assert.is(init.calculateGain('linear'), 1);
  assert.is(init.calculateGain('sigmoid'), 1);
  assert.is(init.calculateGain('tanh'), 5 / 3);
  assert.is(init.calculateGain('relu'), Math.sqrt(2));
  assert.is(init.calculateGain('leakyRelu'), Math.sqrt(2 / 1.0001));
  assert.is(init.calculateGain('leakyRelu', 0.2), Math.sqrt(2 / 1.04));
  assert.is(init.calculateGain('selu'), 0.75);
});

/** The normal distribution on [a, b], the moments by parts: mᵢ = (i − 1)·mᵢ₋₂ − [zⁱ⁻¹·φ(z)] / mass. */
function truncated(a: number, b: number): Distribution {
  const density = (z: number): number => Math.exp(-(z * z) / 2) / Math.sqrt(2 * Math.PI);
  const below = (z: number): number => 0.5 * (1 + erf(z / Math.SQRT2).item());
  const mass = below(b) - below(a);
  const m = [1, (density(a) - density(b)) / mass];
  for (let i = 2; i <= 4; i++) {
    const edge = b ** (i - 1) * density(b) - a ** (i - 1) * density(a);
    m[i] = (i - 1) * m[i - 2] - edge / mass;
  }
  const variance = m[2] - m[1] ** 2;
  const fourth = m[4] - 4 * m[1] * m[3] + 6 * m[1] ** 2 * m[2] - 3 * m[1] ** 4;
  return { mean: m[1], variance, kurtosis: fourth / variance ** 2 };
}

test('truncNormal_ is the normal distribution between its bounds, wide, narrow or beside the mean', () => {
  manualSeed(4);
  for (const [a, b] of [
    [-2, 2],
    [-1, 2],
    [0.5, 1.5],
    [-1, 0.25],
    [2, 4],
    [1.5, 6],
  ]) {
    const z = init.truncNormal_(matrix(), 0, 1, a, b);
    assert.ok(z.min().item() >= a && z.max().item() <= b);
    assertDrawnFrom(z, truncated(a, b));
    const { mean, variance, kurtosis } = truncated(a, b);
    const x = init.truncNormal_(matrix(), 5, 3, 5 + 3 * a, 5 + 3 * b);
    assertDrawnFrom(x, { mean: 5 + 3 * mean, variance: 9 * variance, kurtosis });
  }
  assert.equal(init.truncNormal_(empty([2]), 1, 0).toArray(), [1, 1]);
});

test('orthogonal_ makes rows, or the fewer columns, at right angles and of one length', () => {
  manualSeed(5);
  const distance = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item();
  const options = { dtype: 'float64' } as const;
  const wide = init.orthogonal_(empty([4, 6], options), 2);
  assert.ok(distance(matmul(wide, wide.transpose(0, 1)), eye(4, 4, options).mul(4)) < 1e-14);
  const tall = init.orthogonal_(empty([50, 20], options));
  assert.ok(distance(matmul(tall.transpose(0, 1), tall), eye(20, 20, options)) < 1e-14);
  const square = init.orthogonal_(empty([100, 100], options));
  assert.ok(distance(matmul(square, square.transpose(0, 1)), eye(100, 100, options)) < 1e-13);
  const kernel = init.orthogonal_(empty([4, 2, 3, 3], options)).reshape([4, 18]);
  assert.ok(distance(matmul(kernel, kernel.transpose(0, 1)), eye(4, 4, options)) < 1e-14);
});

test('an orthogonal matrix is no more likely to point one way than another', () => {
  manualSeed(6);
  // A number of an n × n matrix has mean 0 and variance 1/n; its fourth moment is 3 / (n(n + 2)).
  const x = empty([2000], { dtype: 'float64' });
  for (let i = 0; i < 2000; i++) {
    x.data[i] = init.orthogonal_(empty([2, 2], { dtype: 'float64' })).data[i % 4];
  }
  assertDrawnFrom(x, { mean: 0, variance: 1 / 2, kurtosis: 3 / 8 / (1 / 4) });
});

test('the same seed fills with the same numbers', () => {
  for (const fill of [init.normal_, init.truncNormal_, init.orthogonal_, init.kaimingUniform_]) {
    manualSeed(7);
    const first = fill(matrix());
    manualSeed(7);
    assert.equal(fill(matrix()).data, first.data);
  }
});

test('initialisers refuse dtypes, shapes and settings that make no sense', () => {
  assert.throws(
    () => init.normal_(empty([2], { dtype: 'int32' })),
    throwing(DTypeError, 'normal_: expected float32 or float64, got int32'),
  );
  assert.throws(
    () => init.xavierUniform_(empty([2])),
    throwing(ShapeError, 'xavierUniform_: expected a weight [out, in, ...], got shape [2]'),
  );
  assert.throws(
    () => init.eye_(empty([2])),
    throwing(ShapeError, 'eye_: expected a matrix, got shape [2]'),
  );
  assert.throws(
    () => init.normal_(empty([2]), 0, -1),
    throwing(ArgumentError, 'normal_: expected std ≥ 0, got -1'),
  );
  assert.throws(
    () => init.truncNormal_(empty([2]), 5, 1),
    throwing(
      ArgumentError,
      'truncNormal_: expected low ≤ high and a mean at most two deviations outside, got -2, 2, mean 5 and std 1',
    ),
  );
  const fan: unknown = 'fan';
  assert.throws(
    () => init.kaimingNormal_(empty([2, 2]), { mode: fan as 'fanIn' }),
    throwing(ArgumentError, "kaimingNormal_: expected 'fanIn' or 'fanOut' as mode, got 'fan'"),
  );
  const three: unknown = 3;
  assert.throws(
    () => init.ones_(three as Tensor),
    throwing(ArgumentError, 'ones_: expected a tensor as x, got 3'),
  );
});

test.run();
