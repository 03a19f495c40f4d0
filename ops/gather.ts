import { DTypeError, IndexError, ShapeError } from '../core/errors.js';
import { compose, defineOp } from '../core/op.js';
import {
  around,
  axisOf,
  checkBoolean,
  checkInteger,
  formatShape,
  type Shape,
  sizeOf,
  stridesOf,
} from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { indexTensor, onlyTensor, promoted, type TensorLike, tensorOf } from './arguments.js';
import { add, mul } from './binary.js';
import { eq, lt } from './compare.js';
import { reshape } from './shape.js';
import { narrow } from './slice.js';
import { indexOn, putAdd, take } from './take.js';
import { clamp } from './unary.js';
import { where } from './where.js';

/** The index's numbers counted from the front. Throws an `IndexError` outside `[-n, n)`. */
function positions(op: string, index: Tensor, n: number): Int32Array {
  return Int32Array.from(index.data, (i) => {
    if (i >= -n && i < n) return i < 0 ? i + n : i;
    throw new IndexError(`${op}: expected indices from ${-n} to ${n - 1}, got ${i}`);
  });
}

/** The same where a device has the numbers, unseen: those outside are moved to the nearest inside. */
function positionsAway(op: string, index: Tensor, n: number): Tensor {
  if (n === 0) {
    throw new IndexError(`${op}: expected no indices into an axis of size 0, got ${index.size}`);
  }
  const inside = clamp(reshape(index, [index.size]), -n, n - 1);
  return where(lt(inside, 0), add(inside, n), inside);
}

/**
 * For `take` from x, the flat places `starts[j] + step · i` of an index's numbers i, counted from the front
 * of an axis of size n; the index is repeated until there is one for each start. Throws an `IndexError`
 * outside `[-n, n)`, but where a device has the numbers, and looking would wait for it, they are held inside.
 */
export function placesIn(
  op: string,
  x: Tensor,
  index: Tensor,
  n: number,
  step = 1,
  starts: Int32Array | null = null,
): Tensor {
  if (!index.storage.isAway) {
    const at = positions(op, index, n);
    return indexOn(x, starts?.map((start, j) => start + step * at[j % at.length]) ?? at);
  }
  const at = positionsAway(op, index, n);
  if (starts === null) return at;
  const from = reshape(indexOn(x, starts), [starts.length / index.size, index.size]);
  return reshape(add(mul(at, step), from), [starts.length]);
}

/** The parts of x at positions `index` (1-d int32) along axis `dim`, in that order. */
export const indexSelect = compose('indexSelect', (x: Tensor, dim: number, index: Tensor) => {
  const t = onlyTensor('indexSelect', 'x', x);
  const axis = axisOf('indexSelect', dim, t.ndim);
  const [outer, n, inner] = around(t.shape, axis);
  const list = indexTensor('indexSelect', 'the index', index);
  if (list.ndim > 1) {
    throw new ShapeError(`indexSelect: expected a 1-d index, got shape ${formatShape(list.shape)}`);
  }
  const count = list.size;
  const starts = new Int32Array(outer * count);
  for (let o = 0; o < outer; o++) starts.fill(o * n, o * count, (o + 1) * count);
  const rows = placesIn('indexSelect', t, list, n, 1, starts);
  return take(t, rows, inner, t.shape.with(axis, count));
});

/**
 * For each element of `index`, the flat place in x that has the index's number along `axis` and the
 * element's own place along the others.
 */
function placesAlong(op: string, x: Tensor, axis: number, index: Tensor): Tensor {
  const { shape } = x;
  if (index.ndim !== shape.length || index.shape.some((n, i) => i !== axis && n > shape[i])) {
    throw new ShapeError(
      `${op}: expected an index that fits in shape ${formatShape(shape)} except along axis ${axis}, got ${formatShape(index.shape)}`,
    );
  }
  if (shape.length === 0) return placesIn(op, x, index, 1);
  const starts = starting(shape, axis, index.shape);
  return placesIn(op, x, index, shape[axis], stridesOf(shape)[axis], starts);
}

/** For each element of an index, where the line along `axis` that it reads begins in a tensor of `shape`. */
function starting(shape: Shape, axis: number, indexShape: Shape): Int32Array {
  const strides = stridesOf(shape);
  const steps = stridesOf(indexShape);
  return Int32Array.from({ length: sizeOf(indexShape) }, (_, i) => {
    let flat = 0;
    for (let d = 0; d < shape.length; d++) {
      if (d !== axis) flat += (Math.floor(i / steps[d]) % indexShape[d]) * strides[d];
    }
    return flat;
  });
}

/**
 * y[…, i, …] = x[…, index[…, i, …], …] along axis `dim`; the index may be smaller than x elsewhere. Throws an
 * `IndexError` for indices outside; those that a device computed are held inside instead, unseen.
 */
