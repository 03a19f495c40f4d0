import { gpu, type Mode } from '../../gpu/index.js';
import { memoryReport, type Report, sweepReport, trainingReport } from '../gpu/checks.js';
import { exhaustionReport } from '../gpu/exhaustion.js';
import { deviceOrReason } from '../gpu/report.js';
import { lossReport } from './loss-of-context.js';

// What runs in the page.

export interface Checks {
  readonly mode: Mode;
  readonly order: number;
  readonly most: number;
  readonly second: number;
  readonly op?: string | undefined;
  readonly training: boolean;
  readonly steps: number;
}

/** Where Chromium tells it: what the page's own objects take. */
const heap = (): number => {
  const { gc } = globalThis as { gc?: () => void };
  gc?.();
  const { memory } = performance as Performance & { memory?: { usedJSHeapSize: number } };
  return memory?.usedJSHeapSize ?? 0;
};

/** What was found, or why the browser has not what it takes. */
export async function check({
  mode,
  op,
  training,
  steps,
  ...options
}: Checks): Promise<Report | string> {
  const device = await deviceOrReason(mode);
  if (typeof device === 'string') return device;
  const only = (name: string): boolean => op === undefined || name === op;
  const reports = [await sweepReport(device, { ...options, only })];
  await device.destroy();
  if (training) {
    const fresh = await gpu({ mode });
    reports.push(await trainingReport(fresh));
    await fresh.destroy();
    const empty = await gpu({ mode });
    reports.push(await memoryReport(empty, steps, heap));
    await empty.destroy();
    reports.push(await lossReport(mode));
  }
  return {
    lines: reports.flatMap(({ lines }) => lines),
    failed: reports.some(({ failed }) => failed),
  };
}

/** Fills the memory of a driver that ends when it has none left, as the process with its limit does. */
export async function exhaust(mode: Mode): Promise<Report> {
  const { limitMemory } = globalThis as typeof globalThis & { limitMemory(): Promise<void> };
  return exhaustionReport(await gpu({ mode }), {
    limit: limitMemory,
    lift: async () => {},
    says: /lost|no longer exists/,
    renew: () => gpu({ mode }),
  });
}
