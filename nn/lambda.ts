import {
  checkBoolean,
  checkInteger,
  checkOneOf,
  formatShape,
  type Shape,
  sameShape,
  sizeOf,
} from '../core/shape.js';
import { onlyTensor, optionsOf } from '../ops/arguments.js';
import {
  ArgumentError,
  add,
  type DType,
  einsum,
  type LambdaOptions,
  lambdaLayer,
  mul,
  permute,
  randn,
  reshape,
  ShapeError,
  softmax,
  type Tensor,
  unsqueeze,
} from '../ops/index.js';
import { NORMALIZATIONS } from '../ops/lambda-content.js';
import type { Grid } from '../ops/lambda-positions.js';
import {
  checkGlobalTable,
  globalEmbeddings,
  globalTable,
  PositionTable,
  type Scope,
} from './lambda-positions.js';
import { Module } from './module.js';
import { BatchNorm1d, LayerNorm } from './norm.js';
import { Parameter } from './parameter.js';

export interface LambdaLayerOptions {
  /** Width of the output: `dim` unless said otherwise. The heads divide it. */
  dimOut?: number;
  /** Width of the context, if that is not x itself: `dim` unless said otherwise. */
  dimContext?: number;
  /** Query and key depth |k|: 16. */
  dimK?: number;
  /** Queries a position |h|, which share one lambda: 4. */
  heads?: number;
  /** Intra-depth |u|: 1. */
  dimU?: number;
  /**
   * Scope of the position lambda, an odd number of positions along each axis, in a context of the
   * queries' own positions, whatever `n` is; null: global, over `n`.
   */
  r?: number | null;
  /**
   * The most positions of a global scope: the length of sequences, the side of maps, or their
   * `[height, width]`.
   */
  n?: number | Shape | null;
  /** The most positions of a context on another grid, as `n`: `n` unless said otherwise. */
  m?: number | Shape | null;
  /** Inputs are sequences `[b, n, dim]` rather than feature maps `[b, dim, h, w]`. */
  sequence?: boolean;
  /** Whether there is a content lambda: true. */
  content?: boolean;
  /** Whether there is a position lambda: true. */
  position?: boolean;
  /** A global table that another layer has, to be shared: its `relPosEmb`. */
  relPosEmb?: Parameter | null;
  /** A local table that another layer has, to be shared: its `posConv`. */
  posConv?: PositionTable | null;
  /** The context of a position is itself and what comes before it; for sequences. */
  isCausal?: boolean;
  /** What queries and values are normalised by: 'batch', or 'layer' where `isCausal`; or 'none'. */
  norm?: 'batch' | 'layer' | 'none' | null;
  /** How keys are normalised over the context: 'softmax', 'l2' or 'none'. */
  normalization?: 'softmax' | 'l2' | 'none';
  /** How queries are normalised over their depth: 'none', or 'softmax' as in one of the paper's ablations. */
  queryNormalization?: 'softmax' | 'none';
  /** A bias on a local position lambda, which other implementations have and the paper has not. */
  positionBias?: boolean;
  dtype?: DType;
}

/** A learnt matrix `[out, in, 1, 1]` (or `[out, in]`) without a bias, its numbers normal around 0. */
class Projection extends Module {
  readonly weight: Parameter;

  constructor(shape: Shape, deviation: number, dtype: DType) {
    super();
    this.weight = new Parameter(mul(randn(shape, { dtype }), deviation));
  }

  /** Positions as rows: `[b, n, out]` of maps `[b, in, h, w]` or sequences `[b, n, in]`. */
  forward(x: Tensor): Tensor {
    const [out, inputs] = this.weight.shape;
    const weight = reshape(this.weight, [out, inputs]);
    if (x.ndim === 3) return einsum('od,bnd->bno', weight, x);
    return einsum('od,bdn->bno', weight, reshape(x, [x.shape[0], inputs, -1]));
  }

  protected override describe(): string {
    return `${this.weight.shape[1]}, ${this.weight.shape[0]}`;
  }
}

