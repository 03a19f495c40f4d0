import { crossEntropy } from 'lambdagrad';
import {
  Adam,
  accuracy,
  DataLoader,
  evaluate,
  fit,
  type History,
  LambdaResNet,
  type Mixer,
  OneCycleLR,
  TensorDataset,
} from 'lambdagrad/nn';
import type { Digits } from './mnist.js';
import { fitProgress } from './progress.js';

const BATCH = 128;
const HIGHEST_RATE = 1e-2;

/** Widths at which the twins have as many parameters as the hybrid's 21,514, within half a percent. */
const SIZES: Record<Mixer, { widths: readonly number[]; heads: number }> = {
  lambda: { widths: [8, 16], heads: 4 },
  convolution: { widths: [8, 18], heads: 1 },
  attention: { widths: [10, 18], heads: 3 },
};

/**
 * A residual network for images of 28 × 28: convolutions early, and late, among the 7 × 7 places that are
 * left, `mixer`: lambda layers make the hybrid of Bello 2021 (section 4), the others its twins.
 */
export const digitsNet = (mixer: Mixer): LambdaResNet =>
  new LambdaResNet({
    channels: 1,
    size: 28,
    stem: 16,
    ...SIZES[mixer],
    blocks: [1, 3],
    mixers: ['convolution', ['convolution', mixer, mixer]],
  });

/** Trains by Adam, the rate going up and down once (Smith and Topin 2018, arXiv 1708.07120). */
export async function train(
  model: LambdaResNet,
  { images, labels }: Digits,
  { title, epochs, seed }: { title: string; epochs: number; seed: number },
): Promise<History> {
  const data = new TensorDataset(images, labels);
  const loader = new DataLoader(data, { batchSize: BATCH, shuffle: true, seed });
  const optimizer = new Adam(model.parameters());
  return fit(model, loader, {
    loss: crossEntropy,
    metrics: { accuracy },
    optimizer,
    schedule: new OneCycleLR(optimizer, HIGHEST_RATE, epochs * loader.length),
    scheduleEvery: 'batch',
    epochs,
    seed,
    progress: fitProgress(title),
  });
}

/** The share of images that the model tells right. */
export async function test(model: LambdaResNet, { images, labels }: Digits): Promise<number> {
  const loader = new DataLoader(new TensorDataset(images, labels), { batchSize: 500 });
  const numbers = await evaluate(model, loader, { loss: crossEntropy, metrics: { accuracy } });
  return numbers.accuracy;
}
