import { DTypeError, ShapeError } from '../core/errors.js';
import { compose } from '../core/op.js';
import {
  broadcastShapes,
  checkBoolean,
  checkNumber,
  formatShape,
  type Shape,
} from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { checkDimensions, floatingOf, onlyTensor, optionsOf, promoted } from './arguments.js';
import { add, mul } from './binary.js';
import { checkBroadcastsTo } from './broadcast.js';
import { logicalAnd } from './compare.js';
import { ones } from './create.js';
import { checkProbability, dropout } from './dropout.js';
import { einsum } from './einsum/einsum.js';
import { tril } from './slice.js';
import { softmax } from './softmax.js';
import { where } from './where.js';

export interface AttentionOptions {
  /** Broadcast to `[…, queries, keys]`: bool (true may be attended to), or numbers added to the scores. */
  mask?: Tensor | null;
  /** Query i attends to keys 0 … i only. */
  isCausal?: boolean;
  dropout?: number;
  /** What the scores are multiplied with: 1/√width unless said otherwise. */
  scale?: number | null;
}

/**
 * softmax(q·kᵀ/√width)·v (Vaswani et al. 2017, section 3.2.1): query `[…, n, d]`, key `[…, m, d]`, value
 * `[…, m, v]` give `[…, n, v]`. A query that may attend to nothing gets zeros.
 */
export const scaledDotProductAttention = compose(
  'scaledDotProductAttention',
  (query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions = {}): Tensor => {
    const op = 'scaledDotProductAttention';
    const [q, k, v] = promoted(
      [query, key, value].map((t, i) =>
        floatingOf(op, onlyTensor(op, ['the query', 'the key', 'the value'][i], t)),
      ),
    );
    for (const t of [q, k, v]) checkDimensions(op, 'query, key and value', t, 2, Infinity);
    const [n, width] = q.shape.slice(-2);
    const [m, keyWidth] = k.shape.slice(-2);
    if (width !== keyWidth || m !== v.shape[v.ndim - 2]) {
      throw new ShapeError(
        `${op}: expected query [..., n, d], key [..., m, d] and value [..., m, v], got ${formatShape(q.shape)}, ${formatShape(k.shape)} and ${formatShape(v.shape)}`,
      );
    }
    const given = optionsOf(op, options, {
      mask: null,
      isCausal: false,
      dropout: 0,
      scale: null,
    } as Required<AttentionOptions>);
    const scale = checkNumber(op, 'the scale', given.scale ?? 1 / Math.sqrt(width));
    const isCausal = checkBoolean(op, 'isCausal', given.isCausal);
    const p = checkProbability(op, given.dropout);
    const batch = broadcastShapes(op, ...[q, k, v].map((t) => t.shape.slice(0, -2)));
    const mask = given.mask === null ? null : checkMask(op, given.mask, [...batch, n, m]);
    const past = isCausal ? tril(ones([n, m], { dtype: 'bool', device: q.device })) : null;
    const weights = attentionWeights(mul(q, scale), k, both(mask, past));
    return einsum('...nm,...mv->...nv', dropout(weights, p), v);
  },
);

/**
 * softmax over the keys of the scores that `equation` makes of queries and keys, of queries
 * `[…, n, d]` and keys `[…, m, d]` unless it says otherwise, with a mask as in
 * `scaledDotProductAttention`.
 */
export function attentionWeights(
  query: Tensor,
  key: Tensor,
  mask: Tensor | null,
  equation = '...nd,...md->...nm',
): Tensor {
  const scores = einsum(equation, query, key);
  return softmax(mask === null ? scores : masked(scores, mask), -1);
}

/** One mask in the place of two, the second of bools. */
function both(mask: Tensor | null, allowed: Tensor | null): Tensor | null {
  if (mask === null || allowed === null) return mask ?? allowed;
  return mask.dtype === 'bool' ? logicalAnd(mask, allowed) : where(allowed, mask, -Infinity);
}

function checkMask(op: string, mask: Tensor, shape: Shape): Tensor {
  const m = onlyTensor(op, 'the mask', mask);
  if (m.dtype === 'int32')
    throw new DTypeError(`${op}: expected bool or float as the mask, got int32`);
  checkBroadcastsTo(op, 'mask', m, shape);
  return m;
}

/** −Infinity where a bool mask is false; a mask of numbers is added. */
const masked = (scores: Tensor, mask: Tensor): Tensor =>
  mask.dtype === 'bool' ? where(mask, scores, -Infinity) : add(scores, mask);
