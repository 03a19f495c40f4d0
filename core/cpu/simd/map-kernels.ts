import type { BinaryFn } from '../../kernels.js';
import { type Code, f32, f32x4, f64x2, i32, type ModuleBuilder, v128 } from './assembler.js';
import {
  erf,
  exp,
  expm1,
  gelu,
  log,
  log1p,
  sigmoid,
  silu,
  tanh,
  type VectorFunction,
} from './math.js';

const VECTOR = 16;
/** Two float32 numbers, which make a vector of doubles. */
const PAIR = 8;

/** Functions of one number. */
export const vectorFunctions = {
  neg: (_f, x) => f32x4.neg(x),
  abs: (_f, x) => f32x4.abs(x),
  square: (_f, x) => f32x4.mul(x, x),
  reciprocal: (_f, x) => f32x4.div(f32x4.const(1), x),
  sqrt: (_f, x) => f32x4.sqrt(x),
  rsqrt: (_f, x) => f32x4.div(f32x4.const(1), f32x4.sqrt(x)),
  floor: (_f, x) => f32x4.floor(x),
  ceil: (_f, x) => f32x4.ceil(x),
  round: (_f, x) => f32x4.nearest(x),
  relu: (_f, x) => f32x4.max(x, f32x4.const(0)),
  exp,
  expm1,
  log,
  log1p,
  tanh,
  sigmoid,
  silu,
  erf,
  gelu,
} satisfies Record<string, VectorFunction>;

type PairFunction = (a: Code<'v128'>, b: Code<'v128'>) => Code<'v128'>;

/** Functions of two numbers. */
export const pairFunctions: Partial<Record<BinaryFn, PairFunction>> = {
  add: f32x4.add,
  sub: f32x4.sub,
  mul: f32x4.mul,
  div: f32x4.div,
  maximum: f32x4.max,
  minimum: f32x4.min,
  gate: (a, b) => v128.select(f32x4.const(0), a, f32x4.le(b, f32x4.const(0))),
};

/**
 * The sum of each row of `width` bytes (a multiple of 32) from x to `end`, in double precision: two
 * parts of it, to be added, are written at `y`.
 */
function defineSumRows(module: ModuleBuilder): void {
  module.function(
    'sumRows',
    { x: 'i32', end: 'i32', width: 'i32', y: 'i32' },
    ({ x, end, width, y }, f) => {
      const sums = [0, 1, 2, 3].map(() => f.local('v128'));
      const [a, b, c, d] = sums;
      const rowEnd = f.local('i32');
      f.while(i32.ltU(x, end), () => {
        f.set(rowEnd, i32.add(x, width));
        for (const sum of sums) f.set(sum, f32x4.const(0));
        f.count(x, rowEnd, 4 * PAIR, () => {
          sums.forEach((sum, i) => {
            f.set(sum, f64x2.add(sum, f64x2.loadFloats(x, i * PAIR)));
          });
        });
        f.do(f64x2.store(y, f64x2.add(f64x2.add(a, b), f64x2.add(c, d))));
        f.set(y, i32.add(y, i32.const(VECTOR)));
      });
    },
  );
}

/**
 * Adds the rows from x to `end`, `stride` bytes apart, to the double-precision sums at `y`, for columns
 * from x to `across`, sixteen at a time.
 */
function defineSumColumns(module: ModuleBuilder): void {
  module.function(
    'sumColumns',
    { x: 'i32', across: 'i32', rows: 'i32', stride: 'i32', y: 'i32' },
    ({ x, across, rows, stride, y }, f) => {
      const sums = Array.from({ length: 8 }, () => f.local('v128'));
      const [at, row] = [f.local('i32'), f.local('i32')];
      f.count(x, across, 8 * PAIR, () => {
        sums.forEach((sum, i) => {
          f.set(sum, f64x2.load(y, i * VECTOR));
        });
        f.set(at, x);
        f.set(row, i32.const(0));
        f.count(row, rows, 1, () => {
          sums.forEach((sum, i) => {
            f.set(sum, f64x2.add(sum, f64x2.loadFloats(at, i * PAIR)));
          });
          f.set(at, i32.add(at, stride));
        });
        sums.forEach((sum, i) => {
          f.do(f64x2.store(y, sum, i * VECTOR));
        });
        f.set(y, i32.add(y, i32.const(8 * VECTOR)));
      });
    },
  );
}

/**
 * Copies rows of `bytes` from `source` to `target`: `rows` of them in each of `planes`, which lie, as
 * the rows in them, so many bytes apart here and there.
 */
function defineSpread(module: ModuleBuilder): void {
  module.function(
    'spread',
    {
      source: 'i32',
      target: 'i32',
      planes: 'i32',
      planeFrom: 'i32',
      planeTo: 'i32',
      rows: 'i32',
      rowFrom: 'i32',
      rowTo: 'i32',
      bytes: 'i32',
    },
    ({ source, target, planes, planeFrom, planeTo, rows, rowFrom, rowTo, bytes }, f) => {
      const variable = () => f.local('i32');
      const [plane, row, from, to, at, rest] = Array.from({ length: 6 }, variable);
      const vectors = f.let(i32.and(bytes, i32.const(-VECTOR)));
      f.count(plane, planes, 1, () => {
        f.set(from, source);
        f.set(to, target);
        f.set(row, i32.const(0));
        f.count(row, rows, 1, () => {
          f.set(at, i32.const(0));
          f.count(at, vectors, VECTOR, () => {
            f.do(f32x4.store(i32.add(to, at), f32x4.load(i32.add(from, at))));
          });
          f.set(rest, at);
          f.count(rest, bytes, 4, () => {
            f.do(f32.store(i32.add(to, rest), f32.load(i32.add(from, rest))));
          });
          f.set(from, i32.add(from, rowFrom));
          f.set(to, i32.add(to, rowTo));
        });
        f.set(source, i32.add(source, planeFrom));
        f.set(target, i32.add(target, planeTo));
      });
    },
  );
}

/** The kernels over rows and single numbers. */
export function defineMaps(module: ModuleBuilder): void {
  for (const [name, apply] of Object.entries(vectorFunctions)) {
    module.function(name, { x: 'i32', end: 'i32' }, ({ x, end }, f) => {
      const value = f.local('v128');
      f.count(x, end, VECTOR, () => {
        f.set(value, f32x4.load(x));
        f.do(f32x4.store(x, apply(f, value)));
      });
    });
  }
  for (const [name, join] of Object.entries(pairFunctions)) {
    const parameters = { x: 'i32', y: 'i32', z: 'i32', end: 'i32' } as const;
    module.function(name, parameters, ({ x, y, z, end }, f) => {
      f.count(z, end, VECTOR, () => {
        f.do(f32x4.store(z, join(f32x4.load(x), f32x4.load(y))));
        f.set(x, i32.add(x, i32.const(VECTOR)));
        f.set(y, i32.add(y, i32.const(VECTOR)));
      });
    });
  }
  defineSumRows(module);
  defineSumColumns(module);
  defineSpread(module);
}
