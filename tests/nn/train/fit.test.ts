import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Adam,
  accuracy,
  DataLoader,
  Dropout,
  type FitOptions,
  fit,
  Linear,
  Module,
  ReduceLROnPlateau,
  SGD,
  StepLR,
  TensorDataset,
} from '../../../nn/index.js';
import {
  ArgumentError,
  crossEntropy,
  isGradEnabled,
  type LambdagradError,
  manualSeed,
  mseLoss,
  ones,
  rand,
  randn,
  type Tensor,
  tensor,
  zeros,
} from '../../../ops/index.js';

class Classifier extends Module {
  hidden = new Linear(2, 16);
  dropout = new Dropout(0.25);
  output = new Linear(16, 2);

  /** Points `[b, 2]` → scores `[b, 2]`. */
  forward(x: Tensor): Tensor {
    return this.output.forward(this.dropout.forward(this.hidden.forward(x).tanh()));
  }
}

/** Points of the plane, by whether they lie within a circle. */
function points(n: number): TensorDataset {
  const x = rand([n, 2]).mul(4).sub(2);
  return new TensorDataset(x, x.square().sum(1).lt(2).to('int32'));
}

/** All that a run needs, from one seed. */
function setup(seed = 1) {
  manualSeed(seed);
  const data = new DataLoader(points(96), { batchSize: 16, shuffle: true });
  const validation = new DataLoader(points(40), { batchSize: 16 });
  const model = new Classifier();
  const optimizer = new Adam(model.parameters(), { lr: 0.02 });
  const options: FitOptions<Tensor> = {
    ...{ optimizer, validation, epochs: 6, loss: crossEntropy, metrics: { accuracy } },
    schedule: new StepLR(optimizer, 2, { gamma: 0.5 }),
  };
  return { model, data, optimizer, options };
}

const weightsOf = (model: Module): number[] => model.parameters().flatMap((p) => [...p.data]);

/** One number that is to become `target`, with plain gradient descent: w ← w − lr·2(w − target). */
class Scale extends Module {
  inner = new Linear(1, 1, { bias: false });

  constructor(start = 0) {
    super();
    this.inner.loadStateDict({ weight: tensor([[start]]) });
  }

  forward(x: Tensor): Tensor {
    return this.inner.forward(x);
  }

  get w(): number {
    return this.inner.weight.item();
  }
}

const batchOf = (target: number): [Tensor, Tensor] => [ones([1, 1]), tensor([[target]])];

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = fs.mkdtempSync(join(tmpdir(), 'lambdagrad-fit-'));
  try {
    await body(folder);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

test('fit makes one step of the optimiser a batch, and reports the means of the losses', async () => {
  const model = new Scale();
  const optimizer = new SGD(model.parameters(), { lr: 0.25 });
  const history = await fit(model, [batchOf(4), batchOf(4)], {
    optimizer,
    epochs: 2,
    loss: mseLoss,
  });
  // w halves its distance to 4 at each step: 0, 2, 3, 3.5, 3.75.
  assert.is(model.w, 3.75);
  assert.equal(history.get('loss'), [(16 + 4) / 2, (1 + 0.25) / 2]);
  assert.equal(history.names, ['loss']);
});

test('fit learns, and validation is measured without training on it', async () => {
  const { model, data, options } = setup();
  const { schedule: _, ...unscheduled } = options;
  const history = await fit(model, data, { ...unscheduled, epochs: 60 });
  assert.equal(history.names, ['loss', 'accuracy', 'val_loss', 'val_accuracy']);
  assert.is(history.epochs.length, 60);
  const [first, last] = [history.get('val_loss')[0], history.get('val_loss')[59]];
  assert.ok(last < 0.6 * first, `loss ${first} → ${last}`);
  // Six of ten points lie without the circle.
  const share = history.get('val_accuracy')[59];
  assert.ok(share > 0.8, `accuracy ${share}`);
});

test('the same seed gives the same run bit for bit, another seed another one', async () => {
  const run = async (seed: number, options: { seed?: number } = {}) => {
    const { model, data, options: given } = setup(seed);
    const history = await fit(model, data, { ...given, ...options });
    return { csv: history.toCsv(), weights: weightsOf(model) };
  };
  const first = await run(1);
  assert.equal(await run(1), first);
  assert.not.equal(await run(2), first);
  // The seed of fit is that of dropout: all else follows from manualSeed.
  assert.equal(await run(1, { seed: 5 }), await run(1, { seed: 5 }));
  assert.not.equal(await run(1, { seed: 5 }), await run(1, { seed: 6 }));
});

test('a run that breaks off in its fourth epoch and is resumed ends with the same weights', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'run');
    const earlyStopping = { patience: 4, restoreBest: true };
    const whole = setup();
    const wanted = await fit(whole.model, whole.data, { ...whole.options, earlyStopping });

    const checkpoint = { path, resume: true };
    const broken = setup();
    let batches = 0;
    const progress = {
      start: () => {},
      update: () => {
        if (++batches === 3 * broken.data.length + 2) throw new Error('the power is off');
      },
      stop: () => {},
    };
    const stopped = fit(broken.model, broken.data, {
      ...{ ...broken.options, earlyStopping, checkpoint, progress },
    });
    assert.is(await stopped.catch((error: Error) => error.message), 'the power is off');

    // Another process, where random numbers begin elsewhere.
    const resumed = setup(99);
    const { data, options } = setup();
    manualSeed(98);
    const loader = new DataLoader(data.dataset, { batchSize: 16, shuffle: true });
    const history = await fit(resumed.model, loader, {
      ...{ ...options, ...resumed.options, earlyStopping, checkpoint },
      validation: options.validation ?? [],
    });
    assert.equal(weightsOf(resumed.model), weightsOf(whole.model));
    assert.is(history.toCsv(), wanted.toCsv());
    assert.is(resumed.optimizer.lr, whole.optimizer.lr);
  }));

