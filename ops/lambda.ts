import { ArgumentError, DTypeError, ShapeError } from '../core/errors.js';
import { compose } from '../core/op.js';
import {
  checkBoolean,
  checkOneOf,
  formatShape,
  type Shape,
  sameShape,
  sizeOf,
} from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { checkDimensions, floatingOf, onlyTensor, optionsOf, promoted } from './arguments.js';
import { add } from './binary.js';
import { ones } from './create.js';
import { einsum } from './einsum/einsum.js';
import {
  causalLambdas,
  maskedLambdas,
  NORMALIZATIONS,
  type Normalization,
  sharedLambdas,
  withoutHidden,
} from './lambda-content.js';
import {
  denseLambdas,
  type Grid,
  gridOf,
  lambdaConvolution,
  pastOffsets,
  relativeEmbeddings,
} from './lambda-positions.js';
import { unsqueeze } from './shape.js';
import { tril } from './slice.js';

export interface LambdaOptions {
  /**
   * How positions relate: `[n, m, k, u]` for each query and context position, or a table of the offsets
   * m − n, those beyond it counting as 0: `[r, k, u]` along a sequence, `[rows, cols, k, u]` over a `grid`
   * (see `relativeEmbeddings`).
   */
  embeddings?: Tensor | null;
  /** The queries' rows and columns, `[height, width]`, for a table over them; a sequence if left out. */
  grid?: Shape | null;
  /** The context's, where it is not the queries' own. */
  contextGrid?: Shape | null;
  /**
   * bool `[n, m]` or `[b, n, m]`: whether position m is in the context of query n; or `[b, 1, m]`:
   * whether it is in any query's, for padded contexts.
   */
  mask?: Tensor | null;
  /** The context of query i is positions 0 … i only; what comes later changes nothing before it. */
  isCausal?: boolean;
  /** Whether there is a content lambda: true. Without it the position lambda stands alone. */
  content?: boolean;
  /** How keys are normalised over the context: 'softmax', 'l2' (unit length) or 'none'. */
  normalization?: Normalization;
}

/**
 * A lambda layer's core (Bello 2021, LambdaNetworks, arXiv 2102.08602, sections 2 and 3): the context is
 * summarised as a linear function λₙ of the query, instead of an attention map over positions.
 *
 * Queries `[b, n, h, k]`, keys `[b, m, k, u]`, values `[b, m, v, u]` give `[b, n, h, v]`:
 *
 *     K̄ = softmax of the keys over m         (over each query's own context, where it has one)
 *     λₙ = Σₘᵤ (K̄ₘ + Eₙₘ) Vₘᵀ  [k, v]         content and position lambda
 *     yₙ = λₙᵀ qₙ                            the same λₙ for each of the h heads
 *
 * A query whose context is empty gets zeros. Without embeddings the lambda is the content's alone. What
 * is hidden from a query has no part in its output, whatever its keys are: not one bit changes with it.
 *
 * A table is a convolution over the values, whose cost grows as n; few pairs are faster as embeddings of
 * pairs, which `relativeEmbeddings` makes. It stays one with `isCausal` along a sequence, where the content
 * is a scan, and with a mask `[b, 1, m]`. A mask that differs from query to query, and a table for a context on
 * another grid, are computed pair by pair: n·m·k·u numbers for the keys of each example and for the
 * embeddings. Nothing of size n·m·k·v is built.
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
    const isCausal = checkBoolean('lambdaLayer', 'isCausal', given.isCausal);
    if (isCausal && n !== m) {
      throw new ShapeError(
        `lambdaLayer: isCausal expects a context of the queries' own ${n} positions, got ${m}`,
      );
    }
    const how = checkOneOf('lambdaLayer', 'normalization', given.normalization, NORMALIZATIONS);
    const grids: Scope['grids'] = [
      gridOf('lambdaLayer', 'grid', given.grid, n),
      gridOf('lambdaLayer', 'contextGrid', given.contextGrid ?? (n === m ? given.grid : null), m),
    ];
    const hasContent = checkBoolean('lambdaLayer', 'content', given.content);
    if (!hasContent && given.embeddings === null) {
      throw new ArgumentError(
        'lambdaLayer: expected embeddings where content is false, got none of the two lambdas',
      );
    }
    const mask = given.mask === null ? null : checkMask(given.mask, q, k);
    const isPadding = mask !== null && mask.ndim === 3 && mask.shape[1] === 1;
    const [seenK, seenV] = isPadding ? withoutHidden(k, v, mask, how) : [k, v];
    const context = { mask: isPadding ? null : mask, isCausal };
    const lambdas: Tensor[] = [];
    if (hasContent) lambdas.push(contentLambdas(seenK, seenV, how, context));
    if (given.embeddings !== null) {
      const scope = { grids, isGrid: given.grid !== null };
      lambdas.push(positionLambdas(given.embeddings, seenK, seenV, scope, context));
    }
    return lambdas.map((lambda) => applied(lambda, q)).reduce((y, z) => add(y, z));
  },
);

const DEFAULTS: Required<LambdaOptions> = {
  embeddings: null,
  grid: null,
  contextGrid: null,
  mask: null,
  isCausal: false,
  content: true,
  normalization: 'softmax',
};

/** How the queries' and the context's positions lie, and whether that was given. */
interface Scope {
  readonly grids: readonly [queries: Grid, context: Grid];
  readonly isGrid: boolean;
}