const DEFAULTS: Required<LambdaLayerOptions> = {
  dimOut: 0,
  dimContext: 0,
  dimK: 16,
  heads: 4,
  dimU: 1,
  r: null,
  n: null,
  m: null,
  sequence: false,
  content: true,
  position: true,
  relPosEmb: null,
  posConv: null,
  isCausal: false,
  norm: null,
  normalization: 'softmax',
  queryNormalization: 'none',
  positionBias: false,
  dtype: 'float32',
};

/** What a context is, if it is not the queries' own positions, and which of it each query sees. */
export interface LambdaContext {
  /** `[b, m, dimContext]` or `[b, dimContext, h, w]`; x itself unless said otherwise. */
  context?: Tensor | null;
  /**
   * bool `[n, m]` or `[b, n, m]`: whether position m is in the context of query n; or `[b, 1, m]`:
   * whether it is in any query's, for padded contexts.
   */
  mask?: Tensor | null;
}

/**
 * A lambda layer (Bello 2021, LambdaNetworks, arXiv 2102.08602): each position's context becomes a linear
 * function, the lambda, that is applied to its queries; no attention map is built. Feature maps
 * `[b, dim, h, w]` give `[b, dimOut, h, w]`; sequences `[b, n, dim]` give `[b, n, dimOut]`.
 *
 * With queries W_Q·x of `heads` × `dimK`, keys W_K·c of `dimU` × `dimK` and values W_V·c of `dimU` ×
 * `dimOut`/`heads`, it is `lambdaLayer` of them. The position lambda comes from a table of relative
 * positions, which layers can share. A local one of `r` positions along each axis (`posConv`) is always a
 * convolution over the values, unless a mask differs from query to query. A global one (`relPosEmb`) is
 * for inputs of at most `n` positions, whose offsets it holds, and for contexts of at most `m`, which
 * count from the same corner; where there are few pairs of positions, their embeddings are built from
 * it, which is faster than the convolution. No bias and no scale, as in the paper; W_Q begins with
 * deviation (dimK·dim)^(−½), W_K and W_V with dimContext^(−½), tables with 1 (appendix).
 *
 * The state dict is that of the PyTorch package lambda-networks, a shared table in it under each layer's
 * name; `fromTimm` turns one of timm's. Throws an `ArgumentError` or `ShapeError` for sizes that do not
 * fit.
 */
export class LambdaLayer extends Module {
  readonly toQ: Projection;
  readonly toK: Projection;
  readonly toV: Projection;
  readonly normQ: BatchNorm1d | LayerNorm | null;
  readonly normV: BatchNorm1d | LayerNorm | null;
  readonly posConv: PositionTable | null = null;
  /** `[n + m − 1 rows, n + m − 1 columns, dimK, dimU]`, or null. */
  readonly relPosEmb: Parameter | null = null;
  private readonly settings: Required<LambdaLayerOptions>;
  private readonly scope: Scope | null = null;

  constructor(
    readonly dim: number,
    options: LambdaLayerOptions = {},
  ) {
    super();
    const given = optionsOf('LambdaLayer', options, DEFAULTS);
    const dimOut = given.dimOut === 0 ? dim : given.dimOut;
    const dimContext = given.dimContext === 0 ? dim : given.dimContext;
    const r = given.r ?? given.posConv?.weight.shape[4] ?? null;
    this.settings = { ...given, dimOut, dimContext, r };
    this.check();
    const { dimK, heads, dimU, dtype, sequence, isCausal } = given;
    const depths = { q: heads * dimK, k: dimU * dimK, v: (dimU * dimOut) / heads };
    const weight = (out: number, inputs: number): Shape =>
      sequence ? [out, inputs] : [out, inputs, 1, 1];
    this.toQ = new Projection(weight(depths.q, dim), (dimK * dim) ** -0.5, dtype);
    this.toK = new Projection(weight(depths.k, dimContext), dimContext ** -0.5, dtype);
    this.toV = new Projection(weight(depths.v, dimContext), dimContext ** -0.5, dtype);
    const norm = given.norm ?? (isCausal ? 'layer' : 'batch');
    this.normQ = normOf(norm, depths.q, dtype);
    this.normV = normOf(norm, depths.v, dtype);
    if (!given.position) return;
    if (r !== null) this.posConv = this.localTable(r);
    else {
      this.scope = this.globalScope();
      this.relPosEmb = given.relPosEmb ?? globalTable(this.scope, dimK, dimU, dtype);
      checkGlobalTable(this.relPosEmb, this.scope, dimK, dimU);
    }
  }

