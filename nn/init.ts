import { allocate } from '../core/dtype.js';
import { generator } from '../core/random.js';
import {
  checkInteger,
  checkNumber,
  checkOneOf,
  formatShape,
  type Shape,
  show,
  sizeOf,
} from '../core/shape.js';
import { optionsOf } from '../ops/arguments.js';
import {
  ArgumentError,
  eye,
  noGrad,
  rand,
  randn,
  ShapeError,
  Tensor,
  tensor,
  where,
} from '../ops/index.js';
import { floatingDType } from './dtype.js';

// Each function here fills a tensor in place and returns it, as PyTorch's torch.nn.init does.

/** Throws an `ArgumentError` for anything but a tensor, a `DTypeError` for one that is not float. */
function floatTensor<T extends Tensor>(op: string, x: T): T {
  if (!(x instanceof Tensor))
    throw new ArgumentError(`${op}: expected a tensor as x, got ${show(x)}`);
  floatingDType(op, x.dtype);
  return x;
}

const become = <T extends Tensor>(x: T, numbers: () => Tensor): T =>
  noGrad(() => x.copy_(numbers()));

/** Uniform random numbers in [low, high). */
export function uniform_<T extends Tensor>(x: T, low = 0, high = 1): T {
  const { shape, dtype, device } = floatTensor('uniform_', x);
  const width = checkNumber('uniform_', 'high', high) - checkNumber('uniform_', 'low', low);
  return become(x, () => rand(shape, { dtype, device }).mul(width).add(low));
}

/** Normal random numbers. */
export function normal_<T extends Tensor>(x: T, mean = 0, std = 1): T {
  const { shape, dtype, device } = floatTensor('normal_', x);
  checkNumber('normal_', 'mean', mean);
  checkDeviation('normal_', std);
  return become(x, () => randn(shape, { dtype, device }).mul(std).add(mean));
}

function checkDeviation(op: string, std: number): void {
  if (checkNumber(op, 'std', std) >= 0) return;
  throw new ArgumentError(`${op}: expected std ≥ 0, got ${std}`);
}

/** A standard normal number in [low, high], by rejection; the interval lies within 2 of 0. */
function truncatedNormal(low: number, high: number): number {
  const densest = Math.min(Math.max(0, low), high);
  // Where the interval is narrow most normal numbers would miss it, and few uniform ones are rejected.
  const narrow = high - low < 2.5;
  for (;;) {
    const z = narrow ? low + (high - low) * generator.uniform() : generator.normal();
    if (narrow && generator.uniform() > Math.exp((densest * densest - z * z) / 2)) continue;
    if (z >= low && z <= high) return z;
  }
}

/**
 * Normal random numbers, those outside [low, high] drawn again. Throws an `ArgumentError` if the mean
 * lies more than two standard deviations outside.
 */
export function truncNormal_<T extends Tensor>(x: T, mean = 0, std = 1, low = -2, high = 2): T {
  const op = 'truncNormal_';
  const { shape, dtype, device } = floatTensor(op, x);
  checkNumber(op, 'mean', mean);
  checkDeviation(op, std);
  const [from, to] = [checkNumber(op, 'low', low), checkNumber(op, 'high', high)];
  if (!(from <= to && mean >= from - 2 * std && mean <= to + 2 * std)) {
    throw new ArgumentError(
      `${op}: expected low ≤ high and a mean at most two deviations outside, got ${low}, ${high}, mean ${mean} and std ${std}`,
    );
  }
  const numbers = allocate(dtype, x.size);
  if (std === 0) numbers.fill(mean);
  else {
    const [least, most] = [(from - mean) / std, (to - mean) / std];
    for (let i = 0; i < x.size; i++) numbers[i] = mean + std * truncatedNormal(least, most);
  }
  return become(x, () => tensor(numbers, { shape, device }));
}

const filled = <T extends Tensor>(op: string, x: T, value: number): T => {
  noGrad(() => floatTensor(op, x).fill_(value));
  return x;
};

/** One number everywhere. */
export const constant_ = <T extends Tensor>(x: T, value: number): T =>
  filled('constant_', x, value);

/** 0 everywhere. */
export const zeros_ = <T extends Tensor>(x: T): T => filled('zeros_', x, 0);

/** 1 everywhere. */
export const ones_ = <T extends Tensor>(x: T): T => filled('ones_', x, 1);

