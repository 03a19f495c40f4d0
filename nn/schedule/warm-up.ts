import { checkInteger, show } from '../../core/shape.js';
import { optionsOf } from '../../ops/arguments.js';
import { ArgumentError } from '../../ops/index.js';
import { checkSetting } from '../optim/settings.js';
import { Schedule, type ScheduleState } from './schedule.js';

export interface WarmUpOptions {
  /** What the first rates are multiplied by at the start: 0 unless said otherwise. */
  startFactor?: number;
}

export interface WarmUpState extends ScheduleState {
  next: ScheduleState;
}

/** An object of a class by the class's name, anything else as messages show it. */
const called = (x: unknown): string =>
  x instanceof Object && x.constructor !== Object
    ? `an object of class ${x.constructor.name}`
    : show(x);

/**
 * In so many steps along a line to where another schedule starts, which then takes over (Goyal et al.
 * 2017, arXiv 1706.02677, section 2.2). It is this schedule alone that is stepped.
 *
 * ```ts
 * const schedule = new WarmUp(new CosineAnnealingLR(optimizer, 1000), 100);
 * ```
 */
export class WarmUp extends Schedule {
  constructor(
    private readonly next: Schedule,
    warmSteps: number,
    options: WarmUpOptions = {},
  ) {
    if (!(next instanceof Schedule)) {
      throw new ArgumentError(
        `WarmUp: expected a schedule of steps alone, such as StepLR, to come next, got ${called(next)}`,
      );
    }
    checkInteger('WarmUp', 'the number of steps', warmSteps, 1);
    const { startFactor } = optionsOf('WarmUp', options, { startFactor: 0 });
    checkSetting('WarmUp', 'startFactor', startFactor);
    super(
      next.optimizer,
      (_, t, group) => {
        const share = Math.min(t / warmSteps, 1);
        const rate = next.ratesAt(Math.max(t - warmSteps, 0))[group];
        return rate * (startFactor + (1 - startFactor) * share);
      },
      (t) => next.momentumAt(Math.max(t - warmSteps, 0)),
    );
  }

  override stateDict(): WarmUpState {
    return { ...super.stateDict(), next: this.next.stateDict() };
  }

  override loadStateDict(state: WarmUpState): void {
    this.next.loadStateDict(state.next);
    super.loadStateDict(state);
  }
}
