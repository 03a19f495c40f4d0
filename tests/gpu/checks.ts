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

/** MiB by which the heap may differ between two moments of a loop that keeps nothing. */
const MOST_GROWTH = 8;

/** What a long training loop holds: as much at the end as after a fifth. */
export async function memoryReport(
  device: GpuDevice,
  steps: number,
  heap: () => number,
): Promise<Report> {
  const rows = await memoryOver(device, steps, heap);
  const [first, last] = [rows[0], rows[rows.length - 1]];
  const grown = (last.heap - first.heap) / 2 ** 20;
  const failed = last.arrays !== first.arrays || last.bytes !== first.bytes || grown > MOST_GROWTH;
  const held = rows.map(
    ({ step, arrays, bytes, heap: used }) =>
      `  ${step}: ${arrays} arrays, ${bytes} bytes, heap ${(used / 2 ** 20).toFixed(1)} MiB`,
  );
  const title = `${device.mode}: memory over ${steps} steps${failed ? ' FAILED' : ''}`;
  return { lines: [title, ...held], failed };
}
