import { show } from '../../core/shape.js';
import { ArgumentError, noGrad, Tensor } from '../../ops/index.js';

/** A number in [low, high), as an optimiser's setting. Throws an `ArgumentError` otherwise. */
export function checkSetting(
  op: string,
  what: string,
  x: unknown,
  low = 0,
  high = Infinity,
): number {
  if (typeof x === 'number' && x >= low && x < high) return x;
  throw new ArgumentError(
    `${op}: expected a number in [${low}, ${high}) as ${what}, got ${show(x)}`,
  );
}

/** What an optimiser remembers of one parameter from step to step. */
export interface State {
  /** How many steps have changed the parameter, this one included. */
  step: number;
  /** Running means and the like, of the parameter's shape. */
  readonly slots: Record<string, Tensor>;
}

/** Changes parameters in place, by their gradients. A subclass says how one parameter is changed. */
export abstract class Optimizer {
  private readonly states = new Map<Tensor, State>();

  /** Throws an `ArgumentError` unless `parameters` are tensors that require grad, at least one. */
  constructor(readonly parameters: readonly Tensor[]) {
    const name = this.constructor.name;
    if (!Array.isArray(parameters) || parameters.length === 0) {
      throw new ArgumentError(
        `${name}: expected an array of at least one parameter, got ${show(parameters)}`,
      );
    }
    parameters.forEach((p, i) => {
      if (p instanceof Tensor && p.requiresGrad && p.isLeaf) return;
      throw new ArgumentError(
        `${name}: expected leaves that require grad, parameter ${i} is ${p instanceof Tensor ? 'none' : show(p)}`,
      );
    });
    if (new Set(parameters).size < parameters.length) {
      throw new ArgumentError(`${name}: expected each parameter once, got one that stands twice`);
    }
  }

  /** Changes every parameter that has a gradient. */
  step(): void {
    noGrad(() => {
      for (const p of this.parameters) {
        if (p.grad === null) continue;
        const state = this.states.get(p) ?? { step: 0, slots: {} };
        this.states.set(p, state);
        state.step++;
        this.update(p, p.grad, state);
      }
    });
  }

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const p of this.parameters) p.grad = null;
  }

  /** One step of one parameter p with gradient g, in place. */
  protected abstract update(p: Tensor, g: Tensor, state: State): void;
}
