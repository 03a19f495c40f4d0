import type { DType } from '../core/dtype.js';
import type { ReduceFn, Storage } from '../core/kernels.js';
import { type GpuDevice, MOST_NUMBERS } from './device.js';
import { quotient, remainder } from './source.js';
import type { GpuStorage } from './storage.js';

/** What one thread adds up at most. Threads that run long are ended by some drivers, without a word. */
const LONGEST = 1024;

/**
 * How a number `next` joins what was folded so far; NaN comes through all of them. No name in a kernel may
 * be declared twice, in an inner block either: gpu.js takes them for one in some modes.
 */
const joined: Record<ReduceFn, string> = {
  sum: 'folded + next',
  prod: 'folded * next',
  amax: 'folded > next ? folded : (next >= folded ? next : folded + next)',
  amin: 'folded < next ? folded : (next <= folded ? next : folded + next)',
};

const starts: Record<ReduceFn, number> = { sum: 0, prod: 1, amax: -Infinity, amin: Infinity };

/** Numbers folded into each number of a result. */
export interface Fold {
  readonly name: string;
  readonly dtype: DType;
  readonly fn: ReduceFn;
  /** Numbers of the result, whose places are called `row`. */
  readonly length: number;
  /** Nested loops, outermost first: the name of each one's counter, and how often it runs. */
  readonly loops: readonly (readonly [name: string, size: number])[];
  readonly inputs: Readonly<Record<string, Storage>>;
  readonly scalars?: Readonly<Record<string, number>>;
  /** Statements before the loops. */
  readonly before?: string;
  /** Statements inside them: `join(v)` is the one that folds v in. */
  readonly inside: (join: (v: string) => string) => string;
}

/**
 * Runs a fold. One whose threads would run long is done in parts, along its longest loop, and the parts
 * are folded again, which also keeps long sums exact: they are sums of sums.
 */
export function fold(device: GpuDevice, given: Fold): GpuStorage {
  const { name, dtype, fn, length, loops, inputs, scalars = {}, before = '', inside } = given;
  const total = loops.reduce((n, [, size]) => n * size, 1);
  if (length === 0 || total === 0) {
    return device.kernels.full(dtype, length, starts[fn]) as GpuStorage;
  }
  const longest = loops.reduce((best, [, size], at) => (size > loops[best][1] ? at : best), 0);
  const steps = loops[longest]?.[1] ?? 1;
  const room = Math.max(1, Math.floor(MOST_NUMBERS / length));
  const wanted = Math.min(Math.ceil(total / LONGEST), room);
  const chunk = Math.ceil(steps / wanted);
  const parts = Math.ceil(steps / chunk);
  const join = (v: string): string => `{ const next = ${v}; folded = ${joined[fn]}; }`;
  const nested = loops.reduceRight((body, [counter, size], at) => {
    if (size === 1) return `const ${counter} = 0;\n${body}`;
    if (at !== longest || parts === 1) {
      return `for (let ${counter} = 0; ${counter} < ${size}; ${counter}++) {\n${body}\n}`;
    }
    return `for (let step = 0; step < ${chunk}; step++) {
const ${counter} = part * ${chunk} + step;
if (${counter} < ${size}) {\n${body}\n}\n}`;
  }, inside(join));
  const place =
    parts === 1
      ? 'const row = i;'
      : `const row = ${remainder('i', length)};\nconst part = ${quotient('i', 'row', length)};`;
  const y = device.run({
    name,
    dtype,
    length: parts * length,
    inputs,
    scalars: Number.isFinite(starts[fn]) ? scalars : { ...scalars, start: starts[fn] },
    body: `${place}\n${before}\nlet folded = ${Number.isFinite(starts[fn]) ? starts[fn] : 'start'};
${nested}\nreturn folded;`,
  });
  if (parts === 1) return y;
  const whole = fold(device, {
    name,
    dtype,
    fn,
    length,
    loops: [['part', parts]],
    inputs: { y },
    inside: (add) => add(`y[part * ${length} + row]`),
  });
  device.free(y);
  return whole;
}
