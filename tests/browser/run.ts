import { parseArgs } from 'node:util';
import type { Mode } from '../../gpu/index.js';
import type { Report } from '../gpu/checks.js';
import { canLimit } from '../gpu/limit.js';
import { skip } from '../gpu/skip.js';
import { commandReport } from './command.js';
import { digitsReport } from './digits.js';
import { shortageReport } from './exhaustion.js';
import { residentMemory } from './gpu-process.js';
import { browserPath, openBrowser, serve } from './open.js';
import type { Checks } from './page.js';

// Holds every op against the CPU in headless Chromium, trains there, and tries the page of `npm run browser`:
// `npm run test:browser`. Options: --mode (webgl2 and webgpu, and webgl for values), --op NAME, --order of
// derivatives, --most samples an op, --second of them to the second order at most, --steps of the long training.

const { values } = parseArgs({
  options: {
    mode: { type: 'string' },
    order: { type: 'string', default: '2' },
    most: { type: 'string', default: '3' },
    second: { type: 'string', default: '1' },
    op: { type: 'string' },
    steps: { type: 'string', default: '5000' },
  },
});

const { mode, op } = values;
const [order, most, second, steps] = [values.order, values.most, values.second, values.steps].map(
  Number,
);
const base = { order, most, second, op, steps };
const runs: Checks[] = (mode === undefined ? ['webgl2', 'webgpu'] : [mode]).map((each) => ({
  ...base,
  mode: each as Mode,
  training: op === undefined,
}));
if (mode === undefined) runs.push({ ...base, mode: 'webgl', order: 0, most: 1, training: false });

function print({ lines, failed }: Report): void {
  for (const line of lines) console.log(line);
  if (failed) process.exitCode = 1;
}

const path = browserPath();
if (path === null) {
  skip(
    'the ops in a browser',
    'found no Chromium; install it (apt-get install chromium), or name its program in the variable CHROMIUM',
  );
} else {
  const browser = await openBrowser(path);
  const { address, server } = await serve('tests/browser/page.ts');
  try {
    for (const checks of runs) {
      const page = await browser.newPage();
      page.on('pageerror', (error) => console.log(`in the page: ${error}`));
      await page.exposeFunction('residentMemory', () => residentMemory(browser));
      await page.goto(address);
      const report = await page.evaluate(async (given): Promise<Report | string> => {
        const { check } = await import(String('/page.js'));
        return check(given);
      }, checks);
      if (typeof report === 'string') skip(`the ops in a browser in mode ${checks.mode}`, report);
      else print(report);
      await page.close();
      if (checks.training && canLimit) print(await shortageReport(browser, address, checks.mode));
    }
    if (mode === undefined && op === undefined) {
      print(await digitsReport(browser));
      print(await commandReport(browser));
    }
  } finally {
    await browser.close();
    server.close();
  }
}
