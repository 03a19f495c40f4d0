import { checkBoolean, checkInteger, checkOneOf } from '../../core/shape.js';
import { optionsOf } from '../../ops/arguments.js';
import { ArgumentError } from '../../ops/index.js';
import type { Optimizer } from '../optim/optimizer.js';
import { checkSetting } from '../optim/settings.js';
import { alongCosine } from './cosine.js';
import { checkOptimizer, perGroup, Schedule } from './schedule.js';

export interface OneCycleOptions {
  /** The share of the steps in which the rate rises: 0.3 unless said otherwise. */
  pctStart?: number;
  /** How it goes from one rate to the next: 'cos' unless said otherwise. */
  annealStrategy?: 'cos' | 'linear';
  /** Whether the momentum (or the first beta) falls while the rate rises, and rises while it falls. */
  cycleMomentum?: boolean;
  /** The lowest momentum: 0.85 unless said otherwise. */
  baseMomentum?: number;
  /** The highest momentum: 0.95 unless said otherwise. */
  maxMomentum?: number;
  /** The first rate is maxLr / divFactor: 25 unless said otherwise. */
  divFactor?: number;
  /** The last rate is the first / finalDivFactor: 1e4 unless said otherwise. */
  finalDivFactor?: number;
  /** First back to the first rate, in as many steps as it took to rise, and only then to the last. */
  threePhase?: boolean;
}

/** Where a path passes, and after how many steps. */
type Point = readonly [t: number, value: number];

/** From one value to another, for a share from 0 to 1. */
type Between = (start: number, end: number, share: number) => number;

const alongLine: Between = (start, end, share) => start + (end - start) * share;

/** Where a path through `points` is after t steps. */
function onPath(points: readonly Point[], t: number, between: Between): number {
  let i = 1;
  while (i < points.length - 1 && t > points[i][0]) i++;
  const [[start, from], [end, to]] = [points[i - 1], points[i]];
  return between(from, to, end > start ? Math.min((t - start) / (end - start), 1) : 1);
}

/**
 * One rise of the rate to `maxLr` and one fall, over `totalSteps` steps in all, the momentum the other
 * way round (Smith and Topin 2017, arXiv 1708.07120). The optimiser's own rates do not matter. Throws an
 * `ArgumentError` for a step beyond the last.
 */
export class OneCycleLR extends Schedule {
  constructor(
    optimizer: Optimizer,
    maxLr: number | readonly number[],
    totalSteps: number,
    options: OneCycleOptions = {},
  ) {
    checkInteger('OneCycleLR', 'totalSteps', totalSteps, 1);
    const given = settingsOf(options);
    const highest = ratesOf(optimizer, maxLr, given.cycleMomentum);
    const between = given.annealStrategy === 'cos' ? alongCosine : alongLine;
    const risen = given.pctStart * totalSteps - 1;
    const path = (start: number, top: number, end: number): Point[] => [
      [0, start],
      [risen, top],
      ...(given.threePhase ? [[2 * risen, start] as const] : []),
      [totalSteps - 1, end],
    ];
    const rates = highest.map((rate) => {
      const first = rate / given.divFactor;
      return path(first, rate, first / given.finalDivFactor);
    });
    const momenta = path(given.maxMomentum, given.baseMomentum, given.maxMomentum);
    super(
      optimizer,
      (_, t, group) => {
        if (t <= totalSteps) return onPath(rates[group], t, between);
        throw new ArgumentError(`OneCycleLR: expected at most ${totalSteps} steps, got step ${t}`);
      },
      (t) => (given.cycleMomentum ? onPath(momenta, t, between) : null),
    );
  }
}

function ratesOf(
  optimizer: Optimizer,
  maxLr: number | readonly number[],
  cycleMomentum: boolean,
): number[] {
  checkOptimizer('OneCycleLR', optimizer);
  const { groups } = optimizer;
  if (cycleMomentum && !groups.every((group) => 'momentum' in group || 'betas' in group)) {
    throw new ArgumentError(
      'OneCycleLR: expected an optimiser with momentum or betas, or cycleMomentum = false',
    );
  }
  const rates = perGroup('OneCycleLR', 'maxLr', maxLr, groups.length);
  return rates.map((rate) => checkSetting('OneCycleLR', 'maxLr', rate));
}

function settingsOf(options: OneCycleOptions): Required<OneCycleOptions> {
  const op = 'OneCycleLR';
  const given = optionsOf<Required<OneCycleOptions>>(op, options, {
    pctStart: 0.3,
    annealStrategy: 'cos',
    cycleMomentum: true,
    baseMomentum: 0.85,
    maxMomentum: 0.95,
    divFactor: 25,
    finalDivFactor: 1e4,
    threePhase: false,
  });
  checkSetting(op, 'pctStart', given.pctStart, 0, 1);
  checkOneOf(op, 'annealStrategy', given.annealStrategy, ['cos', 'linear']);
  checkBoolean(op, 'cycleMomentum', given.cycleMomentum);
  checkSetting(op, 'baseMomentum', given.baseMomentum, 0, 1);
  checkSetting(op, 'maxMomentum', given.maxMomentum, 0, 1);
  checkSetting(op, 'divFactor', given.divFactor, Number.MIN_VALUE);
  checkSetting(op, 'finalDivFactor', given.finalDivFactor, Number.MIN_VALUE);
  checkBoolean(op, 'threePhase', given.threePhase);
  return given;
}