/** The identity matrix, of any two sizes. */
export function eye_<T extends Tensor>(x: T): T {
  const { shape, dtype, device } = floatTensor('eye_', x);
  if (shape.length !== 2) {
    throw new ShapeError(`eye_: expected a matrix, got shape ${formatShape(shape)}`);
  }
  return become(x, () => eye(shape[0], shape[1], { dtype, device }));
}

/**
 * The filters `[out, in, …kernel]` of a convolution that hands its input on: in each of `groups` parts of
 * the outputs, output i takes input i at the kernel's middle, as far as there are both; 0 elsewhere
 * (Zagoruyko and Komodakis 2017, arXiv 1706.00388). Throws a `ShapeError` unless there are one to three
 * kernel axes, and an `ArgumentError` unless `groups` divides the outputs.
 */
export function dirac_<T extends Tensor>(x: T, groups = 1): T {
  const { shape, dtype, device } = floatTensor('dirac_', x);
  if (shape.length < 3 || shape.length > 5) {
    throw new ShapeError(
      `dirac_: expected a weight [out, in, ...] with one to three kernel axes, got shape ${formatShape(shape)}`,
    );
  }
  const [outputs, inputs, ...kernel] = shape;
  if (outputs % checkInteger('dirac_', 'groups', groups, 1) !== 0) {
    throw new ArgumentError(
      `dirac_: expected groups that divide the outputs, got ${groups} for ${outputs}`,
    );
  }
  const middle = kernel.reduce((place, size) => place * size + Math.floor(size / 2), 0);
  const window = sizeOf(kernel);
  const part = outputs / groups;
  const numbers = allocate(dtype, x.size);
  for (let output = 0; output < outputs; output++) {
    const input = output % part;
    if (input < inputs) numbers[(output * inputs + input) * window + middle] = 1;
  }
  return become(x, () => tensor(numbers, { shape, device }));
}

/**
 * A normal matrix of mean 0, in each column of which ⌈sparsity·rows⌉ numbers, drawn anew for each, are 0
 * (Martens 2010, “Deep learning via Hessian-free optimization”).
 */
export function sparse_<T extends Tensor>(x: T, sparsity: number, std = 0.01): T {
  const { shape, device } = floatTensor('sparse_', x);
  if (shape.length !== 2) {
    throw new ShapeError(`sparse_: expected a matrix, got shape ${formatShape(shape)}`);
  }
  if (!(checkNumber('sparse_', 'sparsity', sparsity) >= 0 && sparsity <= 1)) {
    throw new ArgumentError(`sparse_: expected sparsity in [0, 1], got ${sparsity}`);
  }
  checkDeviation('sparse_', std);
  const [rows, cols] = shape;
  const kept = allocate('bool', x.size).fill(1);
  for (let col = 0; col < cols; col++) {
    const zeros = generator.permutation(rows).subarray(0, Math.ceil(sparsity * rows));
    for (const row of zeros) kept[row * cols + col] = 0;
  }
  normal_(x, 0, std);
  return become(x, () => where(tensor(kept, { shape, dtype: 'bool', device }), x, 0));
}

const NONLINEARITIES = [
  ...(['linear', 'conv1d', 'conv2d', 'conv3d'] as const),
  ...(['convTranspose1d', 'convTranspose2d', 'convTranspose3d'] as const),
  ...(['sigmoid', 'tanh', 'relu', 'leakyRelu', 'selu'] as const),
];

/** What follows a layer, as far as `calculateGain` knows it; PyTorch names linear layers too. */
export type Nonlinearity = (typeof NONLINEARITIES)[number];

/**
 * By how much weights must be larger to make up for what a nonlinearity takes from the variance:
 * √(2 / (1 + slope²)) for leakyRelu (He et al. 2015, arXiv 1502.01852, section 2.2), √2 for relu, 5/3
 * for tanh, 3/4 for selu, 1 otherwise.
 */
export function calculateGain(nonlinearity: Nonlinearity, negativeSlope = 0.01): number {
  const op = 'calculateGain';
  const slope = checkNumber(op, 'negativeSlope', negativeSlope);
  const gains: Partial<Record<Nonlinearity, number>> = {
    tanh: 5 / 3,
    relu: Math.SQRT2,
    leakyRelu: Math.sqrt(2 / (1 + slope * slope)),
    selu: 3 / 4,
  };
  return gains[checkOneOf(op, 'the nonlinearity', nonlinearity, NONLINEARITIES)] ?? 1;
}

/**
 * How many inputs one output of a weight `[out, in, …kernel]` sees, and how many outputs one input
 * reaches. Throws a `ShapeError` below two dimensions.
 */
