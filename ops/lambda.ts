import { DTypeError, ShapeError } from '../core/errors.js';
import { compose } from '../core/op.js';
import { formatShape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { checkDimensions, floatingOf, onlyTensor, optionsOf, promoted } from './arguments.js';
import { add, mul } from './binary.js';
import { expand } from './broadcast.js';
import { cast } from './cast.js';
import { conv1d } from './conv.js';
import { einsum } from './einsum/einsum.js';
import { permute, reshape, unsqueeze } from './shape.js';
import { softmax } from './softmax.js';
import { logicalNot } from './unary.js';
import { maskedFill } from './where.js';

export interface LambdaOptions {
  /**
   * How positions relate: `[n, m, k, u]` for each query and context position, or a table `[r, k, u]` of
   * the offsets m − n from −(r−1)/2 to (r−1)/2, r odd, offsets beyond it counting as 0.
   */
  embeddings?: Tensor | null;
  /** bool `[n, m]`: whether position m is in the context of query n. */
  mask?: Tensor | null;
}

/**
 * A lambda layer's core (Bello 2021, LambdaNetworks, arXiv 2102.08602, sections 2 and 3): the context is
 * summarised as a linear function λₙ of the query, instead of an attention map over positions.
 *
 * Queries `[b, n, h, k]`, keys `[b, m, k, u]`, values `[b, m, v, u]` give `[b, n, h, v]`:
 *
 *     K̄ = softmax of the keys over m         (under a mask, over each query's own context)
 *     λₙ = Σₘᵤ (K̄ₘ + Eₙₘ) Vₘᵀ  [k, v]         content and position lambda
 *     yₙ = λₙᵀ qₙ                            the same λₙ for each of the h heads
 *
 * A query whose context is empty gets zeros. Without embeddings the lambda is the content's alone.
 */
export const lambdaLayer = compose(
  'lambdaLayer',
  (queries: Tensor, keys: Tensor, values: Tensor, options: LambdaOptions = {}): Tensor => {
    const given = optionsOf('lambdaLayer', options, {
      embeddings: null,
      mask: null,
    } as Required<LambdaOptions>);
    const named = { queries, keys, values };
    const [q, k, v] = promoted(
      Object.entries(named).map(([what, t]) => {
        checkDimensions('lambdaLayer', what, onlyTensor('lambdaLayer', what, t), 4);
        return floatingOf('lambdaLayer', t);
      }),
    );
    const fits =
      q.shape[0] === k.shape[0] &&
      k.shape[0] === v.shape[0] &&
      q.shape[3] === k.shape[2] &&
      k.shape[1] === v.shape[1] &&
      k.shape[3] === v.shape[3];
    if (!fits) {
      throw new ShapeError(
        `lambdaLayer: expected queries [b, n, h, k], keys [b, m, k, u] and values [b, m, v, u], got ${formatShape(q.shape)}, ${formatShape(k.shape)} and ${formatShape(v.shape)}`,
      );
    }
    const mask = given.mask === null ? null : contextMask(given.mask, q, k);
    const position =
      given.embeddings === null ? null : positionLambdas(given.embeddings, q, k, v, mask);
    const content = mask === null ? contentOutput(q, k, v) : maskedContentOutput(q, k, v, mask);
    return position === null ? content : add(content, einsum('bnhk,bnkv->bnhv', q, position));
  },
);

/** yₙ = (Σₘ K̄ₘ Vₘᵀ)ᵀ qₙ: one lambda for all queries. */
const contentOutput = (q: Tensor, k: Tensor, v: Tensor): Tensor =>
  einsum('bnhk,bkv->bnhv', q, einsum('bmku,bmvu->bkv', softmax(k, 1), v));

/** The same with keys normalised over each query's own context: one lambda a query. */
function maskedContentOutput(q: Tensor, k: Tensor, v: Tensor, mask: Tensor): Tensor {
  const [n, m] = mask.shape;
  const outside = reshape(logicalNot(mask), [1, n, m, 1, 1]);
  const [b, , depth, intra] = k.shape;
  const repeated = expand(unsqueeze(k, 1), [b, n, m, depth, intra]);
  const own = maskedFill(repeated, outside, -Infinity);
  const lambdas = einsum('bnmku,bmvu->bnkv', softmax(own, 2), v);
  return einsum('bnhk,bnkv->bnhv', q, lambdas);
}

function contextMask(mask: Tensor, q: Tensor, k: Tensor): Tensor {
  const m = onlyTensor('lambdaLayer', 'the mask', mask);
  if (m.dtype !== 'bool')
    throw new DTypeError(`lambdaLayer: expected bool as the mask, got ${m.dtype}`);
  if (m.ndim === 2 && m.shape[0] === q.shape[1] && m.shape[1] === k.shape[1]) return m;
  throw new ShapeError(
    `lambdaLayer: expected a mask [${q.shape[1]}, ${k.shape[1]}], got ${formatShape(m.shape)}`,
  );
}

/** Σₘᵤ Eₙₘ Vₘᵀ for each query: `[b, n, k, v]`. */
function positionLambdas(
  embeddings: Tensor,
  q: Tensor,
  k: Tensor,
  v: Tensor,
  mask: Tensor | null,
): Tensor {
  const e = floatingOf('lambdaLayer', onlyTensor('lambdaLayer', 'the embeddings', embeddings));
  const [n, m, depth, intra] = [q.shape[1], k.shape[1], k.shape[2], k.shape[3]];
  const isTable =
    e.ndim === 3 && e.shape[0] % 2 === 1 && e.shape[1] === depth && e.shape[2] === intra;
  if (isTable && n === m && mask === null) return lambdaConvolution(e, v);
  const isDense =
    e.ndim === 4 &&
    e.shape[0] === n &&
    e.shape[1] === m &&
    e.shape[2] === depth &&
    e.shape[3] === intra;
  if (!isDense) {
    throw new ShapeError(
      `lambdaLayer: expected embeddings [${n}, ${m}, ${depth}, ${intra}]${n === m && mask === null ? ` or [r, ${depth}, ${intra}] with r odd` : ''}, got ${formatShape(e.shape)}`,
    );
  }
  const inContext = mask === null ? e : mul(e, cast(reshape(mask, [n, m, 1, 1]), e.dtype));
  return einsum('nmku,bmvu->bnkv', inContext, v);
}

/**
 * Position lambdas from a table of offsets, as a convolution over the values (section 3.2 of the paper):
 * value depth goes with the batch, intra-depth is the input channel, key depth the output channel.
 */
function lambdaConvolution(table: Tensor, v: Tensor): Tensor {
  const [b, m, depth, u] = v.shape;
  const [r, k] = table.shape;
  const signal = reshape(permute(v, [0, 2, 3, 1]), [b * depth, u, m]);
  const lambdas = conv1d(signal, permute(table, [1, 2, 0]), null, { padding: (r - 1) / 2 });
  return permute(reshape(lambdas, [b, depth, k, m]), [0, 3, 2, 1]);
}
