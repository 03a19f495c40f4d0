import type { Storage } from '../../kernels.js';
import { CpuStorage, floats } from '../storage.js';
import type { Engine } from './engine.js';
import { roundUp } from './layout.js';
import { SHARE } from './map.js';
import { type FoldName, folds, STRIP } from './reduce-kernels.js';

/** The engine's memory as the running results lie in it. */
const resultsOf = (engine: Engine, fn: FoldName): Float32Array | Float64Array =>
  fn === 'sum' ? engine.doubles : engine.floats;

const join = (fn: FoldName, a: number, b: number): number =>
  fn === 'sum' ? a + b : fn === 'amax' ? Math.max(a, b) : Math.min(a, b);

/** From so many numbers on they are shared among the threads. */
const SHARED = 2 ** 17;
/** Columns that one call folds at least, if there are as many: so much of each row is read in order. */
const ACROSS = 256;

/** Folds rows of n numbers. */
export function foldRows(engine: Engine, fn: FoldName, x: Storage, n: number): CpuStorage {
  // A long row is folded in pieces, the same ones on every machine.
  const piece = Math.min(n, SHARE);
  const pieces = Math.ceil(n / piece);
  const rows = x.length / n;
  const some = Math.max(1, Math.floor(SHARE / n));
  const share = x.length < SHARED ? 'call' : 'fork';
  const y = floats(rows);
  engine.within(() => {
    const source = engine.source(x);
    const place = engine.room(4 * rows * pieces);
    for (let row = 0; row < rows; row += some) {
      const end = Math.min(row + some, rows) * n;
      const much = pieces === 1 ? end - row * n : piece;
      for (let i = row * n, at = place + 16 * row * pieces; i < end; i += much, at += 16) {
        const stop = source + 4 * Math.min(i + much, end);
        engine[share](`${fn}Rows`, source + 4 * i, stop, 4 * piece, at);
      }
    }
    engine.join();
    const results = resultsOf(engine, fn);
    const apart = 16 / results.BYTES_PER_ELEMENT;
    for (let row = 0, at = place / results.BYTES_PER_ELEMENT; row < rows; row++) {
      let total = results[at];
      for (let i = 1; i < pieces; i++) total = join(fn, total, results[at + i * apart]);
      y[row] = total;
      at += pieces * apart;
    }
    // Zeros of both signs are alike: the first stands for them.
    if (fn !== 'sum') {
      const numbers = engine.floats.subarray(source / 4, source / 4 + x.length);
      for (let row = 0; row < rows; row++) {
        if (y[row] === 0) y[row] = numbers[numbers.indexOf(0, row * n)];
      }
    }
  });
  return new CpuStorage(x.device, 'float32', y);
}

/** Folds the middle of `[outer, n, inner]`. */
export function foldColumns(
  engine: Engine,
  fn: FoldName,
  x: Storage,
  n: number,
  inner: number,
): CpuStorage {
  const width = roundUp(inner, STRIP);
  const outer = x.length / (n * inner);
  const some = Math.max(1, Math.floor(SHARE / (n * inner)));
  const share = x.length < SHARED ? 'call' : 'fork';
  const strip = Math.min(width, Math.max(ACROSS, roundUp(Math.ceil(SHARE / n), STRIP)));
  const y = floats(outer * inner);
  engine.within(() => {
    const source = engine.source(x);
    // The last columns are read beyond the numbers, to results that nobody reads.
    const place = engine.room(2 * outer * width);
    const results = resultsOf(engine, fn);
    const size = results.BYTES_PER_ELEMENT;
    const first = place / size;
    results.fill(folds[fn].start, first, first + outer * width);
    for (let plane = 0; plane < outer; plane += some) {
      for (let col = 0; col < width; col += strip) {
        engine[share](
          `${fn}Columns`,
          source + 4 * (plane * n * inner + col),
          4 * Math.min(strip, width - col),
          Math.min(some, outer - plane),
          n,
          4 * inner,
          place + size * (plane * width + col),
        );
      }
    }
    engine.join();
    // Results that lie one behind another are read together.
    const [lines, length] = width === inner ? [1, outer * inner] : [outer, inner];
    for (let line = 0, at = first; line < lines; line++, at += width) {
      y.set(results.subarray(at, at + length), line * length);
    }
  });
  return new CpuStorage(x.device, 'float32', y);
}
