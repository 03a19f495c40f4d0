import type { CpuStorage } from '../storage.js';
import { floats } from '../storage.js';
import { LINE, roundUp } from './layout.js';

// What a kernel has made is soon read by another, so results stay for a while where kernels can read
// them: at home in the engine's memory, without a typed array of their own. A region of that memory is
// filled from beginning to end and again from its beginning; whoever is in the way then has to move out
// to a typed array, as an ordinary storage has it, unless he is known to be garbage.

/** Bytes of the region. */
const REGION = 2 ** 27;
/** Numbers of a storage that may live there: fewer are copied as quickly, more would drive out all others. */
const FEWEST = 1024;
const MOST = REGION / 4 / 16;

/** The numbers of one storage: at `at` in the engine's memory, in an array, or the same ones in both. */
export class Home {
  /** The address; −1 when there is none. */
  at = -1;
  /** The operation that needs the address last; see `Homes.operation`. */
  neededBy = 0;
  /** Whether the storage has been collected as garbage. */
  empty = false;

  constructor(
    private readonly homes: Homes,
    readonly length: number,
    private array: Float32Array | null,
  ) {}

  /** The numbers as an array, to be read. */
  numbers(): Float32Array {
    this.array ??= this.homes.copyOf(this);
    return this.array;
  }

  /** To be called when the numbers at the address have changed. */
  changed(): void {
    this.array = null;
  }

  /** Gives up the address, so that the array alone holds the numbers. */
  leave(): void {
    if (this.at < 0) return;
    this.numbers();
    this.at = -1;
    this.homes.left(this);
  }
}

/** One that has lived at an address; still does, if the addresses agree. */
interface Stay {
  readonly home: Home;
  readonly at: number;
}

/** The storages that are at home in a region of the engine's memory. */
export class Homes {
  /** Counts operations. The homes that one of them has asked for stay until it has ended. */
  operation = 1;
  private readonly end: number;
  /** In the order of their addresses from `head` on, once around. */
  private stays: Stay[] = [];
  private oldest = 0;
  private head: number;
  private readonly collected = new FinalizationRegistry<Home>((home) => {
    home.empty = true;
  });

  constructor(
    private readonly memory: { readonly floats: Float32Array },
    private readonly start: number,
  ) {
    this.head = start;
    this.end = start + REGION;
  }

  /** Where the region ends. */
  static endOf(start: number): number {
    return start + REGION;
  }

  fits(length: number): boolean {
    return length >= FEWEST && length <= MOST;
  }

  /** The address of a storage that has its numbers here from now on; of a new one they are yet to come. */
  settle(x: CpuStorage, isNew = false): number {
    const array = isNew ? null : (x.data as Float32Array);
    const home = x.home ?? new Home(this, x.length, array);
    x.moveIn(home);
    const at = this.claim(4 * x.length);
    if (array !== null) this.memory.floats.set(array, at / 4);
    home.at = at;
    home.neededBy = this.operation;
    this.stays.push({ home, at });
    this.collected.register(x, home, home);
    return at;
  }

  copyOf({ at, length }: Home): Float32Array {
    const array = floats(length);
    array.set(this.memory.floats.subarray(at / 4, at / 4 + length));
    return array;
  }

  left(home: Home): void {
    this.collected.unregister(home);
  }

  /** The address of so many bytes that nobody lives in any longer. */
  private claim(bytes: number): number {
    const room = roundUp(bytes, LINE);
    for (;;) {
      if (this.head + room > this.end) {
        if (!this.vacate(this.end)) continue;
        this.head = this.start;
      }
      if (this.vacate(this.head + room)) break;
    }
    const at = this.head;
    this.head += room;
    return at;
  }

  /**
   * Has everybody move out who lives between the head and `end`, and returns true; or stops, with the
   * head behind him, at one who is needed, and returns false.
   */
  private vacate(end: number): boolean {
    for (; this.oldest < this.stays.length; this.oldest++) {
      const stay = this.stays[this.oldest];
      const { home, at } = stay;
      if (at < this.head || at >= end) break;
      if (home.at !== at) continue;
      if (home.neededBy === this.operation) {
        this.head = at + roundUp(4 * home.length, LINE);
        this.stays.push(stay);
        this.oldest++;
        return false;
      }
      if (home.empty) home.at = -1;
      else home.leave();
    }
    if (this.oldest > 1000) {
      this.stays = this.stays.slice(this.oldest);
      this.oldest = 0;
    }
    return true;
  }
}
