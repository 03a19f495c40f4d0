import { generator as shared } from '../../core/random.js';
import { checkBoolean, checkInteger, show } from '../../core/shape.js';
import { checkDimensions, indexTensor, optionsOf } from '../../ops/arguments.js';
import {
  ArgumentError,
  add,
  argmax,
  cat,
  type DType,
  type Generator,
  linear,
  mul,
  noGrad,
  select,
  slice,
  type Tensor,
  tensor,
  unsqueeze,
} from '../../ops/index.js';
import { Embedding } from '../embedding.js';
import { normal_ } from '../init.js';
import { Linear } from '../linear.js';
import { Module } from '../module.js';
import { LayerNorm } from '../norm.js';
import { LearnedPositionalEncoding } from '../positional.js';
import { TransformerEncoder, TransformerEncoderLayer } from '../transformer.js';

export interface CharTransformerOptions {
  /** The width of an embedded character: 64 unless said otherwise. */
  dModel?: number;
  /** Attention heads a layer: 4 unless said otherwise. */
  nhead?: number;
  /** Layers: 2 unless said otherwise. */
  numLayers?: number;
  /** How many characters the model looks back, itself included: 128 unless said otherwise. */
  maxLen?: number;
  /** With which probability a number is dropped in training: 0 unless said otherwise. */
  dropout?: number;
  /** Whether the embedding is the output's weight too (Press and Wolf 2017, arXiv 1608.05859). */
  tied?: boolean;
  /** The parameters' dtype: float32 unless said otherwise. */
  dtype?: DType;
}

export interface GenerateOptions {
  /** What the logits are divided by: 1 unless said otherwise; 0 takes the likeliest character. */
  temperature?: number;
  /** Where chance comes from: the stream that `manualSeed` restarts unless said otherwise. */
  generator?: Generator;
}

/**
 * A language model of characters, after GPT (Radford et al. 2018): characters and their positions are
 * embedded, go through layers that look only back, and become logits of the character that comes next.
 */
export class CharTransformer extends Module {
  readonly embedding: Embedding;
  readonly positions: LearnedPositionalEncoding;
  readonly encoder: TransformerEncoder;
  /** Null where the embedding is the output's weight too. */
  readonly output: Linear | null;

  constructor(
    readonly vocabulary: number,
    options: CharTransformerOptions = {},
  ) {
    super();
    const given = optionsOf('CharTransformer', options, {
      dModel: 64,
      nhead: 4,
      numLayers: 2,
      maxLen: 128,
      dropout: 0,
      tied: true,
      dtype: 'float32',
    } as Required<CharTransformerOptions>);
    const { dModel, nhead, numLayers, maxLen, dropout, dtype } = given;
    const layer = {
      dimFeedforward: 4 * dModel,
      activation: 'gelu',
      normFirst: true,
      batchFirst: true,
      dropout,
      dtype,
    } as const;
    this.embedding = new Embedding(vocabulary, dModel, { dtype });
    normal_(this.embedding.weight, 0, 0.02);
    this.positions = new LearnedPositionalEncoding(dModel, {
      maxLen,
      dropout,
      batchFirst: true,
      dtype,
    });
    this.encoder = new TransformerEncoder(
      () => new TransformerEncoderLayer(dModel, nhead, layer),
      numLayers,
      { norm: new LayerNorm(dModel, { dtype }) },
    );
    this.output = checkBoolean('CharTransformer', 'tied', given.tied)
      ? null
      : new Linear(dModel, vocabulary, { bias: false, dtype });
  }

  /**
   * Characters `[b, n]` (int32, n ≤ maxLen) give logits `[b, n, vocabulary]` of the next ones; those at
   * position i depend on characters 0 … i only.
   */
  forward(tokens: Tensor): Tensor {
    const index = indexTensor('CharTransformer', 'the tokens', tokens);
    checkDimensions('CharTransformer', 'the tokens', index, 2);
    const x = this.positions.forward(this.embedding.forward(index));
    const hidden = this.encoder.forward(x, { isCausal: true });
    return linear(hidden, (this.output ?? this.embedding).weight);
  }

  /**
   * Characters `[b, n]`, n ≥ 1, with `steps` more behind them, each drawn as the model expects it.
   * Dropout acts as elsewhere: call `eval()` before.
   */
  generate(tokens: Tensor, steps: number, options: GenerateOptions = {}): Tensor {
    const { temperature, generator } = optionsOf('generate', options, {
      temperature: 1,
      generator: shared,
    } as Required<GenerateOptions>);
    checkInteger('generate', 'steps', steps, 0);
    if (!(Number.isFinite(temperature) && temperature >= 0)) {
      throw new ArgumentError(
        `generate: expected a finite temperature ≥ 0, got ${show(temperature)}`,
      );
    }
    return noGrad(() => {
      let text = tokens;
      for (let i = 0; i < steps; i++) {
        const seen = slice(text, 1, -this.positions.maxLen);
        const logits = select(this.forward(seen), 1, -1);
        const noise = temperature === 0 ? 0 : mul(gumbelLike(logits, generator), temperature);
        const next = argmax(add(logits, noise), -1);
        text = cat([text, unsqueeze(next, 1)], 1);
      }
      return text;
    });
  }
}

/**
 * −ln(−ln u), u uniform: where logits + T·noise is largest is a draw from softmax(logits/T) (Gumbel
 * 1954; Maddison et al. 2014, arXiv 1411.0030).
 */
function gumbelLike({ shape, size, dtype, device }: Tensor, generator: Generator): Tensor {
  const noise = Float64Array.from(
    { length: size },
    () => -Math.log(-Math.log(generator.uniform())),
  );
  return tensor(noise, { shape, dtype, device });
}
