/**
 * What tells a layer where things are? Digits cut into 4×4 patches, which only the mixers in the middle
 * of three bottleneck blocks can relate to each other: `npm run positions`.
 *
 * Options: --epochs N (4), --seed N (0), --limit N (only the first N images of each part, 4000), --out FOLDER (out).
 *
 * `npm run positions -- --limit 1600`, 200 steps a net, seeds 0 to 2: mean and range of what is right, the
 * mean with the patches in another order, and the least of the three times, taken beside other programs.
 *
 *     mixer                                      right       disordered  parameters   ms a step
 *     none                              52.0 % (51.1 to 53.2)    52.0 %       40138         105
 *     lambda, content only              45.2 % (44.9 to 45.6)    45.2 %       40558         126
 *     lambda, position only             79.9 % (76.6 to 82.9)    22.6 %       40642         149
 *     lambda, both                      79.8 % (79.1 to 80.1)    25.1 %       42946         156
 *     convolution 3×3                   92.7 % (92.2 to 93.0)    23.4 %       42442          99
 *     attention, no positions           49.9 % (49.6 to 50.1)    49.9 %       37642         215
 *     attention, absolute positions     72.9 % (70.7 to 75.7)    28.5 %       40778         149
 *
 * This is after a short training. Positions carry nearly everything. Without them the order of the patches
 * means nothing to a net, and in so few steps the two mixers without them do worse than none; with them a
 * net fails on shuffled patches. The 3×3 convolution is well ahead of all others, and the cheapest of those
 * that mix; lambda layers with positions come second, before attention with absolute ones. That content
 * adds anything to the position lambda does not show here.
 */
import { crossEntropy, manualSeed, randperm, type Tensor } from 'lambdagrad';
import {
  AdamW,
  accuracy,
  CosineAnnealingLR,
  DataLoader,
  evaluate,
  fit,
  TensorDataset,
} from 'lambdagrad/nn';
import { loadDigits } from './support/mnist.js';
import { exampleOptions } from './support/options.js';
import { MIXERS, type Mixer, PatchNet, patchesOf, shuffled, WIDTHS } from './support/patch-net.js';
import { fitProgress } from './support/progress.js';
import { saveHistory } from './support/report.js';

const PATCH = 4;
const SIDE = 28 / PATCH;
const BATCH = 32;
const LEARNING_RATE = 5e-3;
const { epochs, seed, limit, out } = exampleOptions({ epochs: 4, limit: 4000 });

const train = loadDigits('train', limit);
const test = loadDigits('t10k', limit);
const [learnt, seen] = [train, test].map(({ images }) => patchesOf(images, PATCH));
manualSeed(seed);
const order = randperm(SIDE * SIDE);

/** The share of test digits that a net names rightly, in per cent. */
async function score(model: PatchNet, patches: Tensor): Promise<string> {
  const data = new DataLoader(new TensorDataset(patches, test.labels), { batchSize: 500 });
  const numbers = await evaluate(model, data, { loss: crossEntropy, metrics: { accuracy } });
  return `${(100 * numbers.accuracy).toFixed(1)} %`;
}

/** One net trained and tested: the columns of its line. */
async function measured(mixer: Mixer): Promise<string[]> {
  manualSeed(seed);
  const sizes = { patch: PATCH ** 2, side: SIDE, channels: 64, blocks: 3, classes: 10 };
  const model = new PatchNet(mixer, { ...sizes, width: WIDTHS[mixer] });
  const dataset = new TensorDataset(learnt, train.labels);
  const data = new DataLoader(dataset, { batchSize: BATCH, shuffle: true, seed });
  const optimizer = new AdamW(model.parameters(), { lr: LEARNING_RATE });
  const steps = epochs * data.length;
  const started = performance.now();
  const history = await fit(model, data, {
    optimizer,
    epochs,
    seed,
    loss: crossEntropy,
    schedule: new CosineAnnealingLR(optimizer, steps),
    scheduleEvery: 'batch',
    progress: fitProgress(mixer),
  });
  const step = (performance.now() - started) / steps;
  const file = `positions-${mixer.replaceAll(/,? /g, '-').replace('×', 'x')}`;
  saveHistory(history, out, file, `Digits in patches, ${mixer}, seed ${seed}`);
  // A lambda without content has no use for its keys, whose weights never get a gradient.
  const learns = [...model.parameters()].filter(({ grad }) => grad !== null);
  const size = learns.reduce((sum, parameter) => sum + parameter.size, 0);
  const disordered = await score(model, shuffled(seen, order));
  return [await score(model, seen), disordered, String(size), step.toFixed(0)];
}

const line = (name: string, cells: readonly string[]): string =>
  name.padEnd(31) + cells.map((cell) => cell.padStart(12)).join('');

console.log(`${train.labels.size} digits to learn from, ${epochs} epochs, seed ${seed}\n`);
const rows: string[] = [];
for (const mixer of MIXERS) rows.push(line(mixer, await measured(mixer)));
console.log(
  `\nRight of ${test.labels.size} others, as they are and with their patches in one other order:\n`,
);
console.log(line('mixer', ['right', 'disordered', 'parameters', 'ms a step']));
console.log(rows.join('\n'));
