import { type Engine, roundUp } from './engine.js';

/** Numbers taken into the engine's memory at a time: 64 KiB, which stay in the caches. */
const CHUNK = 16384;

/** y = f(x), number by number. */
export function applyUnary(engine: Engine, kernel: string, x: Float32Array, y: Float32Array): void {
  engine.within(() => {
    const address = engine.room(Math.min(CHUNK, roundUp(x.length, 4)));
    const at = address / 4;
    for (let from = 0; from < x.length; from += CHUNK) {
      const n = Math.min(CHUNK, x.length - from);
      engine.floats.set(x.subarray(from, from + n), at);
      engine.call(kernel, address, address + 4 * n);
      y.set(engine.floats.subarray(at, at + n), from);
    }
  });
}

/** A row loop of y = f(a, b), for operands that lie close or are one number throughout. */
export function applyPairs(
  engine: Engine,
  kernel: string,
  a: Float32Array,
  i: number,
  stepA: number,
  b: Float32Array,
  j: number,
  stepB: number,
  y: Float32Array,
  start: number,
  end: number,
): void {
  engine.within(() => {
    const room = Math.min(CHUNK, roundUp(end - start, 4));
    const [left, right] = [engine.room(room), engine.room(room)];
    const { floats } = engine;
    const bring = (x: Float32Array, from: number, step: number, n: number, to: number): void => {
      if (step === 0) floats.fill(x[from], to, to + n);
      else floats.set(x.subarray(from, from + n), to);
    };
    for (let done = 0; done < end - start; done += CHUNK) {
      const n = Math.min(CHUNK, end - start - done);
      bring(a, i + done * stepA, stepA, n, left / 4);
      bring(b, j + done * stepB, stepB, n, right / 4);
      engine.call(kernel, left, right, left + 4 * n);
      y.set(floats.subarray(left / 4, left / 4 + n), start + done);
    }
  });
}

/** y = f(x) for rows of n numbers, by a kernel that takes rows filled up to a multiple of four with −∞. */
export function applyRows(
  engine: Engine,
  kernel: string,
  x: Float32Array,
  y: Float32Array,
  n: number,
): void {
  const width = roundUp(n, 4);
  const rows = x.length / n;
  const together = Math.max(1, Math.min(rows, Math.floor(CHUNK / width)));
  engine.within(() => {
    const address = engine.room(together * width);
    const at = address / 4;
    for (let row = 0; row < rows; row += together) {
      const count = Math.min(together, rows - row);
      const { floats } = engine;
      if (width === n) floats.set(x.subarray(row * n, (row + count) * n), at);
      else {
        floats.fill(-Infinity, at, at + count * width);
        for (let i = 0; i < count; i++) {
          floats.set(x.subarray((row + i) * n, (row + i + 1) * n), at + i * width);
        }
      }
      engine.call(kernel, address, address + 4 * count * width, 4 * width);
      if (width === n) y.set(floats.subarray(at, at + count * n), row * n);
      else {
        for (let i = 0; i < count; i++) {
          y.set(floats.subarray(at + i * width, at + i * width + n), (row + i) * n);
        }
      }
    }
  });
}

/** The sums of rows of n numbers, in double precision until they are whole. */
export function sumRows(engine: Engine, x: Float32Array, y: Float32Array, n: number): void {
  engine.within(() => {
    const address = engine.room(Math.min(CHUNK, roundUp(n, 8)));
    const result = engine.room(4);
    const at = address / 4;
    for (let row = 0; row < y.length; row++) {
      let total = 0;
      for (let from = row * n; from < (row + 1) * n; from += CHUNK) {
        const count = Math.min(CHUNK, (row + 1) * n - from);
        const filled = roundUp(count, 8);
        engine.floats.set(x.subarray(from, from + count), at);
        engine.floats.fill(0, at + count, at + filled);
        engine.call('sum', address, address + 4 * filled, result);
        total += engine.doubles[result / 8] + engine.doubles[result / 8 + 1];
      }
      y[row] = total;
    }
  });
}