function fans(op: string, shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length < 2) {
    throw new ShapeError(
      `${op}: expected a weight [out, in, ...], got shape ${formatShape(shape)}`,
    );
  }
  const window = sizeOf(shape, 2);
  return { fanIn: shape[1] * window, fanOut: shape[0] * window };
}

/** The deviation that keeps the variance both forward and backward, as well as one number can. */
function xavierDeviation(op: string, x: Tensor, gain: number): number {
  const { fanIn, fanOut } = fans(op, floatTensor(op, x).shape);
  return checkNumber(op, 'gain', gain) * Math.sqrt(2 / (fanIn + fanOut));
}

/**
 * Uniform in ±gain·√(6 / (fanIn + fanOut)) (Glorot and Bengio 2010, “Understanding the difficulty of
 * training deep feedforward neural networks”, equation 16).
 */
export function xavierUniform_<T extends Tensor>(x: T, gain = 1): T {
  const bound = Math.sqrt(3) * xavierDeviation('xavierUniform_', x, gain);
  return uniform_(x, -bound, bound);
}

/** Normal with standard deviation gain·√(2 / (fanIn + fanOut)); see `xavierUniform_`. */
export const xavierNormal_ = <T extends Tensor>(x: T, gain = 1): T =>
  normal_(x, 0, xavierDeviation('xavierNormal_', x, gain));

export interface KaimingOptions {
  /** The slope below 0 of the leakyRelu that follows: 0 unless said otherwise. */
  a?: number;
  /** Whether the variance is kept forward (`'fanIn'`) or backward (`'fanOut'`). */
  mode?: 'fanIn' | 'fanOut';
  /** What follows the layer: `'leakyRelu'` unless said otherwise. */
  nonlinearity?: Nonlinearity;
}

/** The deviation that keeps the variance in one direction. */
function kaimingDeviation(op: string, x: Tensor, options: KaimingOptions): number {
  const given = optionsOf(op, options, {
    a: 0,
    mode: 'fanIn',
    nonlinearity: 'leakyRelu',
  } as Required<KaimingOptions>);
  const mode = checkOneOf(op, 'mode', given.mode, ['fanIn', 'fanOut']);
  return (
    calculateGain(given.nonlinearity, given.a) / Math.sqrt(fans(op, floatTensor(op, x).shape)[mode])
  );
}

/** Uniform in ±gain·√(3 / fan) (He et al. 2015, arXiv 1502.01852, section 2.2). */
export function kaimingUniform_<T extends Tensor>(x: T, options: KaimingOptions = {}): T {
  const bound = Math.sqrt(3) * kaimingDeviation('kaimingUniform_', x, options);
  return uniform_(x, -bound, bound);
}

/** Normal with standard deviation gain / √fan; see `kaimingUniform_`. */
export const kaimingNormal_ = <T extends Tensor>(x: T, options: KaimingOptions = {}): T =>
  normal_(x, 0, kaimingDeviation('kaimingNormal_', x, options));

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

/** `count` ≤ `width` random vectors at right angles, of length 1: Gram and Schmidt, twice over. */
function orthonormal(count: number, width: number): Float64Array[] {
  const rows: Float64Array[] = [];
  while (rows.length < count) {
    const row = Float64Array.from({ length: width }, () => generator.normal());
    // What rounding leaves of the other rows after the first pass, the second takes away.
    for (const other of [...rows, ...rows]) {
      const overlap = dot(row, other);
      for (let i = 0; i < width; i++) row[i] -= overlap * other[i];
    }
    const length = Math.sqrt(dot(row, row));
    rows.push(row.map((x) => x / length));
  }
  return rows;
}

/**
 * A random (half) orthogonal matrix `[out, in·kernel]` times `gain`: its rows, or columns if there are
 * fewer, are at right angles and of one length (Saxe et al. 2014, arXiv 1312.6120).
 */
export function orthogonal_<T extends Tensor>(x: T, gain = 1): T {
  const { shape, dtype, device } = floatTensor('orthogonal_', x);
  fans('orthogonal_', shape);
  checkNumber('orthogonal_', 'gain', gain);
  const [rows, cols] = [shape[0], sizeOf(shape, 1)];
  const basis = orthonormal(Math.min(rows, cols), Math.max(rows, cols));
  const numbers = allocate(dtype, x.size);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      numbers[i * cols + j] = gain * (rows <= cols ? basis[i][j] : basis[j][i]);
    }
  }
  return become(x, () => tensor(numbers, { shape, device }));
}
