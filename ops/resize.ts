import { allocate } from '../core/dtype.js';
import { ArgumentError, ShapeError } from '../core/errors.js';
import { compose } from '../core/op.js';
import { checkBoolean, checkOneOf, show } from '../core/shape.js';
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

function images(op: string, input: Tensor): Tensor {
  const x = floatingOf(op, onlyTensor(op, 'the input', input));
  checkDimensions(op, 'the input', x, 4);
  if (x.shape[2] > 0 && x.shape[3] > 0) return x;
  throw new ShapeError(`${op}: expected images of at least one pixel, got ${show(x.shape)}`);
}

/**
 * Means over a grid of `outputSize` windows that together cover the input: `[b, c, h, w]` →
 * `[b, c, …outputSize]`. Window i of n over s places runs from ⌊i·s/n⌋ to ⌈(i + 1)·s/n⌉.
 */
export const adaptiveAvgPool2d = compose(
  'adaptiveAvgPool2d',
  (input: Tensor, outputSize: PerAxis): Tensor => {
    const x = images('adaptiveAvgPool2d', input);
    const target = perAxis('adaptiveAvgPool2d', 'the output size', outputSize, 2, 1);
    const means = (from: number, to: number): Tensor =>
      matrix(x, from, to, (i) => {
        const first = Math.floor((i * from) / to);
        const last = Math.ceil(((i + 1) * from) / to);
        return Array.from({ length: last - first }, (_, j) => [first + j, 1 / (last - first)]);
      });
    return resize(x, means(x.shape[2], target[0]), means(x.shape[3], target[1]));
  },
);

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
    const x = images('interpolate', input);
    const given = optionsOf('interpolate', options, {
      size: null,
      scaleFactor: null,
      mode: 'nearest',
      alignCorners: false,
    } as Required<InterpolateOptions>);
    checkOneOf('interpolate', 'the mode', given.mode, ['nearest', 'bilinear']);
    checkBoolean('interpolate', 'alignCorners', given.alignCorners);
    const [height, width] = targetSize(x, given);
    const along = given.mode === 'nearest' ? nearest : linearly(given.alignCorners);
    const axis = (from: number, [to, scale]: [number, number]): Tensor =>
      matrix(x, from, to, (i) => along(i, from, to, scale));
    return resize(x, axis(x.shape[2], height), axis(x.shape[3], width));
  },
);

/** For each axis its new size, and how many input pixels an output pixel spans. */
function targetSize(
  x: Tensor,
  { size, scaleFactor }: Required<InterpolateOptions>,
): [number, number][] {
  const from = x.shape.slice(2);
  if ((size === null) === (scaleFactor === null)) {
    throw new ArgumentError(
      'interpolate: expected either size or scaleFactor, got both or neither',
    );
  }
  if (size !== null) {
    return perAxis('interpolate', 'the size', size, 2, 1).map((to, i) => [to, from[i] / to]);
  }
  const factors = Array.isArray(scaleFactor) ? scaleFactor : [scaleFactor, scaleFactor];
  return from.map((n, i) => {
    const to = Math.floor(n * factors[i]);
    if (factors.length === 2 && to >= 1) return [to, 1 / factors[i]];
    throw new ArgumentError(
      `interpolate: expected one or two scale factors that leave at least one pixel, got ${show(scaleFactor)}`,
    );
  });
}

type Blend = (i: number, from: number, to: number, scale: number) => [number, number][];

const nearest: Blend = (i, from, _to, scale) => [[Math.min(Math.floor(i * scale), from - 1), 1]];

const linearly =
  (alignCorners: boolean): Blend =>
  (i, from, to, scale) => {
    const place = alignCorners
      ? to > 1
        ? (i * (from - 1)) / (to - 1)
        : 0
      : Math.max(0, (i + 0.5) * scale - 0.5);
    const low = Math.min(Math.floor(place), from - 1);
    const high = Math.min(low + 1, from - 1);
    return [
      [low, 1 - (place - low)],
      [high, place - low],
    ];
  };
