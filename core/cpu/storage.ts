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

/** From so many bytes on it pays to leave memory as it was found. */
const LARGE = 16384;

interface UnclearedMemory {
  readonly Buffer?: { allocUnsafeSlow(bytes: number): Uint8Array };
}

/**
 * Room for `length` float32 numbers, all to be overwritten: in Node they are not zeros at first, which
 * lets the C library hand out memory again that was freed, without clearing it or asking the system.
 */
export function floats(length: number): Float32Array {
  const { Buffer } = globalThis as UnclearedMemory;
  if (Buffer === undefined || 4 * length < LARGE) return new Float32Array(length);
  return new Float32Array(Buffer.allocUnsafeSlow(4 * length).buffer, 0, length);
}

/** A storage of `length` numbers beside x, on its device, all to be overwritten. */
export const blank = (x: Storage, dtype: DType, length: number): CpuStorage =>
  new CpuStorage(x.device, dtype, dtype === 'float32' ? floats(length) : allocate(dtype, length));

/** A storage of `length` zeros beside x, on its device. */
export const beside = (x: Storage, dtype: DType, length: number): CpuStorage =>
  new CpuStorage(x.device, dtype, allocate(dtype, length));
