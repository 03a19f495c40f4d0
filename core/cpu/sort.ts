import type { Storage } from '../kernels.js';
import { beside } from './storage.js';

export const sortKernels = {
  argsort(x: Storage, outer: number, n: number, inner: number, descending: boolean): Storage {
    const y = beside(x, 'int32', x.length);
    const sign = descending ? -1 : 1;
    const row = new Float64Array(n);
    // NaN is the greatest of numbers here: last in ascending order, first in descending.
    const compare = (i: number, j: number): number => {
      const [a, b] = [row[i], row[j]];
      if (a < b) return -sign;
      if (a > b) return sign;
      return sign * (Number(Number.isNaN(a)) - Number(Number.isNaN(b))) || i - j;
    };
    const order = new Int32Array(n);
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        const at = o * n * inner + i;
        for (let k = 0; k < n; k++) {
          row[k] = x.data[at + k * inner];
          order[k] = k;
        }
        order.sort(compare);
        for (let k = 0; k < n; k++) y.data[at + k * inner] = order[k];
      }
    }
    return y;
  },
};
