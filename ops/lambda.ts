import { ArgumentError, DTypeError, ShapeError } from '../core/errors.js';
import { noGrad } from '../core/mode.js';
import { compose } from '../core/op.js';
import { checkBoolean, checkOneOf, formatShape, type Shape, sameShape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { checkDimensions, floatingOf, onlyTensor, optionsOf, promoted } from './arguments.js';
import { add, div, mul, sub } from './binary.js';
import { expand } from './broadcast.js';
import { cast } from './cast.js';
import { eq, logicalAnd } from './compare.js';
import { ones, onesLike, zeros } from './create.js';
import { einsum } from './einsum/einsum.js';
import {
  denseLambdas,
  type Grid,
  gridOf,
  lambdaConvolution,
  pastOffsets,
  relativeEmbeddings,
} from './lambda-positions.js';
import { normalize } from './norm.js';
import { amax, sum } from './reduce.js';
import { recurrence, runningMax } from './scan.js';
import { cat, reshape, unsqueeze } from './shape.js';
import { narrow, tril } from './slice.js';
import { softmax } from './softmax.js';
import { exp } from './unary.js';
import { where } from './where.js';

export interface LambdaOptions {
  /**
   * How positions relate: `[n, m, k, u]` for each query and context position, or a table of the offsets
   * m − n: `[r, k, u]` along a sequence, `[rows, cols, k, u]` over a `grid` (see `relativeEmbeddings`).
   */
  embeddings?: Tensor | null;
  /** The queries' rows and columns, `[height, width]`, for a table over them; a sequence if left out. */
  grid?: Shape | null;
  /** The context's, where it is not the queries' own. */
  contextGrid?: Shape | null;
  /** bool `[n, m]` or `[b, n, m]`: whether position m is in the context of query n. */
  mask?: Tensor | null;
  /** The context of query i is positions 0 … i only; what comes later changes nothing before it. */
  isCausal?: boolean;
  /** Whether there is a content lambda: true. Without it the position lambda stands alone. */
  content?: boolean;
  /** How keys are normalised over the context: 'softmax', 'l2' (unit length) or 'none'. */
  normalization?: 'softmax' | 'l2' | 'none';
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
 * Masks cost two products, `isCausal` a scan; nothing of size n·m·k·v is built. Under a mask, keys more
 * than about 80 below the greatest of the whole sequence count as nothing in float32; the scan keeps
 * them.
 */
export const lambdaLayer = compose(
  'lambdaLayer',
  (queries: Tensor, keys: Tensor, values: Tensor, options: LambdaOptions = {}): Tensor => {
    const given = optionsOf('lambdaLayer', options, DEFAULTS);
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
    const [n, m] = [q.shape[1], k.shape[1]];
    const causal = checkBoolean('lambdaLayer', 'isCausal', given.isCausal);
    if (causal && n !== m) {
      throw new ShapeError(
        `lambdaLayer: isCausal expects a context of the queries' own ${n} positions, got ${m}`,
      );
    }
    const how = checkOneOf('lambdaLayer', 'normalization', given.normalization, NORMALIZATIONS);
    const context: Context = {
      mask: given.mask === null ? null : contextMask(given.mask, q, k, causal),
      causal: causal && given.mask === null,
      grids: [
        gridOf('lambdaLayer', 'grid', given.grid, n),
        gridOf('lambdaLayer', 'contextGrid', given.contextGrid ?? (n === m ? given.grid : null), m),
      ],
      isGrid: given.grid !== null,
    };
    const lambdas: Tensor[] = [];
    if (checkBoolean('lambdaLayer', 'content', given.content)) {
      lambdas.push(contentLambdas(k, v, context, how));
    }
    if (given.embeddings !== null) {
      lambdas.push(positionLambdas(given.embeddings, k, v, n, context));
    }
    if (lambdas.length === 0) {
      throw new ArgumentError(
        'lambdaLayer: expected embeddings where content is false, got none of the two lambdas',
      );
    }
    return lambdas.map((lambda) => applied(lambda, q)).reduce((y, z) => add(y, z));
  },
);

/** Embeddings of pairs, in numbers, that are built from a table rather than avoided. */
const PAIRS = 2 ** 20;

const NORMALIZATIONS = ['softmax', 'l2', 'none'] as const;

const DEFAULTS: Required<LambdaOptions> = {
  embeddings: null,
  grid: null,
  contextGrid: null,
  mask: null,
  isCausal: false,
  content: true,
  normalization: 'softmax',
};

/** Which context positions a query sees, and how positions lie. */
interface Context {
  readonly mask: Tensor | null;
  readonly causal: boolean;
  readonly grids: readonly [queries: Grid, context: Grid];
  readonly isGrid: boolean;
}

/** yₙ = λₙᵀ qₙ for each head: λ `[b, k, v]`, one for all queries, or `[b, n, k, v]`. */
const applied = (lambda: Tensor, q: Tensor): Tensor =>
  einsum(lambda.ndim === 3 ? 'bnhk,bkv->bnhv' : 'bnhk,bnkv->bnhv', q, lambda);

/** Σₘᵤ K̄ₘ Vₘᵀ: `[b, k, v]` of the whole context, or `[b, n, k, v]` of each query's own. */
function contentLambdas(
  k: Tensor,
  v: Tensor,
  { mask, causal }: Context,
  how: (typeof NORMALIZATIONS)[number],
): Tensor {
  if (mask === null && !causal) {
    const normal = how === 'softmax' ? softmax(k, 1) : how === 'l2' ? normalize(k, { dim: 1 }) : k;
    return einsum('bmku,bmvu->bkv', normal, v);
  }
  if (how === 'softmax') return causal ? causalLambdas(k, v) : maskedLambdas(k, v, mask);
  throw new ArgumentError(
    `lambdaLayer: expected 'softmax' as normalization under a mask, got '${how}'`,
  );
}

/** Weights and weighted values: eᴷ beside eᴷVᵀ, `[b, m, k, u, v + 1]`, given K less what keeps it small. */
function weighted(k: Tensor, v: Tensor): Tensor {
  const [b, m, depth, u] = v.shape;
  const rows = einsum('bmvu->bmuv', v);
  const values = cat([rows, onesLike(narrow(rows, 3, 0, 1))], 3);
  return mul(unsqueeze(exp(k), 4), reshape(values, [b, m, 1, u, depth + 1]));
}

/** Σᵤ of the weighted values over their weights; 0 where there is no weight. */
function averaged(sums: Tensor): Tensor {
  const depth = sums.shape[4] - 1;
  const weights = narrow(sums, 4, depth, 1);
  const values = narrow(sums, 4, 0, depth);
  return sum(div(values, where(eq(weights, 0), 1, weights)), 3);
}

/** Each query's own context as a product with the mask: Σₘ maskₙₘ eᴷVᵀ / Σₘ maskₙₘ eᴷ. */
function maskedLambdas(k: Tensor, v: Tensor, mask: Tensor | null): Tensor {
  const most = noGrad(() => amax(k, 1, true));
  const inside = cast(mask as Tensor, k.dtype);
  const equation = inside.ndim === 2 ? 'nm,bmkuv->bnkuv' : 'bnm,bmkuv->bnkuv';
  return averaged(einsum(equation, inside, weighted(sub(k, most), v)));
}

/**
 * Each query's past as running sums: Sₙ = e^(Mₙ₋₁ − Mₙ)·Sₙ₋₁ + e^(Kₙ − Mₙ)Vₙᵀ with the running maximum
 * M, as in online softmax (Milakov and Gimelshein 2018, arXiv 1805.02867), so that no exponential
 * overflows and nothing later has any part in it.
 */
function causalLambdas(k: Tensor, v: Tensor): Tensor {
  const n = k.shape[1];
  if (n === 0) return zeros([k.shape[0], 0, k.shape[2], v.shape[2]], { dtype: k.dtype });
  const most = noGrad(() => runningMax(k, 1));
  const before = cat([narrow(most, 1, 0, 1), narrow(most, 1, 0, n - 1)], 1);
  const terms = weighted(sub(k, most), v);
  const decay = expand(unsqueeze(exp(sub(before, most)), 4), terms.shape);
  return averaged(recurrence(decay, terms, 1));
}

/** Which positions come no later than each of keys `[b, n, k, u]`: bool `[n, n]`. */
const past = ({ shape: [, n], device }: Tensor): Tensor =>
  tril(ones([n, n], { dtype: 'bool', device }));

function contextMask(mask: Tensor, q: Tensor, k: Tensor, causal: boolean): Tensor {
  const m = onlyTensor('lambdaLayer', 'the mask', mask);
  if (m.dtype !== 'bool') {
    throw new DTypeError(`lambdaLayer: expected bool as the mask, got ${m.dtype}`);
  }
  const wanted = [q.shape[0], q.shape[1], k.shape[1]];
  if (sameShape(m.shape, wanted.slice(1)) || sameShape(m.shape, wanted)) {
    return causal ? logicalAnd(m, tril(onesLike(m))) : m;
  }
  throw new ShapeError(
    `lambdaLayer: expected a mask ${formatShape(wanted.slice(1))} or ${formatShape(wanted)}, got ${formatShape(m.shape)}`,
  );
}

/** Σₘᵤ Eₙₘ Vₘᵀ for each query: `[b, n, k, v]`. */
function positionLambdas(
  embeddings: Tensor,
  k: Tensor,
  v: Tensor,
  n: number,
  { mask, causal, grids, isGrid }: Context,
): Tensor {
  const e = floatingOf('lambdaLayer', onlyTensor('lambdaLayer', 'the embeddings', embeddings));
  const [, m, depth, intra] = k.shape;
  const isTable = e.ndim === (isGrid ? 4 : 3) && sameShape(e.shape.slice(-2), [depth, intra]);
  if (isTable) {
    const table = isGrid ? e : unsqueeze(e, 0);
    const odd = table.shape[0] % 2 === 1 && table.shape[1] % 2 === 1;
    // A table wider than the context costs more as a convolution, which meets zeros, than as few pairs.
    const offsets = table.shape[0] * table.shape[1];
    const asPairs = !causal && offsets > m && n * m * depth * intra <= PAIRS;
    if (
      !asPairs &&
      sameShape(grids[0], grids[1]) &&
      mask === null &&
      odd &&
      !(causal && grids[0][0] > 1)
    ) {
      return lambdaConvolution(causal ? pastOffsets(table) : table, v, grids[0]);
    }
    if (odd || !sameShape(grids[0], grids[1])) {
      return denseLambdas(relativeEmbeddings(table, ...grids), v, causal ? past(k) : mask);
    }
  }
  if (!isGrid && sameShape(e.shape, [n, m, depth, intra])) {
    return denseLambdas(e, v, causal ? past(k) : mask);
  }
  throw new ShapeError(
    `lambdaLayer: expected embeddings ${isGrid ? `[rows, cols, ${depth}, ${intra}] with odd rows and cols` : `[${n}, ${m}, ${depth}, ${intra}] or [r, ${depth}, ${intra}] with r odd`}, got ${formatShape(e.shape)}`,
  );
}
