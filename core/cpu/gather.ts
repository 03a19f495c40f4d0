import type { Storage } from '../kernels.js';
import { beside } from './storage.js';

export const gatherKernels = {
  take(x: Storage, index: Storage, block: number): Storage {
    const result = beside(x, x.dtype, index.length * block);
    const [from, at, y] = [x.data, index.data, result.data];
    if (block === 1) {
      for (let j = 0; j < at.length; j++) if (at[j] >= 0) y[j] = from[at[j]];
      return result;
    }
    for (let j = 0; j < at.length; j++) {
      if (at[j] >= 0) y.set(from.subarray(at[j] * block, (at[j] + 1) * block), j * block);
    }
    return result;
  },

  putAdd(x: Storage, index: Storage, block: number, length: number): Storage {
    const result = beside(x, x.dtype, length);
    const [from, at, y] = [x.data, index.data, result.data];
    for (let j = 0; j < at.length; j++) {
      if (at[j] < 0) continue;
      const to = at[j] * block;
      for (let i = 0; i < block; i++) y[to + i] += from[j * block + i];
    }
    return result;
  },
};
