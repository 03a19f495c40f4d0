import type { DType, TypedArray } from '../dtype.js';
import { allocate } from '../dtype.js';
import type { Device, Storage } from '../kernels.js';
import { copyKernels } from './copy.js';
import { gatherKernels } from './gather.js';
import { mapKernels } from './map.js';
import { poolKernels } from './pool.js';
import { reduceKernels } from './reduce.js';
import { scanKernels } from './scan.js';
import { simdKernels } from './simd/index.js';
import { sortKernels } from './sort.js';
import { CpuStorage } from './storage.js';

/** This process's own memory, and the kernels as plain loops, the hot ones again in WebAssembly. */
export const cpu: Device = {
  name: 'cpu',
  kernels: {
    full(dtype: DType, length: number, value: number): Storage {
      const data = allocate(dtype, length);
      return new CpuStorage(cpu, dtype, value === 0 ? data : data.fill(value));
    },
    ...mapKernels,
    ...reduceKernels,
    ...scanKernels,
    ...sortKernels,
    ...copyKernels,
    ...gatherKernels,
    ...poolKernels,
    ...simdKernels,
  },
  recycle(x: Storage): void {
    if (x instanceof CpuStorage) x.recycle();
  },
  upload: (dtype: DType, data: TypedArray): Storage => new CpuStorage(cpu, dtype, data),
  download: async (x: Storage): Promise<TypedArray> => x.data.slice(),
};