  private check(): void {
    const { settings, dim } = this;
    const { dimOut, dimContext, dimK, heads, dimU } = settings;
    for (const [what, size] of Object.entries({ dim, dimOut, dimContext, dimK, heads, dimU })) {
      checkInteger('LambdaLayer', what, size, 1);
    }
    for (const what of ['sequence', 'content', 'position', 'isCausal', 'positionBias'] as const) {
      checkBoolean('LambdaLayer', what, settings[what]);
    }
    checkOneOf('LambdaLayer', 'normalization', settings.normalization, NORMALIZATIONS);
    checkOneOf('LambdaLayer', 'queryNormalization', settings.queryNormalization, [
      'softmax',
      'none',
    ]);
    if (settings.norm !== null) checkOneOf('LambdaLayer', 'norm', settings.norm, NORMS);
    if (dimOut % heads !== 0) {
      throw new ArgumentError(
        `LambdaLayer: expected heads that divide dimOut, got ${heads} and ${dimOut}`,
      );
    }
    if (!settings.content && !settings.position) {
      throw new ArgumentError('LambdaLayer: expected content or position, got neither');
    }
    if (settings.isCausal && (!settings.sequence || settings.norm === 'batch')) {
      throw new ArgumentError(
        'LambdaLayer: isCausal expects a sequence, and a norm other than batch, whose statistics over time would know the future',
      );
    }
  }

  /** The local table of r positions, or the one given if it is of that shape. */
  private localTable(r: number): PositionTable {
    const { sequence, dimK, dimU, posConv, positionBias, dtype } = this.settings;
    if (checkInteger('LambdaLayer', 'r', r, 1) % 2 === 0) {
      throw new ArgumentError(`LambdaLayer: expected an odd r, got ${r}`);
    }
    const shape = [dimK, dimU, 1, sequence ? 1 : r, r];
    if (posConv === null) return new PositionTable(shape, positionBias, dtype);
    if (sameShape(posConv.weight.shape, shape)) return posConv;
    throw new ShapeError(
      `LambdaLayer: expected a posConv of weight ${formatShape(shape)}, got ${formatShape(posConv.weight.shape)}`,
    );
  }

  /** The positions that `n` and `m` say, or that a given table is for. */
  private globalScope(): Scope {
    const { n, m, sequence, relPosEmb } = this.settings;
    if (n === null && m === null && relPosEmb !== null) {
      const [rows = 0, cols = 0] = relPosEmb.shape;
      const queries: Grid = [Math.ceil(rows / 2), Math.ceil(cols / 2)];
      return { queries, context: queries };
    }
    const queries = sidesOf('r, or the positions n of a global scope', n, sequence);
    return { queries, context: m === null ? queries : sidesOf('positions m', m, sequence) };
  }

