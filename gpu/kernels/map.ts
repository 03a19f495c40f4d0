import type { DType } from '../../core/dtype.js';
import type {
  BinaryFn,
  CompareFn,
  Kernels,
  Pairing,
  Storage,
  TestFn,
  UnaryFn,
} from '../../core/kernels.js';
import type { GpuDevice, Program } from '../device.js';
import { offset, unravel } from '../source.js';

/** Expressions of v, p and q; see `functions.ts` for what has no name in Math. */
const unary: Record<UnaryFn, string> = {
  neg: '-v',
  abs: 'Math.abs(v)',
  sign: 'v > 0 ? 1 : (v < 0 ? -1 : v)',
  exp: 'exponential(v)',
  expm1: 'exponentialMinus1(v)',
  log: 'logarithm(v)',
  log1p: 'logarithmOf1Plus(v)',
  log2: 'logarithm(v) * 1.4426950408889634',
  sqrt: 'Math.sqrt(v)',
  rsqrt: '1 / Math.sqrt(v)',
  square: 'v * v',
  reciprocal: '1 / v',
  sin: 'sine(v)',
  cos: 'cosine(v)',
  tan: 'sine(v) / cosine(v)',
  asin: 'angle(v, Math.sqrt((1 - v) * (1 + v)))',
  acos: 'angle(Math.sqrt((1 - v) * (1 + v)), v)',
  atan: 'arcTangent(v)',
  sinh: '(exponentialMinus1(v) - exponentialMinus1(-v)) / 2',
  cosh: '(exponential(v) + exponential(-v)) / 2',
  tanh: 'hyperbolicTangent(v)',
  erf: 'errorFunction(v)',
  sigmoid: 'logistic(v)',
  logSigmoid: '-softPlus(-v)',
  relu: 'v <= 0 ? 0 : v',
  leakyRelu: 'v < 0 ? p * v : v',
  elu: 'v < 0 ? p * exponentialMinus1(v) : v',
  softplus: 'p * v > q ? v : softPlus(p * v) / p',
  silu: 'v * logistic(v)',
  gelu: '0.5 * v * errorComplement(-v * 0.7071067811865476)',
  mish: 'v * hyperbolicTangent(softPlus(v))',
  floor: 'Math.floor(v)',
  ceil: 'Math.ceil(v)',
  round: 'nearest(v)',
  clamp: 'v < p ? p : (v > q ? q : v)',
};

const tests: Record<TestFn, string> = {
  isnan: '1 - isNumber(v)',
  isinf: 'Math.abs(v) > 3.4028234e38 ? 1 : 0',
  isfinite: 'Math.abs(v) <= 3.4028235e38 ? 1 : 0',
  not: 'v == 0 ? 1 : 0',
};

/** Expressions of u and v. NaN fails both of the first two comparisons and comes through. */
const binary: Record<BinaryFn, string> = {
  add: 'u + v',
  sub: 'u - v',
  mul: 'u * v',
  div: 'u / v',
  pow: 'power(u, v)',
  atan2: 'angle(u, v)',
  maximum: 'u > v ? u : (v >= u ? v : u + v)',
  minimum: 'u < v ? u : (v <= u ? v : u + v)',
  gate: 'v <= 0 ? 0 : u',
};

const compare: Record<CompareFn, string> = {
  eq: 'u == v ? 1 : 0',
  ne: 'u == v ? 0 : 1',
  lt: 'u < v ? 1 : 0',
  le: 'u <= v ? 1 : 0',
  gt: 'u > v ? 1 : 0',
  ge: 'u >= v ? 1 : 0',
};

/** int32 results are whole. */
const rounded = (dtype: DType, y: string): string =>
  dtype === 'int32'
    ? `const y = ${y};\nreturn y < 0 ? Math.ceil(y) : Math.floor(y);`
    : `return ${y};`;

/** Statements that name the numbers of a broadcast pair u and v. */
function pair({ sizes, a, b }: Pairing): string {
  const flat = sizes.length <= 1;
  const places = flat ? 'const j0 = i;' : unravel('i', sizes, 'j');
  return `${places}\nconst u = a[${offset('j', a, sizes)}];\nconst v = b[${offset('j', b, sizes)}];`;
}

const withParameters: ReadonlySet<UnaryFn> = new Set(['leakyRelu', 'elu', 'softplus', 'clamp']);

export const mapKernels = (
  device: GpuDevice,
): Pick<
  Kernels,
  'full' | 'cast' | 'unary' | 'test' | 'binary' | 'compare' | 'where' | 'assign'
> => {
  const copyOf = (x: Storage, dtype: DType): Program => ({
    name: `cast to ${dtype}`,
    dtype,
    length: x.length,
    inputs: { x },
    body:
      dtype === 'bool'
        ? 'return x[i] == 0 ? 0 : 1;'
        : dtype === 'int32'
          ? `const v = x[i];\n${rounded(dtype, 'v')}`
          : 'return x[i];',
  });
  return {
    full: (dtype, length, value) =>
      device.run({ name: 'full', dtype, length, scalars: { value }, body: 'return value;' }),

    cast: (x, dtype) => device.run(copyOf(x, dtype)),

    unary: (fn, x, p, q) =>
      device.run({
        name: fn,
        dtype: x.dtype,
        length: x.length,
        inputs: { x },
        scalars: withParameters.has(fn) ? { p, q } : {},
        body: `const v = x[i];\n${rounded(x.dtype, unary[fn])}`,
      }),

    test: (fn, x) =>
      device.run({
        name: fn,
        dtype: 'bool',
        length: x.length,
        inputs: { x },
        body: `const v = x[i];\nreturn ${tests[fn]};`,
      }),

    binary(fn, a, b, pairing, into) {
      const program: Program = {
        name: fn,
        dtype: a.dtype,
        length: pairing.length,
        inputs: { a, b },
        body: `${pair(pairing)}\n${rounded(a.dtype, binary[fn])}`,
      };
      if (into === undefined) return device.run(program);
      device.runInto(into, program);
      return into;
    },

    compare: (fn, a, b, pairing) =>
      device.run({
        name: fn,
        dtype: 'bool',
        length: pairing.length,
        inputs: { a, b },
        body: `${pair(pairing)}\nreturn ${compare[fn]};`,
      }),

    where: (condition, a, b) =>
      device.run({
        name: 'where',
        dtype: a.dtype,
        length: a.length,
        inputs: { condition, a, b },
        body: 'return condition[i] == 0 ? b[i] : a[i];',
      }),

    assign: (y, x) => device.runInto(y, copyOf(x, y.dtype)),
  };
};