export const gather = compose('gather', (x: Tensor, dim: number, index: Tensor) => {
  const t = onlyTensor('gather', 'x', x);
  const axis = axisOf('gather', dim, Math.max(t.ndim, 1));
  const at = indexTensor('gather', 'the index', index);
  return take(t, placesAlong('gather', t, axis, at), 1, at.shape);
});

/** x with each number of `source` added at y[…, index[…, i, …], …], along axis `dim`. */
export const scatterAdd = compose(
  'scatterAdd',
  (x: Tensor, dim: number, index: Tensor, source: Tensor) => {
    const [t, numbers] = promoted([
      onlyTensor('scatterAdd', 'x', x),
      onlyTensor('scatterAdd', 'the source', source),
    ]);
    if (t.dtype === 'bool') throw new DTypeError('scatterAdd: expected numbers, got bool');
    const axis = axisOf('scatterAdd', dim, Math.max(t.ndim, 1));
    const at = indexTensor('scatterAdd', 'the index', index);
    if (at.ndim !== numbers.ndim || at.shape.some((n, i) => n > numbers.shape[i])) {
      throw new ShapeError(
        `scatterAdd: expected an index no larger than the source ${formatShape(numbers.shape)}, got ${formatShape(at.shape)}`,
      );
    }
    const used = at.shape.reduce((part, n, i) => narrow(part, i, 0, n), numbers);
    return add(t, putAdd(used, placesAlong('scatterAdd', t, axis, at), 1, t.shape));
  },
);

/**
 * Rows of the table `weight` [classes, width] picked by int32 `index` […]: […, width]. Rows picked as
 * `paddingIdx` receive no gradient.
 */
export const embedding = compose(
  'embedding',
  (index: Tensor, weight: Tensor, paddingIdx?: number | null): Tensor => {
    const table = onlyTensor('embedding', 'the weight', weight);
    const at = indexTensor('embedding', 'the index', index);
    if (table.ndim !== 2) {
      throw new ShapeError(
        `embedding: expected a weight [classes, width], got ${formatShape(table.shape)}`,
      );
    }
    const [classes, width] = table.shape;
    if (paddingIdx !== undefined && paddingIdx !== null) {
      checkInteger('embedding', 'paddingIdx', paddingIdx);
      if (paddingIdx < -classes || paddingIdx >= classes) {
        throw new IndexError(
          `embedding: expected paddingIdx from ${-classes} to ${classes - 1}, got ${paddingIdx}`,
        );
      }
    }
    const rows = placesIn('embedding', table, at, classes);
    const picked = take(table, rows, width, [...at.shape, width]);
    if (paddingIdx === undefined || paddingIdx === null) return picked;
    const own = paddingIdx < 0 ? paddingIdx + classes : paddingIdx;
    const row = reshape(rows, [...at.shape, 1]);
    return where(eq(row, own), picked.detach(), picked);
  },
);

type Sort = [x: Tensor, axis: number, descending: boolean];

/** Positions (int32) that put x in order along `dim`; stable, NaN counting as the greatest. */
export const argsort = defineOp({
  name: 'argsort',
  check: (x: TensorLike, dim = -1, descending = false): Sort => {
    const t = tensorOf('argsort', x);
    const axis = axisOf('argsort', dim, Math.max(t.ndim, 1));
    return [t, axis, checkBoolean('argsort', 'descending', descending)];
  },
  forward: (k, x, axis, descending) =>
    new Tensor(k.argsort(x.storage, ...around(x.shape, axis), descending), x.shape),
  vjp: [],
});

export interface Sorted {
  values: Tensor;
  /** Where along `dim` each value was (int32). */
  indices: Tensor;
}

/** x in order along `dim`; stable, NaN counting as the greatest. */
export const sort = compose('sort', (x: Tensor, dim = -1, descending = false): Sorted => {
  const t = onlyTensor('sort', 'x', x);
  const axis = axisOf('sort', dim, Math.max(t.ndim, 1));
  const indices = argsort(t, axis, checkBoolean('sort', 'descending', descending));
  return { values: gather(t, axis, indices), indices };
});

/** The k largest (or smallest) numbers along `dim`, in order. */
export const topk = compose('topk', (x: Tensor, k: number, dim = -1, largest = true): Sorted => {
  const t = onlyTensor('topk', 'x', x);
  const axis = axisOf('topk', dim, Math.max(t.ndim, 1));
  const n = t.ndim === 0 ? 1 : t.shape[axis];
  if (checkInteger('topk', 'k', k, 0) > n) {
    throw new ShapeError(`topk: expected k of at most ${n}, the size of axis ${axis}, got ${k}`);
  }
  const order = argsort(t, axis, checkBoolean('topk', 'largest', largest));
  const indices = t.ndim === 0 ? order : narrow(order, axis, 0, k);
  return { values: gather(t, axis, indices), indices };
});