  forward(x: Tensor, given: LambdaContext = {}): Tensor {
    const { context, mask } = optionsOf('LambdaLayer', given, {
      context: null,
      mask: null,
    } as Required<LambdaContext>);
    const { dim, settings } = this;
    const { dimContext, dimK, heads, dimU, dimOut, sequence } = settings;
    const { isCausal, content, normalization, queryNormalization } = settings;
    const c = context ?? x;
    const [grid, contextGrid] = [
      this.gridOf('input', x, dim),
      this.gridOf('context', c, dimContext),
    ];
    const [b, n, m] = [x.shape[0], sizeOf(grid), sizeOf(contextGrid)];
    if (c.shape[0] !== b) {
      throw new ShapeError(
        `LambdaLayer: expected a context of the input's batch ${b}, got input ${formatShape(x.shape)} and context ${formatShape(c.shape)}`,
      );
    }
    const rows = reshape(normalized(this.normQ, this.toQ.forward(x)), [b, n, heads, dimK]);
    const q = queryNormalization === 'softmax' ? softmax(rows, 3) : rows;
    // Intra-depth is the outer of the packed axes.
    const k = permute(reshape(this.toK.forward(c), [b, m, dimU, dimK]), [0, 1, 3, 2]);
    const depth = dimOut / heads;
    const values = normalized(this.normV, this.toV.forward(c));
    const v = permute(reshape(values, [b, m, dimU, depth]), [0, 1, 3, 2]);
    const positions = this.embeddings(grid, contextGrid);
    const options = { ...positions, mask, isCausal, content, normalization };
    let y = lambdaLayer(q, k, v, options);
    const bias = this.posConv?.bias ?? null;
    if (bias !== null) y = add(y, unsqueeze(einsum('bnhk,k->bnh', q, bias), 3));
    const out = reshape(y, [b, n, dimOut]);
    return sequence ? out : reshape(permute(out, [0, 2, 1]), [b, dimOut, ...grid]);
  }

  /** The table for queries and context on these grids, as `lambdaLayer` takes it. */
  private embeddings(grid: Grid, contextGrid: Grid): LambdaOptions {
    const { posConv, relPosEmb, scope } = this;
    if (relPosEmb !== null && scope !== null) {
      return globalEmbeddings(relPosEmb, scope, grid, contextGrid);
    }
    if (posConv === null) return {};
    if (sameShape(grid, contextGrid)) return { embeddings: posConv.forward(), grid, contextGrid };
    throw new ShapeError(
      `LambdaLayer: expected a context of the input's positions ${formatShape(grid)} for a local scope, got ${formatShape(contextGrid)}`,
    );
  }

  /** Rows and columns of an input of this layer's kind; a sequence is one row. */
  private gridOf(what: string, x: Tensor, width: number): Grid {
    const { sequence } = this.settings;
    const { shape } = onlyTensor('LambdaLayer', `the ${what}`, x);
    const fits = sequence
      ? shape.length === 3 && shape[2] === width
      : shape.length === 4 && shape[1] === width;
    if (fits) return sequence ? [1, shape[1]] : [shape[2], shape[3]];
    throw new ShapeError(
      `LambdaLayer: expected ${what} ${sequence ? `[b, n, ${width}]` : `[b, ${width}, h, w]`}, got ${formatShape(shape)}`,
    );
  }

  protected override describe(): string {
    const { dimOut, dimK, heads, dimU, position, isCausal, normalization, content } = this.settings;
    const parts = [
      `${this.dim}, ${dimOut}, k=${dimK}, h=${heads}`,
      dimU > 1 ? `u=${dimU}` : null,
      position ? (this.posConv === null ? 'global' : 'local') : 'without positions',
      content ? null : 'without content',
      normalization === 'softmax' ? null : `keys by ${normalization}`,
      isCausal ? 'causal' : null,
    ];
    return parts.filter((part) => part !== null).join(', ');
  }
}

const NORMS = ['batch', 'layer', 'none'] as const;

const normOf = (
  norm: (typeof NORMS)[number],
  width: number,
  dtype: DType,
): BatchNorm1d | LayerNorm | null => {
  if (norm === 'none') return null;
  return norm === 'batch' ? new BatchNorm1d(width, { dtype }) : new LayerNorm(width, { dtype });
};

/** Rows and columns of as many positions as a number or a pair says. */
function sidesOf(what: string, given: number | Shape | null, sequence: boolean): Grid {
  const sides = Array.isArray(given) ? given : sequence ? [1, given] : [given, given];
  if (sides.length === 2 && sides.every((side) => Number.isInteger(side) && side > 0)) {
    return [sides[0], sides[1]];
  }
  throw new ArgumentError(`LambdaLayer: expected ${what}, got ${String(given)}`);
}

/** Channels of `[b, n, c]` normalised over the batch and all positions, or over themselves. */
const normalized = (norm: BatchNorm1d | LayerNorm | null, x: Tensor): Tensor =>
  norm === null ? x : reshape(norm.forward(reshape(x, [-1, x.shape[2]])), x.shape);
