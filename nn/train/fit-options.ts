import {
  checkBoolean,
  checkFunction,
  checkInteger,
  checkNumber,
  checkOneOf,
  show,
} from '../../core/shape.js';
import { optionsOf } from '../../ops/arguments.js';
import { ArgumentError } from '../../ops/index.js';
import { Optimizer } from '../optim/optimizer.js';
import { EarlyStopping, type EarlyStoppingOptions } from './early-stopping.js';
import { type History, type Numbers, VALIDATION } from './history.js';
import {
  type Batches,
  checkBatches,
  checkMeasured,
  type LossFunction,
  type Measures,
  type Metrics,
  type Model,
} from './measures.js';
import { type Progress, progressOf } from './progress.js';

export interface CheckpointOptions {
  /** Where it is saved, without an ending; see `saveCheckpoint`. */
  path: string;
  /** After every so many epochs, and the last: 1 unless said otherwise. */
  every?: number;
  /** Whether to go on from the checkpoint, if there is one; false unless said otherwise. */
  resume?: boolean;
}

export interface FitOptions<Output> extends Measures<Output> {
  optimizer: Optimizer;
  /** How many epochs the model will have been trained for, those before a resumption included. */
  epochs: number;
  /** Stepped after every epoch with the validation loss (without validation, the loss). */
  schedule?: { step(metric: number): void };
  /** `'batch'` steps the schedule after every batch instead, with its loss. */
  scheduleEvery?: 'epoch' | 'batch';
  /** Batches that are measured, not trained on, after every epoch. */
  validation?: Batches;
  earlyStopping?: EarlyStoppingOptions;
  /** Where, or how, the run is saved. */
  checkpoint?: string | CheckpointOptions;
  /** The most that the norm of all gradients together may be; see `clipGradNorm`. */
  clipNorm?: number;
  /** What random numbers follow from. Drawn from the stream of `manualSeed` unless said otherwise. */
  seed?: number;
  /** Called, and awaited, when an epoch has ended, with its numbers and all so far. */
  onEpoch?: (epoch: number, numbers: Numbers, history: History) => unknown;
  /** A line on the terminal unless said otherwise; false for nothing. */
  progress?: Progress | boolean;
}

/** The options of `fit`, checked, with what was not given filled in. */
export type Plan<Output> = ReturnType<typeof planOf<Output>>;

/** Throws an `ArgumentError` for what makes no sense. */
export function planOf<Output>(model: Model<Output>, data: Batches, options: FitOptions<Output>) {
  type Given = FitOptions<Output>;
  const given = optionsOf('fit', options, {
    optimizer: undefined as Optimizer | undefined,
    epochs: undefined as number | undefined,
    loss: undefined as LossFunction<Output> | undefined,
    metrics: {} as Metrics<Output>,
    schedule: undefined as Given['schedule'],
    scheduleEvery: 'epoch' as 'epoch' | 'batch',
    validation: undefined as Batches | undefined,
    earlyStopping: undefined as EarlyStoppingOptions | undefined,
    checkpoint: undefined as Given['checkpoint'],
    clipNorm: undefined as number | undefined,
    seed: undefined as number | undefined,
    onEpoch: undefined as Given['onEpoch'],
    progress: undefined as Given['progress'],
  });
  const { optimizer, schedule, validation, clipNorm, seed, onEpoch } = given;
  const loss = checkMeasured('fit', model, data, given.loss, given.metrics);
  if (!(optimizer instanceof Optimizer)) {
    throw new ArgumentError(`fit: expected an optimiser as the optimizer, got ${show(optimizer)}`);
  }
  if (schedule !== undefined) checkFunction('fit', 'as schedule.step', schedule?.step);
  if (validation !== undefined) checkBatches('fit', 'the validation', validation);
  if (clipNorm !== undefined) checkNumber('fit', 'clipNorm', clipNorm);
  if (seed !== undefined) checkInteger('fit', 'the seed', seed);
  if (onEpoch !== undefined) checkFunction('fit', 'as onEpoch', onEpoch);
  const monitor = validation === undefined ? 'loss' : `${VALIDATION}loss`;
  return {
    ...given,
    ...{ optimizer, loss, monitor },
    epochs: checkInteger('fit', 'epochs', given.epochs, 0),
    scheduleEvery: checkOneOf('fit', 'scheduleEvery', given.scheduleEvery, ['epoch', 'batch']),
    earlyStopping:
      given.earlyStopping === undefined ? null : new EarlyStopping(given.earlyStopping, monitor),
    checkpoint: given.checkpoint === undefined ? null : checkpointOptions(given.checkpoint),
    progress: progressOf('fit', given.progress),
  };
}

function checkpointOptions(given: string | CheckpointOptions): Required<CheckpointOptions> {
  const named = typeof given === 'string' ? { path: given } : given;
  const { path, every, resume } = optionsOf('fit: checkpoint', named, {
    path: '',
    every: 1,
    resume: false,
  });
  if (typeof path !== 'string' || path === '') {
    throw new ArgumentError(`fit: expected a path as the checkpoint's, got ${show(path)}`);
  }
  return {
    path,
    every: checkInteger('fit', "the checkpoint's every", every, 1),
    resume: checkBoolean('fit', "the checkpoint's resume", resume),
  };
}
