import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';

/** The process in which a browser talks to the driver. */
export async function gpuProcess(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const found = processInfo.find(({ type }) => type === 'GPU');
  if (found === undefined) throw new Error('found no process of the browser for the GPU');
  return found.id;
}

/** Bytes that the driver's process has in memory: 0 on systems that do not tell. */
export async function residentMemory(browser: Browser): Promise<number> {
  if (process.platform !== 'linux') return 0;
  const status = readFileSync(`/proc/${await gpuProcess(browser)}/status`, 'utf8');
  return 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
}
