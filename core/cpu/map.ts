import type { DType, TypedArray } from '../dtype.js';
import type { BinaryFn, CompareFn, Pairing, Storage, TestFn, UnaryFn } from '../kernels.js';
import { erf, erfc, power, roundHalfEven, sigmoid, softplus } from './special.js';
import { beside, blank, owned } from './storage.js';

// One loop a function, written out: a shared loop that calls a function passed to it would box every
// number it returns. p and q are the function's parameters.
type UnaryLoop = (x: TypedArray, y: TypedArray, p: number, q: number) => void;

// biome-ignore format: a table, one function a row
const unaryLoops: Record<UnaryFn, UnaryLoop> = {
  neg: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = -x[i]; },
  abs: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.abs(x[i]); },
  sign: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.sign(x[i]); },
  exp: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.exp(x[i]); },
  expm1: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.expm1(x[i]); },
  log: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.log(x[i]); },
  log1p: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.log1p(x[i]); },
  log2: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.log2(x[i]); },
  sqrt: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.sqrt(x[i]); },
  rsqrt: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = 1 / Math.sqrt(x[i]); },
  square: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = x[i] * x[i]; },
  reciprocal: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = 1 / x[i]; },
  sin: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.sin(x[i]); },
  cos: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.cos(x[i]); },
  tan: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.tan(x[i]); },
  asin: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.asin(x[i]); },
  acos: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.acos(x[i]); },
  atan: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.atan(x[i]); },
  sinh: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.sinh(x[i]); },
  cosh: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.cosh(x[i]); },
  tanh: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.tanh(x[i]); },
  erf: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = erf(x[i]); },
  sigmoid: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = sigmoid(x[i]); },
  logSigmoid: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = -softplus(-x[i]); },
  relu: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.max(x[i], 0); },
  leakyRelu: (x, y, slope) => { for (let i = 0; i < y.length; i++) y[i] = x[i] < 0 ? slope * x[i] : x[i]; },
  elu: (x, y, alpha) => { for (let i = 0; i < y.length; i++) y[i] = x[i] < 0 ? alpha * Math.expm1(x[i]) : x[i]; },
  softplus: (x, y, beta, threshold) => { for (let i = 0; i < y.length; i++) y[i] = beta * x[i] > threshold ? x[i] : softplus(beta * x[i]) / beta; },
  silu: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = x[i] * sigmoid(x[i]); },
  gelu: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = 0.5 * x[i] * erfc(-x[i] * Math.SQRT1_2); },
  mish: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = x[i] * Math.tanh(softplus(x[i])); },
  floor: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.floor(x[i]); },
  ceil: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.ceil(x[i]); },
  round: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = roundHalfEven(x[i]); },
  clamp: (x, y, least, most) => { for (let i = 0; i < y.length; i++) y[i] = Math.min(Math.max(x[i], least), most); },
};

// biome-ignore format: a table, one function a row
const testLoops: Record<TestFn, UnaryLoop> = {
  isnan: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Number.isNaN(x[i]) ? 1 : 0; },
  isinf: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.abs(x[i]) === Infinity ? 1 : 0; },
  isfinite: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Number.isFinite(x[i]) ? 1 : 0; },
  not: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = x[i] === 0 ? 1 : 0; },
};

/** One row of n numbers: y from `o`, a from `i` in steps of `di`, b from `j` in steps of `dj`. */
export type BinaryLoop = (
  a: TypedArray,
  i: number,
  di: number,
  b: TypedArray,
  j: number,
  dj: number,
  y: TypedArray,
  o: number,
  end: number,
) => void;

// biome-ignore format: a table, one function a row
export const binaryLoops: Record<BinaryFn, BinaryLoop> = {
  add: (a, i, di, b, j, dj, y, o, end) => { for (; o < end; o++, i += di, j += dj) y[o] = a[i] + b[j]; },
  sub: (a, i, di, b, j, dj, y, o, end) => { for (; o < end; o++, i += di, j += dj) y[o] = a[i] - b[j]; },
  mul: (a, i, di, b, j, dj, y, o, end) => { for (; o < end; o++, i += di, j += dj) y[o] = a[i] * b[j]; },
  div: (a, i, di, b, j, dj, y, o, end) => { for (; o < end; o++, i += di, j += dj) y[o] = a[i] / b[j]; },
  pow: (a, i, di, b, j, dj, y, o, end) => { for (; o < end; o++, i += di, j += dj) y[o] = power(a[i], b[j]); },
  atan2: (a, i, di, b, j, dj, y, o, end) => { for (; o < end; o++, i += di, j += dj) y[o] = Math.atan2(a[i], b[j]); },
  maximum: (a, i, di, b, j, dj, y, o, end) => { for (; o < end; o++, i += di, j += dj) y[o] = Math.max(a[i], b[j]); },
  minimum: (a, i, di, b, j, dj, y, o, end) => { for (; o < end; o++, i += di, j += dj) y[o] = Math.min(a[i], b[j]); },
  gate: (a, i, di, b, j, dj, y, o, end) => { for (; o < end; o++, i += di, j += dj) y[o] = b[j] <= 0 ? 0 : a[i]; },
};

