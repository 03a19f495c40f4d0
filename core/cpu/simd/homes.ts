import { LINE, roundUp } from './layout.js';

// What a kernel has read or made is soon read by another, so a copy of it stays for a while where
// kernels find it: in a region of the engine's memory that is filled from beginning to end and again
// from its beginning. Copies that are in the way are given up; nothing is lost, as each storage has its
// array besides, or, if it lives here alone, fetches its numbers first. The region is small at first, as
// memory that was used just before is fast and memory never used is slow, and widens when copies are
// wanted that it was too small to keep.

/** Bytes of the region at most, unless said otherwise. */
export const REGION = 2 ** 26;
/** Bytes that it begins with: as many as the caches hold. */
const FIRST = 2 ** 22;
/** Numbers of a storage that may have a copy: fewer are copied as quickly, more would drive out all others. */
const FEWEST = 1024;
const MOST = REGION / 4 / 8;

/** Where a copy of a storage's numbers begins and ends, as long as it has not been given up. */
export interface Home {
  readonly at: number;
  readonly end: number;
  isGood: boolean;
  /** Who has the numbers here alone, and must fetch them when the home is given up. */
  owner: { leave(): void } | null;
  /** The operation that has asked for the address last; see `Homes.operation`. */
  neededBy: number;
  /** How many bytes had been claimed then. */
  neededAt: number;
}

/** The copies of storages in a region of the engine's memory. */
export class Homes {
  /** Counts operations. The homes that one of them has asked for stay until it has ended. */
  operation = 1;
  private end: number;
  /** Bytes claimed so far. */
  private claimed = 0;
  /** In the order of their addresses from `head` on, once around. */
  private homes: Home[] = [];
  private oldest = 0;
  private head: number;

  constructor(
    private readonly start: number,
    private readonly most = REGION,
    first = Math.min(FIRST, most),
  ) {
    this.head = start;
    this.end = start + first;
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
    this.claimed += room;
    while (room > (this.end - this.start) / 8 && this.canWiden) this.widen();
    for (;;) {
      if (this.head + room > this.end) {
        if (!this.vacate(this.end)) continue;
        this.head = this.start;
      }
      if (this.vacate(this.head + room)) break;
    }
    const { head, operation } = this;
    const home = {
      at: head,
      end: head + room,
      isGood: true,
      owner: null,
      neededBy: operation,
      neededAt: this.claimed,
    };
    this.head = home.end;
    this.homes.push(home);
    return home;
  }

  /** To be called when the operation at hand asks for a home's address. */
  needed(home: Home): void {
    home.neededBy = this.operation;
    home.neededAt = this.claimed;
  }

  /** To be called when numbers are wanted whose home has been given up. */
  missed(home: Home): void {
    const since = this.claimed - home.neededAt;
    if (since > this.end - this.start && since < this.most && this.canWiden) this.widen();
  }

  private get canWiden(): boolean {
    return this.end < this.start + this.most;
  }

  private widen(): void {
    this.end = this.start + Math.min(2 * (this.end - this.start), this.most);
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
      home.owner?.leave();
      home.isGood = false;
    }
    if (this.oldest > 1000) {
      this.homes = this.homes.slice(this.oldest);
      this.oldest = 0;
    }
    return true;
  }
}
