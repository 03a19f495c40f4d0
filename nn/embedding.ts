import { checkInteger, checkNumber } from '../core/shape.js';
import { indexTensor, optionsOf } from '../ops/arguments.js';
import { placesIn } from '../ops/gather.js';
import {
  ArgumentError,
  add,
  type DType,
  div,
  embedding,
  gt,
  IndexError,
  logicalAnd,
  noGrad,
  norm,
  ones,
  randn,
  type Tensor,
  unsqueeze,
  where,
} from '../ops/index.js';
import { putAdd } from '../ops/take.js';
import { changes } from './describe.js';
import { floatingDType } from './dtype.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';

export interface EmbeddingOptions {
  /** A row that starts as zeros and is not trained: the place of what is only there to fill up. */
  paddingIdx?: number | null;
  /** Rows that are longer are cut to this length, in place, whenever they are looked up. */
  maxNorm?: number | null;
  /** The parameter's dtype: float32 unless said otherwise. */
  dtype?: DType;
}

/** A row counted from the front. Throws an `IndexError` outside the table. */
function rowOf(i: number, rows: number): number {
  const row = checkInteger('Embedding', 'paddingIdx', i);
  if (row >= -rows && row < rows) return row < 0 ? row + rows : row;
  throw new IndexError(`Embedding: expected paddingIdx from ${-rows} to ${rows - 1}, got ${i}`);
}

/** A table of learnt vectors: int32 indices `[…]` give `[…, embeddingDim]`. */
export class Embedding extends Module {
  /** `[numEmbeddings, embeddingDim]`, normal with mean 0 and standard deviation 1 at first. */
  readonly weight: Parameter;
  /** Counted from the front. */
  readonly paddingIdx: number | null;
  readonly maxNorm: number | null;

  /** Throws an `IndexError` for a `paddingIdx` outside the table. */
  constructor(
    readonly numEmbeddings: number,
    readonly embeddingDim: number,
    options: EmbeddingOptions = {},
  ) {
    super();
    checkInteger('Embedding', 'numEmbeddings', numEmbeddings, 1);
    checkInteger('Embedding', 'embeddingDim', embeddingDim, 1);
    const { paddingIdx, maxNorm, dtype } = optionsOf('Embedding', options, {
      paddingIdx: null,
      maxNorm: null,
      dtype: 'float32',
    } as Required<EmbeddingOptions>);
    if (maxNorm !== null && !(checkNumber('Embedding', 'maxNorm', maxNorm) > 0)) {
      throw new ArgumentError(`Embedding: expected maxNorm > 0, got ${maxNorm}`);
    }
    this.maxNorm = maxNorm;
    this.paddingIdx = paddingIdx === null ? null : rowOf(paddingIdx, numEmbeddings);
    const weight = randn([numEmbeddings, embeddingDim], {
      dtype: floatingDType('Embedding', dtype),
    });
    if (this.paddingIdx !== null) {
      const from = this.paddingIdx * embeddingDim;
      weight.data.fill(0, from, from + embeddingDim);
    }
    this.weight = new Parameter(weight);
  }

  forward(index: Tensor): Tensor {
    const { maxNorm } = this;
    if (maxNorm !== null) this.shorten(indexTensor('Embedding', 'the index', index), maxNorm);
    return embedding(index, this.weight, this.paddingIdx);
  }

  /** Cuts the rows that are looked up, and too long, to `maxNorm`. */
  private shorten(index: Tensor, maxNorm: number): void {
    const { weight, numEmbeddings } = this;
    noGrad(() => {
      const rows = placesIn('Embedding', weight, index, numEmbeddings);
      const { dtype, device } = weight;
      const looks = putAdd(ones([index.size], { dtype, device }), rows, 1, [numEmbeddings]);
      const lengths = norm(weight, 1);
      const isCut = logicalAnd(gt(looks, 0), gt(lengths, maxNorm));
      // Where this can be seen, a table that stays as it is may be saved for backward all the while.
      if (!isCut.storage.isAway && !isCut.data.includes(1)) return;
      const scales = where(isCut, div(maxNorm, add(lengths, 1e-7)), 1);
      weight.mul_(unsqueeze(scales, 1));
    });
  }

  protected override describe(): string {
    const { paddingIdx, maxNorm } = this;
    const notes = changes({ paddingIdx, maxNorm }, { paddingIdx: null, maxNorm: null });
    return `${this.numEmbeddings}, ${this.embeddingDim}${notes}`;
  }
}
