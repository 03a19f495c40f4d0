import type { Shape } from '../core/shape.js';
import { type DType, empty } from '../ops/index.js';
import { floatingDType } from './dtype.js';
import { uniform_ } from './init.js';
import { Parameter } from './parameter.js';

/**
 * The usual start of a layer's weight or bias: uniform in ±1/√fanIn, fanIn being the number of inputs
 * that one output sees. It keeps the variance of activations near a third of the input's (LeCun et al.
 * 1998, “Efficient BackProp”, section 4.6; He et al. 2015, arXiv 1502.01852, with a = √5).
 *
 * Throws a `DTypeError` in the name of `op` unless `dtype` is a floating one.
 */
export function fanInUniform(op: string, shape: Shape, fanIn: number, dtype: DType): Parameter {
  const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
  const weight = empty(shape, { dtype: floatingDType(op, dtype) });
  return new Parameter(uniform_(weight, -bound, bound));
}
