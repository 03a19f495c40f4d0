import type { Tensor } from '../core/tensor.js';
import { squeeze, unsqueeze } from './shape.js';

/**
 * Applies `f`, a function of a batch of `ndim` axes, to x, which is one or, with an axis less, a single
 * element of one; of that the result has no batch axis either.
 */
export const asBatch = (x: Tensor, ndim: number, f: (batch: Tensor) => Tensor): Tensor =>
  x.ndim === ndim ? f(x) : squeeze(f(unsqueeze(x, 0)), 0);
