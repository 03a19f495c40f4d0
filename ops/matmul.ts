import { ArgumentError, DTypeError, ShapeError } from '../core/errors.js';
import { compose } from '../core/op.js';
import {
  axisOf,
  broadcastShapes,
  checkInteger,
  formatShape,
  type Shape,
  show,
} from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { checkDimensions, onlyTensor, pairOf } from './arguments.js';
import { add } from './binary.js';
import { contract, type Labels } from './einsum/contract.js';
import { reshape } from './shape.js';

// Each product here is one contraction; only the names of the axes differ.

function numbers(op: string, a: Tensor, b: Tensor): [Tensor, Tensor] {
  const pair = pairOf(
    op,
    onlyTensor(op, 'the first operand', a),
    onlyTensor(op, 'the second operand', b),
  );
  if (pair[0].dtype !== 'bool') return pair;
  throw new DTypeError(`${op}: expected numbers, got bool and bool`);
}

/** Σᵢ aᵢ·bᵢ of two vectors. */
export const dot = compose('dot', (a: Tensor, b: Tensor): Tensor => {
  const [x, y] = numbers('dot', a, b);
  if (x.ndim !== 1 || y.ndim !== 1 || x.size !== y.size) {
    throw new ShapeError(
      `dot: expected two vectors of one length, got ${formatShape(x.shape)} and ${formatShape(y.shape)}`,
    );
  }
  return contract(x, y, ['i'], ['i'], []);
});

/** aᵢ·bⱼ of two vectors: a matrix. */
export const outer = compose('outer', (a: Tensor, b: Tensor): Tensor => {
  const [x, y] = numbers('outer', a, b);
  checkDimensions('outer', 'the first operand', x, 1);
  checkDimensions('outer', 'the second operand', y, 1);
  return contract(x, y, ['i'], ['j'], ['i', 'j']);
});

/** A tensor without those batch axes that broadcast, and names for the others, counted from the right. */
function ownBatch(x: Tensor, batch: Shape): [Tensor, string[]] {
  const axes = Math.max(0, x.ndim - 2);
  const shift = batch.length - axes;
  const repeats = (size: number, i: number): boolean => i < axes && size !== batch[i + shift];
  const labels = batch
    .map((_, i) => `batch ${i}`)
    .filter((_, i) => i >= shift && !repeats(x.shape[i - shift], i - shift));
  if (labels.length === axes) return [x, labels];
  return [
    reshape(
      x,
      x.shape.filter((size, i) => !repeats(size, i)),
    ),
    labels,
  ];
}

/**
 * NumPy's `a @ b`: the matrix product of the last two axes, the axes before them broadcast. A vector
 * counts as a row on the left and a column on the right, and its axis falls away.
 */
export const matmul = compose('matmul', (a: Tensor, b: Tensor): Tensor => {
  const [x, y] = numbers('matmul', a, b);
  checkDimensions('matmul', 'the first operand', x, 1, Infinity);
  checkDimensions('matmul', 'the second operand', y, 1, Infinity);
  const rows = x.ndim === 1 ? [] : ['row'];
  const cols = y.ndim === 1 ? [] : ['col'];
  const inner = y.shape[Math.max(0, y.ndim - 2)];
  if (x.shape[x.ndim - 1] !== inner) {
    throw new ShapeError(
      `matmul: expected ${formatShape(x.shape)} @ [..., ${x.shape[x.ndim - 1]}, n], got ${formatShape(y.shape)}`,
    );
  }
  const batch = broadcastShapes('matmul', x.shape.slice(0, -2), y.shape.slice(0, -2));
  const [[left, ofX], [right, ofY]] = [ownBatch(x, batch), ownBatch(y, batch)];
  return contract(
    left,
    right,
    [...ofX, ...rows, 'inner'],
    [...ofY, 'inner', ...cols],
    [...batch.map((_, i) => `batch ${i}`), ...rows, ...cols],
  );
});

