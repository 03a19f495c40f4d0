/** The work, as `npm run bench:peers` has it, in two sizes. */

/** What an engine is to compute, whatever the size. */
export type Formula =
  | 'matmul'
  | 'tanh(x*y+b)'
  | 'softmax'
  | 'sum 0'
  | 'sum 1'
  | 'conv'
  | 'conv gradients'
  | 'MLP step'
  | 'attention step';

/** A piece of work that every engine does, on float32 numbers from a normal distribution. */
export interface Work {
  readonly name: string;
  readonly formula: Formula;
  readonly says: string;
  /** What its inputs are made of. */
  readonly sides: readonly number[];
  /** How many of the first inputs are parameters: a run moves them. */
  readonly parameters: number;
  /** Multiplications and additions of one run. */
  readonly flops?: number;
}

/** `small` is for a processor that stands in for a GPU. */
export type Size = 'full' | 'small';

function matmul(n: number): Work {
  return {
    name: `matmul ${n}`,
    formula: 'matmul',
    says: `[${n}, ${n}] by the same`,
    sides: [n],
    parameters: 0,
    flops: 2 * n ** 3,
  };
}

function elementwise(power: number): Work {
  return {
    name: 'tanh(x*y+b)',
    formula: 'tanh(x*y+b)',
    says: `x and y of 2^${power} numbers, b of one`,
    sides: [2 ** power],
    parameters: 0,
  };
}

function ofMatrix(n: number): Work[] {
  const over = { softmax: 'over the last axis', 'sum 0': 'over axis 0', 'sum 1': 'over axis 1' };
  return (['softmax', 'sum 0', 'sum 1'] as const).map((formula) => ({
    name: formula,
    formula,
    says: `[${n}, ${n}], ${over[formula]}`,
    sides: [n],
    parameters: 0,
  }));
}

function conv(batch: number, channels: number, side: number, out: number): Work[] {
  const flops = 2 * batch * out * side ** 2 * channels * 9;
  const both = { sides: [batch, channels, side, out], parameters: 0 };
  return [
    {
      name: 'conv',
      formula: 'conv',
      says: `3×3, padding 1, [${batch}, ${channels}, ${side}, ${side}] to ${out} channels`,
      flops,
      ...both,
    },
    {
      name: 'conv gradients',
      formula: 'conv gradients',
      says: 'the same, and both gradients of its sum',
      flops: 3 * flops,
      ...both,
    },
  ];
}

function steps(tokens: number): Work[] {
  return [
    {
      name: 'MLP step',
      formula: 'MLP step',
      says: 'SGD, 784-256-128-10, relu, cross entropy, batch 64',
      sides: [64, 784, 256, 128, 10],
      parameters: 6,
    },
    {
      name: 'attention step',
      formula: 'attention step',
      says: `SGD, d = 128, 4 heads, ${tokens} tokens, batch 4, mean of squares`,
      sides: [4, tokens, 128],
      parameters: 4,
    },
  ];
}

export const WORKS: Readonly<Record<Size, readonly Work[]>> = {
  full: [
    matmul(512),
    matmul(1024),
    elementwise(20),
    ...ofMatrix(1024),
    ...conv(8, 32, 32, 64),
    ...steps(256),
  ],
  small: [
    matmul(256),
    matmul(512),
    elementwise(18),
    ...ofMatrix(512),
    ...conv(2, 32, 16, 64),
    ...steps(64),
  ],
};
