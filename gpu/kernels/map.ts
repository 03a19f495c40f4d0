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
import type { Elementwise, GpuDevice, Operand } from '../device.js';

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
  isinf: 'isInfinite(v)',
  isfinite: 'isNumber(v) - isInfinite(v)',
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
const rounded = (dtype: DType, formula: string): string =>
  dtype === 'int32' ? `whole(${formula})` : formula;

/** The operands of a broadcast pair, u and v. One that is not repeated is read in order. */
function pair(a: Storage, b: Storage, { sizes, a: stridesA, b: stridesB, length }: Pairing) {
  const operand = (of: Storage, strides: readonly number[]): Operand =>
    of.length === length ? of : { of, place: { sizes, strides } };
  return { u: operand(a, stridesA), v: operand(b, stridesB) };
}

const withParameters: ReadonlySet<UnaryFn> = new Set(['leakyRelu', 'elu', 'softplus', 'clamp']);

export const mapKernels = (
  device: GpuDevice,
): Pick<
  Kernels,
  'full' | 'cast' | 'unary' | 'test' | 'binary' | 'compare' | 'where' | 'assign'
> => {
  const casting = (x: Storage, dtype: DType): Elementwise => ({
    name: `cast to ${dtype}`,
    dtype,
    length: x.length,
    formula: dtype === 'bool' ? 'v == 0 ? 0 : 1' : rounded(dtype, 'v'),
    operands: { v: x },
  });
  return {
    full: (dtype, length, value) => device.constant(dtype, length, value),

    cast: (x, dtype) => device.element(casting(x, dtype)),

    unary: (fn, x, p, q) =>
      device.element({
        name: fn,
        dtype: x.dtype,
        length: x.length,
        formula: rounded(x.dtype, unary[fn]),
        operands: withParameters.has(fn) ? { v: x, p, q } : { v: x },
      }),

    test: (fn, x) =>
      device.element({
        name: fn,
        dtype: 'bool',
        length: x.length,
        formula: tests[fn],
        operands: { v: x },
      }),

    binary(fn, a, b, pairing, into) {
      const operation: Elementwise = {
        name: fn,
        dtype: a.dtype,
        length: pairing.length,
        formula: rounded(a.dtype, binary[fn]),
        operands: pair(a, b, pairing),
      };
      if (into === undefined) return device.element(operation);
      device.elementInto(into, operation);
      return into;
    },

    compare: (fn, a, b, pairing) =>
      device.element({
        name: fn,
        dtype: 'bool',
        length: pairing.length,
        formula: compare[fn],
        operands: pair(a, b, pairing),
      }),

    where: (condition, a, b) =>
      device.element({
        name: 'where',
        dtype: a.dtype,
        length: a.length,
        formula: 'c == 0 ? v : u',
        operands: { c: condition, u: a, v: b },
      }),

    assign: (y, x) => device.elementInto(y, casting(x, y.dtype)),
  };
};
