import type { DType, TypedArray } from '../core/dtype.js';
import type { Storage } from '../core/kernels.js';
import type { Cell } from './cell.js';
import type { GpuDevice } from './device.js';

/**
 * Numbers on the GPU, each a float32 there whatever the dtype: int32 is exact up to 2²⁴. What was
 * uploaded as int32 or bool is also kept here, so that indices can be checked without waiting.
 */
export class GpuStorage implements Storage {
  version = 0;

  constructor(
    readonly device: GpuDevice,
    readonly dtype: DType,
    readonly length: number,
    public cell: Cell,
    /** The same numbers in this process, if it has them. */
    public mirror: TypedArray | null = null,
  ) {}

  get isAway(): boolean {
    return this.mirror === null && this.length > 0 && this.cell.pending?.kind !== 'number';
  }

  get data(): TypedArray {
    return this.device.readNow(this);
  }

  lend(): TypedArray {
    const { data, mirror } = this;
    return data === mirror ? data.slice() : data;
  }
}

/** Numbers as they are on the device, in the dtype's array. */
export function fromFloats(dtype: DType, numbers: Float32Array): TypedArray {
  if (dtype === 'int32') return Int32Array.from(numbers);
  if (dtype === 'bool') return Uint8Array.from(numbers);
  return numbers;
}
