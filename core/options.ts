import { ArgumentError } from './errors.js';
import { show } from './shape.js';

/** Whether x is an object as `{}` writes it. */
export const isPlainObject = (x: unknown): x is object =>
  typeof x === 'object' &&
  x !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(x));

/** Throws an `ArgumentError` for anything but an object, and for an option that is not `known`. */
export function checkOptions(op: string, given: unknown, known: readonly string[]): void {
  if (!isPlainObject(given)) {
    throw new ArgumentError(
      `${op}: expected an object of options (${known.join(', ')}), got ${show(given)}`,
    );
  }
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    throw new ArgumentError(`${op}: expected options ${known.join(', ')}, got '${key}'`);
  }
}

/** The options given over the defaults. Throws an `ArgumentError` for one that does not exist. */
export function optionsOf<T extends object>(op: string, given: Partial<T>, defaults: T): T {
  const known = Object.keys(defaults);
  checkOptions(op, given, known);
  const result = { ...defaults };
  for (const key of known as (keyof T)[]) {
    const value = given[key];
    if (value !== undefined) result[key] = value;
  }
  return result;
}
