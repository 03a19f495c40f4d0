import type { Browser } from 'playwright-core';
import type { Mode } from '../../gpu/index.js';
import type { Report } from '../gpu/checks.js';
import { limitMemory } from '../gpu/limit.js';
import { gpuProcess } from './gpu-process.js';

/** MiB that the browser's process for the GPU may allocate before it has no more to give. */
const LEFT = 300;

/** Lets the driver run out of memory under a page. Chromium then ends the driver's process and begins another. */
export async function shortageReport(
  browser: Browser,
  address: string,
  mode: Mode,
): Promise<Report> {
  const page = await browser.newPage();
  await page.exposeFunction('limitMemory', async () => {
    limitMemory(await gpuProcess(browser), LEFT);
  });
  await page.goto(address);
  const report = await page.evaluate(async (given): Promise<Report> => {
    const { exhaust } = await import(String('/page.js'));
    return exhaust(given);
  }, mode);
  await page.close();
  return report;
}
