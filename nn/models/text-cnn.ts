import { checkInteger } from '../../core/shape.js';
import { checkDimensions, indexTensor, optionsOf } from '../../ops/arguments.js';
import { amax, cat, type DType, relu, type Tensor, transpose } from '../../ops/index.js';
import { Conv1d } from '../conv.js';
import { Dropout } from '../dropout.js';
import { Embedding } from '../embedding.js';
import { Linear } from '../linear.js';
import { Module } from '../module.js';

export interface TextCNNOptions {
  /** The width of an embedded word: 300 unless said otherwise. */
  embeddingDim?: number;
  /** How many words each kind of filter sees at once: 3, 4 and 5 unless said otherwise. */
  kernelSizes?: readonly number[];
  /** Filters of each kind: 100 unless said otherwise. */
  maps?: number;
  /** How likely, in training, a feature is dropped: 0.5 unless said otherwise. */
  dropout?: number;
  /** The word that fills up short sentences, embedded as zeros that are not trained. */
  paddingIdx?: number | null;
  dtype?: DType;
}

/**
 * Classes of sentences by convolutions over words (Kim 2014, arXiv 1408.5882, section 2): every filter
 * looks for its few words wherever they stand, and what counts is how well they were found at best.
 */
export class TextCNN extends Module {
  readonly embedding: Embedding;
  readonly convolutions: Conv1d[];
  readonly dropout: Dropout;
  readonly output: Linear;

  constructor(
    readonly vocabulary: number,
    readonly classes: number,
    options: TextCNNOptions = {},
  ) {
    super();
    const { embeddingDim, kernelSizes, maps, dropout, paddingIdx, dtype } = optionsOf(
      'TextCNN',
      options,
      {
        embeddingDim: 300,
        kernelSizes: [3, 4, 5],
        maps: 100,
        dropout: 0.5,
        paddingIdx: null,
        dtype: 'float32',
      } as Required<TextCNNOptions>,
    );
    checkInteger('TextCNN', 'vocabulary', vocabulary, 1);
    checkInteger('TextCNN', 'classes', classes, 1);
    this.embedding = new Embedding(vocabulary, embeddingDim, { paddingIdx, dtype });
    this.convolutions = kernelSizes.map((size) => new Conv1d(embeddingDim, maps, size, { dtype }));
    this.dropout = new Dropout(dropout);
    this.output = new Linear(maps * kernelSizes.length, classes, { dtype });
  }

  /** Words `[b, n]` (int32), n at least the largest kernel, give scores `[b, classes]`. */
  forward(words: Tensor): Tensor {
    checkDimensions('TextCNN', 'the words', indexTensor('TextCNN', 'the words', words), 2);
    const x = transpose(this.embedding.forward(words), 1, 2);
    const best = this.convolutions.map((convolution) => amax(relu(convolution.forward(x)), 2));
    return this.output.forward(this.dropout.forward(cat(best, 1)));
  }
}
