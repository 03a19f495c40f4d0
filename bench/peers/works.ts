/** A piece of work that every engine does, on float32 numbers drawn from a normal distribution. */
export interface Work {
  readonly name: string;
  readonly says: string;
  /** Multiplications and additions of one run. */
  readonly flops?: number;
  /** The unit of its time: ms unless said otherwise. */
  readonly unit?: string;
}

const CONVOLUTION = 2 * (8 * 64 * 32 * 32) * (32 * 3 * 3);

export const WORKS = [
  { name: 'matmul 128', says: '[128, 128] by the same', flops: 2 * 128 ** 3 },
  { name: 'matmul 256', says: '[256, 256] by the same', flops: 2 * 256 ** 3 },
  { name: 'matmul 512', says: '[512, 512] by the same', flops: 2 * 512 ** 3 },
  { name: 'matmul 1024', says: '[1024, 1024] by the same', flops: 2 * 1024 ** 3 },
  { name: 'tanh(x*y+b)', says: 'x and y of 2^20 numbers, b of one' },
  { name: 'softmax', says: '[1024, 1024], over the last axis' },
  { name: 'sum 0', says: '[1024, 1024], over axis 0' },
  { name: 'sum 1', says: '[1024, 1024], over axis 1' },
  { name: 'conv', says: '3×3, padding 1, [8, 32, 32, 32] to 64 channels', flops: CONVOLUTION },
  {
    name: 'conv gradients',
    says: 'the same, and both gradients of its sum',
    flops: 3 * CONVOLUTION,
  },
  { name: 'MLP step', says: 'SGD, 784-256-128-10, relu, cross entropy, batch 64' },
  { name: 'attention step', says: 'SGD, d = 128, 4 heads, 256 tokens, batch 4, mean of squares' },
  // A thousand a run, so the milliseconds of a run are the microseconds of an op.
  {
    name: 'additions',
    says: '1,000 times z = z + y of ten numbers, and the gradient',
    unit: 'µs an op',
  },
] as const satisfies readonly Work[];

export type WorkName = (typeof WORKS)[number]['name'];

/** The work of growing size that only our engine does: the sides of its matrices, … */
const SIDES = [16, 32, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048];
/** … or the bytes of x, 1 KB to 64 MB. */
const BYTES = Array.from({ length: 9 }, (_, k) => 1024 * 4 ** k);

export interface Growth {
  readonly op: 'matmul' | 'add' | 'tanh' | 'sum';
  readonly sizes: readonly number[];
  readonly unit: string;
  /** Multiplications and additions, or bytes read and written, of one run. */
  readonly amount: (size: number) => number;
}

export const GROWTHS: readonly Growth[] = [
  { op: 'matmul', sizes: SIDES, unit: 'GFLOP/s', amount: (side) => 2 * side ** 3 },
  { op: 'add', sizes: BYTES, unit: 'GB/s', amount: (bytes) => 3 * bytes },
  { op: 'tanh', sizes: BYTES, unit: 'GB/s', amount: (bytes) => 2 * bytes },
  { op: 'sum', sizes: BYTES, unit: 'GB/s', amount: (bytes) => bytes },
];
