import { release } from '../core/lifetime.js';
import { sameShape, show } from '../core/shape.js';
import { optionsOf } from '../ops/arguments.js';
import {
  ArgumentError,
  add,
  clone,
  dispose,
  keep,
  LambdagradError,
  mul,
  noGrad,
  StateDictError,
  scope,
  Tensor,
} from '../ops/index.js';
import { beside } from './beside.js';
import { Module, type StateDict } from './module.js';
import { checkSetting } from './optim/settings.js';

export interface AverageOptions {
  /** How much of the average stays at each update: 0.999 unless said otherwise. */
  decay?: number;
}

const copyOf = (state: Readonly<StateDict>): StateDict =>
  noGrad(() =>
    Object.fromEntries(Object.entries(state).map(([name, x]) => [name, keep(clone(x))])),
  );

/**
 * A mean of a module's weights over training, which forgets: average ← decay·average +
 * (1 − decay)·weights, from the weights that there were at first (Polyak and Juditsky 1992, exponential
 * as in Kingma and Ba 2015, section 7.2). Buffers, such as running statistics, are not averaged: the
 * last ones count.
 *
 * ```ts
 * const average = new ExponentialMovingAverage(model, { decay: 0.999 });
 * for (const batch of batches) {
 *   …
 *   optimizer.step();
 *   average.update();
 * }
 * const numbers = await average.during(() => evaluate(model, test, { loss }));
 * ```
 */
export class ExponentialMovingAverage {
  readonly decay: number;
  private average: StateDict;
  /** The module's own weights, while the average stands in their place. */
  private own: StateDict | null = null;

  constructor(
    readonly module: Module,
    options: AverageOptions = {},
  ) {
    const op = 'ExponentialMovingAverage';
    if (!(module instanceof Module)) {
      throw new ArgumentError(`${op}: expected a module, got ${show(module)}`);
    }
    this.decay = checkSetting(op, 'decay', optionsOf(op, options, { decay: 0.999 }).decay, 0, 1);
    this.average = copyOf(module.stateDict());
  }

  /** Takes the module's weights in: call it after each step of the optimiser. */
  update(): void {
    this.checkNotApplied('update');
    const { decay } = this;
    const trained = new Set(this.module.parameters().map(({ storage }) => storage));
    noGrad(() =>
      scope(() => {
        for (const [name, x] of Object.entries(this.module.stateDict())) {
          const before = this.average[name];
          const mean = beside(before, x);
          this.average[name] = keep(
            trained.has(x.storage) ? add(mul(mean, decay), mul(x, 1 - decay)) : clone(x),
          );
          release(before.storage);
        }
      }),
    );
  }

  /** Puts the average into the module, whose own weights are kept until `restore`. */
  apply(): void {
    this.checkNotApplied('apply');
    this.own = copyOf(this.module.stateDict());
    this.module.loadStateDict(this.average);
  }

  /** Puts the module's own weights back. Throws a `LambdagradError` unless `apply` was called before. */
  restore(): void {
    if (this.own === null) {
      throw new LambdagradError(
        'restore: expected an average that is applied, got one that is not',
      );
    }
    this.module.loadStateDict(this.own);
    dispose(this.own);
    this.own = null;
  }

  /** What `body` returns, which finds the average in the module; until it is settled, if it is a promise. */
  during<T>(body: () => T): T {
    this.apply();
    let result: T | undefined;
    try {
      result = body();
    } finally {
      if (!(result instanceof Promise)) this.restore();
    }
    return result instanceof Promise ? (result.finally(() => this.restore()) as T) : result;
  }

  /** A copy of the average, as a state dict of the module. */
  stateDict(): StateDict {
    return copyOf(this.average);
  }

  /** Goes on from a copy of `state`. Throws a `StateDictError` unless its names and shapes are the module's. */
  loadStateDict(state: Readonly<StateDict>): void {
    const own = this.average;
    const wrong = [...Object.keys(own), ...Object.keys(state)].find(
      (name) =>
        !(own[name] instanceof Tensor && state[name] instanceof Tensor) ||
        !sameShape(own[name].shape, state[name].shape),
    );
    if (wrong !== undefined) {
      throw new StateDictError(
        `ExponentialMovingAverage: expected ${nameOf(own[wrong])} as ${wrong}, got ${nameOf(state[wrong])}`,
      );
    }
    const copies = Object.entries(state).map(([name, x]): [string, Tensor] => [
      name,
      noGrad(() => clone(beside(x, own[name]))),
    ]);
    this.average = Object.fromEntries(copies);
  }

  private checkNotApplied(what: string): void {
    if (this.own === null) return;
    throw new LambdagradError(
      `${what}: expected the module's own weights, got the average; restore it`,
    );
  }
}

const nameOf = (x: Tensor | undefined): string => (x === undefined ? 'nothing' : show(x));
