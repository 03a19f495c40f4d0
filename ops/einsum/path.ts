import type { Bound } from './parse.js';

/** Which two operands meet at each step; what they give takes the last place of the list. */
export type Path = readonly (readonly [number, number])[];

export interface PathInfo {
  path: Path;
  /** Multiplications and additions: 2 for each term of each sum of products, 1 of any other sum. */
  flops: number;
}

/** Up to so many operands every order is tried. */
const EXHAUSTIVE = 6;

type Term = ReadonlySet<string>;

/** The labels that a contraction of two terms leaves: those needed by the output or by other terms. */
function result(a: Term, b: Term, others: readonly Term[], output: Term): Term {
  const needed = (label: string): boolean => output.has(label) || others.some((t) => t.has(label));
  return new Set([...a, ...b].filter(needed));
}

function volume(labels: Iterable<string>, sizes: ReadonlyMap<string, number>): number {
  let product = 1;
  for (const label of labels) product *= sizes.get(label) ?? 1;
  return product;
}

/** One pairwise step: 2 operations for each value of every label in either term. */
const cost = (a: Term, b: Term, sizes: ReadonlyMap<string, number>): number =>
  2 * volume(new Set([...a, ...b]), sizes);

/** The cheapest order of all (up to six operands), or at each step the cheapest pair (beyond). */
export function findPath({ wide, output, sizes }: Bound): PathInfo {
  const whole = wide.map((term) => new Set(term));
  const wanted = new Set(output);
  // What a single term has is summed before it meets another.
  const terms = whole.map((term, i) => result(term, term, whole.toSpliced(i, 1), wanted));
  const summed = whole.filter((term, i) => terms[i].size < term.size);
  const sums = summed.reduce((flops, term) => flops + volume(term, sizes), 0);
  const { path, flops } =
    terms.length <= EXHAUSTIVE
      ? best(terms, wanted, sizes, Infinity)
      : greedy(terms, wanted, sizes);
  return { path, flops: sums + flops };
}

interface Step {
  pair: readonly [number, number];
  rest: Term[];
  flops: number;
}

/** Every pair that could meet next, and the list of terms after it. */
function steps(terms: readonly Term[], output: Term, sizes: ReadonlyMap<string, number>): Step[] {
  const found: Step[] = [];
  for (let i = 0; i < terms.length; i++) {
    for (let j = i + 1; j < terms.length; j++) {
      const others = terms.filter((_, k) => k !== i && k !== j);
      const joined = result(terms[i], terms[j], others, output);
      found.push({
        pair: [i, j],
        rest: [...others, joined],
        flops: cost(terms[i], terms[j], sizes),
      });
    }
  }
  return found;
}

function best(
  terms: readonly Term[],
  output: Term,
  sizes: ReadonlyMap<string, number>,
  limit: number,
): PathInfo {
  if (terms.length === 1) return { path: [], flops: 0 };
  let found: PathInfo = { path: [], flops: Infinity };
  for (const { pair, rest, flops } of steps(terms, output, sizes)) {
    const bound = Math.min(limit, found.flops);
    if (flops >= bound) continue;
    const after = best(rest, output, sizes, bound - flops);
    const total = flops + after.flops;
    if (total < found.flops) found = { path: [pair, ...after.path], flops: total };
  }
  return found;
}

function greedy(
  terms: readonly Term[],
  output: Term,
  sizes: ReadonlyMap<string, number>,
): PathInfo {
  const path: (readonly [number, number])[] = [];
  let flops = 0;
  let left = terms;
  while (left.length > 1) {
    const step = steps(left, output, sizes).reduce((a, b) => (b.flops < a.flops ? b : a));
    path.push(step.pair);
    flops += step.flops;
    left = step.rest;
  }
  return { path, flops };
}
