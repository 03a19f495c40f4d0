import { checkBoolean, checkInteger, formatShape, sameShape } from '../core/shape.js';
import { checkDimensions, onlyTensor, optionsOf } from '../ops/arguments.js';
import { attentionWeights } from '../ops/attention.js';
import { checkProbability } from '../ops/dropout.js';
import {
  ArgumentError,
  add,
  cat,
  chunk,
  type DType,
  DTypeError,
  dropout,
  einsum,
  expand,
  flatten,
  linear,
  maskedFill,
  mean,
  mul,
  ones,
  pad,
  reshape,
  type Shape,
  ShapeError,
  squeeze,
  type Tensor,
  triu,
  unsqueeze,
  zeros,
} from '../ops/index.js';
import { changes } from './describe.js';
import { floatingDType } from './dtype.js';
import { xavierNormal_, xavierUniform_, zeros_ } from './init.js';
import { Linear } from './linear.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';

export interface MultiHeadAttentionOptions {
  /** With which probability each weight is dropped in training: 0 unless said otherwise. */
  dropout?: number;
  /** Whether the four projections have biases: true unless said otherwise. */
  bias?: boolean;
  /** Whether one more key and value, which are learnt, can be attended to by every query. */
  addBiasKv?: boolean;
  /** Whether one more key and value, which are zeros, can be attended to by every query. */
  addZeroAttn?: boolean;
  /** The width of the keys: `embedDim` unless said otherwise. */
  kdim?: number | null;
  /** The width of the values: `embedDim` unless said otherwise. */
  vdim?: number | null;
  /** Whether tensors are `[batch, sequence, width]` and not `[sequence, batch, width]`: false. */
  batchFirst?: boolean;
  /** The parameters' dtype: float32 unless said otherwise. */
  dtype?: DType;
}

/** Masks are bool, true where attention is *not* allowed, or numbers added to the scores. */
export interface AttentionMasks {
  /** `[queries, keys]`, or `[batch·numHeads, queries, keys]`, an entry's heads side by side. */
  attnMask?: Tensor | null;
  /** `[batch, keys]`, unbatched `[keys]`: which keys are only there to fill up their sequence. */
  keyPaddingMask?: Tensor | null;
  /** Query i attends to keys 0 … i only, whatever else the masks say. */
  isCausal?: boolean;
}

export interface MultiHeadAttentionCall extends AttentionMasks {
  /** Whether the second result holds the weights or is null: true unless said otherwise. */
  needWeights?: boolean;
  /** Whether the weights are averaged over the heads: true unless said otherwise. */
  averageAttnWeights?: boolean;
}

const OP = 'MultiHeadAttention';

const DEFAULTS: Required<MultiHeadAttentionOptions> = {
  dropout: 0,
  bias: true,
  addBiasKv: false,
  addZeroAttn: false,
  kdim: null,
  vdim: null,
  batchFirst: false,
  dtype: 'float32',
};

/** Scores of b = batch, h = head, l = query, s = key, and what the values make of their softmax. */
const EQUATIONS = {
  batchFirst: { scores: 'blhd,bshd->bhls', mix: 'bhls,bshd->blhd' },
  sequenceFirst: { scores: 'lbhd,sbhd->bhls', mix: 'bhls,sbhd->lbhd' },
} as const;

/**
 * Attention in several subspaces at once (Vaswani et al. 2017, section 3.2.2): query
 * `[l, b, embedDim]`, key `[s, b, kdim]` and value `[s, b, vdim]` (with `batchFirst`, b comes first;
 * without a batch, it is left out) are projected to `numHeads` heads of width d = embedDim/numHeads;
 * each head gives softmax(q·kᵀ/√d)·v, and the output projection joins them to `[l, b, embedDim]`.
 *
 * The second result is the weights after dropout: `[b, l, s]`, averaged over the heads, or every
 * head's `[b, numHeads, l, s]`. A query that may attend to nothing has weights of 0, where PyTorch
 * gives NaN, and its output is what the output projection makes of zeros: the bias.
 */
export class MultiHeadAttention extends Module {
  /** The projections of query, key and value, `[3·embedDim, embedDim]`, if their widths agree. */
  readonly inProjWeight: Parameter | null = null;
  /** `[embedDim, embedDim]`, if the widths differ. */
  readonly qProjWeight: Parameter | null = null;
  /** `[embedDim, kdim]`, if the widths differ. */
  readonly kProjWeight: Parameter | null = null;
  /** `[embedDim, vdim]`, if the widths differ. */
  readonly vProjWeight: Parameter | null = null;
  /** `[3·embedDim]`, or null. */
  readonly inProjBias: Parameter | null = null;
  /** `[1, 1, embedDim]`, with `addBiasKv`. */
  readonly biasK: Parameter | null = null;
  /** `[1, 1, embedDim]`, with `addBiasKv`. */
  readonly biasV: Parameter | null = null;
  readonly outProj: Linear;
  readonly headDim: number;
  readonly kdim: number;
  readonly vdim: number;
  readonly dropout: number;
  readonly addZeroAttn: boolean;
  readonly batchFirst: boolean;