test('a resumed run remembers its best epoch, and how long ago that was', () =>
  withFolder(async (folder) => {
    const run = async (epochs: number): Promise<[epochs: number, w: number]> => {
      const model = new Scale();
      const optimizer = new SGD(model.parameters(), { lr: 0.25 });
      const history = await fit(model, [batchOf(8)], {
        ...{ optimizer, epochs, loss: mseLoss, validation: [batchOf(6)] },
        earlyStopping: { patience: 3, restoreBest: true },
        checkpoint: { path: join(folder, 'run'), resume: true },
      });
      return [history.epochs.length, model.w];
    };
    // w goes 4, 6, 7, 7.5, 7.75: the second epoch is the best, and the fifth the last.
    assert.equal(await run(3), [3, 6]);
    assert.equal(await run(100), [5, 6]);
    assert.equal(await run(100), [5, 6]);
  }));

test('a run that is resumed when it has ended does nothing more', () =>
  withFolder(async (folder) => {
    const checkpoint = { path: join(folder, 'run'), resume: true };
    const first = setup();
    const options = { earlyStopping: { restoreBest: true, patience: 1 }, checkpoint };
    const wanted = await fit(first.model, first.data, { ...first.options, ...options, epochs: 3 });
    const { model, data, options: given } = setup();
    const history = await fit(model, data, {
      ...{ ...given, ...options, epochs: 3 },
      onEpoch: () => assert.unreachable('an epoch more'),
    });
    assert.is(history.toCsv(), wanted.toCsv());
    assert.equal(weightsOf(model), weightsOf(first.model));
  }));

test('without resume a run begins anew and overwrites the checkpoint', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'run');
    const first = setup();
    await fit(first.model, first.data, { ...first.options, epochs: 2, checkpoint: path });
    const second = setup();
    const history = await fit(second.model, second.data, {
      ...{ ...second.options, epochs: 1, checkpoint: path },
    });
    assert.is(history.epochs.length, 1);
    assert.is(JSON.parse(fs.readFileSync(`${path}.json`, 'utf8')).epoch, 1);
  }));

test('a checkpoint is written every so many epochs, and after the last', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'run');
    const { model, data, options } = setup();
    const found: (number | null)[] = [];
    const saved = (): number | null =>
      fs.existsSync(`${path}.json`)
        ? JSON.parse(fs.readFileSync(`${path}.json`, 'utf8')).epoch
        : null;
    await fit(model, data, {
      ...{ ...options, epochs: 5, checkpoint: { path, every: 2 } },
      onEpoch: () => found.push(saved()),
    });
    assert.equal([...found, saved()], [null, null, 2, 2, 4, 5]);
  }));

