import { fit } from '../core/dtype.js';
import { ArgumentError, DTypeError, ShapeError } from '../core/errors.js';
import { compose } from '../core/op.js';
import {
  checkInteger,
  checkOneOf,
  checkShape,
  formatShape,
  show,
  sizeOf,
  stridesOf,
} from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { onlyTensor } from './arguments.js';
import { indexSelect } from './gather.js';
import { narrow, place } from './slice.js';
import { indexOn } from './take.js';

export type PadMode = 'constant' | 'reflect' | 'replicate' | 'circular';

/** Where position i, counted from the first number of an axis of n, reads from. */
const sources: Record<Exclude<PadMode, 'constant'>, (i: number, n: number) => number> = {
  replicate: (i, n) => Math.min(Math.max(i, 0), n - 1),
  circular: (i, n) => ((i % n) + n) % n,
  reflect: (i, n) => (i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i),
};

/**
 * Adds `pad` = [left, right, top, bottom, …] numbers around the last, second last, … axis: `value`,
 * or the tensor's own numbers mirrored (`reflect`, without the edge), its edge repeated (`replicate`),
 * or its other end (`circular`). Negative numbers cut off (constant only).
 */
export const pad = compose(
  'pad',
  (x: Tensor, padding: readonly number[], mode: PadMode = 'constant', value = 0): Tensor => {
    let t = onlyTensor('pad', 'x', x);
    checkOneOf('pad', 'the mode', mode, ['constant', 'reflect', 'replicate', 'circular']);
    if (typeof value !== 'number') {
      throw new ArgumentError(`pad: expected a number as the value, got ${show(value)}`);
    }
    if (t.dtype === 'int32' && !Number.isInteger(value)) {
      throw new DTypeError(`pad: expected a whole number as the value for int32, got ${value}`);
    }
    const filler = fit('pad', t.dtype, value);
    if (!Array.isArray(padding) || padding.length % 2 !== 0 || padding.length > 2 * t.ndim) {
      throw new ShapeError(
        `pad: expected pairs [before, after] for at most ${t.ndim} axes, got ${show(padding)}`,
      );
    }
    for (const n of padding)
      checkInteger('pad', 'a padding', n, mode === 'constant' ? -Infinity : 0);
    for (let i = 0; i < padding.length; i += 2) {
      const axis = t.ndim - 1 - i / 2;
      t =
        mode === 'constant'
          ? padConstant(t, axis, padding[i], padding[i + 1], filler)
          : padByIndex(t, axis, padding[i], padding[i + 1], mode);
    }
    return t;
  },
);

function padConstant(
  x: Tensor,
  axis: number,
  before: number,
  after: number,
  value: number,
): Tensor {
  const n = x.shape[axis];
  if (n + before + after < 0) {
    throw new ShapeError(
      `pad: ${before} and ${after} cut more than axis ${axis} of ${formatShape(x.shape)} has`,
    );
  }
  const first = Math.min(n, Math.max(0, -before));
  const kept = narrow(x, axis, first, Math.max(0, n - first - Math.max(0, -after)));
  if (before <= 0 && after <= 0) return kept;
  const shape = checkShape('pad', x.shape.with(axis, n + before + after));
  const strides = stridesOf(shape);
  const offset = sizeOf(kept.shape) === 0 ? 0 : Math.max(0, before) * strides[axis];
  return place(kept, { shape: kept.shape, strides, offset }, shape, value);
}

function padByIndex(
  x: Tensor,
  axis: number,
  before: number,
  after: number,
  mode: keyof typeof sources,
): Tensor {
  const n = x.shape[axis];
  const most = mode === 'reflect' ? n - 1 : mode === 'circular' ? n : n === 0 ? 0 : Infinity;
  if (before > most || after > most) {
    throw new ShapeError(
      `pad: mode '${mode}' expects at most ${most} numbers on each side of axis ${axis} of ${formatShape(x.shape)}, got ${before} and ${after}`,
    );
  }
  const length = before + n + after;
  checkShape('pad', x.shape.with(axis, length));
  const from = Int32Array.from({ length }, (_, i) => sources[mode](i - before, n));
  return indexSelect(x, axis, indexOn(x, from));
}
