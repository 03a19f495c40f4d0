import {
  type Body,
  type Code,
  f32x4,
  f64x2,
  i32,
  type Local,
  type ModuleBuilder,
  v128,
} from './assembler.js';
import { VECTOR } from './layout.js';

/** Columns that are folded in registers together. */
export const STRIP = 16;

type Load = (address: Code<'i32'>, offset?: number) => Code<'v128'>;

/** How numbers are folded into one. */
interface Fold {
  /** The result of no numbers. */
  readonly start: number;
  /** So many numbers make a vector of running results. */
  readonly lanes: 2 | 4;
  readonly load: Load;
  readonly join: (result: Code<'v128'>, x: Local<'v128'>) => Code<'v128'>;
}

/** The first of the best numbers. NaN, as a place with all its bits set, comes through. */
const extreme = (start: number, better: typeof f32x4.greater): Fold => ({
  start,
  lanes: 4,
  load: f32x4.load,
  join: (best, x) => v128.or(better(best, x), f32x4.ne(x, x)),
});

/** Sums are in double precision until they are whole, those of rows but for runs of a few numbers. */
export const folds = {
  sum: { start: 0, lanes: 2, load: f64x2.loadFloats, join: f64x2.add },
  amax: extreme(-Infinity, f32x4.greater),
  amin: extreme(Infinity, f32x4.lesser),
} satisfies Record<string, Fold>;

export type FoldName = keyof typeof folds;

/** Variables for the running results of `count` numbers, and code that joins as many from memory. */
function running(f: Body, { lanes, load, join }: Fold, count: number) {
  const results = Array.from({ length: count / lanes }, () => f.local('v128'));
  const x = f.local('v128');
  const take = (at: Code<'i32'>): void => {
    results.forEach((result, i) => {
      f.set(x, load(at, 4 * lanes * i));
      f.set(result, join(result, x));
    });
  };
  return { results, x, take };
}

/**
 * Finds the extreme of each row of `width` bytes from x to `end`, where the last may be cut short. The result is the
 * first number of a vector at y.
 */
function defineRows(module: ModuleBuilder, name: 'amax' | 'amin'): void {
  const fold: Fold = folds[name];
  const parameters = { x: 'i32', end: 'i32', width: 'i32', y: 'i32' } as const;
  module.function(`${name}Rows`, parameters, ({ x: at, end, width, y }, f) => {
    const { results, x, take } = running(f, fold, 8);
    const [rowEnd, vectors] = [f.local('i32'), f.local('i32')];
    const [first, ...others] = results;
    const join = () => f.set(first, fold.join(first, x));
    f.while(i32.ltU(at, end), () => {
      f.set(rowEnd, i32.add(at, width));
      f.set(rowEnd, i32.select(rowEnd, end, i32.ltU(rowEnd, end)));
      f.set(vectors, i32.add(at, i32.and(i32.sub(rowEnd, at), i32.const(-32))));
      for (const result of results) f.set(result, f32x4.const(fold.start));
      f.count(at, vectors, 32, () => take(at));
      f.count(at, rowEnd, 4, () => {
        f.set(x, f32x4.loadSplat(at));
        join();
      });
      for (const other of others) f.set(first, fold.join(first, other));
      for (const places of [
        [2, 3, 2, 3],
        [1, 0, 1, 0],
      ]) {
        f.set(x, f32x4.shuffle(first, first, places));
        join();
      }
      f.do(f32x4.store(y, first));
      f.set(y, i32.add(y, i32.const(VECTOR)));
    });
  });
}

/** Vectors that are added up side by side, and bytes of them until their sum goes on in double precision. */
const ABREAST = 4;
const SOME = 512;
/** Rows whose columns are folded together. */
const ROWS = 8;

/**
 * `sumRows`: as the other folds of rows, but for short runs of numbers, which are added up in single
 * precision: that is four times as fast, and 32 numbers lose no digit that counts.
 */