/** Which context positions each query sees: all of them, if there is neither. */
interface Context {
  readonly mask: Tensor | null;
  readonly isCausal: boolean;
}

/** yₙ = λₙᵀ qₙ for each head: λ `[b, k, v]`, one for all queries, or `[b, n, k, v]`. */
const applied = (lambda: Tensor, q: Tensor): Tensor =>
  einsum(lambda.ndim === 3 ? 'bnhk,bkv->bnhv' : 'bnhk,bnkv->bnhv', q, lambda);

/** bool `[n, m]` or `[b, n, m]` of all that hides pairs of positions, or null where nothing does. */
function pairsSeen({ mask, isCausal }: Context, { shape: [, m], device }: Tensor): Tensor | null {
  if (!isCausal) return mask;
  return tril(mask ?? ones([m, m], { dtype: 'bool', device }));
}

/** Σₘᵤ K̄ₘ Vₘᵀ: `[b, k, v]` of the whole context, or `[b, n, k, v]` of each query's own. */
function contentLambdas(k: Tensor, v: Tensor, how: Normalization, context: Context): Tensor {
  if (context.isCausal && context.mask === null && how === 'softmax') return causalLambdas(k, v);
  const seen = pairsSeen(context, k);
  return seen === null ? sharedLambdas(k, v, how) : maskedLambdas(k, v, seen, how);
}

function checkMask(mask: Tensor, q: Tensor, k: Tensor): Tensor {
  const t = onlyTensor('lambdaLayer', 'the mask', mask);
  if (t.dtype !== 'bool') {
    throw new DTypeError(`lambdaLayer: expected bool as the mask, got ${t.dtype}`);
  }
  const [b, n, m] = [q.shape[0], q.shape[1], k.shape[1]];
  const shapes = [
    [n, m],
    [b, n, m],
    [b, 1, m],
  ];
  if (shapes.some((shape) => sameShape(t.shape, shape))) return t;
  throw new ShapeError(
    `lambdaLayer: expected a mask ${shapes.map(formatShape).join(' or ')}, got ${formatShape(t.shape)}`,
  );
}
/** Σₘᵤ Eₙₘ Vₘᵀ for each query: `[b, n, k, v]`. */
function positionLambdas(
  embeddings: Tensor,
  { shape: [, m, depth, intra] }: Tensor,
  v: Tensor,
  { grids: [grid, contextGrid], isGrid }: Scope,
  context: Context,
): Tensor {
  const e = floatingOf('lambdaLayer', onlyTensor('lambdaLayer', 'the embeddings', embeddings));
  const n = sizeOf(grid);
  if (e.ndim === (isGrid ? 4 : 3) && sameShape(e.shape.slice(-2), [depth, intra])) {
    const table = isGrid ? e : unsqueeze(e, 0);
    const isOdd = table.shape[0] % 2 === 1 && table.shape[1] % 2 === 1;
    const isOwn = sameShape(grid, contextGrid);
    // Convolutions over maps may add up neighbours before they multiply: 0 times the future rounds the past.
    const slides = context.mask === null && (!context.isCausal || grid[0] === 1);
    if (isOwn && isOdd && slides) {
      return lambdaConvolution(context.isCausal ? pastOffsets(table) : table, v, grid);
    }
    if (!isOwn || isOdd) {
      const pairs = relativeEmbeddings(table, grid, contextGrid);
      return denseLambdas(pairs, v, pairsSeen(context, v));
    }
  }
  if (!isGrid && sameShape(e.shape, [n, m, depth, intra])) {
    return denseLambdas(e, v, pairsSeen(context, v));
  }
  throw new ShapeError(
    `lambdaLayer: expected embeddings ${isGrid ? `[rows, cols, ${depth}, ${intra}] with odd rows and cols` : `[${n}, ${m}, ${depth}, ${intra}] or [r, ${depth}, ${intra}] with r odd`}, got ${formatShape(e.shape)}`,
  );
}
