import { allocate } from '../core/dtype.js';
import { ArgumentError, ShapeError } from '../core/errors.js';
import { compose } from '../core/op.js';
import { checkBoolean, checkOneOf, checkShape, show } from '../core/shape.js';
import { fromData, type Tensor } from '../core/tensor.js';
import { checkDimensions, floatingOf, onlyTensor, optionsOf } from './arguments.js';
import { type PerAxis, perAxis } from './conv.js';
import { einsum } from './einsum/einsum.js';

// Resizing is linear in each axis apart, so it is one small matrix an axis: y = R·x·Cᵀ.

/** A matrix [to, from] whose row i says how output i is put together. */
function matrix(
  model: Tensor,
  from: number,
  to: number,
  row: (i: number) => [at: number, weight: number][],
): Tensor {
  const data = allocate(model.dtype, from * to);
  for (let i = 0; i < to; i++) for (const [at, weight] of row(i)) data[i * from + at] += weight;
  return fromData(model.dtype, data, [to, from], { device: model.device });
}

/** Applies one matrix to the rows and one to the columns of images `[b, c, h, w]`. */
const resize = (x: Tensor, rows: Tensor, cols: Tensor): Tensor =>
  einsum('bchw,ph,qw->bcpq', x, rows, cols);

export interface InterpolateOptions {
  /** The new height and width; or give `scaleFactor`. */
  size?: PerAxis | null;
  scaleFactor?: number | readonly number[] | null;
  mode?: 'nearest' | 'bilinear';
  /** Bilinear only: whether the corner pixels' centres, rather than their edges, stay in place. */
  alignCorners?: boolean;
}

/** Resizes images `[b, c, h, w]` by the nearest pixel or linearly between the pixels around. */
export const interpolate = compose(
  'interpolate',
  (input: Tensor, options: InterpolateOptions): Tensor => {
    const x = floatingOf('interpolate', onlyTensor('interpolate', 'the input', input));
    checkDimensions('interpolate', 'the input', x, 4);
    if (x.shape[2] === 0 || x.shape[3] === 0) {
      throw new ShapeError(
        `interpolate: expected images of at least one pixel, got ${show(x.shape)}`,
      );
    }
    const given = optionsOf('interpolate', options, {
      size: null,
      scaleFactor: null,
      mode: 'nearest',
      alignCorners: false,
    } as Required<InterpolateOptions>);
    checkOneOf('interpolate', 'the mode', given.mode, ['nearest', 'bilinear']);
    checkBoolean('interpolate', 'alignCorners', given.alignCorners);
    const [height, width] = targetSize(x, given);
    checkShape('interpolate', [...x.shape.slice(0, 2), height[0], width[0]]);
    const along = given.mode === 'nearest' ? nearest : linearly(given.alignCorners);
    const axis = (from: number, [to, source]: NewSize): Tensor =>
      matrix(x, from, to, (i) => along(i, from, to, source));
    return resize(x, axis(x.shape[2], height), axis(x.shape[3], width));
  },
);

/** A new size, and where in the input, counted in its pixels, a place of the output lies. */
type NewSize = [to: number, source: (place: number) => number];

/** The new size of each axis. Places are single quotients: a rounded scale would miss whole pixels. */
function targetSize(x: Tensor, { size, scaleFactor }: Required<InterpolateOptions>): NewSize[] {
  const from = x.shape.slice(2);
  if ((size === null) === (scaleFactor === null)) {
    throw new ArgumentError(
      'interpolate: expected either size or scaleFactor, got both or neither',
    );
  }
  if (size !== null) {
    const sizes = perAxis('interpolate', 'the size', size, 2, 1);
    return sizes.map((to, i) => [to, (place) => (place * from[i]) / to]);
  }
  const factors = Array.isArray(scaleFactor) ? scaleFactor : [scaleFactor, scaleFactor];
  return from.map((n, i) => {
    const factor: unknown = factors.length === 2 ? factors[i] : NaN;
    if (typeof factor === 'number' && factor < Infinity && n * factor >= 1) {
      return [Math.floor(n * factor), (place) => place / factor];
    }
    throw new ArgumentError(
      `interpolate: expected one or two scale factors that leave at least one pixel, got ${show(scaleFactor)}`,
    );
  });
}

type Blend = (i: number, from: number, ...[to, source]: NewSize) => [number, number][];

const nearest: Blend = (i, from, _to, source) => [[Math.min(Math.floor(source(i)), from - 1), 1]];

const linearly =
  (alignCorners: boolean): Blend =>
  (i, from, to, source) => {
    const place = alignCorners
      ? to > 1
        ? (i * (from - 1)) / (to - 1)
        : 0
      : Math.max(0, source(i + 0.5) - 0.5);
    const low = Math.min(Math.floor(place), from - 1);
    const high = Math.min(low + 1, from - 1);
    return [
      [low, 1 - (place - low)],
      [high, place - low],
    ];
  };
