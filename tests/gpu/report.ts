import { type GpuDevice, gpu, type Mode } from '../../gpu/index.js';
import { DeviceError } from '../../ops/index.js';
import type { Row } from './sweep.js';

/** A row of the table: op, samples, worst error, verdict, and under it what failed. */
export function lineOf({ op, samples, worst, failures }: Row): string {
  const verdict = failures.length === 0 ? 'ok' : 'FAILED';
  const cells = [op.padEnd(28), String(samples).padStart(4), worst.toExponential(1), verdict];
  return [cells.join('  '), ...failures.map((failure) => `  ${failure}`)].join('\n');
}

export const failedIn = (rows: readonly Row[]): Row[] =>
  rows.filter(({ failures }) => failures.length > 0);

/** One line for a whole sweep that began at `started`. */
export function summaryOf({ name }: GpuDevice, rows: readonly Row[], started: number): string {
  const samples = rows.reduce((sum, row) => sum + row.samples, 0);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  return `${name}: ${rows.length} ops, ${samples.toLocaleString('en')} samples, ${failedIn(rows).length} failed, ${seconds} s`;
}

/** The device, or why there is none here. */
export async function deviceOrReason(mode: Mode): Promise<GpuDevice | string> {
  try {
    return await gpu({ mode });
  } catch (error) {
    if (error instanceof DeviceError) return error.message;
    throw error;
  }
}
