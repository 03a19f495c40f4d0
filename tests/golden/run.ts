import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { checkLambda } from './check-lambda.js';
import { checkModule, checkOptim } from './check-nn.js';
import { checkOp } from './check-op.js';
import { type Case, isLambda, isModule, isOptim, unknownFields } from './format.js';
import { clippers, missing, modules, optimizers, schedulers } from './nn-rows.js';

/** One file of cases. */
export interface Group {
  readonly name: string;
  readonly cases: readonly Case[];
}

/** What a file's float64 tensors are computed in. */
export const PRECISIONS = ['float64', 'float32'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** The cases of every JSON file in a folder, all that is float64 in them in the given precision. */
export function readGroups(folder: string, precision: Precision = 'float64'): Group[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  if (files.length === 0) throw new Error(`there are no golden files in ${folder}`);
  return files.toSorted().map((file) => ({
    name: basename(file, '.json'),
    cases: JSON.parse(readFileSync(join(folder, file), 'utf8'), (key, value) =>
      key === 'dtype' && value === 'float64' ? precision : value,
    ),
  }));
}

/** Why cases of these names are not run in float32. */
const NOT_IN_FLOAT32: Readonly<Record<string, string>> = {
  softmax_huge: 'float32 has no 1e308',
  logsumexp_neginf: 'float32 has y = 10000.6931 to 5e-4 only, and the gradient is exp(x − y)',
};

/**
 * Why a case cannot be run: it is not one for this precision, or needs a part of the library that is still
 * to be written.
 */
export function reasonToSkip(c: Case, precision: Precision = 'float64'): string | null {
  if (precision === 'float32' && Object.hasOwn(NOT_IN_FLOAT32, c.name)) {
    return NOT_IN_FLOAT32[c.name];
  }
  if (isOptim(c)) {
    return (
      missing(c.op, optimizers) ??
      (c.scheduler === null ? null : missing(c.scheduler, schedulers)) ??
      (c.clip_grad_norm === null ? null : missing('clipGradNorm', clippers))
    );
  }
  if (isModule(c)) return missing(c.op, modules);
  return null;
}

/** Runs a case and returns its worst relative error. Throws an error that says what does not agree. */
export function check(c: Case): number {
  const unknown = unknownFields(c);
  if (unknown.length > 0) throw new Error(`nothing checks the case's ${unknown.join(', ')}`);
  if (isOptim(c)) return checkOptim(c);
  if (isModule(c)) return checkModule(c);
  if (isLambda(c)) return checkLambda(c);
  return checkOp(c);
}

export type Outcome =
  | { readonly kind: 'passed'; readonly error: number }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly message: string };

/** What came of a case. */
export function run(c: Case, precision: Precision = 'float64'): Outcome {
  const reason = reasonToSkip(c, precision);
  if (reason !== null) return { kind: 'skipped', reason };
  try {
    return { kind: 'passed', error: check(c) };
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}
