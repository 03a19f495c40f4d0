import { checkInteger, show } from '../../core/shape.js';
import { ArgumentError, StateDictError } from '../../ops/index.js';
import { Optimizer } from '../optim/optimizer.js';

/** A group's rate after t steps, from its rate when the schedule was made. */
export type Rate = (initial: number, t: number, group: number) => number;

/** All that a schedule needs to go on as if it had never stopped. */
export interface ScheduleState {
  steps: number;
  /** The groups' rates when the schedule was made. */
  initial: readonly number[];
}

/**
 * Sets the learning rates of an optimiser's groups by how many steps were made: a formula of the rates
 * that they had when the schedule was made, not of those that they have now, so that a schedule can be
 * entered anywhere, and one optimiser follows one schedule.
 *
 * ```ts
 * for (const batch of batches) {
 *   …
 *   optimizer.step();
 *   schedule.step();
 * }
 * ```
 */
export abstract class Schedule {
  private steps = 0;
  private initial: readonly number[];

  /** `momentumAt` says the momentum of all groups after t steps; null leaves it as it is. */
  constructor(
    readonly optimizer: Optimizer,
    private readonly rate: Rate,
    readonly momentumAt: (t: number) => number | null = () => null,
  ) {
    checkOptimizer(this.constructor.name, optimizer);
    this.initial = optimizer.groups.map(({ lr }) => lr);
    this.moveTo(0);
  }

  /** The groups' rates after t steps. */
  ratesAt(t: number): number[] {
    return this.initial.map((initial, group) => this.rate(initial, t, group));
  }

  /** Moves on by one step: call it after the optimiser's. */
  step(): void {
    this.moveTo(this.steps + 1);
  }

  stateDict(): ScheduleState {
    return { steps: this.steps, initial: [...this.initial] };
  }

  /** Goes on from `state` and sets the rates. Throws a `StateDictError` for another number of groups. */
  loadStateDict(state: ScheduleState): void {
    const { steps, initial } = state;
    const name = this.constructor.name;
    checkInteger(name, 'the steps', steps, 0);
    const { length } = this.optimizer.groups;
    if (!Array.isArray(initial) || initial.length !== length) {
      throw new StateDictError(
        `${name}: expected the rates of ${length} groups, got ${show(initial)}`,
      );
    }
    this.initial = [...initial];
    this.moveTo(steps);
  }

  private moveTo(t: number): void {
    const rates = this.ratesAt(t);
    const momentum = this.momentumAt(t);
    this.steps = t;
    this.optimizer.groups.forEach((group, i) => {
      group.lr = rates[i];
      if (momentum === null) return;
      if (group.betas !== undefined) group.betas = [momentum, group.betas[1]];
      else group.momentum = momentum;
    });
  }
}

/** Throws an `ArgumentError` for anything but an optimiser. */
export function checkOptimizer(op: string, optimizer: unknown): void {
  if (optimizer instanceof Optimizer) return;
  throw new ArgumentError(`${op}: expected an optimiser, got ${show(optimizer)}`);
}

/** One value a group: the one that is given for all, or a list of as many. */
export function perGroup<T>(op: string, what: string, x: T | readonly T[], groups: number): T[] {
  const values: readonly T[] = Array.isArray(x) ? x : new Array<T>(groups).fill(x as T);
  if (values.length === groups) return [...values];
  throw new ArgumentError(`${op}: expected one ${what} or ${groups}, got ${values.length}`);
}
