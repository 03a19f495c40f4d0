import type { Pairing } from '../../kernels.js';
import { type Engine, roundUp } from './engine.js';

/** Numbers that one call takes: 64 KiB of them, which stay in the caches. */
export const SHARE = 16384;
/** Numbers brought into the engine's memory at a time. */
export const BLOCK = 8 * SHARE;

/** y = f(x), number by number. */
export function applyUnary(engine: Engine, kernel: string, x: Float32Array, y: Float32Array): void {
  engine.within(() => {
    const address = engine.room(Math.min(BLOCK, roundUp(x.length, 4)));
    const at = address / 4;
    for (let from = 0; from < x.length; from += BLOCK) {
      const n = Math.min(BLOCK, x.length - from);
      engine.floats.set(x.subarray(from, from + n), at);
      for (let i = 0; i < n; i += SHARE) {
        engine.fork(kernel, address + 4 * i, address + 4 * Math.min(i + SHARE, n));
      }
      engine.join();
      y.set(engine.floats.subarray(at, at + n), from);
    }
  });
}

/** Rows and columns of an operand's numbers: the first at `start`, and how far apart they lie. */
interface Lattice {
  readonly x: Float32Array;
  readonly start: number;
  readonly row: number;
  readonly col: number;
}

/** Whether one number stands everywhere. */
const isRepeated = ({ row, col }: Lattice): boolean => row === 0 && col === 0;

/** Writes `rows` rows of `n` numbers of a lattice, one behind another, to `at`. */
function bring(floats: Float32Array, from: Lattice, rows: number, n: number, at: number): void {
  const { x, start, row, col } = from;
  if (isRepeated(from)) floats.fill(x[start], at, at + rows * n);
  else if (col === 1 && (row === n || rows === 1)) {
    floats.set(x.subarray(start, start + rows * n), at);
  } else {
    for (let r = 0, i = start; r < rows; r++, i += row, at += n) {
      if (col === 0) floats.fill(x[i], at, at + n);
      else floats.set(x.subarray(i, i + n), at);
    }
  }
}

/** The numbers of a map of two operands, or the bools of a comparison. */
type Result = Float32Array | Uint8Array;

/** y[r, c] = f(a[r, c], b[r, c]) for `rows` by `n` numbers, written to y from `at` on. */
function applyLattice(
  engine: Engine,
  kernel: string,
  a: Lattice,
  b: Lattice,
  rows: number,
  n: number,
  y: Result,
  at: number,
): void {
  const size = y.BYTES_PER_ELEMENT;
  const width = Math.min(n, BLOCK);
  const height = Math.min(rows, Math.max(1, Math.floor(BLOCK / n)));
  engine.within(() => {
    const room = roundUp(width * height, 4);
    const [left, right, result] = [engine.room(room), engine.room(room), engine.room(room)];
    const { floats, bytes } = engine;
    const results = y instanceof Float32Array ? floats : bytes;
    for (let row = 0; row < rows; row += height) {
      for (let col = 0; col < n; col += width) {
        const [some, across] = [Math.min(height, rows - row), Math.min(width, n - col)];
        const first = row === 0 && col === 0;
        for (const [from, to] of [
          [a, left],
          [b, right],
        ] as const) {
          if (!first && isRepeated(from)) continue;
          const start = from.start + row * from.row + col * from.col;
          bring(floats, { ...from, start }, some, across, to / 4);
        }
        const count = some * across;
        engine.call(kernel, left, right, result, result + size * count);
        y.set(results.subarray(result / size, result / size + count), at + row * n + col);
      }
    }
  });
}

/** Whether a pairing is made of planes of rows and columns that are worth the way to the engine. */
export function isPlanar({ sizes, a, b }: Pairing): boolean {
  const last = sizes.length - 1;
  if (last < 0) return false;
  const plane = sizes[last] * (last > 0 ? sizes[last - 1] : 1);
  return plane >= 1024 && sizes[last] >= 16 && a[last] <= 1 && b[last] <= 1;
}

