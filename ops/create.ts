import { allocate, type DType, fit, isFloating } from '../core/dtype.js';
import { ArgumentError, DTypeError, IndexError } from '../core/errors.js';
import { generator } from '../core/random.js';
import { checkInteger, checkShape, type Shape, show, sizeOf } from '../core/shape.js';
import { fromData, type Tensor, type TensorOptions, tensorOptionsOf } from '../core/tensor.js';
import { indexTensor, onlyTensor } from './arguments.js';
import { cast, toDevice } from './cast.js';
import { eq } from './compare.js';
import { reshape } from './shape.js';

/** Numbers by their flat position, in the dtype asked for. */
function generate(
  op: string,
  shape: Shape,
  options: TensorOptions,
  value: (i: number) => number,
  dtype: DType = 'float32',
): Tensor {
  const sizes = checkShape(op, shape);
  const { dtype: kept, ...rest } = tensorOptionsOf(op, options, dtype);
  const data = allocate(kept, sizeOf(sizes));
  for (let i = 0; i < data.length; i++) data[i] = fit(op, kept, value(i));
  return fromData(kept, data, sizes, rest);
}

function filled(op: string, shape: Shape, value: number | boolean, options: TensorOptions): Tensor {
  if (typeof value !== 'number' && typeof value !== 'boolean') {
    throw new ArgumentError(`${op}: expected a number or a truth value, got ${show(value)}`);
  }
  const sizes = checkShape(op, shape);
  const { dtype, ...rest } = tensorOptionsOf(
    op,
    options,
    typeof value === 'boolean' ? 'bool' : 'float32',
  );
  const data = allocate(dtype, sizeOf(sizes)).fill(fit(op, dtype, Number(value)));
  return fromData(dtype, data, sizes, rest);
}

/** A tensor of `shape` filled with `value` (true or false make it bool). */
export const full = (shape: Shape, value: number | boolean, options: TensorOptions = {}): Tensor =>
  filled('full', shape, value, options);
/** A tensor of `shape` filled with 0. */
export const zeros = (shape: Shape, options: TensorOptions = {}): Tensor =>
  filled('zeros', shape, 0, options);
/** A tensor of `shape` filled with 1. */
export const ones = (shape: Shape, options: TensorOptions = {}): Tensor =>
  filled('ones', shape, 1, options);
/** A tensor whose numbers are about to be written; they are zeros. */
export const empty = (shape: Shape, options: TensorOptions = {}): Tensor =>
  filled('empty', shape, 0, options);

/**
 * start, start + step, … up to but without `end`. With one number, 0, 1, … below it. Throws an
 * `ArgumentError` for a step of 0 or one that leads away from `end`.
 */
export function arange(start: number, end?: number, step = 1, options: TensorOptions = {}): Tensor {
  const [first, last] = end === undefined ? [0, start] : [start, end];
  for (const x of [first, last, step]) {
    if (Number.isFinite(x)) continue;
    throw new ArgumentError(`arange: expected finite numbers, got ${show(x)}`);
  }
  if (step === 0 || (last - first) / step < 0) {
    throw new ArgumentError(`arange: a step of ${step} does not lead from ${first} to ${last}`);
  }
  const count = Math.ceil((last - first) / step);
  return generate('arange', [count], options, (i) => first + i * step);
}

/** `steps` numbers from `start` to `end`, both included, evenly spaced. */
export function linspace(
  start: number,
  end: number,
  steps: number,
  options: TensorOptions = {},
): Tensor {
  for (const x of [start, end]) {
    if (Number.isFinite(x)) continue;
    throw new ArgumentError(`linspace: expected finite numbers, got ${show(x)}`);
  }
  checkInteger('linspace', 'steps', steps, 0);
  const gap = steps > 1 ? (end - start) / (steps - 1) : 0;
  const value = (i: number): number => (i > 0 && i === steps - 1 ? end : start + i * gap);
  return generate('linspace', [steps], options, value);
}

/** The identity matrix `[n, m]` (`[n, n]` unless said otherwise). */
export function eye(n: number, m: number = n, options: TensorOptions = {}): Tensor {
  checkInteger('eye', 'the number of rows', n, 0);
  checkInteger('eye', 'the number of columns', m, 0);
  return generate('eye', [n, m], options, (i) => (Math.floor(i / m) === i % m ? 1 : 0));
}

/** Throws a `DTypeError` where random real numbers are asked for in a dtype that cannot hold them. */
function realDType(op: string, options: TensorOptions): TensorOptions {
  const { dtype } = tensorOptionsOf(op, options, 'float32');
  if (isFloating(dtype)) return options;
  throw new DTypeError(`${op}: expected float32 or float64, got ${dtype}`);
}

const uniform = (op: string, shape: Shape, options: TensorOptions): Tensor =>
  generate(op, shape, realDType(op, options), () => Math.min(generator.uniform(), 1 - 2 ** -24));

const normal = (op: string, shape: Shape, options: TensorOptions): Tensor =>
  generate(op, shape, realDType(op, options), () => generator.normal());

