/** The marks that lambdagrad's kernels for GPUs are held to. */
import type { Table } from '../peers/table.js';
import type { OURS, PEERS } from './columns.js';
import { type Size, WORKS } from './works.js';

/** At least so many times as fast as the peer: its time over ours. */
export interface Mark {
  readonly work: string;
  readonly ours: (typeof OURS)[number];
  readonly peer: (typeof PEERS)[number];
  readonly least: number;
}

/** Held to them are the largest matrix product and the training steps. */
export function marksOf(size: Size): Mark[] {
  const works = WORKS[size].map(({ name }) => name);
  const largest = works.filter((name) => name.startsWith('matmul')).slice(-1);
  return [...largest, 'MLP step', 'attention step'].flatMap((work) => [
    { work, ours: 'lambdagrad webgl2', peer: 'tfjs webgl', least: 1 },
    { work, ours: 'lambdagrad webgpu', peer: 'tfjs webgpu', least: 0.5 },
  ]);
}

/** The ratio that was reached: NaN, which meets no mark, where one of the two was not measured. */
export const reached = ({ work, ours, peer }: Mark, table: Table): number =>
  table.number(work, peer) / table.number(work, ours);
