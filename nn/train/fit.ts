import { generator } from '../../core/random.js';
import { checkInteger } from '../../core/shape.js';
import { manualSeed, scope } from '../../ops/index.js';
import { clipGradNorm } from '../clip.js';
import { checkpointExists, loadCheckpoint, saveCheckpoint } from './checkpoint.js';
import { evaluate } from './evaluate.js';
import { type FitOptions, type Plan, planOf } from './fit-options.js';
import { History, type Numbers, VALIDATION } from './history.js';
import {
  type Batches,
  deviceOf,
  examplesIn,
  Means,
  type Model,
  modesOf,
  parted,
} from './measures.js';
import { breather } from './pause.js';
import { epochSeed } from './seed.js';
import { isStateful } from './state.js';

/**
 * Trains a model: for each batch the loss, its gradients and a step of the optimiser, for each epoch the
 * means of the loss and the metrics, and with `validation` those on it, named `val_…`. A batch is the
 * model's inputs and last the target, all `[b, …]`. Returns the numbers of each epoch.
 *
 * The model is in training mode meanwhile, in evaluation mode for the validation, and each of its modules
 * in its own mode again afterwards. Epoch k draws its random numbers from a stream that follows from
 * `seed` and k alone, so a run is reproducible, and one that is resumed from its checkpoint, which holds
 * the seed, goes on as if it had not been interrupted. Between batches the event loop has its turns.
 *
 * Batches go to the device that the model is on, and what a step leaves there is freed.
 *
 * Throws an `ArgumentError` for arguments that are not as above, a `ShapeError` for a loss or a metric
 * that is not one number, and what model, loss, optimiser and checkpoint throw.
 */
export async function fit<Output>(
  model: Model<Output>,
  data: Batches,
  options: FitOptions<Output>,
): Promise<History> {
  const plan = planOf(model, data, options);
  const { optimizer, schedule, scheduleEvery, epochs, validation, earlyStopping, progress } = plan;
  const history = new History();
  const loaders = Object.entries({ data, validation }).filter(([, x]) => isStateful(x));
  const saved = {
    ...{ model, optimizer, schedule, history, earlyStopping },
    ...Object.fromEntries(loaders),
  };
  const { path, every, resume } = plan.checkpoint ?? { path: null, every: 1, resume: false };
  let [epoch, seed] = [0, plan.seed ?? generator.bits()];
  if (path !== null && resume && checkpointExists(path)) {
    const before = await loadCheckpoint(path, saved);
    epoch = checkInteger('fit', 'the epoch of the checkpoint', before.epoch, 0);
    seed = checkInteger('fit', 'the seed of the checkpoint', before.seed);
  }
  const restoreModes = modesOf(model);
  model.train();
  try {
    while (epoch < epochs && !earlyStopping?.stopped) {
      epoch++;
      manualSeed(epochSeed(seed, epoch - 1));
      progress.start(epoch, epochs, data.length);
      let numbers: Numbers | null = null;
      try {
        numbers = { ...(await trainEpoch(model, data, plan)), ...(await validate(model, plan)) };
      } finally {
        progress.stop(numbers);
      }
      history.add(epoch, numbers);
      if (scheduleEvery === 'epoch') schedule?.step(numbers[plan.monitor]);
      earlyStopping?.update(numbers, model);
      await plan.onEpoch?.(epoch, numbers, history);
      const isLast = epoch === epochs || earlyStopping?.stopped;
      if (path !== null && (isLast || epoch % every === 0)) {
        await saveCheckpoint(path, { ...saved, epoch, seed });
      }
    }
    earlyStopping?.restore(model);
  } finally {
    restoreModes();
  }
  return history;
}

/** One pass over the data, with a step of the optimiser for each batch. Returns the means. */
async function trainEpoch<Output>(
  model: Model<Output>,
  data: Batches,
  plan: Plan<Output>,
): Promise<Record<string, number>> {
  const { optimizer, schedule, scheduleEvery, loss, metrics, clipNorm, progress } = plan;
  const means = new Means('fit', metrics);
  const device = deviceOf(model);
  const breathe = breather();
  let done = 0;
  for (const batch of data) {
    const [inputs, target] = parted('fit', batch);
    const measured = scope(() => {
      const wanted = target.to(device);
      optimizer.zeroGrad();
      const output = model.forward(...inputs.map((x) => x.to(device)));
      const error = loss(output, wanted);
      error.backward();
      if (clipNorm !== undefined) clipGradNorm(optimizer.parameters, clipNorm);
      optimizer.step();
      return means.measure(error, output, wanted);
    });
    const value = await means.add(measured, examplesIn(target));
    if (scheduleEvery === 'batch') schedule?.step(value);
    progress.update(++done, means.values());
    await breathe();
  }
  return means.values();
}

/** The means on the validation batches, if there are any. */
async function validate<Output>(
  model: Model<Output>,
  { validation, loss, metrics }: Plan<Output>,
): Promise<Record<string, number>> {
  if (validation === undefined) return {};
  const numbers = await evaluate(model, validation, { loss, metrics });
  return Object.fromEntries(
    Object.entries(numbers).map(([name, x]) => [`${VALIDATION}${name}`, x]),
  );
}
