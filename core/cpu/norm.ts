import type { TypedArray } from '../dtype.js';
import type { Storage } from '../kernels.js';
import { blank } from './storage.js';

/** Calls `visit` with the stretches of `inner` numbers that make up group `group` of `[outer, n, inner]`. */
function eachStretch(
  group: number,
  outer: number,
  n: number,
  inner: number,
  visit: (from: number, to: number) => void,
): void {
  for (let o = 0; o < outer; o++) {
    const from = (o * n + group) * inner;
    visit(from, from + inner);
  }
}

/** The mean and the biased variance of a group. */
function momentsOf(
  x: TypedArray,
  group: number,
  outer: number,
  n: number,
  inner: number,
): [mean: number, variance: number] {
  const count = outer * inner;
  let sum = 0;
  eachStretch(group, outer, n, inner, (from, to) => {
    for (let i = from; i < to; i++) sum += x[i];
  });
  const mean = sum / count;
  let squares = 0;
  eachStretch(group, outer, n, inner, (from, to) => {
    for (let i = from; i < to; i++) squares += (x[i] - mean) ** 2;
  });
  return [mean, squares / count];
}

export const normKernels = {
  moments(x: Storage, outer: number, n: number, inner: number): Storage {
    const y = blank(x, x.dtype, 2 * n);
    for (let group = 0; group < n; group++) {
      [y.data[group], y.data[n + group]] = momentsOf(x.data, group, outer, n, inner);
    }
    return y;
  },

  standardize(x: Storage, outer: number, n: number, inner: number, eps: number): Storage {
    const result = blank(x, x.dtype, x.length);
    const [from, y] = [x.data, result.data];
    for (let group = 0; group < n; group++) {
      const [mean, variance] = momentsOf(from, group, outer, n, inner);
      const scale = 1 / Math.sqrt(variance + eps);
      eachStretch(group, outer, n, inner, (start, end) => {
        for (let i = start; i < end; i++) y[i] = (from[i] - mean) * scale;
      });
    }
    return result;
  },

  standardizeGrad(
    g: Storage,
    x: Storage,
    outer: number,
    n: number,
    inner: number,
    eps: number,
  ): Storage {
    const result = blank(g, g.dtype, g.length);
    const [u, from, y] = [g.data, x.data, result.data];
    const count = outer * inner;
    for (let group = 0; group < n; group++) {
      const [mean, variance] = momentsOf(from, group, outer, n, inner);
      const scale = 1 / Math.sqrt(variance + eps);
      let [sum, slope] = [0, 0];
      eachStretch(group, outer, n, inner, (start, end) => {
        for (let i = start; i < end; i++) {
          sum += u[i];
          slope += u[i] * (from[i] - mean) * scale;
        }
      });
      eachStretch(group, outer, n, inner, (start, end) => {
        for (let i = start; i < end; i++) {
          y[i] = (u[i] - sum / count - (from[i] - mean) * scale * (slope / count)) * scale;
        }
      });
    }
    return result;
  },
};
