import { checkDType, isFloating } from '../core/dtype.js';
import { checkNumber } from '../core/shape.js';
import { onlyTensor } from '../ops/arguments.js';
import {
  type DType,
  DTypeError,
  empty,
  noGrad,
  rand,
  type Shape,
  type Tensor,
} from '../ops/index.js';
import { Parameter } from './parameter.js';

/** Fills float `x` in place with uniform random numbers in [low, high), and returns it. */
export function uniform_(x: Tensor, low = 0, high = 1): Tensor {
  const { shape, dtype, device } = onlyTensor('uniform_', 'x', x);
  const width = checkNumber('uniform_', 'high', high) - checkNumber('uniform_', 'low', low);
  return noGrad(() => x.copy_(rand(shape, { dtype, device }).mul(width).add(low)));
}

/**
 * The usual start of a layer's weight or bias: uniform in ±1/√fanIn, fanIn being the number of inputs
 * that one output sees. It keeps the variance of activations near a third of the input's (LeCun et al.
 * 1998, “Efficient BackProp”, section 4.6; He et al. 2015, arXiv 1502.01852, with a = √5).
 *
 * Throws a `DTypeError` in the name of `op` unless `dtype` is a floating one.
 */
export function fanInUniform(op: string, shape: Shape, fanIn: number, dtype: DType): Parameter {
  if (!isFloating(checkDType(op, dtype))) {
    throw new DTypeError(`${op}: expected float32 or float64, got ${dtype}`);
  }
  const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
  return new Parameter(uniform_(empty(shape, { dtype }), -bound, bound));
}
