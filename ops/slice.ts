import { ArgumentError, AxisError, IndexError, ShapeError } from '../core/errors.js';
import type { Kernels, View } from '../core/kernels.js';
import { compose, defineOp } from '../core/op.js';
import {
  axisOf,
  checkInteger,
  formatShape,
  type Shape,
  show,
  sizeOf,
  stridesOf,
} from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { onlyTensor } from './arguments.js';
import { add } from './binary.js';
import { ge, le } from './compare.js';
import { arange } from './create.js';
import { sum } from './reduce.js';
import { reshape } from './shape.js';
import { where } from './where.js';

/** Reads part of x through a strided view; its transpose, `place`, writes the part into zeros. */
export const view = defineOp({
  name: 'view',
  forward: (k: Kernels, x: Tensor, part: View) => new Tensor(k.copy(x.storage, part), part.shape),
  saves: [[]],
  vjp: [(g, _y, x, part): Tensor => place(g, part, x.shape)],
});

/** Writes x through a strided view into a tensor of `shape` that is otherwise `value`. */
export const place = defineOp({
  name: 'place',
  check: (x: Tensor, part: View, shape: Shape, value = 0): [Tensor, View, Shape, number] => [
    x,
    part,
    shape,
    value,
  ],
  forward: (k, x, part, shape, value) =>
    new Tensor(k.place(x.storage, part, sizeOf(shape), value), shape),
  saves: [[]],
  vjp: [(g, _y, _x, part): Tensor => view(g, part)],
});

/** `length` places along `dim` from `start` on. */
export const narrow = compose('narrow', (x: Tensor, dim: number, start: number, length: number) => {
  const t = onlyTensor('narrow', 'x', x);
  const axis = axisOf('narrow', dim, t.ndim);
  const n = t.shape[axis];
  const first = checkInteger('narrow', 'start', start);
  const from = first < 0 ? first + n : first;
  checkInteger('narrow', 'length', length, 0);
  if (from < 0 || from + length > n) {
    throw new ShapeError(
      `narrow: ${length} places from ${start} do not lie in axis ${axis} of shape ${formatShape(t.shape)}`,
    );
  }
  return slice(t, axis, from, from + length);
});

/** A bound as Python reads it: negative counts from the end, and what lies outside is cut off. */
function bound(at: number | null | undefined, otherwise: number, n: number, step: number): number {
  if (at === null || at === undefined) return otherwise;
  const [least, most] = step > 0 ? [0, n] : [-1, n - 1];
  return Math.min(Math.max(at < 0 ? at + n : at, least), most);
}

/**
 * Python's `x[start:end:step]` along axis `dim`: negative bounds count from the end, bounds outside
 * are cut off, a negative step goes backwards. Throws an `ArgumentError` for a step of 0.
 */
export const slice = compose(
  'slice',
  (x: Tensor, dim: number, start?: number | null, end?: number | null, step = 1): Tensor => {
    const t = onlyTensor('slice', 'x', x);
    const axis = axisOf('slice', dim, t.ndim);
    for (const at of [start, end])
      if (at !== null && at !== undefined) checkInteger('slice', 'a bound', at);
    if (checkInteger('slice', 'step', step) === 0) {
      throw new ArgumentError('slice: expected a step other than 0, got 0');
    }
    const n = t.shape[axis];
    const from = bound(start, step > 0 ? 0 : n - 1, n, step);
    const to = bound(end, step > 0 ? n : -1, n, step);
    const count = Math.max(0, Math.ceil((to - from) / step));
    if (count === n && step === 1) return t;
    const strides = stridesOf(t.shape);
    return view(t, {
      shape: t.shape.with(axis, count),
      strides: strides.with(axis, strides[axis] * step),
      offset: count === 0 ? 0 : from * strides[axis],
    });
  },
);

/** The part at position `index` of axis `dim`, which falls away. */
export const select = compose('select', (x: Tensor, dim: number, index: number) => {
  const t = onlyTensor('select', 'x', x);
  const axis = axisOf('select', dim, t.ndim);
  const n = t.shape[axis];
  if (checkInteger('select', 'the index', index) < -n || index >= n) {
    throw new IndexError(`select: expected an index from ${-n} to ${n - 1}, got ${index}`);
  }
  return reshape(narrow(t, axis, index, 1), t.shape.toSpliced(axis, 1));
});

/** The diagonal of axes `dim1` and `dim2`, `offset` places right of the main one, as the last axis. */
export const diagonal = compose('diagonal', (x: Tensor, offset = 0, dim1 = 0, dim2 = 1) => {
  const t = onlyTensor('diagonal', 'x', x);
  const [a, b] = [axisOf('diagonal', dim1, t.ndim), axisOf('diagonal', dim2, t.ndim)];
  if (a === b) throw new AxisError(`diagonal: expected two axes, got ${show([dim1, dim2])}`);
  checkInteger('diagonal', 'offset', offset);
  const [down, right] = [Math.max(0, -offset), Math.max(0, offset)];
  const length = Math.max(0, Math.min(t.shape[a] - down, t.shape[b] - right));
  const strides = stridesOf(t.shape);
  const kept = t.shape.map((_, i) => i).filter((i) => i !== a && i !== b);
  return view(t, {
    shape: [...kept.map((i) => t.shape[i]), length],
    strides: [...kept.map((i) => strides[i]), strides[a] + strides[b]],
    offset: length === 0 ? 0 : down * strides[a] + right * strides[b],
  });
});

/** The sum of the diagonal of a matrix. */
export const trace = compose('trace', (x: Tensor) => {
  const t = onlyTensor('trace', 'x', x);
  if (t.ndim === 2) return sum(diagonal(t));
  throw new ShapeError(`trace: expected a matrix, got shape ${formatShape(t.shape)}`);
});

/** The numbers of a band of the last two axes, zeros elsewhere. */
function band(
  name: string,
  x: Tensor,
  diagonalOffset: number,
  inside: (column: Tensor, bound: Tensor) => Tensor,
): Tensor {
  const t = onlyTensor(name, 'x', x);
  if (t.ndim < 2) {
    throw new ShapeError(`${name}: expected at least 2 axes, got shape ${formatShape(t.shape)}`);
  }
  checkInteger(name, 'diagonal', diagonalOffset);
  const options = { dtype: 'int32', device: t.device } as const;
  const [rows, cols] = t.shape.slice(-2);
  const offset = Math.min(Math.max(diagonalOffset, -rows), cols);
  const row = reshape(arange(0, rows, 1, options), [rows, 1]);
  return where(inside(arange(0, cols, 1, options), add(row, offset)), t, false);
}

/** The lower triangle of the last two axes: columns up to `diagonal` places right of the main one. */
export const tril = compose('tril', (x: Tensor, diagonal = 0) => band('tril', x, diagonal, le));

/** The upper triangle of the last two axes: columns from `diagonal` places right of the main one. */
export const triu = compose('triu', (x: Tensor, diagonal = 0) => band('triu', x, diagonal, ge));
