import { ArgumentError, DeviceError, DTypeError, IndexError, ShapeError } from '../core/errors.js';
import { compose } from '../core/op.js';
import { broadcastShapes, formatShape, show, sizeOf } from '../core/shape.js';
import { fromData, Tensor } from '../core/tensor.js';
import { onlyTensor } from './arguments.js';
import { add, mul } from './binary.js';
import { expand } from './broadcast.js';
import { placesIn } from './gather.js';
import { permute, reshape, unsqueeze } from './shape.js';
import { select, slice } from './slice.js';
import { take } from './take.js';

/**
 * One part of an index, as NumPy writes it between brackets: a number; a range `'start:end:step'`,
 * each part optional; `'...'` for all the axes not named; null for a new axis; an int32 tensor of
 * positions; a bool tensor over as many axes as it has.
 */
export type Selector = number | string | null | Tensor;

function checkSelector(s: unknown): Selector {
  if (s === null || typeof s === 'number' || s === '...') return s;
  if (typeof s === 'string') {
    if (readRange(s)[2] !== 0) return s;
    throw new ArgumentError(`index: expected a step other than 0, got ${show(s)}`);
  }
  if (!(s instanceof Tensor)) {
    throw new ArgumentError(
      `index: expected a number, a range such as '1:5', '...', null or a tensor, got ${show(s)}`,
    );
  }
  if (s.dtype === 'int32' || s.dtype === 'bool') return s;
  throw new DTypeError(`index: expected an int32 or bool tensor as a selector, got ${s.dtype}`);
}

/** The bounds of a range such as `'1:-1'` or `'::2'`. */
function readRange(text: string): [number | null, number | null, number] {
  const parts = text.split(':').map((part) => part.trim());
  const valid =
    (parts.length === 2 || parts.length === 3) && parts.every((p) => /^(-?\d+)?$/.test(p));
  if (!valid) {
    throw new ArgumentError(
      `index: expected a range such as '1:5' or '::-1', or '...', got ${show(text)}`,
    );
  }
  const [start, end, step] = parts.map((part) => (part === '' ? null : Number(part)));
  return [start, end, step ?? 1];
}

const axesTaken = (s: Selector): number =>
  s === null || s === '...' ? 0 : s instanceof Tensor && s.dtype === 'bool' ? s.ndim : 1;

/** `'...'` written out as full ranges, at the end if it is not there. */
function spelledOut(x: Tensor, selectors: readonly Selector[]): Selector[] {
  const dots = selectors.filter((s) => s === '...').length;
  const rest = x.ndim - selectors.reduce((count: number, s) => count + axesTaken(s), 0);
  if (dots > 1) throw new ArgumentError("index: expected '...' at most once");
  if (rest < 0) {
    throw new IndexError(
      `index: too many indices, ${show(selectors)}, for shape ${formatShape(x.shape)}`,
    );
  }
  const ranges = new Array<Selector>(rest).fill(':');
  const at = selectors.indexOf('...');
  return at < 0 ? [...selectors, ...ranges] : selectors.toSpliced(at, 1, ...ranges);
}

/** The positions of a mask's true elements, one int32 list for each of its axes. */
function truePositions(mask: Tensor, x: Tensor, axis: number): Tensor[] {
  if (mask.shape.some((n, i) => n !== x.shape[axis + i])) {
    throw new ShapeError(
      `index: mask ${formatShape(mask.shape)} does not match axes ${axis} to ${axis + mask.ndim - 1} of shape ${formatShape(x.shape)}`,
    );
  }
  if (mask.storage.isAway) {
    throw new DeviceError(
      `index: expected a mask whose numbers are at hand, since the result's size depends on them, got one computed on ${mask.device.name}; use where(mask, x, 0), which keeps the size, or make a mask of await mask.read()`,
    );
  }
  const flat: number[] = [];
  mask.data.forEach((value, i) => {
    if (value !== 0) flat.push(i);
  });
  return mask.shape.map((n, i) => {
    const step = sizeOf(mask.shape.slice(i + 1));
    const along = Int32Array.from(flat, (at) => Math.floor(at / step) % n);
    return fromData('int32', along, [along.length]);
  });
}

/**
 * NumPy's `x[…]`. Numbers drop their axis, ranges keep it, null adds one; tensors of positions, and
 * numbers beside them, are broadcast together, and their axes stand where the first of them stood if
 * they are neighbours, else in front. A 0-d mask keeps or drops the whole, under a new axis. Throws an
 * `IndexError` for positions outside the tensor, but for those that a device computed: they are held
 * inside, unseen. A mask that a device computed is refused, since the result's size depends on it.
 */
export const index = compose('index', (x: Tensor, selectors: readonly Selector[]): Tensor => {
  let t = onlyTensor('index', 'x', x);
  if (!Array.isArray(selectors)) {
    throw new ArgumentError(`index: expected a list of selectors, got ${show(selectors)}`);
  }
  const lists: { axis: number; at: Tensor }[] = [];
  const byList = selectors.some((s) => s instanceof Tensor);
  let axis = 0;
  for (const s of spelledOut(t, selectors.map(checkSelector))) {
    if (s === null) t = unsqueeze(t, axis++);
    else if (typeof s === 'string') t = slice(t, axis++, ...readRange(s));
    else if (typeof s === 'number') {
      const n = t.shape[axis];
      if (!Number.isInteger(s) || s < -n || s >= n) {
        throw new IndexError(`index: expected an index from ${-n} to ${n - 1}, got ${s}`);
      }
      if (!byList) t = select(t, axis, s < 0 ? s + n : s);
      else lists.push({ axis: axis++, at: fromData('int32', Int32Array.of(s), []) });
    } else if (s.dtype === 'bool') {
      if (s.ndim === 0) t = unsqueeze(t, axis);
      const mask = s.ndim === 0 ? unsqueeze(s, 0) : s;
      for (const at of truePositions(mask, t, axis)) lists.push({ axis: axis++, at });
    } else lists.push({ axis: axis++, at: s });
  }
  return lists.length === 0 ? t : pick(t, lists);
});

/** Picks by lists of positions along several axes at once. */
function pick(x: Tensor, lists: readonly { axis: number; at: Tensor }[]): Tensor {
  const axes = lists.map(({ axis }) => axis);
  const shape = broadcastShapes('index', ...lists.map(({ at }) => at.shape));
  const rest = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const moved = permute(x, [...axes, ...rest]);
  const along = lists.map(({ axis, at }) =>
    reshape(placesIn('index', x, at, x.shape[axis]), at.shape),
  );
  const flat = along.reduce((rows, at, i) => add(mul(rows, x.shape[axes[i]]), at));
  const rows = reshape(expand(flat, shape), [sizeOf(shape)]);
  const kept = rest.map((i) => x.shape[i]);
  const picked = take(moved, rows, sizeOf(kept), [...shape, ...kept]);
  const neighbours = axes.every((axis, i) => i === 0 || axis === axes[i - 1] + 1);
  const before = neighbours ? axes[0] : 0;
  const own = shape.map((_, i) => i);
  const others = rest.map((_, i) => shape.length + i);
  return permute(picked, [...others.slice(0, before), ...own, ...others.slice(before)]);
}
