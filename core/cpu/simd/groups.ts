import type { Engine } from './engine.js';
import { SHARE } from './map.js';

/** x as `[outer, n, inner]`, whose groups are what lies at one place of the middle axis. */
export interface Groups {
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
}

/** Visits the groups in shares that are worth a call. */
function eachShare(
  { outer, n, inner }: Groups,
  visit: (first: number, count: number) => void,
): void {
  const share = Math.max(1, Math.floor(SHARE / (outer * inner)));
  for (let first = 0; first < n; first += share) visit(first, Math.min(share, n - first));
}

/** Brings the stretches of each group together, from x as it lies at `x` to rows at `rows`; or back. */
function regroup(engine: Engine, x: number, rows: number, groups: Groups, back = false): void {
  const { outer, n, inner } = groups;
  eachShare(groups, (first, count) => {
    const apart = { group: 4 * inner, stretch: 4 * n * inner };
    const together = { group: 4 * outer * inner, stretch: 4 * inner };
    const [from, to] = back ? [together, apart] : [apart, together];
    engine.fork(
      'spread',
      (back ? rows : x) + first * from.group,
      (back ? x : rows) + first * to.group,
      count,
      from.group,
      to.group,
      outer,
      from.stretch,
      to.stretch,
      4 * inner,
    );
  });
  engine.join();
}

/** The groups of x as rows: where they lie, and where x lies in its own order. */
function rowsOf(engine: Engine, x: Float32Array, groups: Groups): { own: number; rows: number } {
  const own = engine.place(x);
  if (groups.outer === 1) return { own, rows: own };
  const rows = engine.room(x.length);
  regroup(engine, own, rows, groups);
  return { own, rows };
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
  const width = groups.outer * groups.inner;
  const settings = [bits(1 / width), bits(eps)];
  engine.within(() => {
    const { own, rows } = rowsOf(engine, x, groups);
    const beside = other === null ? null : rowsOf(engine, other, groups).rows;
    const kernel = beside === null ? 'standardize' : 'standardizeGrad';
    eachShare(groups, (first, count) => {
      const [start, end] = [4 * first * width, 4 * (first + count) * width];
      const operands = beside === null ? [] : [beside + start];
      engine.fork(kernel, rows + start, rows + end, 4 * width, ...operands, ...settings);
    });
    engine.join();
    if (own !== rows) regroup(engine, own, rows, groups, true);
    y.set(engine.floats.subarray(own / 4, own / 4 + y.length));
  });
}

/** Means and biased variances of the groups, the means first. */
export function momentsOfGroups(
  engine: Engine,
  x: Float32Array,
  y: Float32Array,
  groups: Groups,
): void {
  const { outer, n, inner } = groups;
  const width = outer * inner;
  engine.within(() => {
    const { rows } = rowsOf(engine, x, groups);
    const results = engine.room(2 * n);
    eachShare(groups, (first, count) => {
      const [start, end] = [rows + 4 * first * width, rows + 4 * (first + count) * width];
      engine.fork('moments', start, end, 4 * width, bits(1 / width), results + 8 * first);
    });
    engine.join();
    for (let group = 0; group < n; group++) {
      y[group] = engine.floats[results / 4 + 2 * group];
      y[n + group] = engine.floats[results / 4 + 2 * group + 1];
    }
  });
}
