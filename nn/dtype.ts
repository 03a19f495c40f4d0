import { checkDType, isFloating } from '../core/dtype.js';
import { type DType, DTypeError } from '../ops/index.js';

/** `dtype` as one that parameters may have. Throws a `DTypeError` for int32 and bool. */
export function floatingDType(op: string, dtype: unknown): DType {
  const checked = checkDType(op, dtype);
  if (isFloating(checked)) return checked;
  throw new DTypeError(`${op}: expected float32 or float64, got ${checked}`);
}
