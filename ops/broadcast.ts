import { ShapeError } from '../core/errors.js';
import type { Pairing } from '../core/kernels.js';
import { defineOp } from '../core/op.js';
import {
  broadcastShapes,
  checkShape,
  formatShape,
  type Shape,
  sameShape,
  sizeOf,
  stridesOf,
} from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { onlyTensor } from './arguments.js';
import { sum } from './reduce.js';
import { reshape } from './shape.js';

/** Strides that read `shape` as if it had been repeated to `target`: 0 along what is repeated. */
function repeatedStrides(shape: Shape, target: Shape): number[] {
  const shift = target.length - shape.length;
  const strides = stridesOf(shape);
  return target.map((_, i) => (i < shift || shape[i - shift] === 1 ? 0 : strides[i - shift]));
}

/**
 * The shape that two operands broadcast to, and how to walk them together. Throws a `ShapeError` in the
 * name of `op`.
 */
export function pairingOf(op: string, a: Shape, b: Shape): [Shape, Pairing] {
  const shape = sameShape(a, b) ? a : broadcastShapes(op, a, b);
  const length = sizeOf(shape);
  const [stepA, stepB] = [evenStep(a, length), evenStep(b, length)];
  if (stepA === null || stepB === null) return [shape, mergedAxes(a, b, shape)];
  return [shape, { sizes: [length], a: [stepA], b: [stepB], length }];
}

/** The one step that walks all of `shape` in `length` numbers: its numbers in a row, or one repeated. */
function evenStep(shape: Shape, length: number): number | null {
  const size = sizeOf(shape);
  return size === length ? 1 : size === 1 ? 0 : null;
}

/** How to walk two operands over `shape`, neighbouring axes merged where both lie in step. */
function mergedAxes(a: Shape, b: Shape, shape: Shape): Pairing {
  const [stepsA, stepsB] = [repeatedStrides(a, shape), repeatedStrides(b, shape)];
  const pairing = { sizes: [] as number[], a: [] as number[], b: [] as number[] };
  for (let axis = 0; axis < shape.length; axis++) {
    if (shape[axis] === 1) continue;
    const last = pairing.sizes.length - 1;
    const inStep =
      last >= 0 &&
      pairing.a[last] === stepsA[axis] * shape[axis] &&
      pairing.b[last] === stepsB[axis] * shape[axis];
    if (inStep) pairing.sizes[last] *= shape[axis];
    else pairing.sizes.push(shape[axis]);
    const at = pairing.sizes.length - 1;
    pairing.a[at] = stepsA[axis];
    pairing.b[at] = stepsB[axis];
  }
  return { ...pairing, length: sizeOf(shape) };
}

/** Repeats axes of size 1, and new ones in front, up to `shape`; −1 keeps an axis as it is. */
export const expand = defineOp({
  name: 'expand',
  check: (x: Tensor, shape: Shape): [Tensor, number[]] => {
    const t = onlyTensor('expand', 'x', x);
    const shift = Array.isArray(shape) ? shape.length - t.ndim : 0;
    const kept = (n: number, i: number): number =>
      n === -1 && i >= shift ? t.shape[i - shift] : n;
    const target = checkShape('expand', Array.isArray(shape) ? shape.map(kept) : shape);
    const fits = shift >= 0 && t.shape.every((n, i) => n === 1 || n === target[i + shift]);
    if (fits) return [t, target];
    throw new ShapeError(
      `expand: shape ${formatShape(t.shape)} does not repeat to ${formatShape(shape)}: only axes of size 1 do`,
    );
  },
  forward: (k, x, shape) => {
    if (sameShape(x.shape, shape)) return x;
    const view = { shape, strides: repeatedStrides(x.shape, shape), offset: 0 };
    return new Tensor(k.copy(x.storage, view), shape);
  },
  saves: [[]],
  vjp: [(g, _y, x) => sumTo(g, x.shape)],
});

/** Throws a `ShapeError` for a tensor (`what`) that does not broadcast to just `shape`. */
export function checkBroadcastsTo(op: string, what: string, x: Tensor, shape: Shape): void {
  const shift = shape.length - x.ndim;
  if (shift >= 0 && x.shape.every((n, i) => n === 1 || n === shape[i + shift])) return;
  throw new ShapeError(
    `${op}: ${what} ${formatShape(x.shape)} does not broadcast to shape ${formatShape(shape)}`,
  );
}

/** The transpose of broadcasting: sums over the axes along which `shape` was repeated. */
export function sumTo(g: Tensor, shape: Shape): Tensor {
  if (sameShape(g.shape, shape)) return g;
  const shift = g.ndim - shape.length;
  const repeated: number[] = [];
  for (let i = 0; i < g.ndim; i++) {
    if (i < shift || (shape[i - shift] === 1 && g.shape[i] !== 1)) repeated.push(i);
  }
  return reshape(sum(g, repeated), shape);
}
