import { checkBoolean, checkInteger, checkOneOf, formatShape, type Shape } from '../core/shape.js';
import { onlyTensor, optionsOf } from '../ops/arguments.js';
import {
  ArgumentError,
  add,
  type DType,
  einsum,
  lambdaLayer,
  mul,
  permute,
  randn,
  reshape,
  ShapeError,
  StateDictError,
  type Tensor,
  unsqueeze,
  zeros,
} from '../ops/index.js';
import { Module, type StateDict } from './module.js';
import { BatchNorm1d, LayerNorm } from './norm.js';
import { Parameter } from './parameter.js';

export interface LambdaLayerOptions {
  /** Width of the output: `dim` unless said otherwise. The heads divide it. */
  dimOut?: number;
  /** Query and key depth |k|: 16. */
  dimK?: number;
  /** Queries a position |h|, which share one lambda: 4. */
  heads?: number;
  /** Intra-depth |u|: 1. */
  dimU?: number;
  /** Scope of the position lambda, an odd number of positions along each axis; null: global, over `n`. */
  r?: number | null;
  /** Positions of a global scope: the length of sequences, the side of maps, or their `[height, width]`. */
  n?: number | Shape | null;
  /** Inputs are sequences `[b, n, dim]` rather than feature maps `[b, dim, h, w]`. */
  sequence?: boolean;
  /** Whether there is a content lambda: true. */
  content?: boolean;
  /** Whether there is a position lambda: true. */
  position?: boolean;
  /** A global table that another layer has, to be shared: its `relPosEmb`. */
  relPosEmb?: Parameter | null;
  /** The context of a position is itself and what comes before it; for sequences. */
  isCausal?: boolean;
  /** What queries and values are normalised by: 'batch', or 'layer' where `isCausal`; or 'none'. */
  norm?: 'batch' | 'layer' | 'none' | null;
  /** How keys are normalised over the context: 'softmax', 'l2' or 'none'. */
  normalization?: 'softmax' | 'l2' | 'none';
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
}

/** A local table of positions, laid out as the filter of a convolution: `[k, u, 1, rows, cols]`. */
class PositionTable extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(shape: Shape, bias: boolean, dtype: DType) {
    super();
    this.weight = new Parameter(randn(shape, { dtype }));
    this.bias = bias ? new Parameter(zeros([shape[0]], { dtype })) : null;
  }

  /** `[rows, cols, k, u]`. */
  forward(): Tensor {
    const [k, u, , rows, cols] = this.weight.shape;
    return permute(reshape(this.weight, [k, u, rows, cols]), [2, 3, 0, 1]);
  }
}

const DEFAULTS: Required<LambdaLayerOptions> = {
  dimOut: 0,
  dimK: 16,
  heads: 4,
  dimU: 1,
  r: null,
  n: null,
  sequence: false,
  content: true,
  position: true,
  relPosEmb: null,
  isCausal: false,
  norm: null,
  normalization: 'softmax',
  positionBias: false,
  dtype: 'float32',
};

/** What a context is, if it is not the queries' own positions, and which of it each query sees. */
export interface LambdaContext {
  /** `[b, m, dim]` or `[b, dim, h, w]`; x itself unless said otherwise. */
  context?: Tensor | null;
  /** bool `[n, m]` or `[b, n, m]`: whether position m is in the context of query n. */
  mask?: Tensor | null;
}

/**
 * A lambda layer (Bello 2021, LambdaNetworks, arXiv 2102.08602): each position's context becomes a linear
 * function, the lambda, that is applied to its queries; no attention map is built. Feature maps
 * `[b, dim, h, w]` give `[b, dimOut, h, w]`; sequences `[b, n, dim]` give `[b, n, dimOut]`.
 *
 * With queries W_Q·x of `heads` × `dimK`, keys W_K·c of `dimU` × `dimK` and values W_V·c of `dimU` ×
 * `dimOut`/`heads`, it is `lambdaLayer` of them. The position lambda comes from a table of relative
 * positions: a local one of `r` positions along each axis (`posConv`; its cost is that of a convolution)
 * or a global one over `n` (`relPosEmb`, one that layers can share). No bias and no scale, as in the
 * paper; W_Q begins with deviation (dimK·dim)^(−½), W_K and W_V with dim^(−½), tables with 1 (appendix).
 *
 * The state dict is that of the PyTorch package lambda-networks; `fromTimm` turns one of timm's.
 * Throws an `ArgumentError` or `ShapeError` for sizes that do not fit.
 */
