import { type Engine, roundUp } from './engine.js';
import { BLOCK, SHARE } from './map.js';

/** x as `[outer, n, inner]`, whose groups are what lies at one place of the middle axis. */
export interface Groups {
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
}

/** Visits the stretches of groups `first` to `end` in x, and where each lies if groups stand in rows. */
function eachStretch(
  { outer, n, inner }: Groups,
  first: number,
  end: number,
  visit: (from: number, to: number, length: number) => void,
): void {
  if (outer === 1) visit(first * inner, 0, (end - first) * inner);
  else {
    for (let o = 0; o < outer; o++) {
      for (let group = first; group < end; group++) {
        visit((o * n + group) * inner, ((group - first) * outer + o) * inner, inner);
      }
    }
  }
}

/**
 * Runs a kernel over the groups of x as rows (and over those of `other` beside them), whose length is a
 * multiple of four, with further parameters; `finish` sees some of the rows as the kernel leaves them.
 */
function overGroups(
  engine: Engine,
  kernel: string,
  x: Float32Array,
  other: Float32Array | null,
  groups: Groups,
  parameters: (group: number, address: number) => readonly number[],
  finish: (first: number, end: number, at: number) => void,
): void {
  const width = groups.outer * groups.inner;
  const together = Math.min(groups.n, Math.max(1, Math.floor(BLOCK / width)));
  const share = Math.max(1, Math.floor(SHARE / width));
  engine.within(() => {
    const address = engine.room(together * width);
    const beside = other === null ? 0 : engine.room(together * width);
    const results = engine.room(roundUp(2 * together, 4));
    const { floats } = engine;
    for (let first = 0; first < groups.n; first += together) {
      const end = Math.min(first + together, groups.n);
      eachStretch(groups, first, end, (from, to, length) => {
        floats.set(x.subarray(from, from + length), address / 4 + to);
        if (other !== null) floats.set(other.subarray(from, from + length), beside / 4 + to);
      });
      for (let i = first; i < end; i += share) {
        const [start, last] = [
          4 * (i - first) * width,
          4 * (Math.min(i + share, end) - first) * width,
        ];
        const operands = other === null ? [] : [beside + start];
        const others = parameters(i - first, results);
        engine.fork(kernel, address + start, address + last, 4 * width, ...operands, ...others);
      }
      engine.join();
      finish(first, end, kernel === 'moments' ? results / 4 : address / 4);
    }
  });
}

/** A float32 number as the whole number that has its bits, which is how kernels take it. */
const bits = (x: number): number => new Int32Array(Float32Array.of(x).buffer)[0];

/** `standardize` of x, or, with a cotangent in the place of x and x as `other`, what it hands back. */
export function standardizeGroups(
  engine: Engine,
  x: Float32Array,
  other: Float32Array | null,
  y: Float32Array,
  groups: Groups,
  eps: number,
): void {
  const settings = [bits(1 / (groups.outer * groups.inner)), bits(eps)];
  const kernel = other === null ? 'standardize' : 'standardizeGrad';
  const back = (first: number, end: number, at: number): void =>
    eachStretch(groups, first, end, (from, to, length) => {
      y.set(engine.floats.subarray(at + to, at + to + length), from);
    });
  overGroups(engine, kernel, x, other, groups, () => settings, back);
}

/** Means and biased variances of the groups, the means first. */
export function momentsOfGroups(
  engine: Engine,
  x: Float32Array,
  y: Float32Array,
  groups: Groups,
): void {
  const nth = bits(1 / (groups.outer * groups.inner));
  const parameters = (group: number, address: number) => [nth, address + 8 * group];
  overGroups(engine, 'moments', x, null, groups, parameters, (first, end, at) => {
    for (let group = first; group < end; group++) {
      y[group] = engine.floats[at + 2 * (group - first)];
      y[groups.n + group] = engine.floats[at + 2 * (group - first) + 1];
    }
  });
}
