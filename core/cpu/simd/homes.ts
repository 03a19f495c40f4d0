import { LINE, roundUp } from './layout.js';

// What a kernel has read or made is soon read by another, so a copy of it stays for a while where
// kernels find it: in a region of the engine's memory that is filled from beginning to end and again
// from its beginning. Copies that are in the way are given up; nothing is lost, as each storage has its
// array besides.

/** Bytes of the region, unless said otherwise. */
export const REGION = 2 ** 26;
/** Numbers of a storage that may have a copy: fewer are copied as quickly, more would drive out all others. */
const FEWEST = 1024;
const MOST = REGION / 4 / 8;

/** Where a copy of a storage's numbers begins and ends, as long as it has not been given up. */
export interface Home {
  readonly at: number;
  readonly end: number;
  isGood: boolean;
  /** The operation that has asked for the address last; see `Homes.operation`. */
  neededBy: number;
}

/** The copies of storages in a region of the engine's memory. */
export class Homes {
  /** Counts operations. The homes that one of them has asked for stay until it has ended. */
  operation = 1;
  private readonly end: number;
  /** In the order of their addresses from `head` on, once around. */
  private homes: Home[] = [];
  private oldest = 0;
  private head: number;

  constructor(
    private readonly start: number,
    bytes = REGION,
  ) {
    this.head = start;
    this.end = start + bytes;
  }

  fits(length: number): boolean {
    return length >= FEWEST && length <= MOST;
  }

  /**
   * Room for so many numbers, in the place of those that were there longest. What one operation asks for
   * must leave room: it has a few operands and a result, and none has more than an eighth of the region.
   */
  claim(length: number): Home {
    const room = roundUp(4 * length, LINE);
    for (;;) {
      if (this.head + room > this.end) {
        if (!this.vacate(this.end)) continue;
        this.head = this.start;
      }
      if (this.vacate(this.head + room)) break;
    }
    const { head, operation } = this;
    const home = { at: head, end: head + room, isGood: true, neededBy: operation };
    this.head = home.end;
    this.homes.push(home);
    return home;
  }

  /**
   * Gives up the homes between the head and `end`, and returns true; or stops, with the head behind it,
   * at one that is needed, and returns false.
   */
  private vacate(end: number): boolean {
    for (; this.oldest < this.homes.length; this.oldest++) {
      const home = this.homes[this.oldest];
      if (home.at < this.head || home.at >= end) break;
      if (home.isGood && home.neededBy === this.operation) {
        this.head = home.end;
        this.homes.push(home);
        this.oldest++;
        return false;
      }
      home.isGood = false;
    }
    if (this.oldest > 1000) {
      this.homes = this.homes.slice(this.oldest);
      this.oldest = 0;
    }
    return true;
  }
}
