import type { TypedArray } from '../dtype.js';
import type { Storage } from '../kernels.js';
import { blank } from './storage.js';

/** The largest of a row, or 0 of a row of −Infinity: what is subtracted before exp. */
function shiftOf(x: TypedArray, at: number, n: number, step: number): number {
  let most = -Infinity;
  for (let i = 0; i < n; i++) if (x[at + i * step] > most) most = x[at + i * step];
  return most === -Infinity ? 0 : most;
}

function softmaxRow(x: TypedArray, y: TypedArray, at: number, n: number, step: number): void {
  const shift = shiftOf(x, at, n, step);
  let sum = 0;
  for (let i = 0, j = at; i < n; i++, j += step) {
    const e = Math.exp(x[j] - shift);
    y[j] = e;
    sum += e;
  }
  const scale = sum === 0 ? 0 : 1 / sum; // a row of −Infinity has no mass to share
  for (let i = 0, j = at; i < n; i++, j += step) y[j] *= scale;
}

function logSoftmaxRow(x: TypedArray, y: TypedArray, at: number, n: number, step: number): void {
  const shift = shiftOf(x, at, n, step);
  let sum = 0;
  for (let i = 0, j = at; i < n; i++, j += step) sum += Math.exp(x[j] - shift);
  const rest = sum === 0 ? 0 : Math.log(sum); // a row of −Infinity stays as it is
  // Two steps: beside a huge maximum the logarithm would be rounded away.
  for (let i = 0, j = at; i < n; i++, j += step) y[j] = x[j] - shift - rest;
}

const overRows =
  (row: typeof softmaxRow) =>
  (x: Storage, outer: number, n: number, inner: number): Storage => {
    const y = blank(x, x.dtype, x.length);
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) row(x.data, y.data, o * n * inner + i, n, inner);
    }
    return y;
  };

export const softmaxKernels = {
  softmax: overRows(softmaxRow),
  logSoftmax: overRows(logSoftmaxRow),

  softmaxGrad(g: Storage, y: Storage, outer: number, n: number, inner: number): Storage {
    const result = blank(g, g.dtype, g.length);
    const [u, p] = [g.data, y.data];
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        const [at, end] = [o * n * inner + i, (o + 1) * n * inner];
        let sum = 0;
        for (let j = at; j < end; j += inner) sum += u[j] * p[j];
        for (let j = at; j < end; j += inner) result.data[j] = p[j] * (u[j] - sum);
      }
    }
    return result;
  },
};