/** y = f(a, b) over a planar pairing: the last two axes inside a kernel, the others one by one. */
export function applyPairs(
  engine: Engine,
  kernel: string,
  a: Float32Array,
  b: Float32Array,
  y: Result,
  pairing: Pairing,
): void {
  const { sizes, a: stepsA, b: stepsB } = pairing;
  const last = sizes.length - 1;
  const [rows, n] = last > 0 ? [sizes[last - 1], sizes[last]] : [1, sizes[0]];
  const lattice = (x: Float32Array, steps: readonly number[], start: number): Lattice => ({
    x,
    start,
    row: last > 0 ? steps[last - 1] : n * steps[0],
    col: steps[last],
  });
  const plane = rows * n;
  for (let at = 0; at < pairing.length; at += plane) {
    let [i, j, rest] = [0, 0, at / plane];
    for (let axis = last - 2; axis >= 0; axis--) {
      const place = rest % sizes[axis];
      rest = (rest - place) / sizes[axis];
      i += place * stepsA[axis];
      j += place * stepsB[axis];
    }
    applyLattice(engine, kernel, lattice(a, stepsA, i), lattice(b, stepsB, j), rows, n, y, at);
  }
}

/** y = condition ? a : b, number by number. */
export function applyWhere(
  engine: Engine,
  condition: Uint8Array,
  a: Float32Array,
  b: Float32Array,
  y: Float32Array,
): void {
  engine.within(() => {
    const room = Math.min(BLOCK, y.length);
    const [chosen, left, right] = [engine.room(room / 4), engine.room(room), engine.room(room)];
    const { floats, bytes } = engine;
    for (let from = 0; from < y.length; from += BLOCK) {
      const end = Math.min(from + BLOCK, y.length);
      bytes.set(condition.subarray(from, end), chosen);
      floats.set(a.subarray(from, end), left / 4);
      floats.set(b.subarray(from, end), right / 4);
      engine.call('where', chosen, left, right, left + 4 * (end - from));
      y.set(floats.subarray(left / 4, left / 4 + end - from), from);
    }
  });
}

/** Rows of n numbers in the engine's memory, filled up to `width`. */
function placeRows(
  floats: Float32Array,
  x: Float32Array,
  n: number,
  width: number,
  at: number,
  filling: number,
): void {
  if (width === n) floats.set(x, at);
  else {
    floats.fill(filling, at, at + (x.length / n) * width);
    for (let i = 0; i < x.length; i += n, at += width) floats.set(x.subarray(i, i + n), at);
  }
}

/**
 * y = f(x) or f(x, other) for rows of n numbers, by a kernel that takes rows filled up to a multiple of
 * four with −∞.
 */
export function applyRows(
  engine: Engine,
  kernel: string,
  x: Float32Array,
  y: Float32Array,
  n: number,
  other: Float32Array | null = null,
): void {
  const width = roundUp(n, 4);
  const rows = x.length / n;
  const share = Math.max(1, Math.floor(SHARE / width));
  const together = Math.min(rows, Math.max(1, Math.floor(BLOCK / width)));
  engine.within(() => {
    const address = engine.room(together * width);
    const beside = other === null ? 0 : engine.room(together * width);
    const { floats } = engine;
    const at = address / 4;
    for (let row = 0; row < rows; row += together) {
      const count = Math.min(together, rows - row);
      const [start, last] = [row * n, (row + count) * n];
      placeRows(floats, x.subarray(start, last), n, width, at, -Infinity);
      if (other !== null) placeRows(floats, other.subarray(start, last), n, width, beside / 4, 0);
      for (let i = 0; i < count; i += share) {
        const end = Math.min(i + share, count);
        const [from, to] = [4 * i * width, 4 * end * width];
        const operands = other === null ? [] : [beside + from];
        engine.fork(kernel, address + from, address + to, 4 * width, ...operands);
      }
      engine.join();
      if (width === n) y.set(floats.subarray(at, at + count * n), row * n);
      else {
        for (let i = 0; i < count; i++) {
          y.set(floats.subarray(at + i * width, at + i * width + n), (row + i) * n);
        }
      }
    }
  });
}
