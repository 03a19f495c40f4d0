/**
 * The next character of the Brown corpus: a Transformer, an LSTM and a GRU of about as many parameters
 * learn from the same text, and write some of their own: `npm run brown`.
 *
 * Options: --epochs N (3), --seed N (0), --limit N (learn from the first N windows of 64 characters, and
 * test on as many, at most 200; 3000), --out FOLDER (out).
 *
 * Measured, `npm run brown` on two cores, bits per character of held-out text: Transformer (109,632
 * parameters) 3.359 after 28.4 s, LSTM (110,305) 2.909 after 57.4 s, GRU (113,121) 2.729 after 68.4 s.
 * That is 192,000 characters, read three times; a fifth of them (`--limit 600`) gives 3.848, 3.400 and
 * 3.254. `npm run brown -- --epochs 1 --limit 80000` reads nearly all of the corpus, and takes long.
 */
import {
  crossEntropy,
  flatten,
  manualSeed,
  noGrad,
  randperm,
  type Tensor,
  tensor,
} from 'lambdagrad';
import {
  Adam,
  CharTransformer,
  DataLoader,
  fit,
  GRU,
  LSTM,
  type Module,
  OneCycleLR,
} from 'lambdagrad/nn';
import { Characters, loadBrown, Windows } from './support/brown.js';
import { exampleOptions } from './support/options.js';
import { fitProgress } from './support/progress.js';
import { RecurrentModel } from './support/recurrent-model.js';
import { saveHistory } from './support/report.js';

const WINDOW = 64;
const BATCH = 8;
const MAX_RATE = 5e-3;
const HELD_OUT = 50; // of the 500 texts
const { epochs, seed, limit, out } = exampleOptions({ epochs: 3, limit: 3000 });

manualSeed(seed);
const all = loadBrown();
const texts = Array.from(randperm(all.length).data, (i) => all[i]);
const characters = new Characters(texts);
const windows = (part: string[], most: number): Windows =>
  new Windows(characters.encode(part.join('\n\n')), WINDOW, most);
const train = windows(texts.slice(HELD_OUT), limit);
const test = windows(texts.slice(0, HELD_OUT), Math.min(limit, 200));
console.log(`${train.length * WINDOW} characters to learn from, ${test.length * WINDOW} to test\n`);

/** Logits `[b, n, vocabulary]` and the characters that came `[b, n]` give the mean of −log₂ p. */
const bits = (logits: Tensor, next: Tensor): Tensor =>
  crossEntropy(flatten(logits, 0, 1), flatten(next)).div(Math.LN2);

interface Writer extends Module {
  forward(tokens: Tensor): Tensor;
  generate(tokens: Tensor, steps: number, options?: { temperature?: number }): Tensor;
}

/** Trains a model, lets it write, and tells how well it came out. */
async function compare(name: string, model: Writer) {
  const started = performance.now();
  const batches = new DataLoader(train, { batchSize: BATCH, shuffle: true });
  const optimizer = new Adam(model.parameters());
  const history = await fit(model, batches, {
    loss: bits,
    optimizer,
    schedule: new OneCycleLR(optimizer, MAX_RATE, epochs * batches.length),
    scheduleEvery: 'batch',
    validation: new DataLoader(test, { batchSize: BATCH }),
    clipNorm: 1,
    epochs,
    progress: fitProgress(name),
  });
  const seconds = (performance.now() - started) / 1000;
  saveHistory(history, out, `brown-${name}`, `Bits per character by ${name}, seed ${seed}`);
  const start = tensor([...characters.encode('The ')], { dtype: 'int32' }).unsqueeze(0);
  model.eval();
  const written = noGrad(() => model.generate(start, 200, { temperature: 0.7 }));
  console.log(`\n${characters.decode(written.data)}\n`);
  return {
    model: name,
    parameters: model.parameters().reduce((sum, { size }) => sum + size, 0),
    'seconds to train': Number(seconds.toFixed(1)),
    'bits per character': Number(history.epochs[epochs - 1].numbers.val_loss.toFixed(3)),
  };
}

const size = characters.all.length;
console.table([
  await compare('Transformer', new CharTransformer(size, { maxLen: WINDOW })),
  await compare('LSTM', new RecurrentModel(size, new LSTM(64, 124, { batchFirst: true }))),
  await compare('GRU', new RecurrentModel(size, new GRU(64, 148, { batchFirst: true }))),
]);