test('early stopping ends the run, and the model has the weights of its best epoch', async () => {
  const model = new Scale();
  const optimizer = new SGD(model.parameters(), { lr: 0.25 });
  const seen: number[] = [];
  const history = await fit(model, [batchOf(8)], {
    ...{ optimizer, epochs: 100, loss: mseLoss, validation: [batchOf(6.5)] },
    earlyStopping: { patience: 2, restoreBest: true },
    onEpoch: () => seen.push(model.w),
  });
  // w goes 4, 6, 7, 7.5 towards 8; that on validation, 6.5, it comes as near in the second epoch as in the third.
  assert.equal(seen, [4, 6, 7, 7.5]);
  assert.equal(history.get('val_loss'), [6.25, 0.25, 0.25, 1]);
  assert.is(model.w, 6);
});

test('early stopping can watch a metric', async () => {
  const model = new Scale(1);
  const optimizer = new SGD(model.parameters(), { lr: 0.25 });
  const history = await fit(model, [batchOf(8)], {
    ...{ optimizer, epochs: 100, loss: mseLoss, metrics: { score: () => 1 } },
    earlyStopping: { monitor: 'score', mode: 'max' },
  });
  assert.is(history.epochs.length, 2);
});

test('clipNorm bounds each step', async () => {
  const model = new Scale();
  const optimizer = new SGD(model.parameters(), { lr: 1 });
  const options = { optimizer, epochs: 1, loss: mseLoss, clipNorm: 0.5 };
  await fit(model, [batchOf(100), batchOf(100)], options);
  assert.ok(Math.abs(model.w - 1) < 1e-5, `${model.w}`);
});

test('the schedule moves on every epoch with the validation loss, or every batch with its loss', async () => {
  const steps = async (scheduleEvery?: 'epoch' | 'batch'): Promise<number[]> => {
    const model = new Scale();
    const optimizer = new SGD(model.parameters(), { lr: 0.25 });
    const metrics: number[] = [];
    await fit(model, [batchOf(4), batchOf(4)], {
      ...{ optimizer, epochs: 2, loss: mseLoss, validation: [batchOf(3)] },
      ...(scheduleEvery === undefined ? {} : { scheduleEvery }),
      schedule: { step: (metric) => metrics.push(metric) },
    });
    return metrics;
  };
  assert.equal(await steps(), [0, 0.5625]);
  assert.equal(await steps('epoch'), [0, 0.5625]);
  assert.equal(await steps('batch'), [16, 4, 1, 0.25]);
});

test('a schedule that waits for a plateau gets its metric', async () => {
  const model = new Scale(4);
  const optimizer = new SGD(model.parameters(), { lr: 0.25 });
  const schedule = new ReduceLROnPlateau(optimizer, { patience: 0, factor: 0.5 });
  await fit(model, [batchOf(4)], { optimizer, epochs: 2, loss: mseLoss, schedule });
  assert.is(optimizer.lr, 0.125);
});

test('modules train in training mode, are validated in evaluation mode, and get their modes back', async () => {
  const notes: string[] = [];
  class Watched extends Scale {
    override forward(x: Tensor): Tensor {
      notes.push(`${this.training} ${this.inner.training} ${isGradEnabled()}`);
      return super.forward(x);
    }
  }
  const model = new Watched().eval();
  model.inner.train();
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  const options = { optimizer, epochs: 2, loss: mseLoss, validation: [batchOf(1)] };
  await fit(model, [batchOf(1)], options);
  const [training, evaluation] = ['true true true', 'false false false'];
  assert.equal(notes, [training, evaluation, training, evaluation]);
  assert.is(model.training, false);
  assert.is(model.inner.training, true);
});

test('progress is told of every epoch and batch, and of the end, also when an epoch fails', async () => {
  const told: unknown[] = [];
  const progress = {
    start: (...args: unknown[]) => told.push(['start', ...args]),
    update: (...args: unknown[]) => told.push(['update', ...args]),
    stop: (...args: unknown[]) => told.push(['stop', ...args]),
  };
  const model = new Scale();
  const optimizer = new SGD(model.parameters(), { lr: 0.25 });
  const data = [batchOf(4), batchOf(4)];
  await fit(model, data, {
    optimizer,
    epochs: 1,
    loss: mseLoss,
    validation: [batchOf(3)],
    progress,
  });
  const failing: Promise<unknown> = fit(model, [...data, []], {
    optimizer,
    epochs: 1,
    loss: mseLoss,
    progress,
  });
  assert.match(
    String(await failing.catch((error: unknown) => error)),
    'fit: expected batches of at least two tensors',
  );
  assert.equal(told, [
    ['start', 1, 1, 2],
    ['update', 1, { loss: 16 }],
    ['update', 2, { loss: 10 }],
    ['stop', { loss: 10, val_loss: 0 }],
    ['start', 1, 1, 3],
    ['update', 1, { loss: 1 }],
    ['update', 2, { loss: 0.625 }],
    ['stop', null],
  ]);
});

