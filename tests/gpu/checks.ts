import type { GpuDevice } from '../../gpu/index.js';
import { samples } from '../samples/index.js';
import { failedIn, lineOf, summaryOf } from './report.js';
import { type SweepOptions, sweepOn } from './sweep.js';
import { memoryOver, taskNames, trainingError } from './training.js';

// The checks of a device, as lines to be read: for Node and for a page alike.

export interface Report {
  readonly lines: readonly string[];
  readonly failed: boolean;
}

/** Every op against the CPU: what failed, and a line for all. */
export async function sweepReport(device: GpuDevice, options: SweepOptions): Promise<Report> {
  const started = performance.now();
  const rows = await sweepOn(device, samples, options);
  const failed = failedIn(rows);
  return {
    lines: [...failed.map(lineOf), summaryOf(device, rows, started)],
    failed: failed.length > 0 || rows.length === 0,
  };
}

/** How far the losses of a device may be from the CPU's in 50 steps, relative to them. */
const LOSS_BOUND = 1e-3;

/** Four small networks trained side by side with the CPU. */
export async function trainingReport(device: GpuDevice): Promise<Report> {
  const lines: string[] = [];
  let failed = false;
  for (const name of taskNames) {
    const error = await trainingError(device, name);
    const fails = !(error <= LOSS_BOUND);
    failed ||= fails;
    lines.push(
      `${device.mode}: ${name}, 50 steps, losses within ${error.toExponential(1)} of the CPU's${fails ? ' FAILED' : ''}`,
    );
  }
  return { lines, failed };
}

/** Bytes that this program's objects take, and what the process of the driver has in memory (0 if unknown). */
export interface Memory {
  readonly heap: number;
  readonly resident: number;
}

/** A training whose memory is looked at. */
export interface Loop {
  readonly task: string;
  readonly steps: number;
}

/** A long training of small layers, and a shorter one of layers whose products go by quads. */
export const loopsOf = (steps: number, wide: number): Loop[] => [
  { task: 'an MLP', steps },
  { task: 'a wide MLP', steps: wide },
];

/** MiB by which the heap may differ between two moments of a loop that keeps nothing. */
const MOST_GROWTH = 8;

const mebibytes = (bytes: number): number => bytes / 2 ** 20;

/**
 * What a long training loop holds: of arrays as much at the end as after a fifth, and of memory no more in the
 * last three fifths, at the least, than in the first two. What the driver's process has resident goes up and
 * down by itself: so many MiB are let pass.
 */
export async function memoryReport(
  device: GpuDevice,
  { task, steps }: Loop,
  look: () => Promise<Memory>,
  mostResident: number,
): Promise<Report> {
  const rows = await memoryOver(device, steps, look, task);
  const [first, last] = [rows[0], rows[rows.length - 1]];
  const grown = (of: keyof Memory): number => {
    const used = rows.map(({ seen }) => mebibytes(seen[of]));
    return Math.min(...used.slice(2)) - Math.min(...used.slice(0, 2));
  };
  const failed =
    last.arrays !== first.arrays ||
    last.bytes !== first.bytes ||
    grown('heap') > MOST_GROWTH ||
    grown('resident') > mostResident;
  const held = rows.map(
    ({ step, arrays, bytes, seen: { heap, resident } }) =>
      `  ${step}: ${arrays} arrays, ${bytes} bytes, heap ${mebibytes(heap).toFixed(1)} MiB, resident ${mebibytes(resident).toFixed(0)} MiB`,
  );
  const title = `${device.mode}: memory of ${task} over ${steps} steps${failed ? ' FAILED' : ''}`;
  return { lines: [title, ...held], failed };
}
