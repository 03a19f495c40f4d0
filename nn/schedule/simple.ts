import { checkFunction, checkInteger, checkNumber, show } from '../../core/shape.js';
import { optionsOf } from '../../ops/arguments.js';
import { ArgumentError } from '../../ops/index.js';
import type { Optimizer } from '../optim/optimizer.js';
import { checkSetting } from '../optim/settings.js';
import { checkOptimizer, perGroup, Schedule } from './schedule.js';

export interface DecayOptions {
  /** What the rate is multiplied by: 0.1 unless said otherwise. */
  gamma?: number;
}

const gammaOf = (op: string, options: DecayOptions): number =>
  checkSetting(op, 'gamma', optionsOf(op, options, { gamma: 0.1 }).gamma);

/** The rate times gamma every `stepSize` steps: lr₀·γ^⌊t/stepSize⌋. */
export class StepLR extends Schedule {
  constructor(optimizer: Optimizer, stepSize: number, options: DecayOptions = {}) {
    checkInteger('StepLR', 'stepSize', stepSize, 1);
    const gamma = gammaOf('StepLR', options);
    super(optimizer, (initial, t) => initial * gamma ** Math.floor(t / stepSize));
  }
}

/** The rate times gamma at each milestone, a number of steps; twice at one that stands twice. */
export class MultiStepLR extends Schedule {
  constructor(optimizer: Optimizer, milestones: readonly number[], options: DecayOptions = {}) {
    if (!Array.isArray(milestones)) {
      throw new ArgumentError(
        `MultiStepLR: expected an array of milestones, got ${show(milestones)}`,
      );
    }
    for (const milestone of milestones) checkInteger('MultiStepLR', 'a milestone', milestone, 0);
    const gamma = gammaOf('MultiStepLR', options);
    const passed = (t: number): number => milestones.filter((milestone) => milestone <= t).length;
    super(optimizer, (initial, t) => initial * gamma ** passed(t));
  }
}

/** The rate times gamma every step: lr₀·γᵗ. */
export class ExponentialLR extends Schedule {
  constructor(optimizer: Optimizer, gamma: number) {
    checkSetting('ExponentialLR', 'gamma', gamma);
    super(optimizer, (initial, t) => initial * gamma ** t);
  }
}

export interface LinearLROptions {
  /** What the rate is multiplied by at first: ⅓ unless said otherwise. */
  startFactor?: number;
  /** What it is multiplied by in the end: 1 unless said otherwise. */
  endFactor?: number;
  /** After how many steps that is: 5 unless said otherwise. */
  totalIters?: number;
}

/** The rate times a factor that goes along a line from `startFactor` to `endFactor`, and stays there. */
export class LinearLR extends Schedule {
  constructor(optimizer: Optimizer, options: LinearLROptions = {}) {
    const { startFactor, endFactor, totalIters } = optionsOf('LinearLR', options, {
      startFactor: 1 / 3,
      endFactor: 1,
      totalIters: 5,
    });
    checkSetting('LinearLR', 'startFactor', startFactor);
    checkSetting('LinearLR', 'endFactor', endFactor);
    checkInteger('LinearLR', 'totalIters', totalIters, 1);
    super(optimizer, (initial, t) => {
      const share = Math.min(t / totalIters, 1);
      return initial * (startFactor + (endFactor - startFactor) * share);
    });
  }
}

/** The rate times a function of the number of steps: one for all groups, or one for each. */
export class LambdaLR extends Schedule {
  constructor(
    optimizer: Optimizer,
    factor: ((t: number) => number) | readonly ((t: number) => number)[],
  ) {
    checkOptimizer('LambdaLR', optimizer);
    const factors = perGroup('LambdaLR', 'function', factor, optimizer.groups.length);
    for (const one of factors) checkFunction('LambdaLR', 'from the steps to a factor', one);
    super(
      optimizer,
      (initial, t, group) => initial * checkNumber('LambdaLR', 'the factor', factors[group](t)),
    );
  }
}