/** The matrix product of each of `b` pairs: `[b, n, k]` and `[b, k, m]` give `[b, n, m]`. */
export const bmm = compose('bmm', (a: Tensor, b: Tensor): Tensor => {
  const [x, y] = numbers('bmm', a, b);
  checkDimensions('bmm', 'the first operand', x, 3);
  checkDimensions('bmm', 'the second operand', y, 3);
  if (x.shape[0] !== y.shape[0] || x.shape[2] !== y.shape[1]) {
    throw new ShapeError(
      `bmm: expected [b, n, k] and [b, k, m], got ${formatShape(x.shape)} and ${formatShape(y.shape)}`,
    );
  }
  return contract(x, y, ['b', 'n', 'k'], ['b', 'k', 'm'], ['b', 'n', 'm']);
});

/**
 * Sums products over pairs of axes: the last `dims` of a with the first `dims` of b, or
 * `[axes of a, axes of b]`. What is left of a comes first.
 */
export const tensordot = compose(
  'tensordot',
  (
    a: Tensor,
    b: Tensor,
    dims: number | readonly [readonly number[], readonly number[]] = 2,
  ): Tensor => {
    const [x, y] = numbers('tensordot', a, b);
    const [ofX, ofY] = axisLists(x, y, dims);
    const axesX = ofX.map((d) => axisOf('tensordot', d, x.ndim));
    const axesY = ofY.map((d) => axisOf('tensordot', d, y.ndim));
    const paired =
      axesX.length === axesY.length &&
      new Set(axesX).size === axesX.length &&
      new Set(axesY).size === axesY.length &&
      axesX.every((axis, i) => x.shape[axis] === y.shape[axesY[i]]);
    if (!paired) {
      throw new ShapeError(
        `tensordot: axes ${formatShape(ofX)} of ${formatShape(x.shape)} do not pair with axes ${formatShape(ofY)} of ${formatShape(y.shape)}`,
      );
    }
    const labelsX: Labels = x.shape.map((_, i) =>
      axesX.includes(i) ? `sum ${axesX.indexOf(i)}` : `a ${i}`,
    );
    const labelsY: Labels = y.shape.map((_, i) =>
      axesY.includes(i) ? `sum ${axesY.indexOf(i)}` : `b ${i}`,
    );
    const out = [...labelsX, ...labelsY].filter((label) => !label.startsWith('sum'));
    return contract(x, y, labelsX, labelsY, out);
  },
);

function axisLists(x: Tensor, y: Tensor, dims: unknown): [number[], number[]] {
  if (!Array.isArray(dims)) return facingAxes(x, y, checkInteger('tensordot', 'dims', dims, 0));
  if (dims.length === 2 && dims.every(Array.isArray)) return [dims[0], dims[1]];
  throw new ArgumentError(
    `tensordot: expected a number of axes or two lists of axes as dims, got ${show(dims)}`,
  );
}

function facingAxes(x: Tensor, y: Tensor, count: number): [number[], number[]] {
  if (count > Math.min(x.ndim, y.ndim)) {
    throw new ShapeError(
      `tensordot: expected at most ${Math.min(x.ndim, y.ndim)} axes to sum over, got ${count}`,
    );
  }
  const axes = Array.from({ length: count }, (_, i) => i);
  return [axes.map((i) => x.ndim - count + i), axes];
}

/** x·Wᵀ + b: x `[…, in]`, weight `[out, in]`, bias `[out]` or null; `[…, out]`. */
export const linear = compose(
  'linear',
  (x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor => {
    const [t, w] = numbers('linear', x, weight);
    checkDimensions('linear', 'x', t, 1, Infinity);
    checkDimensions('linear', 'the weight', w, 2);
    const features = t.shape[t.ndim - 1];
    if (w.shape[1] !== features) {
      throw new ShapeError(
        `linear: weight ${formatShape(w.shape)} needs ${w.shape[1]} features, x ${formatShape(t.shape)} has ${features}`,
      );
    }
    const lead = t.shape.slice(0, -1).map((_, i) => `batch ${i}`);
    const y = contract(t, w, [...lead, 'in'], ['out', 'in'], [...lead, 'out']);
    if (bias === undefined || bias === null) return y;
    const b = onlyTensor('linear', 'the bias', bias);
    if (b.ndim === 1 && b.size === w.shape[0]) return add(y, b);
    throw new ShapeError(`linear: expected a bias [${w.shape[0]}], got ${formatShape(b.shape)}`);
  },
);