  /**
   * The projections of the input start as `xavierUniform_`, `biasK` and `biasV` as `xavierNormal_`, the
   * output projection as a `Linear`, all other biases as zeros. Throws an `ArgumentError` unless
   * `numHeads` divides `embedDim`.
   */
  constructor(
    readonly embedDim: number,
    readonly numHeads: number,
    options: MultiHeadAttentionOptions = {},
  ) {
    super();
    checkInteger(OP, 'embedDim', embedDim, 1);
    checkInteger(OP, 'numHeads', numHeads, 1);
    if (embedDim % numHeads !== 0) {
      throw new ArgumentError(
        `${OP}: expected numHeads that divides embedDim, got ${numHeads} for ${embedDim}`,
      );
    }
    const given = optionsOf(OP, options, DEFAULTS);
    const dtype = floatingDType(OP, given.dtype);
    const bias = checkBoolean(OP, 'bias', given.bias);
    this.headDim = embedDim / numHeads;
    this.kdim = checkInteger(OP, 'kdim', given.kdim ?? embedDim, 1);
    this.vdim = checkInteger(OP, 'vdim', given.vdim ?? embedDim, 1);
    this.dropout = checkProbability(OP, given.dropout);
    this.addZeroAttn = checkBoolean(OP, 'addZeroAttn', given.addZeroAttn);
    this.batchFirst = checkBoolean(OP, 'batchFirst', given.batchFirst);
    const parameter = (shape: Shape): Parameter => new Parameter(zeros(shape, { dtype }));
    if (this.kdim === embedDim && this.vdim === embedDim) {
      this.inProjWeight = xavierUniform_(parameter([3 * embedDim, embedDim]));
    } else {
      this.qProjWeight = xavierUniform_(parameter([embedDim, embedDim]));
      this.kProjWeight = xavierUniform_(parameter([embedDim, this.kdim]));
      this.vProjWeight = xavierUniform_(parameter([embedDim, this.vdim]));
    }
    if (bias) this.inProjBias = parameter([3 * embedDim]);
    if (checkBoolean(OP, 'addBiasKv', given.addBiasKv)) {
      this.biasK = xavierNormal_(parameter([1, 1, embedDim]));
      this.biasV = xavierNormal_(parameter([1, 1, embedDim]));
    }
    this.outProj = new Linear(embedDim, embedDim, { bias, dtype });
    if (this.outProj.bias !== null) zeros_(this.outProj.bias);
  }

