import { type ChildProcess, spawn } from 'node:child_process';
import type { Browser } from 'playwright-core';
import type { Report } from '../gpu/checks.js';
import { ROOT } from '../readme.js';
import { DigitsPage } from './digits-page.js';

/** The address that `npm run browser` prints, once it has built the page and serves it. */
function addressOf(command: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let told = '';
    const hear = (text: Buffer): void => {
      told += text;
      const [address] = /http:\/\/localhost:\d+\S*/.exec(told) ?? [];
      if (address !== undefined) resolve(address);
    };
    command.stdout?.on('data', hear);
    command.stderr?.on('data', hear);
    command.once('exit', (code) =>
      reject(new Error(`npm run browser ended with ${code}: ${told}`)),
    );
  });
}

/** `npm run browser`, as someone types it, serves a page that learns; it ends when it is told to. */
export async function commandReport(browser: Browser): Promise<Report> {
  const command = spawn('npm', ['run', 'browser', '--', '--port', '0'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const ended = new Promise((resolve) => command.once('close', resolve));
  try {
    const address = await addressOf(command);
    const digits = await DigitsPage.open(browser, address);
    const title = await digits.page.title();
    await digits.press('Train');
    await digits.until('status', /^Batch ([5-9]|\d{2,}) of/);
    const place = await digits.text('place');
    const failed = !/^cpu/.test(place) || digits.errors.length > 0;
    await digits.page.close();
    const seen = `“${title}”, ${place}${digits.errors.map((error) => `, ${error}`).join('')}`;
    return {
      lines: [`npm run browser serves a page that learns${failed ? ' FAILED' : ''} (${seen})`],
      failed,
    };
  } finally {
    // Its process group: npm has children of its own.
    if (command.pid !== undefined) process.kill(-command.pid);
    await ended;
  }
}
