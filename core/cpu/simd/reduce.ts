import { type Engine, roundUp } from './engine.js';
import { BLOCK, SHARE } from './map.js';
import { type FoldName, folds, STRIP } from './reduce-kernels.js';

/** The engine's memory as the running results lie in it. */
const resultsOf = (engine: Engine, fn: FoldName): Float32Array | Float64Array =>
  fn === 'sum' ? engine.doubles : engine.floats;

const join = (fn: FoldName, a: number, b: number): number =>
  fn === 'sum' ? a + b : fn === 'amax' ? Math.max(a, b) : Math.min(a, b);

/** Folds rows of n numbers. */
export function foldRows(
  engine: Engine,
  fn: FoldName,
  x: Float32Array,
  y: Float32Array,
  n: number,
): void {
  // A long row is folded in pieces, the same ones on every machine.
  const piece = Math.min(n, SHARE);
  const share = Math.floor(SHARE / piece) * piece;
  const most = Math.floor(BLOCK / piece) * piece;
  const totals = new Float64Array(y.length).fill(folds[fn].start);
  engine.within(() => {
    const room = Math.min(most, x.length);
    const [address, place] = [engine.room(room), engine.room(4 * Math.ceil(room / piece))];
    const results = resultsOf(engine, fn);
    const size = results.BYTES_PER_ELEMENT;
    for (let from = 0, end = 0; from < x.length; from = end) {
      const rowEnd = n === piece ? x.length : (Math.floor(from / n) + 1) * n;
      end = Math.min(from + most, rowEnd);
      const length = end - from;
      engine.floats.set(x.subarray(from, end), address / 4);
      for (let i = 0; i < length; i += share) {
        const [start, stop] = [address + 4 * i, address + 4 * Math.min(i + share, length)];
        engine.fork(`${fn}Rows`, start, stop, 4 * piece, place + (16 * i) / piece);
      }
      engine.join();
      for (let i = from, at = place; i < end; i += piece, at += 16) {
        const row = Math.floor(i / n);
        totals[row] = join(fn, totals[row], results[at / size]);
      }
    }
  });
  y.set(totals);
  if (fn === 'sum') return;
  // Zeros of both signs are alike: the first stands for them.
  for (let row = 0; row < y.length; row++) {
    if (y[row] === 0) y[row] = x[x.indexOf(0, row * n)];
  }
}

/** Folds the middle of `[outer, n, inner]`. */
export function foldColumns(
  engine: Engine,
  fn: FoldName,
  x: Float32Array,
  y: Float32Array,
  n: number,
  inner: number,
): void {
  const width = roundUp(inner, STRIP);
  const outer = y.length / inner;
  // So many planes at once, or so many rows of one.
  const planes = Math.min(outer, Math.max(1, Math.floor(BLOCK / (n * inner))));
  const rows = Math.min(n, Math.max(1, Math.floor(BLOCK / inner)));
  const share = Math.max(1, Math.floor(SHARE / (rows * inner)));
  const strip = roundUp(Math.ceil(SHARE / rows), STRIP);
  engine.within(() => {
    // The last columns are read beyond the numbers, to results that nobody reads.
    const address = engine.room(planes * rows * inner + STRIP);
    const place = engine.room(2 * planes * width);
    const results = resultsOf(engine, fn);
    const size = results.BYTES_PER_ELEMENT;
    const first = place / size;
    for (let o = 0; o < outer; o += planes) {
      const some = Math.min(planes, outer - o);
      results.fill(folds[fn].start, first, first + some * width);
      for (let row = 0; row < n; row += rows) {
        const count = Math.min(rows, n - row);
        const start = (o * n + row) * inner;
        engine.floats.set(x.subarray(start, start + some * count * inner), address / 4);
        for (let plane = 0; plane < some; plane += share) {
          for (let col = 0; col < width; col += strip) {
            engine.fork(
              `${fn}Columns`,
              address + 4 * (plane * count * inner + col),
              4 * Math.min(strip, width - col),
              Math.min(share, some - plane),
              count,
              4 * inner,
              place + size * (plane * width + col),
            );
          }
        }
        engine.join();
      }
      // Results that lie one behind another are read together.
      const [lines, length] = width === inner ? [1, some * inner] : [some, inner];
      for (let line = 0, at = first; line < lines; line++, at += width) {
        y.set(results.subarray(at, at + length), o * inner + line * length);
      }
    }
  });
}
