import { allocate, type DType, type TypedArray } from '../dtype.js';
import type { Device, Storage } from '../kernels.js';

/** Numbers in an ordinary typed array, which the garbage collector looks after. */
export class CpuStorage implements Storage {
  version = 0;

  constructor(
    readonly device: Device,
    readonly dtype: DType,
    readonly data: TypedArray,
  ) {}

  get length(): number {
    return this.data.length;
  }
}

/** A storage of `length` zeros beside x, on its device. */
export const beside = (x: Storage, dtype: DType, length: number): CpuStorage =>
  new CpuStorage(x.device, dtype, allocate(dtype, length));