export class LambdaLayer extends Module {
  readonly toQ: Projection;
  readonly toK: Projection;
  readonly toV: Projection;
  readonly normQ: BatchNorm1d | LayerNorm | null;
  readonly normV: BatchNorm1d | LayerNorm | null;
  readonly posConv: PositionTable | null = null;
  /** `[2·height − 1, 2·width − 1, dimK, dimU]`, or null. */
  readonly relPosEmb: Parameter | null = null;
  private readonly settings: Required<LambdaLayerOptions>;

  constructor(
    readonly dim: number,
    options: LambdaLayerOptions = {},
  ) {
    super();
    const given = optionsOf('LambdaLayer', options, DEFAULTS);
    const { dimK, heads, dimU, dtype, r, sequence, isCausal, content, position } = given;
    const dimOut = given.dimOut === 0 ? dim : given.dimOut;
    this.settings = { ...given, dimOut };
    for (const [what, size] of Object.entries({ dim, dimOut, dimK, heads, dimU })) {
      checkInteger('LambdaLayer', what, size, 1);
    }
    for (const what of ['sequence', 'content', 'position', 'isCausal', 'positionBias'] as const) {
      checkBoolean('LambdaLayer', what, given[what]);
    }
    if (dimOut % heads !== 0) {
      throw new ArgumentError(
        `LambdaLayer: expected heads that divide dimOut, got ${heads} and ${dimOut}`,
      );
    }
    if (!content && !position) {
      throw new ArgumentError('LambdaLayer: expected content or position, got neither');
    }
    if (isCausal && (!sequence || given.norm === 'batch')) {
      throw new ArgumentError(
        'LambdaLayer: isCausal expects a sequence, and a norm other than batch, whose statistics over time would know the future',
      );
    }
    const depths = { q: heads * dimK, k: dimU * dimK, v: (dimU * dimOut) / heads };
    const weight = (out: number): Shape => (sequence ? [out, dim] : [out, dim, 1, 1]);
    this.toQ = new Projection(weight(depths.q), (dimK * dim) ** -0.5, dtype);
    this.toK = new Projection(weight(depths.k), dim ** -0.5, dtype);
    this.toV = new Projection(weight(depths.v), dim ** -0.5, dtype);
    const kinds = ['batch', 'layer', 'none'] as const;
    const norm = checkOneOf(
      'LambdaLayer',
      'norm',
      given.norm ?? (isCausal ? 'layer' : 'batch'),
      kinds,
    );
    const normOf = (width: number): BatchNorm1d | LayerNorm | null =>
      norm === 'none'
        ? null
        : norm === 'batch'
          ? new BatchNorm1d(width, { dtype })
          : new LayerNorm(width, { dtype });
    this.normQ = normOf(depths.q);
    this.normV = normOf(depths.v);
    if (!position) return;
    if (r !== null) {
      if (checkInteger('LambdaLayer', 'r', r, 1) % 2 === 0) {
        throw new ArgumentError(`LambdaLayer: expected an odd r, got ${r}`);
      }
      this.posConv = new PositionTable(
        [dimK, dimU, 1, sequence ? 1 : r, r],
        given.positionBias,
        dtype,
      );
    } else this.relPosEmb = given.relPosEmb ?? this.globalTable();
  }

  private globalTable(): Parameter {
    const { n, sequence, dimK, dimU, dtype } = this.settings;
    const sides = Array.isArray(n) ? n : sequence ? [1, n] : [n, n];
    if (sides.length !== 2 || !sides.every((side) => Number.isInteger(side) && side > 0)) {
      throw new ArgumentError(
        `LambdaLayer: expected r, or the positions n of a global scope, got ${String(n)}`,
      );
    }
    const [rows, cols] = sides.map((side) => 2 * side - 1);
    return new Parameter(randn([rows, cols, dimK, dimU], { dtype }));
  }

