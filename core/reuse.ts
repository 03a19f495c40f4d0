import type { Storage } from './kernels.js';

/** Numbers of a storage that is worth the trouble: smaller ones are as quickly made anew. */
export const worthwhile = { from: 4096 };

/**
 * Knows which storages made during a backward pass nobody has any more, and gives them back to their
 * device at once: cotangents that have gone on, and what vjps made on the way. A pass records nothing, so
 * they can only be with the pass itself, or with whoever has been shown them: those it spares.
 */
export class Reuse {
  /** Made in this pass, and not given back. */
  private readonly made = new Set<Storage>();
  private readonly holders = new Map<Storage, number>();
  private readonly dropped: Storage[] = [];
  /** Made since the last time that the pass settled; `mode.made` points here while vjps run. */
  readonly recent: Storage[] = [];

  /** The pass needs the storage until it drops it; once more for every time that it holds it. */
  hold(x: Storage): void {
    if (x.length < worthwhile.from) return;
    this.holders.set(x, (this.holders.get(x) ?? 0) + 1);
  }

  drop(x: Storage): void {
    if (x.length < worthwhile.from) return;
    const left = (this.holders.get(x) ?? 0) - 1;
    if (left > 0) this.holders.set(x, left);
    else this.holders.delete(x);
    this.dropped.push(x);
  }

  /** Somebody else may have the storage from now on. */
  spare(x: Storage): void {
    this.hold(x);
  }

  /** Gives back what nobody holds: to be called when nothing is under way. */
  settle(): void {
    if (this.recent.length + this.dropped.length === 0) return;
    for (const x of this.recent) this.made.add(x);
    for (const x of [...this.recent, ...this.dropped]) {
      if (this.holders.has(x) || !this.made.delete(x)) continue;
      x.device.recycle?.(x);
    }
    this.recent.length = 0;
    this.dropped.length = 0;
  }
}
