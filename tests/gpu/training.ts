import {
  BatchNorm2d,
  Conv2d,
  Flatten,
  LambdaLayer,
  Linear,
  MaxPool2d,
  type Module,
  MultiHeadAttention,
  ReLU,
  Sequential,
  SGD,
} from '../../nn/index.js';
import {
  cpu,
  crossEntropy,
  type Device,
  dispose,
  manualSeed,
  mean,
  mseLoss,
  randint,
  randn,
  scope,
  type Tensor,
} from '../../ops/index.js';

// Small trainings that must go the same way on every device.

interface Task {
  readonly model: Module;
  readonly loss: (device: Device) => Tensor;
  readonly lr: number;
}

/** Each builds its model and its data from the same seed. */
const tasks: Record<string, () => Task> = {
  'an MLP': () => {
    const model = new Sequential(new Linear(12, 24), new ReLU(), new Linear(24, 5));
    const [x, y] = [randn([16, 12]), randint(0, 5, [16])];
    const loss = (on: Device): Tensor => crossEntropy(model.forward(x.to(on)), y.to(on));
    return { model, loss, lr: 0.1 };
  },
  // Large enough that its products go by quads, in both directions.
  'a wide MLP': () => {
    const model = new Sequential(new Linear(64, 128), new ReLU(), new Linear(128, 64));
    const [x, y] = [randn([64, 64]), randint(0, 64, [64])];
    const loss = (on: Device): Tensor => crossEntropy(model.forward(x.to(on)), y.to(on));
    return { model, loss, lr: 0.1 };
  },
  'a convolutional network': () => {
    const model = new Sequential(
      new Conv2d(1, 6, 3, { padding: 1 }),
      new BatchNorm2d(6),
      new ReLU(),
      new MaxPool2d(2),
      new Conv2d(6, 8, 3),
      new ReLU(),
      new Flatten(),
      new Linear(32, 5),
    );
    const [x, y] = [randn([8, 1, 8, 8]), randint(0, 5, [8])];
    const loss = (on: Device): Tensor => crossEntropy(model.forward(x.to(on)), y.to(on));
    return { model, loss, lr: 0.005 };
  },
  MultiHeadAttention: () => {
    const model = new MultiHeadAttention(16, 4, { batchFirst: true });
    const [x, y] = [randn([4, 9, 16]), randn([4, 9, 16])];
    const loss = (on: Device): Tensor => {
      const tokens = x.to(on);
      const [mixed] = model.forward(tokens, tokens, tokens, { needWeights: false });
      return mseLoss(mixed, y.to(on));
    };
    return { model, loss, lr: 0.5 };
  },
  LambdaLayer: () => {
    const model = new LambdaLayer(8, { dimK: 4, heads: 2, n: 5 });
    const [x, y] = [randn([4, 8, 5, 5]), randn([4, 8, 5, 5])];
    const loss = (on: Device): Tensor => mseLoss(model.forward(x.to(on)), y.to(on));
    return { model, loss, lr: 2e-4 };
  },
};

export const taskNames: readonly string[] = Object.keys(tasks);

/** The losses of so many steps of momentum, from the same start on every device. */
export async function lossesOn(device: Device, name: string, steps: number): Promise<number[]> {
  manualSeed(7);
  const { model, loss, lr } = tasks[name]();
  model.to(device);
  const optimizer = new SGD(model.parameters(), { lr, momentum: 0.9 });
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const error = scope(() => {
      optimizer.zeroGrad();
      const y = loss(device);
      y.backward();
      optimizer.step();
      return mean(y.detach());
    });
    losses.push((await error.read())[0]);
    dispose(error);
  }
  return losses;
}

/** How far a device's losses are from the CPU's at most, relative to them. Throws unless they fall. */
export async function trainingError(device: Device, name: string, steps = 50): Promise<number> {
  const expected = await lossesOn(cpu, name, steps);
  if (!(expected[steps - 1] < 0.9 * expected[0])) throw new Error(`${name} does not learn`);
  const found = await lossesOn(device, name, steps);
  return Math.max(...found.map((x, step) => Math.abs(x - expected[step]) / expected[step]));
}

/** What is held after each fifth of so many steps: the device's arrays and bytes, and what a look shows then. */
export async function memoryOver<T>(
  device: Device & { readonly live: { readonly arrays: number; readonly bytes: number } },
  steps: number,
  look: () => T | Promise<T>,
  name = 'an MLP',
): Promise<{ step: number; arrays: number; bytes: number; seen: T }[]> {
  manualSeed(7);
  const { model, loss, lr } = tasks[name]();
  model.to(device);
  const optimizer = new SGD(model.parameters(), { lr, momentum: 0.9 });
  const rows = [];
  for (let step = 1; step <= steps; step++) {
    const error = scope(() => {
      optimizer.zeroGrad();
      const y = loss(device);
      y.backward();
      optimizer.step();
      return mean(y.detach());
    });
    // Reading now and then lets a queue drain.
    if (step % 10 === 0) await error.read();
    dispose(error);
    if (step % (steps / 5) === 0) {
      await new Promise((resume) => setTimeout(resume));
      rows.push({ step, ...device.live, seen: await look() });
    }
  }
  return rows;
}
