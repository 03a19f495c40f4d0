import { noGrad } from '../core/mode.js';
import type { Tensor } from '../core/tensor.js';
import { add, div, mul, sub } from './binary.js';
import { expand } from './broadcast.js';
import { cast } from './cast.js';
import { onesLike, zeros, zerosLike } from './create.js';
import { einsum } from './einsum/einsum.js';
import { normalize } from './norm.js';
import { sum } from './reduce.js';
import { recurrence, runningMax } from './scan.js';
import { cat, reshape, unsqueeze } from './shape.js';
import { narrow } from './slice.js';
import { softmax } from './softmax.js';
import { exp } from './unary.js';
import { where } from './where.js';

// Content lambdas: Σₘᵤ K̄ₘ Vₘᵀ with keys normalised over a context, all queries' or each query's own.

export const NORMALIZATIONS = ['softmax', 'l2', 'none'] as const;

/** How keys are normalised over a context. */
export type Normalization = (typeof NORMALIZATIONS)[number];

/** Keys normalised along an axis of context positions. */
const normalized = (k: Tensor, how: Normalization, dim: number): Tensor =>
  how === 'softmax' ? softmax(k, dim) : how === 'l2' ? normalize(k, { dim }) : k;

/** `[b, k, v]`: of keys `[b, m, k, u]` and values `[b, m, v, u]`, one lambda for all queries. */
export const sharedLambdas = (k: Tensor, v: Tensor, how: Normalization): Tensor =>
  einsum('bmku,bmvu->bkv', normalized(k, how, 1), v);

/**
 * `[b, n, k, v]`: each query's own, where a mask `[n, m]` or `[b, n, m]` is true. It is the definition,
 * with K̄ `[b, n, m, k, u]`: one maximum of the keys for all queries would let those that a query does
 * not see make 0 of those that it does.
 */
export function maskedLambdas(k: Tensor, v: Tensor, mask: Tensor, how: Normalization): Tensor {
  const inside = reshape(mask, [...(mask.ndim === 2 ? [1] : []), ...mask.shape, 1, 1]);
  const factor = cast(inside, k.dtype);
  const all = unsqueeze(k, 1);
  // −∞ is added rather than put in: a sum is broadcast as it goes, and keeps nothing for its gradient.
  const own =
    how === 'softmax' ? add(all, where(inside, zerosLike(factor), -Infinity)) : mul(all, factor);
  return einsum('bnmku,bmvu->bnkv', normalized(own, how, 2), v);
}

/** A key so low that it has no weight beside any other, but still a number to subtract a maximum from. */
const LOWEST = -3e38;

/**
 * Keys and values where those of some context positions, by a mask `[b, 1, m]`, are as good as not
 * there: the keys add nothing to what the others are normalised by, the values nothing to a sum.
 */
export function withoutHidden(
  k: Tensor,
  v: Tensor,
  mask: Tensor,
  how: Normalization,
): [k: Tensor, v: Tensor] {
  const seen = reshape(mask, [mask.shape[0], mask.shape[2], 1, 1]);
  return [where(seen, k, how === 'softmax' ? LOWEST : 0), where(seen, v, 0)];
}

/**
 * `[b, n, k, v]`: each query's past as running sums with keys under softmax,
 * Sₙ = e^(Mₙ₋₁ − Mₙ)·Sₙ₋₁ + e^(Kₙ − Mₙ)Vₙᵀ with the running maximum M, as in online softmax (Milakov and
 * Gimelshein 2018, arXiv 1805.02867), so that no exponential overflows and nothing later has any part
 * in it.
 */
export function causalLambdas(k: Tensor, v: Tensor): Tensor {
  const n = k.shape[1];
  if (n === 0)
    return zeros([k.shape[0], 0, k.shape[2], v.shape[2]], { dtype: k.dtype, device: k.device });
  const most = noGrad(() => runningMax(k, 1));
  const before = cat([narrow(most, 1, 0, 1), narrow(most, 1, 0, n - 1)], 1);
  const terms = weighted(sub(k, most), v);
  const decay = expand(unsqueeze(exp(sub(before, most)), 4), terms.shape);
  return averaged(recurrence(decay, terms, 1));
}

/** Weights and weighted values: eᴷ beside eᴷVᵀ, `[b, m, k, u, v + 1]`, given K less what keeps it small. */
function weighted(k: Tensor, v: Tensor): Tensor {
  const [b, m, depth, u] = v.shape;
  const rows = einsum('bmvu->bmuv', v);
  const values = cat([rows, onesLike(narrow(rows, 3, 0, 1))], 3);
  return mul(unsqueeze(exp(k), 4), reshape(values, [b, m, 1, u, depth + 1]));
}

/** Σᵤ of the weighted values over their weights. */
function averaged(sums: Tensor): Tensor {
  const depth = sums.shape[4] - 1;
  return sum(div(narrow(sums, 4, 0, depth), narrow(sums, 4, depth, 1)), 3);
}
