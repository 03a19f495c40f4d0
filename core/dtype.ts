import { DTypeError } from './errors.js';
import { show } from './shape.js';

/**
 * `float32` is the default; `float64` exists for gradient checks; `int32` holds indices and counts;
 * `bool` holds masks, one byte a number.
 */
export type DType = 'float32' | 'float64' | 'int32' | 'bool';

export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  bool: Uint8Array,
} as const;

/** From least to most general: what two dtypes promote to is the later one. */
const order: readonly DType[] = ['bool', 'int32', 'float32', 'float64'];

export const isDType = (x: unknown): x is DType => order.some((dtype) => dtype === x);

export const isFloating = (dtype: DType): boolean => dtype === 'float32' || dtype === 'float64';

/** The dtype that holds both, as NumPy and PyTorch promote: bool < int32 < float32 < float64. */
export const promote = (a: DType, b: DType): DType =>
  a === b || order.indexOf(a) > order.indexOf(b) ? a : b;

/** Bytes of one number. */
export const bytesOf = (dtype: DType): number => arrays[dtype].BYTES_PER_ELEMENT;

export const allocate = (dtype: DType, length: number): TypedArray => new arrays[dtype](length);

/** The dtype whose numbers this typed array holds. */
export function dtypeOf(op: string, data: ArrayBufferView): DType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  if (data instanceof Int32Array) return 'int32';
  if (data instanceof Uint8Array) return 'bool';
  throw new DTypeError(
    `${op}: expected a Float32Array, Float64Array, Int32Array or Uint8Array (bool), got ${data.constructor.name}`,
  );
}

/**
 * `x` as a tensor of `dtype` holds it: int32 cuts the fraction off, bool keeps whether it is nonzero.
 * Throws a `DTypeError` for what int32 has no number for.
 */
export function fit(op: string, dtype: DType, x: number): number {
  if (dtype === 'bool') return Number(x !== 0);
  if (dtype !== 'int32' || Math.trunc(x) === (x | 0)) return x;
  throw new DTypeError(
    `${op}: expected numbers from -2147483648 to 2147483647 for int32, got ${x}`,
  );
}

/** Returns `dtype` as a `DType`, or throws a `DTypeError` in the name of `op`. */
export function checkDType(op: string, dtype: unknown): DType {
  if (isDType(dtype)) return dtype;
  throw new DTypeError(`${op}: expected one of ${order.join(', ')} as dtype, got ${show(dtype)}`);
}
