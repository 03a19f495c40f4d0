import type { Draw } from '../drawing.js';
import type { Shapes } from '../rules.js';

/** How to call one function: arguments that are mostly right, and the rule that says what comes out. */
export interface Call {
  readonly args: (d: Draw) => unknown[];
  readonly rule: (...args: unknown[]) => Shapes;
  /** Why finite numbers may give a NaN; without it they may not. */
  readonly undefinedAt?: string;
}

export type Calls = Readonly<Record<string, Call>>;
