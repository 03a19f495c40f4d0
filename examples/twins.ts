/**
 * A hybrid LambdaResNet beside its twins, which have convolutions or attention where it has lambda
 * layers, on digits or clothes: `npm run twins -- --data clothes`.
 *
 * Measured on two cores, four epochs, seeds 0 to 2: the mean right of all 10,000 test images, and the range.
 * Digits by all 60,000 images (`--seeds 3`), clothes by the first 10,000 of them (`--data clothes --limit 10000
 * --seeds 3`), with the time of one such training and what a step of 128 images keeps for its backward.
 *
 *                 digits                    clothes                   time   activations   parameters
 *   lambda        99.19 % (99.09 to 99.24)  85.47 % (85.15 to 85.66)  48 s   46.2 MiB      18,858
 *   convolution   99.20 % (99.13 to 99.27)  83.85 % (83.35 to 84.40)  33 s   35.6 MiB      18,622
 *   attention     98.85 % (98.79 to 98.93)  84.51 % (84.13 to 84.93)  43 s   44.2 MiB      18,929
 *
 * Of digits the hybrid and its convolutions tell as many, and attention fewer; of so few clothes the hybrid
 * tells the most. The convolution is fastest and leanest; with 49 places left and one head, attention keeps
 * a little less than the lambda layers. Other programs had a share of the time.
 *
 * Options: --data digits | clothes (digits), --mixers NAMES (lambda,convolution,attention), --epochs N (4),
 * --seeds N (1), --limit N, --out FOLDER (out).
 */
import { parseArgs } from 'node:util';
import { crossEntropy, manualSeed, savedBytes } from 'lambdagrad';
import type { Mixer } from 'lambdagrad/nn';
import { loadClothes } from './support/clothes.js';
import { test as accuracyOf, digitsNet, train } from './support/digits-net.js';
import { loadDigits } from './support/mnist.js';
import { saveHistory } from './support/report.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: 'digits' },
    mixers: { type: 'string', default: 'lambda,convolution,attention' },
    epochs: { type: 'string', default: '4' },
    seeds: { type: 'string', default: '1' },
    limit: { type: 'string', default: 'Infinity' },
    out: { type: 'string', default: 'out' },
  },
});
const [epochs, seeds, limit] = [values.epochs, values.seeds, values.limit].map(Number);
const load = values.data === 'clothes' ? loadClothes : loadDigits;
const [training, test] = [load('train', limit), load('t10k', limit)];

const rows: string[] = [];
for (const mixer of values.mixers.split(',') as Mixer[]) {
  const accuracies: number[] = [];
  let seconds = 0;
  manualSeed(0);
  const sample = digitsNet(mixer);
  const parameters = sample.parameters().reduce((n, p) => n + p.size, 0);
  const first = training.images.narrow(0, 0, 128);
  const bytes = savedBytes(crossEntropy(sample.forward(first), training.labels.narrow(0, 0, 128)));
  for (let seed = 0; seed < seeds; seed++) {
    manualSeed(seed);
    const model = digitsNet(mixer);
    const started = performance.now();
    const title = `${mixer}, seed ${seed}`;
    const history = await train(model, training, { title, epochs, seed });
    seconds += (performance.now() - started) / 1000 / seeds;
    saveHistory(history, values.out, `${values.data}-${mixer}-${seed}`, `${values.data}: ${title}`);
    accuracies.push(100 * (await accuracyOf(model, test)));
  }
  const mean = accuracies.reduce((a, b) => a + b) / seeds;
  const range = `${Math.min(...accuracies).toFixed(2)} to ${Math.max(...accuracies).toFixed(2)}`;
  rows.push(
    [
      mixer.padEnd(12),
      `${mean.toFixed(2)} %`.padStart(10),
      range.padStart(18),
      `${seconds.toFixed(0)} s`.padStart(8),
      `${(bytes / 2 ** 20).toFixed(1)} MiB`.padStart(12),
      `${parameters}`.padStart(12),
    ].join(''),
  );
}
console.log(`\nmixer         accuracy             range    time  activations  parameters`);
console.log(rows.join('\n'));
