import { checkBoolean, checkFunction, checkInteger, checkOneOf } from '../core/shape.js';
import { optionsOf } from '../ops/arguments.js';
import { add, type DType, gelu, relu, type Tensor } from '../ops/index.js';
import { type AttentionMasks, MultiHeadAttention } from './attention.js';
import type { Layer } from './container.js';
import { changes } from './describe.js';
import { Dropout } from './dropout.js';
import { Linear } from './linear.js';
import { Module } from './module.js';
import { LayerNorm } from './norm.js';

export interface TransformerLayerOptions {
  /** The width between the two linear layers: 2048 unless said otherwise. */
  dimFeedforward?: number;
  /** With which probability a number is dropped in training: 0.1 unless said otherwise. */
  dropout?: number;
  /** What stands between the two linear layers: `'relu'` unless said otherwise. */
  activation?: 'relu' | 'gelu' | ((x: Tensor) => Tensor);
  /** Added to the variance in the norms: 1e-5 unless said otherwise. */
  layerNormEps?: number;
  /** Whether tensors are `[batch, sequence, dModel]` and not `[sequence, batch, dModel]`: false. */
  batchFirst?: boolean;
  /** x + f(norm(x)) in the place of norm(x + f(x)) (Xiong et al. 2020, arXiv 2002.04745). */
  normFirst?: boolean;
  /** Whether linear layers and norms have biases: true unless said otherwise. */
  bias?: boolean;
  /** The parameters' dtype: float32 unless said otherwise. */
  dtype?: DType;
}

/** Masks of an encoder, each as `AttentionMasks` has it: true where attention is *not* allowed. */
export interface EncoderMasks {
  srcMask?: Tensor | null;
  srcKeyPaddingMask?: Tensor | null;
  isCausal?: boolean;
}

/** Masks of a decoder, each as `AttentionMasks` has it: true where attention is *not* allowed. */
export interface DecoderMasks {
  tgtMask?: Tensor | null;
  tgtKeyPaddingMask?: Tensor | null;
  tgtIsCausal?: boolean;
  memoryMask?: Tensor | null;
  memoryKeyPaddingMask?: Tensor | null;
  memoryIsCausal?: boolean;
}

const ACTIVATIONS = { relu: (x: Tensor) => relu(x), gelu: (x: Tensor) => gelu(x) };

/** What encoder and decoder layers have in common, and how each of their steps is added to x. */
abstract class TransformerLayer extends Module {
  readonly selfAttn: MultiHeadAttention;
  readonly linear1: Linear;
  readonly dropout: Dropout;
  readonly linear2: Linear;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;
  readonly activation: (x: Tensor) => Tensor;
  readonly normFirst: boolean;
  private readonly settings: Required<TransformerLayerOptions>;

  constructor(
    op: string,
    dModel: number,
    nhead: number,
    options: Required<TransformerLayerOptions>,
  ) {
    super();
    const { activation, dimFeedforward, bias, dtype } = options;
    checkInteger(op, 'dimFeedforward', dimFeedforward, 1);
    this.settings = options;
    this.normFirst = checkBoolean(op, 'normFirst', options.normFirst);
    this.activation =
      typeof activation === 'function'
        ? activation
        : ACTIVATIONS[checkOneOf(op, 'the activation', activation, ['relu', 'gelu'])];
    this.selfAttn = attentionOf(dModel, nhead, options);
    this.linear1 = new Linear(dModel, dimFeedforward, { bias, dtype });
    this.dropout = new Dropout(options.dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, { bias, dtype });
    this.norm1 = normOf(dModel, options);
    this.norm2 = normOf(dModel, options);
    this.dropout1 = new Dropout(options.dropout);
    this.dropout2 = new Dropout(options.dropout);
  }

  /** norm(x + dropout(f(x))), or with `normFirst` x + dropout(f(norm(x))). */
  protected step(x: Tensor, dropout: Dropout, norm: LayerNorm, f: (x: Tensor) => Tensor): Tensor {
    const change = (y: Tensor): Tensor => dropout.forward(f(y));
    return this.normFirst ? add(x, change(norm.forward(x))) : norm.forward(add(x, change(x)));
  }

  protected feedForward(x: Tensor): Tensor {
    const hidden = this.activation(this.linear1.forward(x));
    return this.linear2.forward(this.dropout.forward(hidden));
  }

  protected override describe(): string {
    const { embedDim, numHeads } = this.selfAttn;
    const { dtype } = this.settings;
    return `${embedDim}, ${numHeads}${changes(this.settings, { ...DEFAULTS, dtype })}`;
  }
}

const DEFAULTS: Required<TransformerLayerOptions> = {
  dimFeedforward: 2048,
  dropout: 0.1,
  activation: 'relu',
  layerNormEps: 1e-5,
  batchFirst: false,
  normFirst: false,
  bias: true,
  dtype: 'float32',
};

const attentionOf = (
  dModel: number,
  nhead: number,
  { dropout, bias, batchFirst, dtype }: Required<TransformerLayerOptions>,
): MultiHeadAttention =>
  new MultiHeadAttention(dModel, nhead, { dropout, bias, batchFirst, dtype });

const normOf = (
  dModel: number,
  { layerNormEps, bias, dtype }: Required<TransformerLayerOptions>,
): LayerNorm => new LayerNorm(dModel, { eps: layerNormEps, bias, dtype });

/** x, each position with what it draws from `memory`. */
const attend = (
  attention: MultiHeadAttention,
  x: Tensor,
  memory: Tensor,
  masks: Required<AttentionMasks>,
): Tensor => attention.forward(x, memory, memory, { ...masks, needWeights: false })[0];

