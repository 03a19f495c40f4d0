import type { DeviceError } from '../core/errors.js';
import type { Expression } from './expression.js';
import type { Handle } from './facade.js';

/**
 * One result on the GPU: to be computed, on its way, or there. What a cell stands for never changes: an
 * in-place operation puts another cell into its storage, so that work which was queued earlier still reads
 * what it was meant to read.
 */
export class Cell {
  handle: Handle | null = null;
  /** Why there will be no handle. */
  error: DeviceError | null = null;
  /** What it is to be computed from, until somebody needs its numbers. */
  pending: Expression | null = null;
  /** Whether another expression has taken the pending one in: it is then computed rather than copied again. */
  taken = false;
  /** Whether its storage has let go of it. */
  freed = false;
  /** Its storage, and the pending expressions that read it. */
  holders = 1;

  constructor(
    readonly length: number,
    /** What it is the result of, for messages. */
    readonly what: string,
  ) {}
}
