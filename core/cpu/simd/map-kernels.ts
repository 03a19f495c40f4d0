import type { BinaryFn, CompareFn } from '../../kernels.js';
import {
  type Code,
  f32,
  f32x4,
  i8x16,
  i16x8,
  i32,
  i32x4,
  type Local,
  type ModuleBuilder,
  v128,
} from './assembler.js';
import { VECTOR } from './layout.js';
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

/** Functions of one number of an instruction or two. */
const shortFunctions = {
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
} satisfies Record<string, VectorFunction>;

/** Functions of one number that are polynomials and more. */
export const longFunctions = {
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

/** Functions of one number. */
export const vectorFunctions: Record<string, VectorFunction> = {
  ...shortFunctions,
  ...longFunctions,
};

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

/** Comparisons: a place where one holds has all its bits set. */
const compareFunctions: Record<CompareFn, PairFunction> = {
  eq: f32x4.eq,
  ne: f32x4.ne,
  lt: f32x4.lt,
  le: f32x4.le,
  gt: f32x4.gt,
  ge: (a, b) => f32x4.le(b, a),
};

/** Comparisons of x and y, sixteen at a time and then so many bytes further, to bytes from z to `end`. */
function defineComparisons(module: ModuleBuilder): void {
  for (const [name, holds] of Object.entries(compareFunctions)) {
    const places = { x: 'i32', y: 'i32', z: 'i32', end: 'i32' } as const;
    const parameters = { ...places, stepX: 'i32', stepY: 'i32' } as const;
    module.function(name, parameters, ({ x, y, z, end, stepX, stepY }, f) => {
      const four = (i: number) => holds(f32x4.load(x, i * VECTOR), f32x4.load(y, i * VECTOR));
      const eight = (i: number) => i16x8.narrow(four(i), four(i + 1));
      const ones = i32x4.const(0x01010101);
      f.count(z, end, VECTOR, () => {
        f.do(f32x4.store(z, v128.and(i8x16.narrow(eight(0), eight(2)), ones)));
        f.set(x, i32.add(x, stepX));
        f.set(y, i32.add(y, stepY));
      });
    });
  }
}

/** z = condition ? x : y, the condition in bytes, eight at a time, from z to `end`. */
function defineWhere(module: ModuleBuilder): void {
  const parameters = { condition: 'i32', x: 'i32', y: 'i32', z: 'i32', end: 'i32' } as const;
  module.function('where', parameters, ({ condition, x, y, z, end }, f) => {
    const eight = f.local('v128');
    f.count(z, end, 2 * VECTOR, () => {
      f.set(eight, i16x8.loadBytes(condition));
      [i32x4.extendLow(eight), i32x4.extendHigh(eight)].forEach((four, i) => {
        const at = i * VECTOR;
        const isFalse = i32x4.eq(four, i32x4.const(0));
        f.do(f32x4.store(z, v128.select(f32x4.load(y, at), f32x4.load(x, at), isFalse), at));
      });
      f.set(condition, i32.add(condition, i32.const(8)));
      f.set(x, i32.add(x, i32.const(2 * VECTOR)));
      f.set(y, i32.add(y, i32.const(2 * VECTOR)));
    });
  });
}

/** y = f(x), from x to `end`. */
function defineFunctions(module: ModuleBuilder): void {
  for (const [name, apply] of Object.entries(vectorFunctions)) {
    module.function(name, { x: 'i32', end: 'i32', y: 'i32' }, ({ x, end, y }, f) => {
      const value = f.local('v128');
      f.count(x, end, VECTOR, () => {
        f.set(value, f32x4.load(x));
        f.do(f32x4.store(y, apply(f, value)));
        f.set(y, i32.add(y, i32.const(VECTOR)));
      });
    });
  }
}

/** The kernels of a function of two numbers: of rows of both, and with one number in the place of a row. */
export const pairKernels = (name: string) => ({
  both: name,
  left: `${name}Left`,
  right: `${name}Right`,
});

/**
 * z = f(x, y) for rows of `bytes`, `rows` of them in each of `planes`. Those of x and y begin so many
 * bytes apart, those of z follow one another. Beside the kernel for rows of both there is one for rows
 * of x and one for rows of y: the other operand then has one number for each.
 */
function definePairs(module: ModuleBuilder): void {
  const parameters = {
    x: 'i32',
    y: 'i32',
    z: 'i32',
    planes: 'i32',
    planeX: 'i32',
    planeY: 'i32',
    rows: 'i32',
    rowX: 'i32',
    rowY: 'i32',
    bytes: 'i32',
  } as const;
  for (const [fn, join] of Object.entries(pairFunctions)) {
    for (const [kind, name] of Object.entries(pairKernels(fn))) {
      module.function(name, parameters, (locals, f) => {
        const { x, y, z, planes, planeX, planeY, rows, rowX, rowY, bytes } = locals;
        const variable = () => f.local('i32');
        const [plane, row, at, left, right] = Array.from({ length: 5 }, variable);
        const [a, b] = [f.local('v128'), f.local('v128')];
        const vectors = f.let(i32.and(bytes, i32.const(-VECTOR)));
        const along = (base: Local<'i32'>) => i32.add(base, at);
        const joined = (load: typeof f32x4.load): Code<'v128'> =>
          join(kind === 'right' ? a : load(along(left)), kind === 'left' ? b : load(along(right)));
        f.count(plane, planes, 1, () => {
          f.set(left, x);
          f.set(right, y);
          f.set(row, i32.const(0));
          f.count(row, rows, 1, () => {
            if (kind === 'right') f.set(a, f32x4.loadSplat(left));
            if (kind === 'left') f.set(b, f32x4.loadSplat(right));
            f.set(at, i32.const(0));
            f.count(at, vectors, VECTOR, () => f.do(f32x4.store(along(z), joined(f32x4.load))));
            f.count(at, bytes, 4, () => {
              f.do(f32.store(along(z), f32x4.lane(joined(f32x4.loadSplat), 0)));
            });
            f.set(left, i32.add(left, rowX));
            f.set(right, i32.add(right, rowY));
            f.set(z, i32.add(z, bytes));
          });
          f.set(x, i32.add(x, planeX));
          f.set(y, i32.add(y, planeY));
        });
      });
    }
  }
}

/** The kernels over single numbers. */
export function defineMaps(module: ModuleBuilder): void {
  defineFunctions(module);
  definePairs(module);
  defineComparisons(module);
  defineWhere(module);
}
