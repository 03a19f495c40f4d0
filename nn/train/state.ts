import { show } from '../../core/shape.js';
import { StateDictError } from '../../ops/index.js';

/** What a checkpoint can hold: modules, optimisers, schedules and whatever else has these two. */
export interface Stateful {
  /** Numbers, texts, truth values, null and tensors, in arrays and plain objects. */
  stateDict(): unknown;
  loadStateDict(state: never): void;
}

export const isStateful = (x: unknown): x is Stateful & { loadStateDict(state: unknown): void } =>
  typeof x === 'object' &&
  x !== null &&
  'stateDict' in x &&
  typeof x.stateDict === 'function' &&
  'loadStateDict' in x &&
  typeof x.loadStateDict === 'function';

/** Throws a `StateDictError` in the name of `op` unless `state` has the keys and types of `model`. */
export function checkState<T extends object>(op: string, state: unknown, model: T): T {
  const given: Partial<Record<string, unknown>> =
    typeof state === 'object' && state !== null ? { ...state } : {};
  for (const [key, value] of Object.entries(model)) {
    if (typeof given[key] === typeof value) continue;
    throw new StateDictError(
      `${op}: expected a state dict of ${Object.keys(model).join(', ')}, got ${show(given[key])} as ${key}`,
    );
  }
  return given as T;
}
