import { release } from '../../core/lifetime.js';
import { checkInteger, formatShape, sameShape, show } from '../../core/shape.js';
import { optionsOf } from '../../ops/arguments.js';
import {
  ArgumentError,
  cast,
  clone,
  keep,
  noGrad,
  ShapeError,
  StateDictError,
  scope,
  Tensor,
} from '../../ops/index.js';
import { beside } from '../beside.js';
import {
  checkSetting,
  checkSettings,
  type Group,
  groupsOf,
  type ParametersOrGroups,
  type Settings,
} from './settings.js';

/** What an optimiser remembers of one parameter from step to step. */
export interface State {
  /** How many steps have changed the parameter, this one included. */
  step: number;
  /** Running means and the like, of the parameter's shape, and in a step of its dtype and on its device. */
  readonly slots: Record<string, Tensor>;
  /** What of the kind is one number. */
  readonly scalars: Record<string, number>;
}

/** All that an optimiser needs to go on as if it had never stopped. */
export interface OptimizerState<S extends Settings = Settings> {
  /** By the parameters' order, groups one after another; null for one that was never changed. */
  states: (State | null)[];
  /** The groups' settings, with their parameters' places in that order. */
  groups: (S & { params: readonly number[] })[];
}

/**
 * Changes parameters in place, by their gradients. A subclass says which settings there are, and how one
 * parameter is changed. Throws an `ArgumentError` unless the parameters, a list of them or groups that
 * have settings of their own, are leaves that require grad, each there once.
 *
 * ```ts
 * new SGD([{ params: body.parameters(), lr: 1e-3 }, { params: head.parameters() }], { lr: 1e-2 });
 * ```
 */
export abstract class Optimizer<S extends Settings = Settings> {
  readonly groups: Group<S>[];
  private readonly states = new Map<Tensor, State>();

  constructor(
    parameters: ParametersOrGroups<S>,
    options: Partial<S>,
    private readonly defaults: S,
  ) {
    this.groups = groupsOf(this.name, parameters, optionsOf(this.name, options, defaults));
    for (const group of this.groups) this.check(group);
  }

  private get name(): string {
    return this.constructor.name;
  }

  /** The parameters of all groups. */
  get parameters(): readonly Tensor[] {
    return this.groups.flatMap(({ params }) => params);
  }

  /** The learning rate of all groups. Throws an `ArgumentError` if they have several. */
  get lr(): number {
    const [{ lr }] = this.groups;
    if (this.groups.every((group) => group.lr === lr)) return lr;
    const rates = this.groups.map((group) => group.lr);
    throw new ArgumentError(
      `${this.name}: expected groups of one lr, got ${show(rates)}; read groups[i].lr`,
    );
  }

  set lr(lr: number) {
    checkSetting(this.name, 'lr', lr);
    for (const group of this.groups) group.lr = lr;
  }

  /** Throws an `ArgumentError` for settings that make no sense. */
  protected check(settings: S): void {
    checkSettings(this.name, settings, this.defaults);
  }

  /** Changes every parameter that has a gradient. Throws a `ShapeError` for one of another shape. */
  step(): void {
    for (const { grad, shape } of this.parameters) {
      if (grad === null || sameShape(grad.shape, shape)) continue;
      throw new ShapeError(
        `${this.name}: expected a gradient of shape ${formatShape(shape)}, got ${formatShape(grad.shape)}`,
      );
    }
    scope(() =>
      noGrad(() => {
        for (const group of this.groups) {
          for (const p of group.params) {
            if (p.grad === null) continue;
            const state = this.states.get(p) ?? { step: 0, slots: {}, scalars: {} };
            this.states.set(p, state);
            state.step++;
            const g = p.grad.dtype === p.dtype ? p.grad : cast(p.grad, p.dtype);
            const before = Object.values(state.slots);
            for (const [name, slot] of Object.entries(state.slots)) {
              // `Module.to` may have moved the parameter since the last step.
              state.slots[name] = beside(slot, p);
            }
            this.update(p, g, state, group);
            keepSlots(Object.values(state.slots), before);
          }
        }
      }),
    );
  }

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const p of this.parameters) p.grad = null;
  }

  /** A copy of what the optimiser remembers and is set to: later steps do not change it. */
  stateDict(): OptimizerState<S> {
    const { parameters } = this;
    return {
      states: parameters.map((p) => {
        const state = this.states.get(p);
        return state === undefined ? null : copyOf(state, p);
      }),
      groups: this.groups.map((group) => ({
        ...group,
        params: group.params.map((p) => parameters.indexOf(p)),
      })),
    };
  }

  /**
   * Goes on from `state`, of which it makes a copy, each slot in its parameter's dtype and on its device.
   * Throws, before anything changes, a `StateDictError` unless the groups have as many parameters as this one's and the
   * slots their shapes, and an `ArgumentError` for settings that make no sense.
   */
  loadStateDict(state: OptimizerState<S>): void {
    const { name, parameters } = this;
    if (!Array.isArray(state?.states) || !Array.isArray(state?.groups)) {
      throw new StateDictError(`${name}: expected { states, groups } to load, got ${show(state)}`);
    }
    const { states, groups } = state;
    const sizes = this.groups.map(({ params }) => params.length);
    const given = groups.map((group) => group?.params?.length ?? 0);
    if (!sameShape(sizes, given) || states.length !== parameters.length) {
      throw new StateDictError(
        `${name}: expected groups of ${sizes.join(', ')} parameters, got ${given.join(', ')} and ${states.length} states`,
      );
    }
    const settings = groups.map((group, i) =>
      optionsOf<Group<S>>(name, { ...group, params: this.groups[i].params }, this.groups[i]),
    );
    for (const group of settings) this.check(group);
    states.forEach((one, i) => {
      if (one !== null) checkState(name, one, parameters[i], i);
    });
    this.groups.forEach((group, i) => {
      Object.assign(group, settings[i]);
    });
    this.states.clear();
    states.forEach((one, i) => {
      if (one !== null) this.states.set(parameters[i], copyOf(one, parameters[i]));
    });
  }

  /** One step of one parameter p with gradient g, which has its shape and dtype, in place. */
  protected abstract update(p: Tensor, g: Tensor, state: State, settings: S): void;
}

/** What an optimiser remembers outlives its steps, and no longer than it is remembered. */
function keepSlots(slots: readonly Tensor[], before: readonly Tensor[]): void {
  const kept = new Set(slots.map(({ storage }) => storage));
  for (const { storage } of before) if (!kept.has(storage)) release(storage);
  for (const slot of slots) keep(slot);
}

function copyOf({ step, slots, scalars }: State, p: Tensor): State {
  const copies = Object.entries(slots).map(([name, slot]): [string, Tensor] => [
    name,
    noGrad(() => clone(beside(slot, p))),
  ]);
  return { step, slots: Object.fromEntries(copies), scalars: { ...scalars } };
}

function checkState(op: string, { step, slots }: State, p: Tensor, at: number): void {
  checkInteger(op, `the steps of parameter ${at}`, step, 0);
  if (Object(slots) !== slots) {
    throw new StateDictError(
      `${op}: expected slots by name for parameter ${at}, got ${show(slots)}`,
    );
  }
  for (const [name, slot] of Object.entries(slots)) {
    if (slot instanceof Tensor && sameShape(slot.shape, p.shape)) continue;
    throw new StateDictError(
      `${op}: expected ${name} of parameter ${at} of shape ${formatShape(p.shape)}, got ${show(slot)}`,
    );
  }
}