function defineSumRows(module: ModuleBuilder): void {
  const parameters = { x: 'i32', end: 'i32', width: 'i32', y: 'i32' } as const;
  module.function('sumRows', parameters, ({ x: at, end, width, y }, f) => {
    const [rowEnd, vectors, someEnd] = [f.local('i32'), f.local('i32'), f.local('i32')];
    const [low, high] = [f.local('v128'), f.local('v128')];
    const some = Array.from({ length: ABREAST }, () => f.local('v128'));
    const step = ABREAST * VECTOR;
    f.while(i32.ltU(at, end), () => {
      f.set(rowEnd, i32.least(i32.add(at, width), end));
      f.set(vectors, i32.add(at, i32.and(i32.sub(rowEnd, at), i32.const(-step))));
      f.set(low, f32x4.const(0));
      f.set(high, f32x4.const(0));
      f.while(i32.ltU(at, vectors), () => {
        f.set(someEnd, i32.least(i32.add(at, i32.const(SOME)), vectors));
        for (const sum of some) f.set(sum, f32x4.const(0));
        f.count(at, someEnd, step, () => {
          some.forEach((sum, i) => {
            f.set(sum, f32x4.add(sum, f32x4.load(at, i * VECTOR)));
          });
        });
        const [first, ...others] = some;
        for (const other of others) f.set(first, f32x4.add(first, other));
        f.set(low, f64x2.add(low, f64x2.fromFloats(first)));
        f.set(high, f64x2.add(high, f64x2.fromFloats(f32x4.shuffle(first, first, [2, 3, 2, 3]))));
      });
      f.count(at, rowEnd, 4, () => f.set(low, f64x2.add(low, f64x2.loadFloat(at))));
      f.set(low, f64x2.add(low, high));
      f.set(low, f64x2.add(low, f32x4.shuffle(low, low, [2, 3, 2, 3])));
      f.do(f32x4.store(y, low));
      f.set(y, i32.add(y, i32.const(VECTOR)));
    });
  });
}

/**
 * Folds the rows of each plane, `stride` bytes apart, into the running results from y on, for `across`
 * bytes of columns: a few rows at a time, so that each is read in order, and sixteen columns at a time.
 */
function defineColumns(module: ModuleBuilder, name: FoldName): void {
  const fold: Fold = folds[name];
  const parameters = {
    x: 'i32',
    across: 'i32',
    planes: 'i32',
    rows: 'i32',
    stride: 'i32',
    y: 'i32',
  } as const;
  module.function(`${name}Columns`, parameters, ({ x, across, planes, rows, stride, y }, f) => {
    const { results, take } = running(f, fold, STRIP);
    const variable = () => f.local('i32');
    const [plane, col, end, row, some, someEnd, at, to] = Array.from({ length: 8 }, variable);
    f.count(plane, planes, 1, () => {
      f.set(some, i32.const(0));
      f.while(i32.ltU(some, rows), () => {
        f.set(someEnd, i32.least(i32.add(some, i32.const(ROWS)), rows));
        f.set(col, x);
        f.set(end, i32.add(x, across));
        f.set(to, y);
        f.count(col, end, 4 * STRIP, () => {
          results.forEach((result, i) => {
            f.set(result, f32x4.load(to, i * VECTOR));
          });
          f.set(at, col);
          f.set(row, some);
          f.count(row, someEnd, 1, () => {
            take(at);
            f.set(at, i32.add(at, stride));
          });
          results.forEach((result, i) => {
            f.do(f32x4.store(to, result, i * VECTOR));
          });
          f.set(to, i32.add(to, i32.const(results.length * VECTOR)));
        });
        f.set(x, i32.add(x, i32.mul(i32.sub(someEnd, some), stride)));
        f.set(some, someEnd);
      });
      f.set(y, to);
    });
  });
}

/** The kernels that fold rows and columns. */
export function defineReductions(module: ModuleBuilder): void {
  defineSumRows(module);
  for (const name of ['amax', 'amin'] as const) defineRows(module, name);
  for (const name of ['sum', 'amax', 'amin'] as const) defineColumns(module, name);
}
