import { crossEntropy } from 'lambdagrad';
import {
  AdamW,
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
const HIGHEST_RATE = 2e-2;

/** Widths at which the twins have as many parameters as the hybrid's 18,858, within 1.3 percent. */
const SIZES: Record<Mixer, { width: number; heads: number }> = {
  lambda: { width: 16, heads: 4 },
  convolution: { width: 18, heads: 1 },
  attention: { width: 19, heads: 1 },
};

/**
 * A residual network for images of 28 × 28: two convolutions that halve them to 7 × 7 places, then two
 * blocks of a `mixer`. Lambda layers make the hybrid of Bello 2021 (section 4), the others its twins.
 */
export function digitsNet(mixer: Mixer): LambdaResNet {
  const { width, heads } = SIZES[mixer];
  return new LambdaResNet({
    channels: 1,
    size: 28,
    stem: 16,
    stemKernel: 5,
    widths: [width],
    blocks: [3],
    strides: [2],
    mixers: [['convolution', mixer, mixer]],
    heads,
  });
}

/** Trains by AdamW, the rate going up and down once (Smith and Topin 2018, arXiv 1708.07120). */
export async function train(
  model: LambdaResNet,
  { images, labels }: Digits,
  { title, epochs, seed }: { title: string; epochs: number; seed: number },
): Promise<History> {
  const data = new TensorDataset(images, labels);
  const loader = new DataLoader(data, { batchSize: BATCH, shuffle: true, seed });
  const optimizer = new AdamW(model.parameters());
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
