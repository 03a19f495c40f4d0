import { gpu, type Mode } from '../../gpu/index.js';
import {
  loopsOf,
  type Memory,
  memoryReport,
  type Report,
  sweepReport,
  trainingReport,
} from '../gpu/checks.js';
import { exhaustionReport } from '../gpu/exhaustion.js';
import { indicesReport } from '../gpu/indices.js';
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

/** What the page's own objects take, where Chromium tells it, and the process that has the driver. */
async function memory(): Promise<Memory> {
  const { gc, residentMemory } = globalThis as {
    gc?: () => void;
    residentMemory?: () => Promise<number>;
  };
  gc?.();
  const { memory: page } = performance as Performance & { memory?: { usedJSHeapSize: number } };
  return { heap: page?.usedJSHeapSize ?? 0, resident: (await residentMemory?.()) ?? 0 };
}

/** MiB that the driver's process may grow by: 2 were seen. */
const RESIDENT = 16;
/** Steps of the wide training: the quads of one product, left behind by each, would come to some 66 MiB. */
const WIDE_STEPS = 300;

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
    for (const report of [trainingReport, indicesReport]) {
      const fresh = await gpu({ mode });
      reports.push(await report(fresh));
      await fresh.destroy();
    }
    for (const loop of loopsOf(steps, WIDE_STEPS)) {
      const empty = await gpu({ mode });
      reports.push(await memoryReport(empty, loop, memory, RESIDENT));
      await empty.destroy();
    }
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
