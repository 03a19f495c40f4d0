import type { Pairing, Storage } from '../../kernels.js';
import { CpuStorage, floats } from '../storage.js';
import type { Engine } from './engine.js';
import { pairKernels } from './map-kernels.js';

/** Numbers that one call takes: 64 KiB of them, which stay in the caches. */
export const SHARE = 16384;

/** Visits `length` numbers in shares that are worth a call, and has the calls made. */
export function inShares(
  engine: Engine,
  length: number,
  visit: (from: number, to: number) => void,
): void {
  for (let from = 0; from < length; from += SHARE) visit(from, Math.min(from + SHARE, length));
  engine.join();
}

/** f(x), number by number. */
export const applyUnary = (engine: Engine, kernel: string, x: Storage): CpuStorage =>
  engine.result([x], x.length, (y, at) => {
    inShares(engine, x.length, (from, to) => {
      engine.fork(kernel, at + 4 * from, at + 4 * to, y + 4 * from);
    });
  });

/** How many numbers an axis has, counted from the last one, and how far apart a's and b's lie in bytes. */
function axisOf({ sizes, a, b }: Pairing, fromLast: number) {
  const axis = sizes.length - fromLast;
  return axis < 0 ? { size: 1, a: 0, b: 0 } : { size: sizes[axis], a: 4 * a[axis], b: 4 * b[axis] };
}

/** Whether a pairing's last axes are worth the way to the engine, and are rows or numbers repeated. */
export function isPlanar(pairing: Pairing): boolean {
  const [row, rows, planes] = [1, 2, 3].map((fromLast) => axisOf(pairing, fromLast));
  const isRow = row.a <= 4 && row.b <= 4 && row.a + row.b > 0;
  return isRow && row.size >= 16 && row.size * rows.size * planes.size >= 1024;
}

/** f(a, b) over a planar pairing, in a new storage or in `into`. */
export function applyPairs(
  engine: Engine,
  fn: string,
  a: Storage,
  b: Storage,
  pairing: Pairing,
  into?: Storage,
): Storage {
  const write = (y: number, left: number, right: number): void =>
    writePairs(engine, fn, left, right, y, pairing);
  if (into === undefined) return engine.result([a, b], pairing.length, write);
  engine.within(() => {
    const [left, right, y] = [a, b, into].map((x) => engine.source(x));
    write(y, left, right);
    engine.changed(into, y);
  });
  return into;
}

/** y = f(a, b) for what lies at these addresses: three axes inside a kernel, the others one by one. */
function writePairs(
  engine: Engine,
  fn: string,
  a: number,
  b: number,
  y: number,
  pairing: Pairing,
): void {
  let [row, rows, planes] = [1, 2, 3].map((fromLast) => axisOf(pairing, fromLast));
  const kernels = pairKernels(fn);
  const kernel = row.b === 0 ? kernels.left : row.a === 0 ? kernels.right : kernels.both;
  const block = row.size * rows.size * planes.size;
  // Axes that lie one behind another in both operands are one.
  for (let i = 0; i < 2; i++) {
    const follows = (x: 'a' | 'b'): boolean => rows.size === 1 || rows[x] === row[x] * row.size;
    if (!follows('a') || !follows('b')) break;
    row = { ...row, size: row.size * rows.size };
    [rows, planes] = [planes, { size: 1, a: 0, b: 0 }];
  }
  const plane = row.size * rows.size;
  const some = {
    planes: Math.max(1, Math.floor(SHARE / plane)),
    rows: Math.min(rows.size, Math.max(1, Math.floor(SHARE / row.size))),
    cols: Math.min(row.size, SHARE),
  };
  const fork = (p: number, r: number, c: number, at: number, i: number, j: number): void => {
    const count = Math.min(some.rows, rows.size - r);
    engine.fork(
      kernel,
      a + 4 * i + p * planes.a + r * rows.a + c * row.a,
      b + 4 * j + p * planes.b + r * rows.b + c * row.b,
      y + 4 * (at + p * plane + r * row.size + c),
      Math.min(some.planes, planes.size - p),
      planes.a,
      planes.b,
      count,
      rows.a,
      rows.b,
      4 * Math.min(some.cols, row.size - c),
    );
  };
  for (let at = 0; at < pairing.length; at += block) {
    let [i, j, rest] = [0, 0, at / block];
    for (let axis = pairing.sizes.length - 4; axis >= 0; axis--) {
      const place = rest % pairing.sizes[axis];
      rest = (rest - place) / pairing.sizes[axis];
      i += place * pairing.a[axis];
      j += place * pairing.b[axis];
    }
    for (let p = 0; p < planes.size; p += some.planes) {
      for (let r = 0; r < rows.size; r += some.rows) {
        for (let c = 0; c < row.size; c += some.cols) fork(p, r, c, at, i, j);
      }
    }
  }
  engine.join();
}

/** Whether an operand is read from beginning to end, or has one number: the steps of its axes say. */
function readingOf(sizes: readonly number[], steps: readonly number[]): 'all' | 'one' | null {
  if (steps.every((step) => step === 0)) return 'one';
  let apart = 1;
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    if (sizes[axis] > 1 && steps[axis] !== apart) return null;
    apart *= sizes[axis];
  }
  return 'all';
}

/** Whether both operands of a comparison are read from beginning to end, or have one number. */
export const isFlat = ({ sizes, a, b, length }: Pairing): boolean =>
  length >= 1024 && readingOf(sizes, a) !== null && readingOf(sizes, b) !== null;

/** The bools of a comparison over a flat pairing. */
export function applyComparison(
  engine: Engine,
  kernel: string,
  a: Storage,
  b: Storage,
  { sizes, a: stepsA, b: stepsB, length }: Pairing,
): CpuStorage {
  // Of large bools, as of float32 numbers, memory need not be cleared first.
  const result = new Uint8Array(floats(Math.ceil(length / 4)).buffer, 0, length);
  const operand = (x: Storage, steps: readonly number[]) =>
    readingOf(sizes, steps) === 'all'
      ? { at: engine.source(x), step: 4 }
      : { at: engine.place(new Float32Array(16).fill(x.data[0])), step: 0 };
  engine.within(() => {
    const [left, right] = [operand(a, stepsA), operand(b, stepsB)];
    const y = engine.room(Math.ceil(length / 4));
    inShares(engine, length, (from, to) => {
      const [x, z] = [left.at + left.step * from, right.at + right.step * from];
      engine.fork(kernel, x, z, y + from, y + to, 16 * left.step, 16 * right.step);
    });
    result.set(engine.bytes.subarray(y, y + length));
  });
  return new CpuStorage(a.device, 'bool', result);
}

/** condition ? a : b, number by number. */
export const applyWhere = (
  engine: Engine,
  condition: Uint8Array,
  a: Storage,
  b: Storage,
): CpuStorage =>
  engine.result([a, b], a.length, (y, left, right) => {
    const chosen = engine.room(Math.ceil(a.length / 4));
    engine.bytes.set(condition, chosen);
    inShares(engine, a.length, (from, to) => {
      const [x, z] = [left + 4 * from, right + 4 * from];
      engine.fork('where', chosen + from, x, z, y + 4 * from, y + 4 * to);
    });
  });
