import type { DType, TypedArray } from './dtype.js';

/** A flat run of numbers on a device. Tensors that share one (after reshape) share its version. */
export interface Storage {
  readonly device: Device;
  readonly dtype: DType;
  readonly length: number;
  /**
   * The numbers themselves, where they lie in this process's memory, to be read before anything else is
   * computed; a copy where the device can be read at once; elsewhere a `DeviceError`.
   */
  readonly data: TypedArray;
  /** True where the numbers are on the device alone, and looking at `data` would wait for it. */
  readonly isAway?: boolean;
  /** The same for somebody who may keep the numbers and change them. */
  lend?(): TypedArray;
  /** The time of the last in-place change (see `clock` in mode.ts); 0 when there was none. */
  version: number;
}

/** A place where tensors live: a name, and the kernels that compute there. */
export interface Device {
  readonly name: string;
  readonly kernels: Kernels;
  /** Numbers from this process to the device; the device may keep the array itself. */
  upload(dtype: DType, data: TypedArray): Storage;
  /** Numbers from the device to this process. */
  download(x: Storage): Promise<TypedArray>;
  /** Gives back a storage's memory, on a device that has to be told. */
  free?(x: Storage): void;
  /** Takes the memory of a storage that nobody has any more, to make others of it. */
  recycle?(x: Storage): void;
}

export type UnaryFn =
  | ('neg' | 'abs' | 'sign' | 'exp' | 'expm1' | 'log' | 'log1p' | 'log2' | 'sqrt' | 'rsqrt')
  | ('square' | 'reciprocal' | 'sin' | 'cos' | 'tan' | 'asin' | 'acos' | 'atan' | 'sinh' | 'cosh')
  | ('tanh' | 'erf' | 'sigmoid' | 'logSigmoid' | 'relu' | 'softplus' | 'silu' | 'gelu' | 'mish')
  | ('floor' | 'ceil' | 'round' | 'leakyRelu' | 'elu' | 'clamp');

/** `gate` is a where b > 0 or is NaN, 0 elsewhere. */
export type BinaryFn =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'pow'
  | 'maximum'
  | 'minimum'
  | 'atan2'
  | 'gate';

export type CompareFn = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

export type TestFn = 'isnan' | 'isinf' | 'isfinite' | 'not';

export type ReduceFn = 'sum' | 'prod' | 'amax' | 'amin';

/**
 * How an optimiser changes a parameter p and its slots by the gradient g, always with g + decay·p in
 * the place of g. `descent` (settings lr, decay): p − lr·g. `momentum` (lr, decay, keep, take, ahead;
 * one slot v): v becomes keep·v + take·g; p − lr·v, or with ahead = 1 p − lr·(g + keep·v). `adam` (step,
 * decay, b1, 1 − b1, b2, 1 − b2, scale, eps, shrink; two slots m, v): m and v become running means of g
 * and g², then shrink·p − step·m / (scale·√v + eps).
 */
export type UpdateRule = 'descent' | 'momentum' | 'adam';

export type ScanFn = 'cumsum' | 'cumprod' | 'cummax';

/** A strided walk over a buffer: element (i₀, i₁, …) lies at `offset + Σ iₐ · strides[a]`. */
export interface View {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

/** Two operands walked together: axis sizes of the result, and each operand's stride there (0: repeated). */
export interface Pairing {
  readonly sizes: readonly number[];
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly length: number;
}

/** One index of a contraction: how many values it takes, and each array's stride along it. */
export interface Loop {
  readonly size: number;
  readonly a: number;
  readonly b: number;
  readonly y: number;
}

/**
 * y[batch, row, col] = Σ_inner a[batch, row, inner] · b[batch, inner, col], each of the four being any
 * number of loops. Strides say where the numbers lie, so no operand need be transposed first.
 */
export interface Contraction {
  readonly batch: readonly Loop[];
  readonly rows: readonly Loop[];
  readonly cols: readonly Loop[];
  readonly inner: readonly Loop[];
  readonly length: number;
}

/**
 * The sizes of a convolution over three spatial axes (fewer are padded in front with size 1):
 * x `[batch, groups·inChannels, …input]`, w `[groups·outChannels, inChannels, …kernel]`,
 * y `[batch, groups·outChannels, …output]`, where
 * y[o] = Σ_k x[o·stride + k·dilation − padding] · w[k], numbers outside x being 0.
 */
export interface Convolution {
  readonly batch: number;
  readonly groups: number;
  /** Channels of one group. */
  readonly inChannels: number;
  readonly outChannels: number;
  readonly input: readonly number[];
  readonly kernel: readonly number[];
  readonly output: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** Zeros in front of each axis; how many follow is a matter of `output` alone. */
  readonly padding: readonly number[];
}

/** A window sliding over three spatial axes of `images` separate images. */
export type Window = Omit<Convolution, 'batch' | 'groups' | 'inChannels' | 'outChannels'> & {
  readonly images: number;
};

/**
 * What a device must be able to do. Every kernel reads flat buffers and returns a new one; shapes are
 * checked before a kernel is called. A reduction sees its input as `[outer, n, inner]` and works
 * along `n`.
 */
export interface Kernels {
  full(dtype: DType, length: number, value: number): Storage;
  cast(x: Storage, dtype: DType): Storage;
  /** Elementwise; p and q are the function's parameters, such as a slope or a bound. */
  unary(fn: UnaryFn, x: Storage, p: number, q: number): Storage;
  test(fn: TestFn, x: Storage): Storage;
  /** Elementwise on two operands of one dtype, which is the result's too; written to `into` if given. */
  binary(fn: BinaryFn, a: Storage, b: Storage, pairing: Pairing, into?: Storage): Storage;
  /** As `binary`; the result is bool. */
  compare(fn: CompareFn, a: Storage, b: Storage, pairing: Pairing): Storage;
  /** `condition ? a : b`, all three of one length. */
  where(condition: Storage, a: Storage, b: Storage): Storage;

