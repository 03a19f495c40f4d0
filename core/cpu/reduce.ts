import type { TypedArray } from '../dtype.js';
import type { ReduceFn, Storage } from '../kernels.js';
import { beside, blank } from './storage.js';

/** One number from `n` of them, `step` apart from `at`; partial results stay in double precision. */
type Fold = (x: TypedArray, at: number, n: number, step: number) => number;

const folds: Record<ReduceFn, Fold> = {
  sum(x, at, n, step) {
    // Four running sums: the additions overlap, and each stays smaller than one sum would.
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    let i = 0;
    for (; i + 4 <= n; i += 4, at += 4 * step) {
      s0 += x[at];
      s1 += x[at + step];
      s2 += x[at + 2 * step];
      s3 += x[at + 3 * step];
    }
    for (; i < n; i++, at += step) s0 += x[at];
    return s0 + s1 + (s2 + s3);
  },
  prod(x, at, n, step) {
    let product = 1;
    for (let i = 0; i < n; i++, at += step) product *= x[at];
    return product;
  },
  amax(x, at, n, step) {
    let most = -Infinity;
    for (let i = 0; i < n; i++, at += step) {
      if (x[at] > most) most = x[at];
      else if (Number.isNaN(x[at])) return NaN;
    }
    return most;
  },
  amin(x, at, n, step) {
    let least = Infinity;
    for (let i = 0; i < n; i++, at += step) {
      if (x[at] < least) least = x[at];
      else if (Number.isNaN(x[at])) return NaN;
    }
    return least;
  },
};

function argOf(x: TypedArray, at: number, n: number, step: number, sign: 1 | -1): number {
  let best = 0;
  for (let i = 0; i < n; i++) {
    const value = x[at + i * step];
    if (Number.isNaN(value)) return i;
    if (sign * value > sign * x[at + best * step]) best = i;
  }
  return best;
}

/** Rows of `inner` numbers this long are summed a column strip at a time, to read memory in order. */
const STRIP = 512;

/** Sums over the middle of `[outer, n, inner]` row by row, into strips of double-precision sums. */
function sumColumns(x: TypedArray, y: TypedArray, outer: number, n: number, inner: number): void {
  const sums = new Float64Array(Math.min(STRIP, inner));
  for (let o = 0; o < outer; o++) {
    for (let from = 0; from < inner; from += STRIP) {
      const width = Math.min(STRIP, inner - from);
      sums.fill(0);
      for (let k = 0; k < n; k++) {
        const row = (o * n + k) * inner + from;
        for (let i = 0; i < width; i++) sums[i] += x[row + i];
      }
      for (let i = 0; i < width; i++) y[o * inner + from + i] = sums[i];
    }
  }
}

export const reduceKernels = {
  reduce(fn: ReduceFn, x: Storage, outer: number, n: number, inner: number): Storage {
    const y = blank(x, x.dtype, outer * inner);
    if (fn === 'sum' && inner > 8) {
      sumColumns(x.data, y.data, outer, n, inner);
      return y;
    }
    const fold = folds[fn];
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        y.data[o * inner + i] = fold(x.data, o * n * inner + i, n, inner);
      }
    }
    return y;
  },

  argReduce(fn: 'argmax' | 'argmin', x: Storage, outer: number, n: number, inner: number): Storage {
    const y = beside(x, 'int32', outer * inner);
    const sign = fn === 'argmax' ? 1 : -1;
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        y.data[o * inner + i] = argOf(x.data, o * n * inner + i, n, inner, sign);
      }
    }
    return y;
  },
};
