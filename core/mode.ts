import { GradientError } from './errors.js';
import type { Storage } from './kernels.js';
import { checkFunction } from './shape.js';

/** The arguments while nothing is called: what was given last is not held on to. */
export const NOTHING: readonly unknown[] = [];

/** What holds while code runs, rather than for a tensor. */
export const mode = {
  /** Whether ops are recorded for a later backward. */
  grad: true,
  /** Whether each result is searched for the first NaN or infinity. */
  anomaly: false,
  /** Ticks at every in-place change, so that “changed since” is a comparison of two numbers. */
  clock: 0,
  /** Functional transforms under way, one inside another. */
  depth: 0,
  /** Whether composed ops note that they were called: from the first device on that speaks of it in its errors. */
  notes: false,
  /** The op that the user called, while it runs: what it calls in its turn is a part of it. */
  called: null as string | null,
  /** What the user called it with. */
  given: NOTHING,
  /** What backward is computing the vjp of, if it is. */
  replay: null as Replay | null,
  /** Where the storages that are made now are listed, if anybody wants to know. */
  made: null as Storage[] | null,
  /** The innermost scope that frees device memory, if one is open. */
  scope: null as Scope | null,
};

/** What a scope has to free when it closes; see `scope`. */
export interface Scope {
  readonly outer: Scope | null;
  readonly made: Set<Storage>;
}

/** An application of an op whose vjp is running: the tensors it saved, and when. */
export interface Replay {
  readonly name: string;
  /** What the user had called when it was recorded, if it is an op. */
  readonly called?: string | null;
  readonly time: number;
  readonly saved: readonly { readonly storage: Storage }[];
}

/** Runs `body` with one setting changed, and puts it back whatever happens. */
export function withMode<K extends keyof typeof mode, T>(
  op: string,
  key: K,
  value: (typeof mode)[K],
  body: () => T,
): T {
  checkFunction(op, 'to run', body);
  const before = mode[key];
  mode[key] = value;
  try {
    const result = body();
    if (result instanceof Promise) {
      throw new GradientError(
        `${op}: expected a synchronous function, got one that returns a Promise; the setting would end at its first await`,
      );
    }
    return result;
  } finally {
    mode[key] = before;
  }
}

/** Runs `body` without recording: what it computes has no gradient. */
export const noGrad = <T>(body: () => T): T => withMode('noGrad', 'grad', false, body);

/** Runs `body` with recording on, inside a `noGrad` for instance. */
export const enableGrad = <T>(body: () => T): T => withMode('enableGrad', 'grad', true, body);

/**
 * Runs `body` in anomaly mode: the first op, forward or backward, that makes a NaN or an infinity out
 * of finite numbers throws an `AnomalyError` with its name. Every result is searched, so it is slow.
 */
export const detectAnomaly = <T>(body: () => T): T =>
  withMode('detectAnomaly', 'anomaly', true, body);

/** Whether ops are recorded here: false inside `noGrad`. */
export const isGradEnabled = (): boolean => mode.grad;