  /** Throws a `ShapeError` for inputs or masks that do not fit together. */
  forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options: MultiHeadAttentionCall = {},
  ): [output: Tensor, weights: Tensor | null] {
    const { needWeights, averageAttnWeights, ...masks } = optionsOf(OP, options, {
      attnMask: null,
      keyPaddingMask: null,
      isCausal: false,
      needWeights: true,
      averageAttnWeights: true,
    } as Required<MultiHeadAttentionCall>);
    checkBoolean(OP, 'needWeights', needWeights);
    checkBoolean(OP, 'averageAttnWeights', averageAttnWeights);
    const batched = this.checkInputs(query, key, value);
    const inputs = [query, key, value].map((x) => (batched ? x : unsqueeze(x, this.batchAxis)));
    const bias = this.scoreBias(inputs[0], inputs[1], batched, masks);

    const [q, k, v] = this.heads(inputs);
    const equations = EQUATIONS[this.batchFirst ? 'batchFirst' : 'sequenceFirst'];
    const scaled = mul(q, 1 / Math.sqrt(this.headDim));
    const soft = attentionWeights(scaled, k, bias, equations.scores);
    const weights = dropout(soft, this.dropout, { training: this.training });
    const output = this.outProj.forward(flatten(einsum(equations.mix, weights, v), 2));

    const shown = !needWeights ? null : averageAttnWeights ? mean(weights, 1) : weights;
    if (batched) return [output, shown];
    return [squeeze(output, this.batchAxis), shown === null ? null : squeeze(shown, 0)];
  }

  protected override describe(): string {
    const { embedDim, numHeads, kdim, vdim, dropout, addZeroAttn, batchFirst } = this;
    const bias = this.outProj.bias !== null;
    const addBiasKv = this.biasK !== null;
    const settings = { ...DEFAULTS, dropout, bias, addBiasKv, addZeroAttn, kdim, vdim, batchFirst };
    const usual = { ...DEFAULTS, kdim: embedDim, vdim: embedDim };
    return `${embedDim}, ${numHeads}${changes(settings, usual)}`;
  }

  private get batchAxis(): number {
    return this.batchFirst ? 0 : 1;
  }

  private get sequenceAxis(): number {
    return this.batchFirst ? 1 : 0;
  }

  /** Whether the inputs have a batch axis; the errors for inputs that do not fit. */
  private checkInputs(query: Tensor, key: Tensor, value: Tensor): boolean {
    const named = { query, key, value };
    for (const [name, x] of Object.entries(named)) {
      checkDimensions(OP, `the ${name}`, onlyTensor(OP, `the ${name}`, x), 2, 3);
    }
    const outer = [query, key, value].map((x) => x.shape.slice(0, -1));
    const axis = query.ndim === 3 ? this.batchAxis : undefined;
    const widths = [this.embedDim, this.kdim, this.vdim];
    const fits =
      [query, key, value].every((x, i) => x.shape[x.ndim - 1] === widths[i]) &&
      sameShape(outer[1], outer[2]) &&
      outer[0].length === outer[1].length &&
      (axis === undefined || outer[0][axis] === outer[1][axis]);
    if (fits) return axis !== undefined;
    const lengths =
      axis === undefined ? ['l', 's'] : this.batchFirst ? ['b, l', 'b, s'] : ['l, b', 's, b'];
    throw new ShapeError(
      `${OP}: expected query [${lengths[0]}, ${widths[0]}], key [${lengths[1]}, ${widths[1]}] and value [${lengths[1]}, ${widths[2]}], got ${[query, key, value].map((x) => formatShape(x.shape)).join(', ')}`,
    );
  }

  /** Query, keys and values projected, the extra keys and values behind them, split into heads. */
  private heads(inputs: readonly Tensor[]): Tensor[] {
    const { inProjWeight, qProjWeight, kProjWeight, vProjWeight, inProjBias } = this;
    const weights =
      inProjWeight === null
        ? [qProjWeight, kProjWeight, vProjWeight].filter((w) => w !== null)
        : chunk(inProjWeight, 3);
    const biases = inProjBias === null ? [] : chunk(inProjBias, 3);
    const [q, k, v] = inputs.map((x, i) => linear(x, weights[i], biases[i]));
    return [q, this.extended(k, this.biasK), this.extended(v, this.biasV)].map((x) =>
      reshape(x, [...x.shape.slice(0, 2), this.numHeads, this.headDim]),
    );
  }

  private extended(x: Tensor, bias: Parameter | null): Tensor {
    const row = x.shape.with(this.sequenceAxis, 1);
    const parts = [x];
    if (bias !== null) parts.push(expand(bias, row));
    if (this.addZeroAttn) parts.push(zeros(row, { dtype: x.dtype, device: x.device }));
    return parts.length === 1 ? x : cat(parts, this.sequenceAxis);
  }

  /**
   * All masks as one tensor to add to the scores `[b, numHeads, l, s]`, −∞ where attention is not
   * allowed; null if there are none. The extra keys are open to every query.
   */
  private scoreBias(
    query: Tensor,
    key: Tensor,
    batched: boolean,
    masks: Required<AttentionMasks>,
  ): Tensor | null {
    const b = query.shape[this.batchAxis];
    const l = query.shape[this.sequenceAxis];
    const s = key.shape[this.sequenceAxis];
    const { device } = query;
    const { dtype } = this.outProj.weight;
    const { attnMask, keyPaddingMask } = masks;
    const parts: Tensor[] = [];
    if (attnMask !== null) {
      const perHead = [b * this.numHeads, l, s];
      const mask = checkMask('attnMask', attnMask, [[l, s], perHead]);
      parts.push(mask.ndim === 2 ? mask : reshape(mask, [b, this.numHeads, l, s]));
    }
    if (keyPaddingMask !== null) {
      const mask = checkMask('keyPaddingMask', keyPaddingMask, [batched ? [b, s] : [s]]);
      parts.push(reshape(mask, [b, 1, 1, s]));
    }
    if (checkBoolean(OP, 'isCausal', masks.isCausal)) {
      parts.push(triu(ones([l, s], { dtype: 'bool', device }), 1));
    }
    if (parts.length === 0) return null;
    const bias = parts
      .map((mask) =>
        mask.dtype === 'bool'
          ? maskedFill(zeros(mask.shape, { dtype, device }), mask, -Infinity)
          : mask,
      )
      .reduce((sum, part) => add(sum, part));
    const extra = Number(this.biasK !== null) + Number(this.addZeroAttn);
    return extra === 0 ? bias : pad(bias, [0, extra]);
  }
}

/** Throws a `ShapeError` unless the mask has one of the `shapes`, a `DTypeError` if it is int32. */
function checkMask(what: string, mask: Tensor, shapes: readonly Shape[]): Tensor {
  const { shape, dtype } = onlyTensor(OP, what, mask);
  if (dtype === 'int32') {
    throw new DTypeError(`${OP}: expected bool or float as ${what}, got int32`);
  }
  if (shapes.some((wanted) => sameShape(wanted, shape))) return mask;
  throw new ShapeError(
    `${OP}: expected ${what} of shape ${shapes.map(formatShape).join(' or ')}, got ${formatShape(shape)}`,
  );
}
