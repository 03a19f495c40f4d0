import { manualSeed, mul, randint, randn, type Tensor, zeros } from 'lambdagrad';
import type { Run } from '../peers/protocol.js';
import type { Formula, Work } from './works.js';

/** An engine on one of its backends. */
export interface Engine {
  /** Called before its turn: some keep the backend in a global variable. */
  activate(): Promise<void>;
  prepare(work: Work, inputs: readonly Tensor[]): Prepared;
}

/** Work whose inputs are on the device. */
export interface Prepared {
  /** Does it once, and reads a number of each result, so that none is still to be computed. */
  readonly run: Run;
  /** Every result in full, in lambdagrad's layout; parameters are not moved. */
  whole(): Promise<Float32Array[]>;
  /** Frees what is on the device. */
  free(): void;
}

/** What an engine computes for each formula, from data and parameters (most have none). */
export type Formulas<T> = Readonly<Record<Formula, (data: T[], parameters: T[]) => T[]>>;

/** How far a step of descent goes: what a step changes must be far above what float32 rounds. */
export const RATES = { 'MLP step': 0.1, 'attention step': 10 } as const;

export const HEADS = 4;

/** The inputs, on the CPU: the same whoever asks. */
export function inputsOf({ formula, sides }: Work): Tensor[] {
  manualSeed(0);
  return makers[formula](sides);
}

const square = ([n]: readonly number[]): Tensor[] => [randn([n, n])];

const convolution = ([batch, channels, side, out]: readonly number[]): Tensor[] => [
  randn([batch, channels, side, side]),
  randn([out, channels, 3, 3]),
];

const makers: Record<Formula, (sides: readonly number[]) => Tensor[]> = {
  matmul: ([n]) => [randn([n, n]), randn([n, n])],
  'tanh(x*y+b)': ([n]) => [randn([n]), randn([n]), randn([1])],
  softmax: square,
  'sum 0': square,
  'sum 1': square,
  conv: convolution,
  'conv gradients': convolution,
  /** Weights and biases, images, labels. */
  'MLP step': ([batch, ...widths]) => [
    ...widths
      .slice(1)
      .flatMap((width, i) => [mul(randn([widths[i], width]), 0.05), zeros([width])]),
    randn([batch, widths[0]]),
    randint(0, widths[widths.length - 1], [batch]),
  ],
  /** The weights of queries, keys, values and output; the tokens. */
  'attention step': ([batch, tokens, width]) => [
    ...Array.from({ length: 4 }, () => mul(randn([width, width]), 0.1)),
    randn([batch, tokens, width]),
  ],
};
