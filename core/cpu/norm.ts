import type { TypedArray } from '../dtype.js';
import type { Storage } from '../kernels.js';
import { blank } from './storage.js';

/** The mean of x[at], …, x[at + n − 1], and 1/√(variance + eps). */
function statistics(x: TypedArray, at: number, n: number, eps: number): [number, number] {
  let sum = 0;
  for (let i = at; i < at + n; i++) sum += x[i];
  const mean = sum / n;
  let squares = 0;
  for (let i = at; i < at + n; i++) squares += (x[i] - mean) ** 2;
  return [mean, 1 / Math.sqrt(squares / n + eps)];
}

export const normKernels = {
  standardize(x: Storage, n: number, eps: number): Storage {
    const y = blank(x, x.dtype, x.length);
    for (let at = 0; at < x.length; at += n) {
      const [mean, scale] = statistics(x.data, at, n, eps);
      for (let i = at; i < at + n; i++) y.data[i] = (x.data[i] - mean) * scale;
    }
    return y;
  },

  standardizeGrad(g: Storage, x: Storage, n: number, eps: number): Storage {
    const result = blank(g, g.dtype, g.length);
    const [u, from, y] = [g.data, x.data, result.data];
    for (let at = 0; at < x.length; at += n) {
      const [mean, scale] = statistics(from, at, n, eps);
      let [sum, slope] = [0, 0];
      for (let i = at; i < at + n; i++) {
        sum += u[i];
        slope += u[i] * (from[i] - mean) * scale;
      }
      for (let i = at; i < at + n; i++) {
        y[i] = (u[i] - sum / n - (from[i] - mean) * scale * (slope / n)) * scale;
      }
    }
    return result;
  },
};
