import { gpu, type Mode } from '../../gpu/index.js';
import { memoryReport, type Report, sweepReport, trainingReport } from '../gpu/checks.js';
import { lossReport } from './loss-of-context.js';

// What runs in the page.

export interface Checks {
  readonly mode: Mode;
  readonly order: 0 | 1 | 2;
  readonly most: number;
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

export async function check({ mode, order, most, op, training, steps }: Checks): Promise<Report> {
  const device = await gpu({ mode });
  const only = (name: string): boolean => op === undefined || name === op;
  const reports = [await sweepReport(device, { order, most, only })];
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
