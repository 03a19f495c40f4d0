import type { Pairing, Storage } from '../../kernels.js';
import { blockStarts } from '../copy.js';
import { CpuStorage, floats } from '../storage.js';
import type { Engine } from './engine.js';
import { longFunctions, pairKernels } from './map-kernels.js';

/** Numbers that one call takes: 64 KiB of them, which stay in the caches. */
export const SHARE = 16384;

/**
 * f(x), number by number. Functions of many instructions are shared among the threads; others wait for
 * memory alone.
 */
export const applyUnary = (engine: Engine, kernel: string, x: Storage): CpuStorage =>
  engine.result([x], x.length, (y, at) => {
    const { length } = x;
    if (!(kernel in longFunctions)) return engine.call(kernel, at, at + 4 * length, y);
    for (let from = 0; from < length; from += SHARE) {
      const to = Math.min(from + SHARE, length);
      engine.fork(kernel, at + 4 * from, at + 4 * to, y + 4 * from);
    }
    engine.join();
  });

/** How many numbers an axis has, counted from the last one, and how far apart a's and b's lie in bytes. */
function axisOf({ sizes, a, b }: Pairing, fromLast: number) {
  const axis = sizes.length - fromLast;
  return axis < 0 ? { size: 1, a: 0, b: 0 } : { size: sizes[axis], a: 4 * a[axis], b: 4 * b[axis] };
}

/** Fewer numbers than this are done before the engine has its operands. */
export const FEWEST = 1024;

/** So many axes are walked inside a kernel, the others out here. */
export const AXES = 3;

/** From so many numbers on a row on its own is shared among the threads. */
const LONG = 2 ** 16;
/** Numbers of such a row that one call takes. */
const PIECE = 2 ** 15;

/** Whether a pairing's last axes are worth the way to the engine, and are rows or numbers repeated. */
export function isPlanar(pairing: Pairing): boolean {
  if (pairing.length < FEWEST) return false;
  const [row, rows, planes] = [1, 2, 3].map((fromLast) => axisOf(pairing, fromLast));
  const isRow = row.a <= 4 && row.b <= 4 && row.a + row.b > 0;
  return isRow && row.size >= 16 && row.size * rows.size * planes.size >= FEWEST;
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
  const starts = (strides: readonly number[]): Int32Array =>
    blockStarts({ shape: pairing.sizes, strides, offset: 0 }, AXES);
  const isLong = rows.size * planes.size === 1 && row.size >= LONG;
  const [share, piece] = isLong ? (['fork', PIECE] as const) : (['call', row.size] as const);
  const startsB = starts(pairing.b);
  starts(pairing.a).forEach((start, i) => {
    for (let from = 0; from < row.size; from += piece) {
      engine[share](
        kernel,
        a + 4 * start + row.a * from,
        b + 4 * startsB[i] + row.b * from,
        y + 4 * (i * block + from),
        planes.size,
        planes.a,
        planes.b,
        rows.size,
        rows.a,
        rows.b,
        4 * Math.min(piece, row.size - from),
      );
    }
  });
  if (isLong) engine.join();
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
  length >= FEWEST && readingOf(sizes, a) !== null && readingOf(sizes, b) !== null;

/** The bools of a comparison over a flat pairing. */
export function applyComparison(
  engine: Engine,
  kernel: string,
  a: Storage,
  b: Storage,
  { sizes, a: stepsA, b: stepsB, length }: Pairing,
): CpuStorage {
  // Of large bools, as of float32 numbers, memory need not be cleared first.
  const { buffer, byteOffset } = floats(Math.ceil(length / 4));
  const result = new Uint8Array(buffer, byteOffset, length);
  const operand = (x: Storage, steps: readonly number[]) =>
    readingOf(sizes, steps) === 'all'
      ? { at: engine.source(x), step: 4 }
      : { at: engine.place(new Float32Array(16).fill(x.data[0])), step: 0 };
  engine.within(() => {
    const [left, right] = [operand(a, stepsA), operand(b, stepsB)];
    const y = engine.room(Math.ceil(length / 4));
    engine.call(kernel, left.at, right.at, y, y + length, 16 * left.step, 16 * right.step);
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
    engine.call('where', chosen, left, right, y, y + 4 * a.length);
  });
