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

/** The largest matrix product of a size, by its name. */
export function largest(size: Size): string {
  const products = WORKS[size].filter(({ formula }) => formula === 'matmul');
  return products[products.length - 1].name;
}

/** Held to them are the largest matrix product and the training steps. */
export function marksOf(size: Size): Mark[] {
  return [largest(size), 'MLP step', 'attention step'].flatMap((work) => [
    { work, ours: 'lambdagrad webgl2', peer: 'tfjs webgl', least: 1 },
    { work, ours: 'lambdagrad webgpu', peer: 'tfjs webgpu', least: 0.5 },
  ]);
}

/** The ratio that was reached: NaN, which meets no mark, where one of the two was not measured. */
export const reached = ({ work, ours, peer }: Mark, table: Table): number =>
  table.number(work, peer) / table.number(work, ours);
