import type { TypedArray } from '../dtype.js';
import type { ScanFn, Storage } from '../kernels.js';
import { blank } from './storage.js';

function cumsum(x: TypedArray, y: TypedArray, at: number, n: number, step: number): void {
  let sum = 0;
  for (let i = 0; i < n; i++, at += step) y[at] = sum += x[at];
}

function cumprod(x: TypedArray, y: TypedArray, at: number, n: number, step: number): void {
  let product = 1;
  for (let i = 0; i < n; i++, at += step) y[at] = product *= x[at];
}

/** NaN stays from where it is met. */
function cummax(x: TypedArray, y: TypedArray, at: number, n: number, step: number): void {
  let most = -Infinity;
  for (let i = 0; i < n; i++, at += step) y[at] = most = Math.max(most, x[at]);
}

const scans: Record<ScanFn, typeof cumsum> = { cumsum, cumprod, cummax };

export const scanKernels = {
  scan(fn: ScanFn, x: Storage, outer: number, n: number, inner: number): Storage {
    const y = blank(x, x.dtype, x.length);
    const loop = scans[fn];
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) loop(x.data, y.data, o * n * inner + i, n, inner);
    }
    return y;
  },

  recurrence(a: Storage, b: Storage, outer: number, n: number, inner: number): Storage {
    const result = blank(a, a.dtype, a.length);
    const [factor, term, y] = [a.data, b.data, result.data];
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        let last = 0;
        for (let k = 0; k < n; k++) {
          const at = (o * n + k) * inner + i;
          last = k === 0 ? term[at] : factor[at] * last + term[at];
          y[at] = last;
        }
      }
    }
    return result;
  },
};