test('onEpoch is awaited, and is told the numbers so far', async () => {
  const told: unknown[] = [];
  const model = new Scale();
  const optimizer = new SGD(model.parameters(), { lr: 0.25 });
  await fit(model, [batchOf(4)], {
    ...{ optimizer, epochs: 2, loss: mseLoss },
    onEpoch: async (epoch, numbers, history) => {
      await new Promise((resume) => setTimeout(resume));
      told.push([epoch, numbers, history.epochs.length]);
    },
  });
  assert.equal(told, [
    [1, { loss: 16 }, 1],
    [2, { loss: 4 }, 2],
  ]);
});

test('timers have their turns while a model trains', async () => {
  const model = new Scale();
  const optimizer = new SGD(model.parameters(), { lr: 0.25 });
  let fired = false;
  setTimeout(() => {
    fired = true;
  });
  let batches = 0;
  const forever: { length: number; [Symbol.iterator](): Iterator<Tensor[]> } = {
    length: 1,
    *[Symbol.iterator]() {
      for (; !fired && batches < 1e6; batches++) yield batchOf(4);
    },
  };
  await fit(model, forever, { optimizer, epochs: 1, loss: mseLoss });
  assert.ok(fired, `${batches} batches without a turn`);
});

test('fit says what is wrong with its arguments', async () => {
  const model = new Linear(2, 1);
  const data = new DataLoader(new TensorDataset(randn([4, 2]), zeros([4, 1])));
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  const good = { optimizer, epochs: 1, loss: mseLoss };
  const cases: [unknown, string][] = [
    [{ ...good, optimizer: 1 }, 'fit: expected an optimiser as the optimizer, got 1'],
    [
      { ...good, epochs: undefined },
      'fit: expected an integer of at least 0 as epochs, got undefined',
    ],
    [{ ...good, loss: 'mse' }, "fit: expected a function as the loss, got 'mse'"],
    [
      { ...good, metrics: { loss: accuracy } },
      "fit: expected metrics with other names than loss and val_…, got 'loss'",
    ],
    [
      { ...good, validation: [] },
      'fit: expected an integer of at least 1 as the number of batches of the validation, got 0',
    ],
    [{ ...good, schedule: {} }, 'fit: expected a function as schedule.step, got undefined'],
    [
      { ...good, scheduleEvery: 'step' },
      "fit: expected 'epoch' or 'batch' as scheduleEvery, got 'step'",
    ],
    [{ ...good, checkpoint: { path: '' } }, "fit: expected a path as the checkpoint's, got ''"],
    [
      { ...good, checkpoint: { path: 'a', every: 0 } },
      "fit: expected an integer of at least 1 as the checkpoint's every, got 0",
    ],
    [{ ...good, clipNorm: NaN }, 'fit: expected a number as clipNorm, got NaN'],
    [{ ...good, seed: 0.5 }, 'fit: expected an integer as the seed, got 0.5'],
    [{ ...good, onEpoch: 1 }, 'fit: expected a function as onEpoch, got 1'],
    [
      { ...good, progress: 1 },
      'fit: expected { start, update, stop } or a truth value as progress, got 1',
    ],
    [
      { ...good, progress: { start() {} } },
      'fit: expected a function as progress.update, got undefined',
    ],
    [
      { ...good, earlyStopping: { patience: 0 } },
      'earlyStopping: expected an integer of at least 1 as patience, got 0',
    ],
  ];
  const before = weightsOf(model);
  for (const [options, message] of cases) {
    const error: unknown = await fit(model, data, options as FitOptions<Tensor>).catch(
      (caught: unknown) => caught,
    );
    assert.instance(error, ArgumentError, message);
    assert.is((error as LambdagradError).message, message);
  }
  assert.equal(weightsOf(model), before);
});

test.run();
