import { checkInteger, checkOneOf } from '../../core/shape.js';
import { checkDimensions, indexTensor, optionsOf } from '../../ops/arguments.js';
import {
  ArgumentError,
  type DType,
  narrow,
  oneHot,
  relu,
  type Tensor,
  tensor,
  transpose,
} from '../../ops/index.js';
import { Sequential } from '../container.js';
import { Conv1d } from '../conv.js';
import { Dropout } from '../dropout.js';
import { Flatten } from '../flatten.js';
import { normal_ } from '../init.js';
import { Linear } from '../linear.js';
import { Module } from '../module.js';
import { MaxPool1d } from '../pool.js';

/** The convolutions (table 1): their kernels, and the windows of the max pools after them. */
const LAYERS = [
  { kernel: 7, pool: 3 },
  { kernel: 7, pool: 3 },
  { kernel: 3, pool: 1 },
  { kernel: 3, pool: 1 },
  { kernel: 3, pool: 1 },
  { kernel: 3, pool: 3 },
];

/** The two networks of the paper (tables 1 and 2). */
const SIZES = {
  small: { maps: 256, hidden: 1024, std: 0.05 },
  large: { maps: 1024, hidden: 2048, std: 0.02 },
};

export interface CharCNNOptions {
  /** Which of the paper's networks to make, as far as nothing else is said: `'small'`. */
  size?: 'small' | 'large';
  /** Filters of each convolution: 256 or 1024. */
  maps?: number;
  /** The width of the dense layers: 1024 or 2048. */
  hidden?: number;
  /** All parameters start normal with this deviation: 0.05 or 0.02; fewer maps need a larger one. */
  std?: number;
  /** How many characters are read: 1014 unless said otherwise, and at least 123. */
  length?: number;
  /** The symbols told apart; all others are blanks. `CharCNN.ALPHABET` unless said otherwise. */
  alphabet?: string;
  /** How likely, in training, a number between the dense layers is dropped: 0.5 unless said otherwise. */
  dropout?: number;
  dtype?: DType;
}

/**
 * Classes of texts by convolutions over characters (Zhang, Zhao and LeCun 2015, arXiv 1509.01626,
 * section 2): six convolutions and three dense layers, which know of no words.
 */
export class CharCNN extends Module {
  /** The paper's 70 symbols. The hyphen is among them twice, and the second is never met. */
  static readonly ALPHABET =
    'abcdefghijklmnopqrstuvwxyz0123456789-,;.!?:\'"/\\|_@#$%^&*~`+-=<>()[]{}\n';

  readonly features: Sequential;
  readonly classifier: Sequential;
  readonly length: number;
  readonly alphabet: string;

  /** Throws an `ArgumentError` for a length of which the convolutions leave nothing. */
  constructor(
    readonly classes: number,
    options: CharCNNOptions = {},
  ) {
    super();
    const size = checkOneOf('CharCNN', 'the size', options.size ?? 'small', ['small', 'large']);
    const given = optionsOf('CharCNN', options, {
      size,
      ...SIZES[size],
      length: 1014,
      alphabet: CharCNN.ALPHABET,
      dropout: 0.5,
      dtype: 'float32',
    } as Required<CharCNNOptions>);
    const { maps, hidden, std, length, alphabet, dropout, dtype } = given;
    const places = LAYERS.reduce(
      (n, { kernel, pool }) => Math.floor((n - kernel + 1) / pool),
      checkInteger('CharCNN', 'length', length, 1),
    );
    if (places < 1) {
      throw new ArgumentError(`CharCNN: expected a length of at least 123, got ${length}`);
    }
    checkInteger('CharCNN', 'classes', classes, 1);
    this.length = length;
    this.alphabet = alphabet;
    this.features = new Sequential(
      ...LAYERS.flatMap(({ kernel, pool }, i) => [
        new Conv1d(i === 0 ? alphabet.length : maps, maps, kernel, { dtype }),
        relu,
        ...(pool > 1 ? [new MaxPool1d(pool)] : []),
      ]),
    );
    this.classifier = new Sequential(
      new Flatten(),
      new Linear(maps * places, hidden, { dtype }),
      relu,
      new Dropout(dropout),
      new Linear(hidden, hidden, { dtype }),
      relu,
      new Dropout(dropout),
      new Linear(hidden, classes, { dtype }),
    );
    for (const parameter of this.parameters()) normal_(parameter, 0, std);
  }

  /** Symbols `[b, length]`, as `encode` numbers them, give scores `[b, classes]`. */
  forward(symbols: Tensor): Tensor {
    checkDimensions('CharCNN', 'the symbols', indexTensor('CharCNN', 'the symbols', symbols), 2);
    if (symbols.shape[1] !== this.length) {
      throw new ArgumentError(
        `CharCNN: expected ${this.length} symbols of each text, got ${symbols.shape[1]}`,
      );
    }
    const { length: count } = this.alphabet;
    const marks = oneHot(symbols, count + 1, { device: symbols.device });
    // Blanks are all zeros.
    const x = transpose(narrow(marks, 2, 1, count), 1, 2);
    return this.classifier.forward(this.features.forward(x));
  }

  protected override describe(): string {
    return `${this.classes}, length=${this.length}`;
  }

  /**
   * Texts as symbols `[texts, length]` (int32), counted from 1 in the alphabet; 0 is a blank. They are
   * written backwards, so that what was read last stands in front (section 2.2), and in small letters.
   */
  encode(texts: readonly string[]): Tensor {
    const symbols = new Int32Array(texts.length * this.length);
    texts.forEach((text, row) => {
      const latest = [...text.toLowerCase()].reverse().slice(0, this.length);
      latest.forEach((c, i) => {
        symbols[row * this.length + i] = this.alphabet.indexOf(c) + 1;
      });
    });
    return tensor(symbols, { shape: [texts.length, this.length] });
  }
}