  reduce(fn: ReduceFn, x: Storage, outer: number, n: number, inner: number): Storage;
  /** Positions along `n` (int32) of the first largest or smallest number; NaN counts as both. */
  argReduce(fn: 'argmax' | 'argmin', x: Storage, outer: number, n: number, inner: number): Storage;
  scan(fn: ScanFn, x: Storage, outer: number, n: number, inner: number): Storage;
  /** yᵢ = aᵢ · yᵢ₋₁ + bᵢ along `n`, from y₋₁ = 0. */
  recurrence(a: Storage, b: Storage, outer: number, n: number, inner: number): Storage;
  /** Positions along `n` (int32) that put it in order; stable; NaN counts as greater than every number. */
  argsort(x: Storage, outer: number, n: number, inner: number, descending: boolean): Storage;
  softmax(x: Storage, outer: number, n: number, inner: number): Storage;
  logSoftmax(x: Storage, outer: number, n: number, inner: number): Storage;
  /** y·(g − Σ g·y) along `n`: what softmax, of which y is the result, hands back. */
  softmaxGrad(g: Storage, y: Storage, outer: number, n: number, inner: number): Storage;
  /** For each place along `n` the mean over outer and inner, and behind the n means the biased variances. */
  moments(x: Storage, outer: number, n: number, inner: number): Storage;
  /** (x − mean)/√(variance + eps) with the moments of each place along `n`. */
  standardize(x: Storage, outer: number, n: number, inner: number, eps: number): Storage;
  /** What `standardize` of x hands back from g. */
  standardizeGrad(
    g: Storage,
    x: Storage,
    outer: number,
    n: number,
    inner: number,
    eps: number,
  ): Storage;

  /** Reads a strided view into a new row-major buffer. */
  copy(x: Storage, view: View): Storage;
  /** Writes x through a view (its elements apart) into a new buffer of `length` times `value`. */
  place(x: Storage, view: View, length: number, value: number): Storage;
  /** Joins along one axis: part p is `[outer, inners[p]]`. */
  concat(parts: readonly Storage[], outer: number, inners: readonly number[]): Storage;
  /** y[j, i] = x[index[j], i] with `block` numbers in a row; index −1 reads zeros. */
  take(x: Storage, index: Storage, block: number): Storage;
  /** The transpose of `take`: y[index[j], i] += x[j, i] into `length` zeros; index −1 is dropped. */
  putAdd(x: Storage, index: Storage, block: number, length: number): Storage;

  contract(a: Storage, b: Storage, loops: Contraction): Storage;
  conv(x: Storage, w: Storage, sizes: Convolution): Storage;
  /** The gradient of ⟨g, conv(x, w)⟩ with respect to x. */
  convInput(g: Storage, w: Storage, sizes: Convolution): Storage;
  /** The gradient of ⟨g, conv(x, w)⟩ with respect to w. */
  convFilter(g: Storage, x: Storage, sizes: Convolution): Storage;
  /** Where (int32, in the flat input) each window's first largest number lies; NaN is largest. */
  maxPoolIndex(x: Storage, window: Window): Storage;

  /** Overwrites y with x's numbers, in place. */
  assign(y: Storage, x: Storage): void;
  /** One step of an optimiser, in place; see `UpdateRule`. */
  update(
    rule: UpdateRule,
    p: Storage,
    g: Storage,
    slots: readonly Storage[],
    settings: readonly number[],
  ): void;
}