  forward(x: Tensor, given: LambdaContext = {}): Tensor {
    const { context, mask } = optionsOf('LambdaLayer', given, {
      context: null,
      mask: null,
    } as Required<LambdaContext>);
    const { dimK, heads, dimU, dimOut, sequence, isCausal, content, normalization } = this.settings;
    const c = context ?? x;
    const [grid, contextGrid] = [this.gridOf('input', x), this.gridOf('context', c)];
    const [b, n, m] = [x.shape[0], grid[0] * grid[1], contextGrid[0] * contextGrid[1]];
    const q = reshape(normalized(this.normQ, this.toQ.forward(x)), [b, n, heads, dimK]);
    // Intra-depth is the outer of the packed axes.
    const k = permute(reshape(this.toK.forward(c), [b, m, dimU, dimK]), [0, 1, 3, 2]);
    const depth = dimOut / heads;
    const values = normalized(this.normV, this.toV.forward(c));
    const v = permute(reshape(values, [b, m, dimU, depth]), [0, 1, 3, 2]);
    const embeddings = this.posConv?.forward() ?? this.relPosEmb;
    const options = { embeddings, grid, contextGrid, mask, isCausal, content, normalization };
    let y = lambdaLayer(q, k, v, options);
    const bias = this.posConv?.bias ?? null;
    if (bias !== null) y = add(y, unsqueeze(einsum('bnhk,k->bnh', q, bias), 3));
    const rows = reshape(y, [b, n, dimOut]);
    return sequence ? rows : reshape(permute(rows, [0, 2, 1]), [b, dimOut, ...grid]);
  }

  /** Rows and columns of an input of this layer's kind; a sequence is one row. */
  private gridOf(what: string, x: Tensor): [height: number, width: number] {
    const { sequence } = this.settings;
    const { shape } = onlyTensor('LambdaLayer', `the ${what}`, x);
    const fits = sequence
      ? shape.length === 3 && shape[2] === this.dim
      : shape.length === 4 && shape[1] === this.dim;
    if (fits) return sequence ? [1, shape[1]] : [shape[2], shape[3]];
    throw new ShapeError(
      `LambdaLayer: expected ${what} ${sequence ? `[b, n, ${this.dim}]` : `[b, ${this.dim}, h, w]`}, got ${formatShape(shape)}`,
    );
  }

  protected override describe(): string {
    const { dimOut, dimK, heads, dimU, r } = this.settings;
    return `${this.dim}, ${dimOut}, k=${dimK}, h=${heads}${dimU === 1 ? '' : `, u=${dimU}`}, ${r === null ? 'global' : `r=${r}`}`;
  }
}

/** Channels of `[b, n, c]` normalised over the batch and all positions, or over themselves. */
const normalized = (norm: BatchNorm1d | LayerNorm | null, x: Tensor): Tensor =>
  norm === null ? x : reshape(norm.forward(reshape(x, [-1, x.shape[2]])), x.shape);

/**
 * The state dict of timm's `LambdaLayer` (`qkv.weight`, `norm_q.*`, `norm_v.*`, and `conv_lambda.*` or
 * `pos_emb`) as one of a `LambdaLayer` with `dimU` 1: the rows of `qkv` are queries, keys and values one
 * after another; a local table has value depth as its last axis there, and no intra-depth. Load it into a
 * layer with `positionBias` where there is a `conv_lambda.bias`. Throws a `StateDictError`.
 */
export function fromTimm(state: Readonly<StateDict>, heads: number, dimK: number): StateDict {
  const qkv = state['qkv.weight'];
  if (qkv === undefined || qkv.ndim !== 4 || qkv.shape[0] <= (heads + 1) * dimK) {
    throw new StateDictError(
      `fromTimm: expected qkv.weight [${heads}·${dimK} + ${dimK} + v, c, 1, 1], got ${qkv === undefined ? 'none' : formatShape(qkv.shape)}`,
    );
  }
  const rows = (from: number, to: number): Tensor => qkv.narrow(0, from, to - from);
  const result: StateDict = {
    'to_q.weight': rows(0, heads * dimK),
    'to_k.weight': rows(heads * dimK, (heads + 1) * dimK),
    'to_v.weight': rows((heads + 1) * dimK, qkv.shape[0]),
  };
  for (const [name, x] of Object.entries(state)) {
    if (name.startsWith('norm_')) result[name] = x;
    if (name === 'conv_lambda.weight') result['pos_conv.weight'] = x.permute([0, 1, 4, 2, 3]);
    if (name === 'conv_lambda.bias') result['pos_conv.bias'] = x;
    if (name === 'pos_emb') result.rel_pos_emb = unsqueeze(x, 3);
  }
  return result;
}
