import { allocate, type DType, type TypedArray } from '../dtype.js';
import { GradientError } from '../errors.js';
import type { Device, Storage } from '../kernels.js';
import { mode } from '../mode.js';
import { worthwhile } from '../reuse.js';
import type { Home } from './simd/homes.js';

/** Numbers in an ordinary typed array, which the garbage collector looks after. */
export class CpuStorage implements Storage {
  version = 0;
  /** Where the numbers are in the memory of the fast kernels: a copy, or, for its owner, they themselves. */
  home: Home | null = null;
  /** The array to come back to for a storage that lives in its home. */
  private vacant: TypedArray | null = null;
  /** Whether somebody outside has the array, and may change it unnoticed. */
  lent = false;

  constructor(
    readonly device: Device,
    readonly dtype: DType,
    public data: TypedArray,
  ) {}

  get length(): number {
    return this.data.length;
  }

  /** Lives in its home alone from now on, `there`, until the home is given up. */
  moveIn(home: Home, there: TypedArray): void {
    if (this.data !== there) this.vacant = this.data;
    this.data = there;
    this.home = home;
    home.owner = this;
  }

  /** Fetches the numbers from the home. */
  leave(): void {
    const array = this.vacant ?? floats(this.length);
    array.set(this.data);
    this.data = array;
    this.vacant = null;
    if (this.home !== null) this.home.owner = null;
  }

  /** The numbers, to be changed: copies of them are given up. */
  own(): TypedArray {
    if (this.home?.owner === this) this.leave();
    if (this.home !== null) this.home.isGood = false;
    this.home = null;
    return this.data;
  }

  /** Leaves the array to storages that are made later, unless somebody outside has it. */
  recycle(): void {
    if (this.lent || this.dtype !== 'float32') return;
    if (this.home?.owner === this) this.home.owner = null;
    else if (!keepForLater(this.data as Float32Array)) return;
    this.own();
    Object.defineProperty(this, 'data', { get: reused });
  }

  /** The numbers for somebody outside, who may keep and change them, and their buffer: it is all theirs. */
  lend(): TypedArray {
    this.lent = true;
    const numbers = this.own();
    if (numbers.byteLength < numbers.buffer.byteLength) this.data = numbers.slice();
    return this.data;
  }
}

function reused(): never {
  throw new GradientError(
    'backward: a vjp kept a tensor that it was given or made, and its memory was used again; leave out saves in the definition of its op, or keep a clone()',
  );
}

/** Up to so many bytes an array lies in the garbage collector's own heap, and costs next to nothing. */
const TINY = 64;
/** Up to so many it is cut from a block: a buffer of its own takes longer to make than to fill. */
const SMALL = 2048;
/** What a kept array can hold on to. */
const BLOCK = 16384;
/** From so many bytes on it pays to leave memory as it was found. */
const LARGE = 16384;

let block = new ArrayBuffer(0);
let taken = 0;

function cut(length: number): Float32Array {
  if (taken + 4 * length > block.byteLength) {
    block = new ArrayBuffer(BLOCK);
    taken = 0;
  }
  const array = new Float32Array(block, taken, length);
  taken += 4 * length;
  return array;
}

type Allocate = (bytes: number) => Uint8Array;

/** Node's way to memory that is not cleared first, and keeps what has been freed for the next time. */
function uncleared(): Allocate | null {
  const { Buffer } = globalThis as { Buffer?: { allocUnsafeSlow: Allocate } };
  if (Buffer === undefined) return null;
  // The C library gives large blocks back to the system, which then clears every page of the next one:
  // ten times the cost of filling it. Once it has seen a block as large as this freed, it keeps them.
  Buffer.allocUnsafeSlow(31 * 2 ** 20);
  return Buffer.allocUnsafeSlow;
}

let large: Allocate | null | undefined;

/** Bytes of arrays that wait to be used again: about what a step of training makes at a time. */
const MOST_SPARE = 2 ** 26;

const spare = new Map<number, Float32Array[]>();
let spareBytes = 0;

/** Keeps an array of its own, large buffer for the next one of its length; false for any other. */
function keepForLater(array: Float32Array): boolean {
  const { length, byteLength, buffer } = array;
  if (byteLength < LARGE || byteLength > MOST_SPARE || byteLength !== buffer.byteLength)
    return false;
  if (spareBytes + byteLength > MOST_SPARE) {
    // Lengths that nobody wants any more must not be in the way for ever.
    spare.clear();
    spareBytes = 0;
  }
  const alike = spare.get(length);
  if (alike === undefined) spare.set(length, [array]);
  else alike.push(array);
  spareBytes += byteLength;
  return true;
}

function fromBefore(length: number): Float32Array | undefined {
  const array = spare.get(length)?.pop();
  if (array !== undefined) spareBytes -= array.byteLength;
  return array;
}

/** Room for `length` float32 numbers, all to be overwritten: they may not be zeros at first. */
export function floats(length: number): Float32Array {
  if (4 * length < LARGE) {
    return 4 * length > TINY && 4 * length <= SMALL ? cut(length) : new Float32Array(length);
  }
  const before = fromBefore(length);
  if (before !== undefined) return before;
  if (large === undefined) large = uncleared();
  return large === null
    ? new Float32Array(length)
    : new Float32Array(large(4 * length).buffer, 0, length);
}

/** A storage of `length` numbers beside x, on its device, all to be overwritten. */
export const blank = (x: Storage, dtype: DType, length: number): CpuStorage =>
  listed(
    new CpuStorage(x.device, dtype, dtype === 'float32' ? floats(length) : allocate(dtype, length)),
  );

/** A storage whose array no other has, listed if somebody wants to know of it. */
export function listed(x: CpuStorage): CpuStorage {
  if (mode.made !== null && x.length >= worthwhile.from) mode.made.push(x);
  return x;
}

/** A storage of `length` zeros beside x, on its device. */
export const beside = (x: Storage, dtype: DType, length: number): CpuStorage =>
  new CpuStorage(x.device, dtype, allocate(dtype, length));

/** The numbers of a storage on the CPU that are about to be changed in place. */
export const owned = (x: Storage): TypedArray => (x instanceof CpuStorage ? x.own() : x.data);
