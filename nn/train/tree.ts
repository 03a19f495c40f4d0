import { show } from '../../core/shape.js';
import { StateDictError, Tensor } from '../../ops/index.js';
import type { StateDict } from '../module.js';

// State is made of numbers, texts, truth values, null and tensors, in arrays and plain objects. As JSON,
// `{ "$tensor": name }` stands for a tensor that is kept elsewhere, under that name, and
// `{ "$number": "Infinity" }` for a number that JSON has no form for.

/** What JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { [key: string]: Json };

const TENSOR = '$tensor';
const NUMBER = '$number';

/** The special numbers by how they are written. */
const SPECIAL = [NaN, Infinity, -Infinity, -0];
const written = (x: number): string => (Object.is(x, -0) ? '-0' : String(x));

const isPlainObject = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' &&
  x !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(x));

/**
 * `state` as JSON; its tensors are added to `tensors`, named by where they stand: `path/state/0/mean`.
 * Properties that are undefined are left out. Throws a `StateDictError` for what is no such state.
 */
export function pack(op: string, path: string, state: unknown, tensors: StateDict): Json {
  if (state === null || typeof state === 'string' || typeof state === 'boolean') return state;
  if (typeof state === 'number') {
    return SPECIAL.some((x) => Object.is(x, state)) ? { [NUMBER]: written(state) } : state;
  }
  if (state instanceof Tensor) {
    if (Object.hasOwn(tensors, path))
      throw new StateDictError(`${op}: expected one tensor '${path}', got two`);
    tensors[path] = state;
    return { [TENSOR]: path };
  }
  if (Array.isArray(state)) return state.map((x, i) => pack(op, `${path}/${i}`, x, tensors));
  if (!isPlainObject(state)) {
    throw new StateDictError(
      `${op}: expected numbers, texts, truth values, null and tensors in arrays and plain objects, got ${show(state)} as ${path}`,
    );
  }
  const entries = Object.entries(state).filter(([, x]) => x !== undefined);
  return Object.fromEntries(
    entries.map(([key, x]) => {
      if (key === TENSOR || key === NUMBER) {
        throw new StateDictError(`${op}: expected other names than ${key} in ${path}`);
      }
      return [key, pack(op, `${path}/${key}`, x, tensors)];
    }),
  );
}

/**
 * The state that was packed, with its tensors out of `tensors`, each of whose names is added to `used`.
 * Throws a `StateDictError` where one is missing.
 */
export function unpack(
  op: string,
  json: Json,
  tensors: Readonly<StateDict>,
  used: Set<string>,
): unknown {
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return json.map((x) => unpack(op, x, tensors, used));
  const children = Object.entries(json);
  const [[key, value]] = children.length === 1 ? children : [['', null]];
  if (key === NUMBER) return SPECIAL.find((x) => written(x) === value);
  if (key === TENSOR && typeof value === 'string') {
    if (!Object.hasOwn(tensors, value)) {
      throw new StateDictError(`${op}: expected a tensor '${value}', got none`);
    }
    used.add(value);
    return tensors[value];
  }
  return Object.fromEntries(children.map(([name, x]) => [name, unpack(op, x, tensors, used)]));
}
