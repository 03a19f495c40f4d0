import { allocate } from '../core/dtype.js';
import { ArgumentError } from '../core/errors.js';
import { compose } from '../core/op.js';
import { generator } from '../core/random.js';
import { checkBoolean, show } from '../core/shape.js';
import { fromData, type Tensor } from '../core/tensor.js';
import { floatingOf, onlyTensor, optionsOf } from './arguments.js';
import { mul } from './binary.js';

/** A probability. Throws an `ArgumentError` outside [0, 1]. */
export function checkProbability(op: string, p: unknown): number {
  if (typeof p === 'number' && p >= 0 && p <= 1) return p;
  throw new ArgumentError(`${op}: expected a probability from 0 to 1, got ${show(p)}`);
}

/**
 * Each number is dropped (made 0) with probability p, and the others scaled by 1/(1 − p), so that the
 * mean stays (Srivastava et al. 2014). Outside training, x itself.
 */
export const dropout = compose(
  'dropout',
  (x: Tensor, p = 0.5, options: { training?: boolean } = {}): Tensor => {
    const t = floatingOf('dropout', onlyTensor('dropout', 'x', x));
    checkProbability('dropout', p);
    const { training } = optionsOf('dropout', options, { training: true });
    if (!checkBoolean('dropout', 'training', training) || p === 0) return t;
    const mask = allocate(t.dtype, t.size);
    const scale = p === 1 ? 0 : 1 / (1 - p);
    for (let i = 0; i < mask.length; i++) mask[i] = generator.uniform() < p ? 0 : scale;
    return mul(t, fromData(t.dtype, mask, t.shape, { device: t.device }));
  },
);
