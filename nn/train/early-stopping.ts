import { checkBoolean, checkInteger, checkOneOf, show } from '../../core/shape.js';
import { optionsOf } from '../../ops/arguments.js';
import { ArgumentError } from '../../ops/index.js';
import type { Module, StateDict } from '../module.js';
import { checkState } from './state.js';

export interface EarlyStoppingOptions {
  /** After so many epochs in a row without improvement training stops: 1 unless said otherwise. */
  patience?: number;
  /** By how much more than this a number must be better to count as an improvement: 0. */
  minDelta?: number;
  /** Whether the model ends with the weights of its best epoch; false unless said otherwise. */
  restoreBest?: boolean;
  /** The number that is watched: `val_loss` with a validation set, or else `loss`. */
  monitor?: string;
  /** Whether smaller numbers are better, `'min'`, or greater ones; `'min'` unless said otherwise. */
  mode?: 'min' | 'max';
}

/**
 * Says when training has ceased to improve a number, and keeps the weights of the best epoch (Prechelt
 * 1998, “Early stopping – but when?”). NaN is no improvement.
 */
export class EarlyStopping {
  readonly monitor: string;
  private readonly patience: number;
  private readonly minDelta: number;
  private readonly restoreBest: boolean;
  /** 1 if smaller is better, −1 if greater is. */
  private readonly sign: 1 | -1;
  /** The best number so far, times the sign. */
  private best = Infinity;
  /** Epochs since then. */
  private waited = 0;
  private bestWeights: StateDict | null = null;

  /** `monitor` is what is watched unless the options say otherwise. Throws an `ArgumentError`. */
  constructor(options: EarlyStoppingOptions = {}, monitor = 'loss') {
    const given = optionsOf('earlyStopping', options, {
      patience: 1,
      minDelta: 0,
      restoreBest: false,
      monitor,
      mode: 'min' as 'min' | 'max',
    });
    if (!(Number.isFinite(given.minDelta) && given.minDelta >= 0)) {
      throw new ArgumentError(
        `earlyStopping: expected a number of at least 0 as minDelta, got ${show(given.minDelta)}`,
      );
    }
    this.patience = checkInteger('earlyStopping', 'patience', given.patience, 1);
    this.minDelta = given.minDelta;
    this.restoreBest = checkBoolean('earlyStopping', 'restoreBest', given.restoreBest);
    this.monitor = given.monitor;
    const mode = checkOneOf('earlyStopping', 'the mode', given.mode, ['min', 'max']);
    this.sign = mode === 'min' ? 1 : -1;
  }

  /** Whether training should stop. */
  get stopped(): boolean {
    return this.waited >= this.patience;
  }

  /** Takes in an epoch's numbers. Throws an `ArgumentError` if the one that is watched is not there. */
  update(numbers: Readonly<Record<string, number>>, model: Module): void {
    if (!Object.hasOwn(numbers, this.monitor)) {
      throw new ArgumentError(
        `earlyStopping: expected one of ${Object.keys(numbers).join(', ')} to monitor, got ${show(this.monitor)}`,
      );
    }
    const value = this.sign * numbers[this.monitor];
    if (value < this.best - this.minDelta) {
      this.best = value;
      this.waited = 0;
      if (this.restoreBest) this.bestWeights = copied(model.stateDict());
    } else {
      this.waited++;
    }
  }

  /** Gives the model its best weights again, if that was asked for. */
  restore(model: Module): void {
    if (this.bestWeights !== null) model.loadStateDict(this.bestWeights);
  }

  stateDict(): { best: number; waited: number; bestWeights: StateDict | null } {
    const { best, waited, bestWeights } = this;
    return { best, waited, bestWeights };
  }

  /** Goes on from another one's state. Throws a `StateDictError` for another state. */
  loadStateDict(state: unknown): void {
    const { best, waited, bestWeights } = checkState('earlyStopping', state, {
      best: 0,
      waited: 0,
      bestWeights: null as StateDict | null,
    });
    this.best = best;
    this.waited = waited;
    this.bestWeights = bestWeights;
  }
}

const copied = (state: StateDict): StateDict =>
  Object.fromEntries(Object.entries(state).map(([name, x]) => [name, x.clone()]));
