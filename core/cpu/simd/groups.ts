import type { Storage } from '../../kernels.js';
import { CpuStorage, floats } from '../storage.js';
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

/** The groups of what lies at x as rows: their address. */
function rowsOf(engine: Engine, x: number, groups: Groups): number {
  const { outer, n, inner } = groups;
  if (outer === 1) return x;
  const rows = engine.room(outer * n * inner);
  regroup(engine, x, rows, groups);
  return rows;
}

/** A float32 number as the whole number that has its bits, which is how kernels take it. */
const bits = (x: number): number => new Int32Array(Float32Array.of(x).buffer)[0];

/** `standardize` of x, or, with a cotangent in the place of x and x behind it, what it hands back. */
export function standardizeGroups(
  engine: Engine,
  kernel: 'standardize' | 'standardizeGrad',
  sources: readonly Storage[],
  groups: Groups,
  eps: number,
): CpuStorage {
  const width = groups.outer * groups.inner;
  const settings = [bits(1 / width), bits(eps)];
  return engine.result(sources, groups.n * width, (y, ...given) => {
    const [rows, ...beside] = given.map((x) => rowsOf(engine, x, groups));
    // Rows that were brought together are overwritten, and the results taken apart again.
    const target = groups.outer === 1 ? y : rows;
    eachShare(groups, (first, count) => {
      const [start, end] = [4 * first * width, 4 * (first + count) * width];
      const operands = beside.map((x) => x + start);
      engine.fork(
        kernel,
        rows + start,
        rows + end,
        4 * width,
        target + start,
        ...operands,
        ...settings,
      );
    });
    engine.join();
    if (target !== y) regroup(engine, y, rows, groups, true);
  });
}

/** Means and biased variances of the groups, the means first. */
export function momentsOfGroups(engine: Engine, x: Storage, groups: Groups): CpuStorage {
  const { outer, n, inner } = groups;
  const width = outer * inner;
  const y = floats(2 * n);
  engine.within(() => {
    const rows = rowsOf(engine, engine.source(x), groups);
    const results = engine.room(2 * n);
    eachShare(groups, (first, count) => {
      const [start, end] = [rows + 4 * first * width, rows + 4 * (first + count) * width];
      engine.fork('moments', start, end, 4 * width, 0, bits(1 / width), results + 8 * first);
    });
    engine.join();
    for (let group = 0; group < n; group++) {
      y[group] = engine.floats[results / 4 + 2 * group];
      y[n + group] = engine.floats[results / 4 + 2 * group + 1];
    }
  });
  return new CpuStorage(x.device, 'float32', y);
}