/** Uniform random numbers in [0, 1). */
export const rand = (shape: Shape, options: TensorOptions = {}): Tensor =>
  uniform('rand', shape, options);

/** Normal random numbers with mean 0 and standard deviation 1. */
export const randn = (shape: Shape, options: TensorOptions = {}): Tensor =>
  normal('randn', shape, options);

/** Random whole numbers (int32) in [low, high), each equally likely. */
export function randint(
  low: number,
  high: number,
  shape: Shape,
  options: TensorOptions = {},
): Tensor {
  checkInteger('randint', 'low', low);
  checkInteger('randint', 'high', high, low + 1);
  const { dtype } = tensorOptionsOf('randint', options, 'int32');
  for (const bound of [low, high - 1]) fit('randint', dtype, bound);
  return generate('randint', shape, options, () => low + generator.below(high - low), 'int32');
}

/** The numbers 0 … n−1 (int32) in random order. */
export function randperm(n: number, options: TensorOptions = {}): Tensor {
  checkInteger('randperm', 'n', n, 0);
  checkShape('randperm', [n]);
  const order = generator.permutation(n);
  return generate('randperm', [n], options, (i) => order[i], 'int32');
}

/**
 * float32: 1 where the index says, 0 elsewhere: `[…]` of int32 classes → `[…, numClasses]`, on the index's
 * device unless said otherwise. What a device computed is not checked: classes outside give zeros.
 */
export function oneHot(index: Tensor, numClasses?: number, options: TensorOptions = {}): Tensor {
  if (indexTensor('oneHot', 'the index', index).storage.isAway) {
    return oneHotAway(index, numClasses, options);
  }
  const classes = index.data;
  let least = 0;
  for (const c of classes) least = Math.max(least, c + 1);
  const width = checkInteger(
    'oneHot',
    'numClasses',
    numClasses === undefined ? least : numClasses,
    1,
  );
  classes.forEach((c) => {
    if (c >= 0 && c < width) return;
    throw new IndexError(`oneHot: expected classes from 0 to ${width - 1}, got ${c}`);
  });
  const given = tensorOptionsOf('oneHot', options, 'float32');
  const beside = { ...given, device: given.device ?? index.device };
  return generate('oneHot', [...index.shape, width], beside, (i) =>
    classes[Math.floor(i / width)] === i % width ? 1 : 0,
  );
}

/** `oneHot` where a device has the classes, and looking at them would wait for it. */
function oneHotAway(index: Tensor, numClasses: number | undefined, options: TensorOptions): Tensor {
  if (numClasses === undefined) {
    throw new ArgumentError(
      `oneHot: expected numClasses with an index computed on ${index.device.name}, whose numbers are not at hand to count its classes, got undefined`,
    );
  }
  const width = checkInteger('oneHot', 'numClasses', numClasses, 1);
  const { dtype, device, requiresGrad } = tensorOptionsOf('oneHot', options, 'float32');
  const classes = arange(0, width, 1, { dtype: 'int32', device: index.device });
  const there = cast(eq(reshape(index, [...index.shape, 1]), classes), dtype);
  const y = device === undefined || device === index.device ? there : toDevice(there, device);
  return requiresGrad ? y.requiresGrad_() : y;
}

/** Options over those of another tensor: its dtype and device, unless said otherwise. */
function optionsLike(op: string, x: Tensor, options: TensorOptions): TensorOptions {
  const { dtype, device } = onlyTensor(op, 'the model', x);
  const given = tensorOptionsOf(op, options, dtype);
  return { ...given, device: given.device ?? device };
}

/** The same creation with shape, dtype and device of another tensor. */
const like =
  (op: string, make: (op: string, shape: Shape, options: TensorOptions) => Tensor) =>
  (x: Tensor, options: TensorOptions = {}): Tensor => {
    const o = optionsLike(op, x, options);
    return make(op, x.shape, o);
  };

/** Zeros of the shape, dtype and device of another tensor, but for what the options say. */
export const zerosLike = like('zerosLike', (op, shape, o) => filled(op, shape, 0, o));
/** Ones of the shape, dtype and device of another tensor, but for what the options say. */
export const onesLike = like('onesLike', (op, shape, o) => filled(op, shape, 1, o));
/** As `empty`, of the shape, dtype and device of another tensor. */
export const emptyLike = like('emptyLike', (op, shape, o) => filled(op, shape, 0, o));
/** As `rand`, of the shape, dtype and device of another tensor, which must be floating. */
export const randLike = like('randLike', uniform);
/** As `randn`, of the shape, dtype and device of another tensor, which must be floating. */
export const randnLike = like('randnLike', normal);
/** As `full`, of the shape, dtype and device of another tensor. */
export const fullLike = (x: Tensor, value: number | boolean, options: TensorOptions = {}): Tensor =>
  filled(
    'fullLike',
    onlyTensor('fullLike', 'the model', x).shape,
    value,
    optionsLike('fullLike', x, options),
  );