/**
 * One layer of a transformer's encoder (Vaswani et al. 2017, section 3.1): self-attention, then two
 * linear layers, each added to its input and normalised. `[s, b, dModel]` (with `batchFirst`
 * `[b, s, dModel]`) or, without a batch, `[s, dModel]`; the result has the shape of the input.
 */
export class TransformerEncoderLayer extends TransformerLayer {
  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    const op = 'TransformerEncoderLayer';
    super(op, dModel, nhead, optionsOf(op, options, DEFAULTS));
  }

  forward(src: Tensor, masks: EncoderMasks = {}): Tensor {
    const { srcMask, srcKeyPaddingMask, isCausal } = encoderMasks('TransformerEncoderLayer', masks);
    const own = { attnMask: srcMask, keyPaddingMask: srcKeyPaddingMask, isCausal };
    const x = this.step(src, this.dropout1, this.norm1, (y) => attend(this.selfAttn, y, y, own));
    return this.step(x, this.dropout2, this.norm2, (y) => this.feedForward(y));
  }
}

const encoderMasks = (op: string, masks: EncoderMasks): Required<EncoderMasks> =>
  optionsOf<Required<EncoderMasks>>(op, masks, {
    srcMask: null,
    srcKeyPaddingMask: null,
    isCausal: false,
  });

/**
 * One layer of a transformer's decoder (Vaswani et al. 2017, section 3.1): self-attention, attention
 * to the encoder's output `memory`, then two linear layers. Target `[t, b, dModel]` and memory
 * `[s, b, dModel]` (with `batchFirst`, b comes first; without a batch, it is left out); the result has
 * the shape of the target. The self-attention is causal only if the masks say so.
 */
export class TransformerDecoderLayer extends TransformerLayer {
  readonly multiheadAttn: MultiHeadAttention;
  readonly norm3: LayerNorm;
  readonly dropout3: Dropout;

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    const op = 'TransformerDecoderLayer';
    const given = optionsOf(op, options, DEFAULTS);
    super(op, dModel, nhead, given);
    this.multiheadAttn = attentionOf(dModel, nhead, given);
    this.norm3 = normOf(dModel, given);
    this.dropout3 = new Dropout(given.dropout);
  }

  forward(tgt: Tensor, memory: Tensor, masks: DecoderMasks = {}): Tensor {
    const given = optionsOf<Required<DecoderMasks>>('TransformerDecoderLayer', masks, {
      tgtMask: null,
      tgtKeyPaddingMask: null,
      tgtIsCausal: false,
      memoryMask: null,
      memoryKeyPaddingMask: null,
      memoryIsCausal: false,
    });
    const own = {
      attnMask: given.tgtMask,
      keyPaddingMask: given.tgtKeyPaddingMask,
      isCausal: given.tgtIsCausal,
    };
    const cross = {
      attnMask: given.memoryMask,
      keyPaddingMask: given.memoryKeyPaddingMask,
      isCausal: given.memoryIsCausal,
    };
    const { selfAttn, multiheadAttn } = this;
    let x = this.step(tgt, this.dropout1, this.norm1, (y) => attend(selfAttn, y, y, own));
    x = this.step(x, this.dropout2, this.norm2, (y) => attend(multiheadAttn, y, memory, cross));
    return this.step(x, this.dropout3, this.norm3, (y) => this.feedForward(y));
  }
}

export interface StackOptions {
  /** What comes after the last layer, such as the norm that layers with `normFirst` lack. */
  norm?: Layer | null;
}

abstract class LayerStack<L extends Module> extends Module {
  readonly layers: readonly L[];
  readonly norm: Layer | null;

  constructor(op: string, makeLayer: (i: number) => L, numLayers: number, options: StackOptions) {
    super();
    checkFunction(op, 'that makes a layer', makeLayer);
    checkInteger(op, 'numLayers', numLayers, 1);
    this.layers = Array.from({ length: numLayers }, (_, i) => makeLayer(i));
    this.norm = optionsOf<Required<StackOptions>>(op, options, { norm: null }).norm;
  }

  protected run(x: Tensor, apply: (layer: L, x: Tensor) => Tensor): Tensor {
    const y = this.layers.reduce((z, layer) => apply(layer, z), x);
    return this.norm === null ? y : this.norm.forward(y);
  }
}

/**
 * Encoder layers one after the other. Each is made by a call of `makeLayer` and so has numbers of its
 * own from the start (PyTorch copies one layer instead, numbers and all):
 *
 * ```ts
 * const encoder = new TransformerEncoder(() => new TransformerEncoderLayer(512, 8), 6);
 * ```
 */
export class TransformerEncoder extends LayerStack<TransformerEncoderLayer> {
  constructor(
    makeLayer: (i: number) => TransformerEncoderLayer,
    numLayers: number,
    options: StackOptions = {},
  ) {
    super('TransformerEncoder', makeLayer, numLayers, options);
  }

  /** As the layers' own `forward`; each gets the same masks. */
  forward(src: Tensor, masks: EncoderMasks = {}): Tensor {
    return this.run(src, (layer, x) => layer.forward(x, masks));
  }
}

/** Decoder layers one after the other, made as those of a `TransformerEncoder`. */
export class TransformerDecoder extends LayerStack<TransformerDecoderLayer> {
  constructor(
    makeLayer: (i: number) => TransformerDecoderLayer,
    numLayers: number,
    options: StackOptions = {},
  ) {
    super('TransformerDecoder', makeLayer, numLayers, options);
  }

  /** As the layers' own `forward`; each gets the same memory and masks. */
  forward(tgt: Tensor, memory: Tensor, masks: DecoderMasks = {}): Tensor {
    return this.run(tgt, (layer, x) => layer.forward(x, memory, masks));
  }
}