/** Products that wrap at 32 bits: a double would have lost their low bits beyond 2⁵³. */
const multiplyIntegers: BinaryLoop = (a, i, di, b, j, dj, y, o, end) => {
  for (; o < end; o++, i += di, j += dj) y[o] = Math.imul(a[i], b[j]);
};

// biome-ignore format: a table, one function a row
const compareLoops: Record<CompareFn, BinaryLoop> = {
  eq: (a, i, di, b, j, dj, y, o, end) => { for (; o < end; o++, i += di, j += dj) y[o] = a[i] === b[j] ? 1 : 0; },
  ne: (a, i, di, b, j, dj, y, o, end) => { for (; o < end; o++, i += di, j += dj) y[o] = a[i] !== b[j] ? 1 : 0; },
  lt: (a, i, di, b, j, dj, y, o, end) => { for (; o < end; o++, i += di, j += dj) y[o] = a[i] < b[j] ? 1 : 0; },
  le: (a, i, di, b, j, dj, y, o, end) => { for (; o < end; o++, i += di, j += dj) y[o] = a[i] <= b[j] ? 1 : 0; },
  gt: (a, i, di, b, j, dj, y, o, end) => { for (; o < end; o++, i += di, j += dj) y[o] = a[i] > b[j] ? 1 : 0; },
  ge: (a, i, di, b, j, dj, y, o, end) => { for (; o < end; o++, i += di, j += dj) y[o] = a[i] >= b[j] ? 1 : 0; },
};

/** Runs a row loop over a broadcast pair: the last axis inside it, the others counted through here. */
export function rows(
  loop: BinaryLoop,
  a: Storage,
  b: Storage,
  y: Storage,
  pairing: Pairing,
): Storage {
  const { sizes, a: sa, b: sb, length } = pairing;
  const last = sizes.length - 1;
  if (last <= 0) {
    loop(a.data, 0, last < 0 ? 0 : sa[0], b.data, 0, last < 0 ? 0 : sb[0], y.data, 0, length);
    return y;
  }
  const n = sizes[last];
  const index = new Array<number>(last).fill(0);
  let i = 0;
  let j = 0;
  for (let o = 0; o < length; o += n) {
    loop(a.data, i, sa[last], b.data, j, sb[last], y.data, o, o + n);
    for (let axis = last - 1; axis >= 0; axis--) {
      i += sa[axis];
      j += sb[axis];
      if (++index[axis] < sizes[axis]) break;
      i -= sa[axis] * sizes[axis];
      j -= sb[axis] * sizes[axis];
      index[axis] = 0;
    }
  }
  return y;
}

export const mapKernels = {
  unary(fn: UnaryFn, x: Storage, p: number, q: number): Storage {
    const y = blank(x, x.dtype, x.length);
    unaryLoops[fn](x.data, y.data, p, q);
    return y;
  },

  test(fn: TestFn, x: Storage): Storage {
    const y = beside(x, 'bool', x.length);
    testLoops[fn](x.data, y.data, 0, 0);
    return y;
  },

  binary(fn: BinaryFn, a: Storage, b: Storage, pairing: Pairing, into?: Storage): Storage {
    const loop = fn === 'mul' && a.dtype === 'int32' ? multiplyIntegers : binaryLoops[fn];
    if (into !== undefined) owned(into);
    return rows(loop, a, b, into ?? blank(a, a.dtype, pairing.length), pairing);
  },

  compare: (fn: CompareFn, a: Storage, b: Storage, pairing: Pairing): Storage =>
    rows(compareLoops[fn], a, b, beside(a, 'bool', pairing.length), pairing),

  where(condition: Storage, a: Storage, b: Storage): Storage {
    const result = blank(a, a.dtype, a.length);
    const [c, x, z, y] = [condition.data, a.data, b.data, result.data];
    for (let i = 0; i < y.length; i++) y[i] = c[i] !== 0 ? x[i] : z[i];
    return result;
  },

  cast(x: Storage, dtype: DType): Storage {
    const y = blank(x, dtype, x.length);
    if (dtype !== 'bool') y.data.set(x.data);
    else for (let i = 0; i < y.length; i++) y.data[i] = x.data[i] !== 0 ? 1 : 0;
    return y;
  },

  assign(y: Storage, x: Storage): void {
    owned(y).set(x.data);
  },
};
