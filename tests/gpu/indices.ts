import type { GpuDevice } from '../../gpu/index.js';
import {
  BatchNorm1d,
  CharTransformer,
  DataLoader,
  Embedding,
  Seq2Seq,
  TensorDataset,
} from '../../nn/index.js';
import {
  add,
  argmax,
  cpu,
  crossEntropy,
  type Device,
  embedding,
  eq,
  full,
  gather,
  grad,
  index,
  manualSeed,
  maxPool2d,
  mul,
  nllLoss,
  oneHot,
  permute,
  randint,
  randn,
  type Shape,
  scope,
  slice,
  sort,
  sum,
  type Tensor,
  topk,
} from '../../ops/index.js';
import type { Report } from './checks.js';
import { relativeError, withoutReading } from './sweep.js';

// Indices that a device computed, many of them, and what models do with them: on a device as on the CPU,
// without a number being read back.

/** What is computed on a device, from numbers that the seed gives. */
type Use = (device: Device) => readonly Tensor[];

const numbers = (device: Device, ...shape: number[]): Tensor => randn(shape).to(device);
const labels = (device: Device, classes: number, shape: Shape): Tensor =>
  randint(0, classes, shape).to(device);

/** The results, and the gradients by xs of their sum weighed with numbers of their own. */
function withGradients(outputs: readonly Tensor[], ...xs: Tensor[]): Tensor[] {
  const weighed = outputs.map((y) => sum(mul(y, randn(y.shape).to(y.device))));
  return [...outputs.map((y) => y.detach()), ...grad(weighed.reduce(add), xs)];
}

const uses: Readonly<Record<string, Use>> = {
  'rows that argmax picks': (device) => {
    const [x, table] = [numbers(device, 6, 5), numbers(device, 5, 3).requiresGrad_()];
    return withGradients([embedding(argmax(x, 1), table)], table);
  },
  'parts that indices from the end pick, along two axes': (device) => {
    const x = numbers(device, 4, 3, 5).requiresGrad_();
    const [i, j] = [labels(device, 4, [6]), labels(device, 3, [2, 1])].map((at) => at.sub(1));
    return withGradients([index(x, [i, j]), index(x, [':', ':', i])], x);
  },
  'a 1 where argmax says': (device) => [oneHot(argmax(numbers(device, 4, 7), 1), 7)],
  'losses of labels that were sliced, permuted and cast': (device) => {
    const scores = numbers(device, 6, 4).requiresGrad_();
    const some = slice(labels(device, 4, [9]), 0, 2, 8);
    const turned = permute(labels(device, 4, [2, 6]), [1, 0]).select(1, 0);
    const cast = labels(device, 4, [6]).to('float32').to('int32');
    const losses = [crossEntropy(scores, some, { ignoreIndex: 2 }), nllLoss(scores, turned)];
    return withGradients([...losses, crossEntropy(scores, cast, { labelSmoothing: 0.1 })], scores);
  },
  'batches of data that lies on the device': (device) => {
    const data = new TensorDataset(numbers(device, 10, 4), labels(device, 4, [10]));
    const loader = new DataLoader(data, { batchSize: 5, shuffle: true, seed: 1 });
    return Array.from(loader, ([x, y]) => crossEntropy(x, y));
  },
  'the order of many numbers': (device) => {
    const x = numbers(device, 130, 130).requiresGrad_();
    return withGradients([sort(x, 0).values, topk(x, 3, 1).values], x);
  },
  'many equal indices that were uploaded': (device) => {
    const x = numbers(device, 3, 2).requiresGrad_();
    return withGradients([embedding(full([70_000], 1, { dtype: 'int32', device }), x)], x);
  },
  'many indices that were computed, most of them equal': (device) => {
    const x = numbers(device, 50).requiresGrad_();
    const at = argmax(eq(labels(device, 9, [40_000, 1]), labels(device, 9, [2])), 1);
    return withGradients([gather(x, 0, mul(at, 49))], x);
  },
  'the largest number of a large image': (device) => {
    const x = numbers(device, 2, 80, 80).requiresGrad_();
    return withGradients([maxPool2d(x, 80)], x);
  },
  'large windows that overlap': (device) => {
    const x = numbers(device, 1, 48, 50).requiresGrad_();
    return withGradients([maxPool2d(x, 40, { stride: 3, padding: 2 })], x);
  },
  'rows cut to maxNorm': (device) => {
    const layer = new Embedding(6, 4, { maxNorm: 1.5 }).to(device);
    return [layer.forward(argmax(numbers(device, 5, 6), 1)), layer.weight.detach()];
  },
  'the mean over all batches, which goes on where a state dict left it': (device) => {
    const layers = [1, 2].map(() => new BatchNorm1d(3, { momentum: null }).to(device));
    layers[0].forward(numbers(device, 5, 3));
    layers[0].forward(numbers(device, 5, 3));
    layers[1].loadStateDict(layers[0].stateDict());
    layers[1].forward(numbers(device, 5, 3));
    return layers.flatMap((layer) => layer.buffers().map((kept) => kept.detach()));
  },
  'text that a model writes': (device) => {
    const model = new CharTransformer(7, { dModel: 8, nhead: 2, maxLen: 6 }).to(device).eval();
    const begun = labels(device, 7, [2, 3]);
    return [model.generate(begun, 5, { temperature: 0 }), model.generate(begun, 2)];
  },
  'sequences that a model makes of others': (device) => {
    const model = new Seq2Seq(5, 6, { embeddingDim: 4, hiddenSize: 6 }).to(device).eval();
    return [model.generate(labels(device, 5, [3, 4]), { start: 0, end: 5, maxLen: 6 })];
  },
};

/** How far results may be from the CPU's, relative to the largest number of each. */
const BOUND = 1e-4;

/** A line for each use: how far the device is from the CPU. */
export async function indicesReport(device: GpuDevice): Promise<Report> {
  const lines: string[] = [];
  let failed = false;
  for (const [name, use] of Object.entries(uses)) {
    const started = performance.now();
    let verdict: string;
    try {
      manualSeed(5);
      const expected = use(cpu);
      manualSeed(5);
      const found = withoutReading(device, () => scope(() => use(device)));
      let worst = 0;
      for (const [i, y] of expected.entries()) {
        const isAlike = String(found[i].shape) === String(y.shape) && found[i].dtype === y.dtype;
        const error = isAlike ? relativeError(y.data, await found[i].read()) : Infinity;
        worst = Math.max(worst, error);
      }
      verdict = `within ${worst.toExponential(1)} of the CPU's${worst <= BOUND ? '' : ' FAILED'}`;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      verdict = `FAILED: ${error.message}`;
    }
    failed ||= verdict.includes('FAILED');
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    lines.push(`${device.mode}: ${name}: ${verdict}, ${seconds} s`);
  }
  return { lines, failed };
}
