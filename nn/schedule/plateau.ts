import { checkInteger, checkOneOf, show } from '../../core/shape.js';
import { optionsOf } from '../../ops/arguments.js';
import { ArgumentError, StateDictError } from '../../ops/index.js';
import type { Optimizer } from '../optim/optimizer.js';
import { checkSetting } from '../optim/settings.js';
import { checkOptimizer, perGroup } from './schedule.js';

export interface PlateauOptions {
  /** Whether a better metric is a smaller one, as unless said otherwise, or a larger. */
  mode?: 'min' | 'max';
  /** What the rates are multiplied by: 0.1 unless said otherwise. */
  factor?: number;
  /** How many metrics in a row may be no better before the rates fall: 10 unless said otherwise. */
  patience?: number;
  /** By how much a metric must be better to count: 1e-4 unless said otherwise. */
  threshold?: number;
  /** Whether the threshold is a share of the best metric, as unless said otherwise, or a difference. */
  thresholdMode?: 'rel' | 'abs';
  /** How many metrics after a fall do not count: none unless said otherwise. */
  cooldown?: number;
  /** The lowest rate, or one for each group: 0 unless said otherwise. */
  minLr?: number | readonly number[];
  /** A fall by no more than this is left out: 1e-8 unless said otherwise. */
  eps?: number;
}

export interface PlateauState {
  /** The best metric; null before the first. */
  best: number | null;
  /** How many metrics in a row were no better. */
  bad: number;
  /** How many of the next metrics do not count. */
  cooling: number;
  /** The groups' rates. */
  rates: readonly number[];
}

/** Lowers the rates when a metric, such as the loss on held-out data, no longer gets better. */
export class ReduceLROnPlateau {
  private readonly options: Required<PlateauOptions>;
  private readonly lowest: readonly number[];
  private best: number | null = null;
  private bad = 0;
  private cooling = 0;

  constructor(
    readonly optimizer: Optimizer,
    options: PlateauOptions = {},
  ) {
    const name = 'ReduceLROnPlateau';
    checkOptimizer(name, optimizer);
    this.options = optionsOf<Required<PlateauOptions>>(name, options, {
      mode: 'min',
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      thresholdMode: 'rel',
      cooldown: 0,
      minLr: 0,
      eps: 1e-8,
    });
    const { mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps } = this.options;
    checkOneOf(name, 'mode', mode, ['min', 'max']);
    checkSetting(name, 'factor', factor, 0, 1);
    checkInteger(name, 'patience', patience, 0);
    checkSetting(name, 'threshold', threshold);
    checkOneOf(name, 'thresholdMode', thresholdMode, ['rel', 'abs']);
    checkInteger(name, 'cooldown', cooldown, 0);
    checkSetting(name, 'eps', eps);
    this.lowest = perGroup(name, 'minLr', minLr, optimizer.groups.length);
    for (const rate of this.lowest) checkSetting(name, 'minLr', rate);
  }

  /** Takes in the next metric. NaN is no better than any other. */
  step(metric: number): void {
    if (typeof metric !== 'number') {
      throw new ArgumentError(
        `ReduceLROnPlateau: expected a number as the metric, got ${show(metric)}`,
      );
    }
    if (this.isBetter(metric)) {
      this.best = metric;
      this.bad = 0;
    } else this.bad++;
    if (this.cooling > 0) {
      this.cooling--;
      this.bad = 0;
    }
    if (this.bad <= this.options.patience) return;
    this.bad = 0;
    this.cooling = this.options.cooldown;
    this.lower();
  }

  private isBetter(metric: number): boolean {
    const { best } = this;
    const { mode, threshold, thresholdMode } = this.options;
    if (best === null) return !Number.isNaN(metric);
    const change = mode === 'min' ? -threshold : threshold;
    const bound = thresholdMode === 'rel' ? best * (1 + change) : best + change;
    return mode === 'min' ? metric < bound : metric > bound;
  }

  private lower(): void {
    const { factor, eps } = this.options;
    this.optimizer.groups.forEach((group, i) => {
      const lr = Math.max(group.lr * factor, this.lowest[i]);
      if (group.lr - lr > eps) group.lr = lr;
    });
  }

  stateDict(): PlateauState {
    const { best, bad, cooling } = this;
    return { best, bad, cooling, rates: this.optimizer.groups.map(({ lr }) => lr) };
  }

  /** Goes on from `state` and sets the rates. Throws a `StateDictError` for another number of groups. */
  loadStateDict({ best, bad, cooling, rates }: PlateauState): void {
    const { groups } = this.optimizer;
    if (!Array.isArray(rates) || rates.length !== groups.length) {
      throw new StateDictError(
        `ReduceLROnPlateau: expected the rates of ${groups.length} groups, got ${show(rates)}`,
      );
    }
    this.best = best;
    this.bad = bad;
    this.cooling = cooling;
    groups.forEach((group, i) => {
      group.lr = rates[i];
    });
  }
}
