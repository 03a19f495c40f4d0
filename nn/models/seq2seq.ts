import { checkInteger, checkOneOf } from '../../core/shape.js';
import { checkDimensions, indexTensor, optionsOf } from '../../ops/arguments.js';
import {
  all,
  arange,
  argmax,
  cat,
  type DType,
  eq,
  full,
  gt,
  logicalOr,
  noGrad,
  reshape,
  scaledDotProductAttention,
  type Tensor,
  tanh,
  tensor,
  where,
} from '../../ops/index.js';
import { Dropout } from '../dropout.js';
import { Embedding } from '../embedding.js';
import { Linear } from '../linear.js';
import { Module } from '../module.js';
import { GRU, LSTM, type SequenceOptions } from '../recurrent.js';

export interface Seq2SeqOptions {
  /** What encoder and decoder are: `'lstm'` unless said otherwise. */
  network?: 'lstm' | 'gru';
  /** The width of an embedded token: 64 unless said otherwise. */
  embeddingDim?: number;
  /** The width of encoder and decoder: 128 unless said otherwise. */
  hiddenSize?: number;
  /** Layers of encoder and decoder: 1 unless said otherwise. */
  numLayers?: number;
  /** How likely, in training, a number before the output or between layers is dropped: 0. */
  dropout?: number;
  dtype?: DType;
}

export interface DecodeOptions extends SequenceOptions {
  /** The token that every sequence begins with, but does not show. */
  start: number;
  /** The token that ends a sequence, and fills it up behind. */
  end: number;
  /** The most tokens to write: 50 unless said otherwise. */
  maxLen?: number;
}

/** What a network remembers between steps: h of a GRU, [h, c] of an LSTM. */
type State = Tensor | readonly [hidden: Tensor, cell: Tensor];

interface Network extends Module {
  forward(x: Tensor, state?: State | null, options?: SequenceOptions): [output: Tensor, State];
}

/** A source read through: what was seen at each token, and which of them are no padding. */
interface Memory {
  readonly seen: Tensor;
  readonly mask: Tensor | null;
}

/**
 * Sequences to sequences (Sutskever et al. 2014, arXiv 1409.3215): the decoder goes on from the state in
 * which the encoder leaves it, and at every step attends to all that the encoder saw (Luong et al. 2015,
 * arXiv 1508.04025, section 3.1, with the dot product as score): a = softmax(h·s̄ᵀ), c = a·s̄, and
 * tanh(W·[c, h]) becomes the scores of the next token.
 */
export class Seq2Seq extends Module {
  readonly source: Embedding;
  readonly target: Embedding;
  readonly encoder: Network;
  readonly decoder: Network;
  readonly combine: Linear;
  readonly dropout: Dropout;
  readonly output: Linear;

  constructor(
    readonly sourceVocabulary: number,
    readonly targetVocabulary: number,
    options: Seq2SeqOptions = {},
  ) {
    super();
    const { network, embeddingDim, hiddenSize, numLayers, dropout, dtype } = optionsOf(
      'Seq2Seq',
      options,
      {
        network: 'lstm',
        embeddingDim: 64,
        hiddenSize: 128,
        numLayers: 1,
        dropout: 0,
        dtype: 'float32',
      } as Required<Seq2SeqOptions>,
    );
    const Kind = { lstm: LSTM, gru: GRU }[
      checkOneOf('Seq2Seq', 'the network', network, ['lstm', 'gru'])
    ];
    const settings = { numLayers, dropout, batchFirst: true, dtype };
    this.source = new Embedding(sourceVocabulary, embeddingDim, { dtype });
    this.target = new Embedding(targetVocabulary, embeddingDim, { dtype });
    this.encoder = new Kind(embeddingDim, hiddenSize, settings);
    this.decoder = new Kind(embeddingDim, hiddenSize, settings);
    this.combine = new Linear(2 * hiddenSize, hiddenSize, { bias: false, dtype });
    this.dropout = new Dropout(dropout);
    this.output = new Linear(hiddenSize, targetVocabulary, { dtype });
  }

  /**
   * Teacher forcing: tokens `[b, n]` and `[b, m]` (int32), the latter beginning with the start token, give
   * scores `[b, m, targetVocabulary]`, those at i of the token that follows targets 0 … i.
   */
  forward(sources: Tensor, targets: Tensor, options: SequenceOptions = {}): Tensor {
    const [memory, state] = this.encode(sources, options);
    return this.decode(targets, memory, state)[0];
  }

  /**
   * The likeliest token at each step, given those before: sources `[b, n]` give tokens `[b, steps]`, until
   * `maxLen` is reached or, where that can be seen without waiting for a device, all have ended. Dropout
   * acts as elsewhere: call `eval()` before.
   */
  generate(sources: Tensor, options: DecodeOptions): Tensor {
    const { start, end, maxLen, lengths } = optionsOf('generate', options, {
      start: Number.NaN,
      end: Number.NaN,
      maxLen: 50,
      lengths: null,
    } as Required<DecodeOptions>);
    checkInteger('generate', 'the start token', start, 0);
    checkInteger('generate', 'the end token', end, 0);
    checkInteger('generate', 'maxLen', maxLen, 1);
    return noGrad(() => {
      let [memory, state] = this.encode(sources, { lengths });
      const [batch] = sources.shape;
      const { device } = sources;
      let token = full([batch, 1], start, { dtype: 'int32', device });
      let ended = full([batch, 1], false, { device });
      const written: Tensor[] = [];
      const isOver = (done: Tensor): boolean => !done.storage.isAway && done.item();
      while (written.length < maxLen && !isOver(all(ended))) {
        const [scores, next] = this.decode(token, memory, state);
        state = next;
        token = where(ended, end, argmax(scores, -1));
        ended = logicalOr(ended, eq(token, end));
        written.push(token);
      }
      return cat(written, 1);
    });
  }

  private encode(sources: Tensor, options: SequenceOptions): [Memory, State] {
    const tokens = indexTensor('Seq2Seq', 'the sources', sources);
    checkDimensions('Seq2Seq', 'the sources', tokens, 2);
    const [seen, state] = this.encoder.forward(this.source.forward(tokens), null, options);
    const [batch, steps] = tokens.shape;
    const { device } = tokens;
    const { lengths } = options;
    if (lengths === null || lengths === undefined) return [{ seen, mask: null }, state];
    const ends = reshape(tensor(lengths, { dtype: 'int32', device }), [batch, 1, 1]);
    return [{ seen, mask: gt(ends, arange(0, steps, 1, { dtype: 'int32', device })) }, state];
  }

  private decode(targets: Tensor, { seen, mask }: Memory, before: State): [Tensor, State] {
    const tokens = indexTensor('Seq2Seq', 'the targets', targets);
    checkDimensions('Seq2Seq', 'the targets', tokens, 2);
    const [hidden, state] = this.decoder.forward(this.target.forward(tokens), before);
    const context = scaledDotProductAttention(hidden, seen, seen, { mask, scale: 1 });
    const attended = tanh(this.combine.forward(cat([context, hidden], 2)));
    return [this.output.forward(this.dropout.forward(attended)), state];
  }
}
