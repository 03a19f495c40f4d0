import { ArgumentError, ShapeError } from '../core/errors.js';
import { compose } from '../core/op.js';
import { around, checkInteger, checkShape, formatShape, show } from '../core/shape.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { checkDimensions, floatingOf, onlyTensor } from './arguments.js';
import { div } from './binary.js';
import { maxPool1d, maxPool2d, maxPool3d } from './pool.js';
import { sum } from './reduce.js';
import { reshape } from './shape.js';
import { indexOn, take } from './take.js';

// An adaptive pool cuts its input into as many windows as it is told. Once they are laid side by side,
// all as long as the longest, it is an ordinary pool.

/** One size for every spatial axis, or one each; null keeps the input's. */
export type AdaptiveSize = number | null | readonly (number | null)[];

/** The sizes written out for each of `n` axes. */
export function adaptiveSizes(op: string, size: unknown, n: number): (number | null)[] {
  const list: unknown[] = Array.isArray(size) ? [...size] : new Array<unknown>(n).fill(size);
  if (list.length !== n) {
    throw new ArgumentError(
      `${op}: expected ${n} numbers as the output size, one a spatial axis, got ${show(size)}`,
    );
  }
  return list.map((m) => (m === null ? null : checkInteger(op, 'the output size', m, 1)));
}

/** The windows that cover an axis: where each begins, and how many places it has. */
interface Windows {
  readonly starts: readonly number[];
  readonly lengths: readonly number[];
  readonly longest: number;
}

/** Window i of `count` over `size` places runs from ⌊i·size/count⌋ to before ⌈(i + 1)·size/count⌉. */
function windowsOver(size: number, count: number): Windows {
  const starts = Array.from({ length: count }, (_, i) => Math.floor((i * size) / count));
  const lengths = starts.map((start, i) => Math.ceil(((i + 1) * size) / count) - start);
  return { starts, lengths, longest: lengths.reduce((a, b) => Math.max(a, b)) };
}

/** What stands where a window is shorter than the longest: its last number again, or 0. */
type Filler = 'last' | 'zero';

/** x with the windows along `axis` one after another, all as long as the longest. */
function sideBySide(x: Tensor, axis: number, windows: Windows, filler: Filler): Tensor {
  const { starts, lengths, longest } = windows;
  const [outer, size, inner] = around(x.shape, axis);
  const width = starts.length * longest;
  if (width === size) return x;
  const from = starts.flatMap((start, i) =>
    Array.from({ length: longest }, (_, j) => {
      if (j < lengths[i]) return start + j;
      return filler === 'last' ? start + lengths[i] - 1 : -1;
    }),
  );
  const index = new Int32Array(outer * width);
  for (let o = 0; o < outer; o++)
    for (let j = 0; j < width; j++) index[o * width + j] = from[j] < 0 ? -1 : o * size + from[j];
  return take(x, indexOn(x, index), inner, x.shape.with(axis, width));
}

/** Pools windows that lie side by side along the last axes of x. */
type Pooling = (x: Tensor, windows: readonly Windows[]) => Tensor;

const adaptivePool = (op: string, n: 1 | 2 | 3, filler: Filler, pooling: Pooling) =>
  compose(op, (input: Tensor, outputSize: AdaptiveSize): Tensor => {
    const x = floatingOf(op, onlyTensor(op, 'the input', input));
    checkDimensions(op, 'the input', x, n + 1, n + 2);
    const [outer, sizes] = [x.shape.slice(0, -n), x.shape.slice(-n)];
    const target = adaptiveSizes(op, outputSize, n).map((m, i) => m ?? sizes[i]);
    if (sizes.includes(0)) {
      throw new ShapeError(
        `${op}: expected spatial axes of at least one place, got ${formatShape(x.shape)}`,
      );
    }
    checkShape(op, [...outer, ...target]);
    const windows = sizes.map((size, i) => windowsOver(size, target[i]));
    checkShape(op, [...outer, ...windows.map(({ longest }, i) => target[i] * longest)]);
    const laid = windows.reduce((t, w, i) => sideBySide(t, outer.length + i, w, filler), x);
    return pooling(laid, windows);
  });

const maxPools = { 1: maxPool1d, 2: maxPool2d, 3: maxPool3d };

const adaptiveMaxPool = (n: 1 | 2 | 3) =>
  adaptivePool(`adaptiveMaxPool${n}d`, n, 'last', (x, windows) =>
    maxPools[n](
      x,
      windows.map(({ longest }) => longest),
    ),
  );

/**
 * The largest number of each of `outputSize` windows that together cover the input: `[b, c, size]` →
 * `[b, c, outputSize]`, or both without b. Window i of m over s places runs from ⌊i·s/m⌋ to before
 * ⌈(i + 1)·s/m⌉; a size of null keeps the input's.
 */
export const adaptiveMaxPool1d = adaptiveMaxPool(1);
/** As `adaptiveMaxPool1d`, over two axes. */
export const adaptiveMaxPool2d = adaptiveMaxPool(2);
/** As `adaptiveMaxPool1d`, over three axes. */
export const adaptiveMaxPool3d = adaptiveMaxPool(3);

const adaptiveAvgPool = (n: 1 | 2 | 3) =>
  adaptivePool(`adaptiveAvgPool${n}d`, n, 'zero', (x, windows) => {
    const outer = x.shape.slice(0, -n);
    const grid = windows.flatMap(({ starts, longest }) => [starts.length, longest]);
    const within = windows.map((_, i) => outer.length + 2 * i + 1);
    return div(sum(reshape(x, [...outer, ...grid]), within), counts(x, windows));
  });

/** How many numbers each window has. */
function counts(x: Tensor, windows: readonly Windows[]): Tensor {
  const products = windows.reduce<number[]>(
    (all, { lengths }) => all.flatMap((n) => lengths.map((m) => n * m)),
    [1],
  );
  const shape = windows.map(({ lengths }) => lengths.length);
  return tensor(products, { shape, dtype: x.dtype, device: x.device });
}

/** The means of the windows of `adaptiveMaxPool1d`. */
export const adaptiveAvgPool1d = adaptiveAvgPool(1);
/** As `adaptiveAvgPool1d`, over two axes. */
export const adaptiveAvgPool2d = adaptiveAvgPool(2);
/** As `adaptiveAvgPool1d`, over three axes. */
export const adaptiveAvgPool3d = adaptiveAvgPool(3);
