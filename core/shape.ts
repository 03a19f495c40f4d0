import { ArgumentError, AxisError, ShapeError } from './errors.js';

/** Sizes by dimension, outermost first; `[]` is the shape of a single number. */
export type Shape = readonly number[];

/** One axis or several; negative ones count from the end. Nothing means all of them. */
export type Dims = number | readonly number[] | null | undefined;

export const formatShape = (shape: Shape): string => `[${shape.join(', ')}]`;

/** How many numbers a shape holds, or its axes from `first` to before `end`. */
export function sizeOf(shape: Shape, first = 0, end = shape.length): number {
  let size = 1;
  for (let axis = first; axis < end; axis++) size *= shape[axis];
  return size;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Row-major strides: how far apart in the buffer two neighbours along each axis lie. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i];
  }
  return strides;
}

/** A list longer than this is shown by its first elements. */
const SHOWN = 10;

/** How any argument reads in a message. */
export function show(x: unknown): string {
  if (typeof x === 'string') return `'${x}'`;
  if (typeof x === 'function') return 'a function';
  if (typeof x !== 'object' || x === null) return String(x);
  if (Array.isArray(x)) {
    const parts = Array.from(x.slice(0, SHOWN), show);
    return `[${[...parts, ...(x.length > SHOWN ? ['…'] : [])].join(', ')}]`;
  }
  return 'shape' in x ? `a tensor of shape ${show(x.shape)}` : 'an object';
}

/** A whole number, at least `least`; `what` names it in the message. */
export function checkInteger(op: string, what: string, x: unknown, least = -Infinity): number {
  if (typeof x === 'number' && Number.isInteger(x) && x >= least) return x;
  const wanted = least === -Infinity ? 'an integer' : `an integer of at least ${least}`;
  throw new ArgumentError(`${op}: expected ${wanted} as ${what}, got ${show(x)}`);
}

/** A number, which may be infinite but not NaN; `what` names it in the message. */
export function checkNumber(op: string, what: string, x: unknown): number {
  if (typeof x === 'number' && !Number.isNaN(x)) return x;
  throw new ArgumentError(`${op}: expected a number as ${what}, got ${show(x)}`);
}

export function checkBoolean(op: string, what: string, x: unknown): boolean {
  if (typeof x === 'boolean') return x;
  throw new ArgumentError(`${op}: expected true or false as ${what}, got ${show(x)}`);
}

/** Throws an `ArgumentError` for anything that cannot be called; `role` says what it is called for. */
export function checkFunction(op: string, role: string, x: unknown): void {
  if (typeof x === 'function') return;
  throw new ArgumentError(`${op}: expected a function ${role}, got ${show(x)}`);
}

export function checkOneOf<T extends string>(
  op: string,
  what: string,
  x: unknown,
  choices: readonly T[],
): T {
  const found = choices.find((choice) => choice === x);
  if (found !== undefined) return found;
  throw new ArgumentError(
    `${op}: expected ${choices.map((c) => `'${c}'`).join(' or ')} as ${what}, got ${show(x)}`,
  );
}

/** The most numbers a typed array is asked to hold here: 2³¹ − 1. */
const MAX_SIZE = 2 ** 31 - 1;

const isSize = (n: unknown): n is number => typeof n === 'number' && Number.isInteger(n) && n >= 0;

/** Returns a fresh copy of `shape` if every size is a whole number ≥ 0 and the whole (0 as 1) fits. */
export function checkShape(op: string, shape: unknown): number[] {
  const sizes: unknown[] = Array.isArray(shape) ? [...shape] : [NaN];
  if (!sizes.every(isSize)) {
    throw new ShapeError(`${op}: expected a shape of whole numbers ≥ 0, got ${show(shape)}`);
  }
  let total = 1;
  for (const n of sizes) total *= Math.max(n, 1);
  if (total > MAX_SIZE) {
    throw new ShapeError(`${op}: shape ${show(shape)} has more than ${MAX_SIZE} numbers`);
  }
  return sizes;
}

/** `dim` counted from the front. Throws an `AxisError` outside `[-ndim, ndim)`. */
export function axisOf(op: string, dim: unknown, ndim: number): number {
  if (typeof dim === 'number' && Number.isInteger(dim) && dim >= -ndim && dim < ndim) {
    return dim < 0 ? dim + ndim : dim;
  }
  const range = ndim === 0 ? 'a 0-d tensor has no axes' : `from ${-ndim} to ${ndim - 1}`;
  throw new AxisError(`${op}: expected an axis (${range}), got ${show(dim)}`);
}

/**
 * The axes that `dims` names, counted from the front, in increasing order; all if it names none. A 0-d
 * tensor may be taken as a list of one: it lets itself be told axis 0, which is none of its own.
 */
export function axesOf(op: string, dims: Dims, ndim: number): number[] {
  const axes: number[] = [];
  if (dims === null || dims === undefined) {
    for (let axis = 0; axis < ndim; axis++) axes.push(axis);
    return axes;
  }
  for (const dim of Array.isArray(dims) ? dims : [dims]) {
    axes.push(axisOf(op, dim, Math.max(ndim, 1)));
  }
  if (axes.sort((a, b) => a - b).some((axis, i) => axis === axes[i - 1])) {
    throw new AxisError(`${op}: expected each axis once, got ${show(dims)} for ${ndim} dimensions`);
  }
  return ndim === 0 ? [] : axes;
}

/** `shape` after a reduction over `axes`: kept as size 1, or dropped. */
export function reducedShape(shape: Shape, axes: readonly number[], keepdim: boolean): number[] {
  const kept: number[] = [];
  for (let i = 0; i < shape.length; i++) {
    if (!axes.includes(i)) kept.push(shape[i]);
    else if (keepdim) kept.push(1);
  }
  return kept;
}

/** NumPy's rule: aligned at the right, sizes are equal or one of them is 1. */
export function broadcastShapes(op: string, ...shapes: Shape[]): number[] {
  let ndim = 0;
  for (const shape of shapes) ndim = Math.max(ndim, shape.length);
  const result = new Array<number>(ndim).fill(1);
  for (const shape of shapes) {
    const shift = ndim - shape.length;
    for (let i = 0; i < shape.length; i++) {
      const size = shape[i];
      if (size === 1 || size === result[i + shift]) continue;
      if (result[i + shift] !== 1) {
        throw new ShapeError(
          `${op}: shapes ${shapes.map(formatShape).join(' and ')} do not broadcast: ` +
            `sizes ${result[i + shift]} and ${size} meet at axis ${i - shape.length}`,
        );
      }
      result[i + shift] = size;
    }
  }
  return result;
}

/** `shape` seen as `[outer, n, inner]` with `n` the size along `axis`. A 0-d shape is `[1, 1, 1]`. */
export function around(shape: Shape, axis: number): [outer: number, n: number, inner: number] {
  if (shape.length === 0) return [1, 1, 1];
  return [sizeOf(shape, 0, axis), shape[axis], sizeOf(shape, axis + 1)];
}
