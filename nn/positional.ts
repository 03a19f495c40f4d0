import { checkBoolean, checkInteger, formatShape } from '../core/shape.js';
import { checkDimensions, floatingOf, onlyTensor, optionsOf } from '../ops/arguments.js';
import { checkProbability } from '../ops/dropout.js';
import {
  add,
  type Device,
  type DType,
  dropout,
  narrow,
  ShapeError,
  type Tensor,
  tensor,
  unsqueeze,
  zeros,
} from '../ops/index.js';
import { changes } from './describe.js';
import { normal_ } from './init.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';

export interface PositionalEncodingOptions {
  /** With which probability each number is dropped in training: 0 unless said otherwise. */
  dropout?: number;
  /** Whether x is `[batch, sequence, width]` and not `[sequence, batch, width]`: false. */
  batchFirst?: boolean;
}

export interface LearnedPositionalEncodingOptions extends PositionalEncodingOptions {
  /** The most positions that a sequence may have. */
  maxLen: number;
  /** The parameter's dtype: float32 unless said otherwise. */
  dtype?: DType;
}

const DEFAULTS: Required<PositionalEncodingOptions> = { dropout: 0, batchFirst: false };

/** Adds row i of a table to position i of every sequence. */
abstract class AddedPositions extends Module {
  readonly dropout: number;
  readonly batchFirst: boolean;

  constructor(
    private readonly op: string,
    readonly dModel: number,
    options: PositionalEncodingOptions,
  ) {
    super();
    const given = optionsOf(op, options, DEFAULTS);
    checkInteger(op, 'dModel', dModel, 1);
    this.batchFirst = checkBoolean(op, 'batchFirst', given.batchFirst);
    this.dropout = checkProbability(op, given.dropout);
  }

  /** Rows of width `dModel` for the first `length` positions, to be added to x. */
  protected abstract rows(length: number, x: Tensor): Tensor;

  /** x is `[s, b, dModel]` (with `batchFirst`, b comes first; without a batch, it is left out). */
  forward(x: Tensor): Tensor {
    const t = floatingOf(this.op, onlyTensor(this.op, 'x', x));
    checkDimensions(this.op, 'x', t, 2, 3);
    if (t.shape[t.ndim - 1] !== this.dModel) {
      throw new ShapeError(
        `${this.op}: expected x of width ${this.dModel}, got shape ${formatShape(t.shape)}`,
      );
    }
    const sequenceFirst = t.ndim === 3 && !this.batchFirst;
    const rows = this.rows(t.shape[sequenceFirst ? 0 : t.ndim - 2], t);
    const sum = add(t, sequenceFirst ? unsqueeze(rows, 1) : rows);
    return dropout(sum, this.dropout, { training: this.training });
  }

  protected override describe(): string {
    return `${this.dModel}${changes<Required<PositionalEncodingOptions>>(this, DEFAULTS)}`;
  }
}

/**
 * Adds to each position p the numbers sin(p/10000^(2i/dModel)) in column 2i and
 * cos(p/10000^(2i/dModel)) in column 2i + 1 (Vaswani et al. 2017, section 3.5), for sequences of any
 * length. It has no parameters.
 */
export class PositionalEncoding extends AddedPositions {
  /** As many rows as the longest sequence so far had positions. */
  private table: Tensor | null = null;

  constructor(dModel: number, options: PositionalEncodingOptions = {}) {
    super('PositionalEncoding', dModel, options);
  }

  protected rows(length: number, { dtype, device }: Tensor): Tensor {
    let { table } = this;
    const fits = table?.dtype === dtype && table.device === device && table.shape[0] >= length;
    if (table === null || !fits) table = sinusoids(length, this.dModel, { dtype, device });
    this.table = table;
    return narrow(table, 0, 0, length);
  }
}

function sinusoids(
  length: number,
  width: number,
  options: { dtype: DType; device: Device },
): Tensor {
  const table = new Float64Array(length * width);
  for (let position = 0; position < length; position++) {
    for (let column = 0; column < width; column++) {
      const angle = position / 10000 ** ((column - (column % 2)) / width);
      table[position * width + column] = column % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    }
  }
  return tensor(table, { shape: [length, width], ...options });
}

/**
 * Adds a learnt row to each position, up to `maxLen` of them (Vaswani et al. 2017, section 3.5). They
 * start normal with standard deviation 0.02 (Radford et al. 2018, “Improving language understanding by
 * generative pre-training”, section 4.1).
 */
export class LearnedPositionalEncoding extends AddedPositions {
  /** `[maxLen, dModel]`. */
  readonly weight: Parameter;
  readonly maxLen: number;

  constructor(dModel: number, options: LearnedPositionalEncodingOptions) {
    const op = 'LearnedPositionalEncoding';
    const { maxLen, dtype, ...others } = optionsOf(op, options, {
      ...DEFAULTS,
      maxLen: undefined as number | undefined,
      dtype: 'float32' as DType,
    });
    super(op, dModel, others);
    this.maxLen = checkInteger(op, 'maxLen', maxLen, 1);
    this.weight = normal_(new Parameter(zeros([this.maxLen, dModel], { dtype })), 0, 0.02);
  }

  protected rows(length: number): Tensor {
    if (length <= this.maxLen) return narrow(this.weight, 0, 0, length);
    throw new ShapeError(
      `LearnedPositionalEncoding: expected at most ${this.maxLen} positions, got ${length}`,
    );
  }

  protected override describe(): string {
    return `${super.describe()}, maxLen=${this.maxLen}`;
  }
}
