/** The marks that lambdagrad is held to, and the one function that judges them. */
import type { Column, OURS } from './columns.js';
import type { Table } from './table.js';
import type { WorkName } from './works.js';

/** At least so many times as fast as the peer: its time over ours. Of several peers the fastest counts. */
export interface Ratio {
  readonly work: WorkName;
  readonly ours: (typeof OURS)[number];
  readonly over: readonly Column[];
  readonly least: number;
}

/** Below a limit. */
export interface Limit {
  readonly work: WorkName | 'start-up' | 'bundle, whole' | 'bundle, MLP';
  readonly ours: (typeof OURS)[number] | 'lambdagrad';
  readonly below: number;
  readonly unit: string;
}

export type Mark = Ratio | Limit;

const ONE = 'lambdagrad 1';
const TWO = 'lambdagrad 2';
const TORCH = ['PyTorch 1', 'PyTorch 2'] as const;

export const MARKS: readonly Mark[] = [
  { work: 'matmul 512', ours: TWO, over: ['tfjs wasm'], least: 2.4 },
  { work: 'matmul 512', ours: TWO, over: ['jax-js', 'jax-js jit'], least: 3 },
  { work: 'matmul 512', ours: TWO, over: ['PyTorch 2'], least: 0.4 },
  { work: 'matmul 512', ours: ONE, over: ['tfjs wasm'], least: 1.25 },
  { work: 'matmul 1024', ours: TWO, over: ['tfjs wasm'], least: 2.4 },
  { work: 'matmul 1024', ours: TWO, over: ['jax-js', 'jax-js jit'], least: 3 },
  { work: 'matmul 1024', ours: TWO, over: ['PyTorch 2'], least: 0.4 },
  { work: 'matmul 1024', ours: ONE, over: ['tfjs wasm'], least: 1.25 },
  { work: 'conv', ours: TWO, over: ['tfjs wasm'], least: 2.5 },
  { work: 'conv gradients', ours: TWO, over: ['jax-js', 'jax-js jit'], least: 40 },
  { work: 'conv gradients', ours: TWO, over: ['PyTorch 2'], least: 0.4 },
  { work: 'tanh(x*y+b)', ours: TWO, over: ['tfjs wasm'], least: 3 },
  { work: 'tanh(x*y+b)', ours: ONE, over: ['PyTorch 1'], least: 0.5 },
  { work: 'softmax', ours: TWO, over: ['tfjs wasm'], least: 1.3 },
  { work: 'softmax', ours: ONE, over: ['PyTorch 1'], least: 0.5 },
  { work: 'sum 0', ours: TWO, over: ['tfjs wasm'], least: 4 },
  { work: 'sum 0', ours: ONE, over: ['PyTorch 1'], least: 0.5 },
  { work: 'sum 1', ours: TWO, over: ['tfjs wasm'], least: 4 },
  { work: 'sum 1', ours: ONE, over: ['PyTorch 1'], least: 0.5 },
  { work: 'MLP step', ours: TWO, over: ['jax-js jit'], least: 3 },
  { work: 'MLP step', ours: TWO, over: ['tfjs wasm'], least: 12 },
  { work: 'MLP step', ours: TWO, over: TORCH, least: 1 },
  { work: 'attention step', ours: TWO, over: ['jax-js jit'], least: 4 },
  { work: 'attention step', ours: TWO, over: TORCH, least: 1 },
  { work: 'additions', ours: TWO, over: TORCH, least: 4 },
  { work: 'additions', ours: TWO, below: 0.7, unit: 'µs an op' },
  { work: 'start-up', ours: 'lambdagrad', below: 60, unit: 'ms' },
  { work: 'bundle, whole', ours: 'lambdagrad', below: 45, unit: 'KB' },
  { work: 'bundle, MLP', ours: 'lambdagrad', below: 20, unit: 'KB' },
];

export interface Verdict {
  /** The ratio or the quantity; NaN where a number is missing. */
  readonly reached: number;
  readonly says: 'met' | 'short' | 'not measured';
}

/** A time or size, which is above 0 and finite; anything else is the sign of one that is missing. */
function quantity(measured: Table, row: string, column: string): number {
  const x = measured.number(row, column);
  return Number.isFinite(x) && x > 0 ? x : Number.NaN;
}

/** A mark is met only if every number that it is about was measured: NaN is neither met nor short. */
export function judge(mark: Mark, measured: Table): Verdict {
  const ours = quantity(measured, mark.work, mark.ours);
  const isRatio = 'over' in mark;
  const reached = isRatio
    ? Math.min(...mark.over.map((peer) => quantity(measured, mark.work, peer))) / ours
    : ours;
  if (!Number.isFinite(reached)) return { reached: Number.NaN, says: 'not measured' };
  const met = isRatio ? reached >= mark.least : reached < mark.below;
  return { reached, says: met ? 'met' : 'short' };
}
