import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Conv1d, init, Linear, uniform_ } from '../../nn/index.js';
import {
  ArgumentError,
  conv2d,
  DTypeError,
  empty,
  eq,
  erf,
  eye,
  manualSeed,
  matmul,
  randn,
  ShapeError,
  type Tensor,
  tensor,
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
    ...['calculateGain', 'constant_', 'dirac_', 'eye_', 'kaimingNormal_', 'kaimingUniform_'],
    ...['normal_', 'ones_', 'orthogonal_', 'sparse_', 'truncNormal_', 'uniform_'],
    ...['xavierNormal_', 'xavierUniform_', 'zeros_'],
  ];
  assert.equal(Object.keys(init).sort(), torch);
});

test('each function fills the tensor itself, a parameter too, and returns it', () => {
  const { weight } = new Linear(4, 6);
  const functions = [
    ...[init.uniform_, init.normal_, init.zeros_, init.ones_, init.eye_, init.truncNormal_],
    ...[init.xavierUniform_, init.xavierNormal_, init.kaimingUniform_, init.kaimingNormal_],
    ...[init.orthogonal_, (x: Tensor) => init.constant_(x, 2)],
    (x: Tensor) => init.sparse_(x, 0.5),
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

test('dirac_ makes convolutions that hand their channels on', () => {
  const x = randn([2, 3, 5, 4]);
  const same = init.dirac_(empty([3, 3, 3, 3]));
  assert.equal(conv2d(x, same, null, { padding: 1 }).data, x.data);
  // Of more outputs than inputs the last are 0.
  const wide = conv2d(x, init.dirac_(empty([5, 3, 1, 1])));
  assert.equal(wide.narrow(1, 0, 3).toArray(), x.toArray());
  assert.equal(wide.narrow(1, 3, 2).abs().max().item(), 0);
  // Each of two groups of outputs begins again with the first input.
  assert.equal(init.dirac_(empty([4, 2, 3]), 2).toArray(), [
    ...[0, 1].flatMap(() => [
      [
        [0, 1, 0],
        [0, 0, 0],
      ],
      [
        [0, 0, 0],
        [0, 1, 0],
      ],
    ]),
  ]);
  // The middle of an even kernel is the later one.
  assert.equal(
    init
      .dirac_(empty([1, 1, 2, 4, 1]))
      .flatten()
      .toArray(),
    [0, 0, 0, 0, 0, 0, 1, 0],
  );
  const layer = new Conv1d(4, 6, 3, { groups: 2, padding: 1, bias: false });
  const sequence = randn([1, 4, 7]);
  init.dirac_(layer.weight, 2);
  assert.equal(
    layer.forward(sequence).narrow(1, 3, 2).toArray(),
    sequence.narrow(1, 2, 2).toArray(),
  );
});

test('sparse_ is normal but for as many zeros in each column, anywhere in it', () => {
  manualSeed(8);
  const x = init.sparse_(matrix(), 0.1, 2);
  const isZero = eq(x, 0).to('float64');
  assert.equal(isZero.sum(0).toArray(), new Array(200).fill(30));
  const values = Array.from(x.data).filter((value) => value !== 0);
  assertDrawnFrom(tensor(values, { dtype: 'float64' }), normal(2));
  // How many zeros a row has is binomial, and so nearly normal.
  const inRow = isZero.sum(1);
  assert.ok(Math.abs(inRow.variance().item() - 200 * 0.1 * 0.9) < 5 * 18 * Math.sqrt(2 / 300));
  assertDrawnFrom(init.sparse_(matrix(), 0), normal(0.01));
  assert.is(init.sparse_(matrix(), 1).abs().max().item(), 0);
  // A share that is no whole number of rows is rounded up.
  assert.is(
    eq(init.sparse_(empty([3, 1]), 0.4), 0)
      .to('int32')
      .sum()
      .item(),
    2,
  );
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
  const linear = ['conv1d', 'conv2d', 'conv3d'] as const;
  const transposed = ['convTranspose1d', 'convTranspose2d', 'convTranspose3d'] as const;
  for (const name of [...linear, ...transposed]) assert.is(init.calculateGain(name), 1);
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
  const sparse = (x: Tensor) => init.sparse_(x, 0.5);
  const functions = [init.normal_, init.truncNormal_, init.orthogonal_, init.kaimingUniform_];
  for (const fill of [...functions, sparse]) {
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
  assert.throws(
    () => init.dirac_(empty([2, 2])),
    throwing(
      ShapeError,
      'dirac_: expected a weight [out, in, ...] with one to three kernel axes, got shape [2, 2]',
    ),
  );
  assert.throws(
    () => init.dirac_(empty([4, 2, 3]), 3),
    throwing(ArgumentError, 'dirac_: expected groups that divide the outputs, got 3 for 4'),
  );
  assert.throws(
    () => init.sparse_(empty([2]), 0.5),
    throwing(ShapeError, 'sparse_: expected a matrix, got shape [2]'),
  );
  assert.throws(
    () => init.sparse_(empty([2, 2]), 1.5),
    throwing(ArgumentError, 'sparse_: expected sparsity in [0, 1], got 1.5'),
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
