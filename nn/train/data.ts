import { Generator, generator as shared } from '../../core/random.js';
import { checkBoolean, checkInteger, formatShape, show } from '../../core/shape.js';
import { onlyTensor, optionsOf } from '../../ops/arguments.js';
import { ArgumentError, indexSelect, ShapeError, type Tensor, tensor } from '../../ops/index.js';
import { epochGenerator } from './seed.js';
import { checkState } from './state.js';

/** Tensors of one batch, examples along axis 0: the inputs of a model, and last the target. */
export type Batch = readonly Tensor[];

/** Examples by number. A batch is whatever `get` makes of the numbers asked for. */
export interface Dataset<B = Batch> {
  /** How many examples there are. */
  readonly length: number;
  /** The examples of these numbers, in this order. */
  get(indices: Int32Array): B;
}

/**
 * The slices of tensors along axis 0: tensors `[n, …]` give batches of tensors `[b, …]`, on the same
 * device. Throws a `ShapeError` unless all have one size along axis 0.
 */
export class TensorDataset implements Dataset {
  readonly tensors: Batch;
  readonly length: number;

  constructor(...tensors: Tensor[]) {
    if (tensors.length === 0) {
      throw new ArgumentError('TensorDataset: expected at least one tensor, got none');
    }
    const shapes = tensors.map((x) => onlyTensor('TensorDataset', 'each argument', x).shape);
    if (shapes.some((shape) => shape.length === 0 || shape[0] !== shapes[0][0])) {
      throw new ShapeError(
        `TensorDataset: expected tensors of one size along axis 0, got ${shapes.map(formatShape).join(', ')}`,
      );
    }
    this.tensors = tensors;
    this.length = shapes[0][0];
  }

  /** Throws an `IndexError` for a number outside `[-length, length)`. */
  get(indices: Int32Array): Tensor[] {
    const chosen = tensor(indices);
    return this.tensors.map((x) => indexSelect(x, 0, chosen));
  }
}

export interface DataLoaderOptions {
  /** Examples in a batch: 1 unless said otherwise. */
  batchSize?: number;
  /** Whether each pass has an order of its own; false unless said otherwise. */
  shuffle?: boolean;
  /** A whole number that all orders follow from. Drawn from `generator` unless said otherwise. */
  seed?: number;
  /** Where the seed is drawn from: the stream that `manualSeed` starts, unless said otherwise. */
  generator?: Generator;
  /** Whether a last batch of fewer examples is left out; false unless said otherwise. */
  dropLast?: boolean;
}

/**
 * A dataset in batches. Each `for … of` is one pass over it, in an order that follows from the seed and
 * the number of passes begun before: the same seed gives the same epochs, one after the other.
 *
 * Throws an `ArgumentError` for options that are not as above, and for both a seed and a generator.
 */
export class DataLoader<B = Batch> implements Iterable<B> {
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  private seed: number;
  /** Passes begun so far. */
  private passes = 0;

  constructor(
    readonly dataset: Dataset<B>,
    options: DataLoaderOptions = {},
  ) {
    const { length, get }: Partial<Dataset<B>> = dataset ?? {};
    if (typeof get !== 'function') {
      throw new ArgumentError(
        `DataLoader: expected a dataset with length and get, got ${show(dataset)}`,
      );
    }
    checkInteger('DataLoader', 'the length of the dataset', length, 0);
    const { batchSize, shuffle, seed, generator, dropLast } = optionsOf('DataLoader', options, {
      batchSize: 1,
      shuffle: false,
      seed: undefined as number | undefined,
      generator: undefined as Generator | undefined,
      dropLast: false,
    });
    if (generator !== undefined && (seed !== undefined || !(generator instanceof Generator))) {
      throw new ArgumentError(
        seed === undefined
          ? `DataLoader: expected a Generator as the generator, got ${show(generator)}`
          : 'DataLoader: expected a seed or a generator, got both',
      );
    }
    this.batchSize = checkInteger('DataLoader', 'batchSize', batchSize, 1);
    this.shuffle = checkBoolean('DataLoader', 'shuffle', shuffle);
    this.dropLast = checkBoolean('DataLoader', 'dropLast', dropLast);
    const drawn = seed ?? (this.shuffle ? (generator ?? shared).bits() : 0);
    this.seed = checkInteger('DataLoader', 'the seed', drawn);
  }

  /** How many batches a pass has. */
  get length(): number {
    const batches = this.dataset.length / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  *[Symbol.iterator](): IterableIterator<B> {
    const { dataset, batchSize, length } = this;
    const pass = this.passes++;
    const order = this.shuffle
      ? epochGenerator(this.seed, pass).permutation(dataset.length)
      : Int32Array.from({ length: dataset.length }, (_, i) => i);
    for (let i = 0; i < length; i++) {
      yield dataset.get(order.slice(i * batchSize, (i + 1) * batchSize));
    }
  }

  /** The seed and how many passes have begun: what the orders still to come follow from. */
  stateDict(): { seed: number; passes: number } {
    return { seed: this.seed, passes: this.passes };
  }

  /** Goes on as the loader did that the state is from. Throws a `StateDictError` for another state. */
  loadStateDict(state: unknown): void {
    const { seed, passes } = checkState('DataLoader', state, { seed: 0, passes: 0 });
    this.seed = seed;
    this.passes = passes;
  }
}
