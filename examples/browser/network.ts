import {
  crossEntropy,
  dispose,
  flatten,
  noGrad,
  relu,
  scope,
  softmax,
  type Tensor,
} from 'lambdagrad';
import {
  Adam,
  accuracy,
  Conv2d,
  DataLoader,
  fit,
  Linear,
  Module,
  type Numbers,
  type Progress,
  TensorDataset,
} from 'lambdagrad/nn';
import type { Digits } from './digits.js';

export class Classifier extends Module {
  conv1 = new Conv2d(1, 8, 5, { stride: 2, padding: 2 });
  conv2 = new Conv2d(8, 32, 5, { stride: 2, padding: 2 });
  output = new Linear(32 * 7 * 7, 10);

  /** Images `[b, 1, 28, 28]` → scores `[b, 10]`. */
  forward(images: Tensor): Tensor {
    const edges = relu(this.conv1.forward(images)); // [b, 8, 14, 14]
    const shapes = relu(this.conv2.forward(edges)); // [b, 32, 7, 7]
    return this.output.forward(flatten(shapes, 1));
  }

  /** The ten probabilities of each image, one image after the other, wherever the network is. */
  async probabilities(images: Tensor): Promise<ArrayLike<number>> {
    const { device } = this.output.weight;
    const found = scope(() => noGrad(() => softmax(this.forward(images.to(device)), 1)));
    const numbers = await found.read();
    dispose(found);
    return numbers;
  }
}

const EPOCHS = 5;
const BATCH = 64;
const RATE = 4e-3;

/** Who looks on while a network learns; `step` counts batches from 1. */
export interface Onlooker {
  start(steps: number): void;
  batch(step: number, examples: number, numbers: Numbers): void;
  epoch(step: number, numbers: Numbers): void;
}

/** Trains by Adam on the first digits, and is tested on the others. Throws when the signal is aborted. */
export async function train(
  model: Classifier,
  [learnt, unseen]: readonly [Digits, Digits],
  onlooker: Onlooker,
  signal: AbortSignal,
): Promise<void> {
  const loader = new DataLoader(new TensorDataset(learnt.images, learnt.labels), {
    batchSize: BATCH,
    shuffle: true,
    dropLast: true,
  });
  onlooker.start(EPOCHS * loader.length);
  await fit(model, loader, {
    loss: crossEntropy,
    metrics: { accuracy },
    optimizer: new Adam(model.parameters(), { lr: RATE }),
    validation: new DataLoader(new TensorDataset(unseen.images, unseen.labels), { batchSize: 250 }),
    epochs: EPOCHS,
    progress: progressFor(onlooker, signal),
  });
}

/** What `fit` tells of an epoch's means, as news of single batches. */
function progressFor(onlooker: Onlooker, signal: AbortSignal): Progress {
  let step = 0;
  let before: Numbers = {};
  return {
    start() {
      before = {};
    },
    update(done, means) {
      signal.throwIfAborted();
      // A mean times its count is a sum; what the sum has grown by is the last batch's own.
      const own = Object.entries(means).map(([name, mean]) => [
        name,
        done * mean - (done - 1) * (before[name] ?? 0),
      ]);
      before = means;
      onlooker.batch(++step, BATCH, Object.fromEntries(own));
    },
    stop(numbers) {
      if (numbers !== null) onlooker.epoch(step, numbers);
    },
  };
}
