import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cpu } from '../../../core/cpu/index.js';
import { mapKernels } from '../../../core/cpu/map.js';
import { simd } from '../../../core/cpu/simd/engine.js';
import { simdKernels } from '../../../core/cpu/simd/index.js';
import type { UnaryFn } from '../../../core/kernels.js';

// The vector functions against double precision, over all of float32.

/** erf by its series without alternating signs, good to the last digits for |x| < 2. */
function erfSeries(x: number, square: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * square) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-square) * sum;
}

/** erfc, by its continued fraction from 1.5 on. x², if known more exactly than from x, may be given. */
function erfc(x: number, square = x * x): number {
  if (x < 0) return 2 - erfc(-x, square);
  if (x < 1.5) return 1 - erfSeries(x, square);
  let fraction = x;
  for (let n = 150; n >= 1; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-square) / (Math.sqrt(Math.PI) * fraction);
}

function erf(x: number): number {
  if (Math.abs(x) < 1.5) return erfSeries(x, x * x);
  return x < 0 ? erfc(-x) - 1 : 1 - erfc(x);
}

/** x·Φ(x). The square of a float32 number is exact in a double. */
const gelu = (x: number): number => (x * erfc(-x * Math.SQRT1_2, (x * x) / 2)) / 2;

test('the references know erf, erfc and x·Φ(x) to 14 digits and more', () => {
  const known: [(x: number) => number, number, number][] = [
    [erf, 0.1, 0.1124629160182849],
    [erf, -0.5, -0.5204998778130465],
    [erf, 1, 0.8427007929497149],
    [erf, 1.4, 0.9522851197626488],
    [erf, 2, 0.9953222650189527],
    [erfc, -1, 1.842700792949715],
    [erfc, 0.5, 0.4795001221869535],
    [erfc, 1.4, 0.0477148802373512],
    [erfc, 1.5, 0.03389485352468927],
    [erfc, 3, 2.209049699858544e-5],
    [erfc, 10, 2.088487583762545e-45],
    [gelu, -1, -0.15865525393145705],
    [gelu, -5, -1.43325785939597e-6],
    [gelu, -13, -7.952313719414844e-38],
    [gelu, 3, 2.99595030590511],
  ];
  for (const [f, x, y] of known) assert.ok(Math.abs(f(x) / y - 1) < 5e-15, `${f.name}(${x})`);
});

const bitsOf = (x: number): number => new Uint32Array(Float32Array.of(x).buffer)[0];

/**
 * Every 4,099th bit pattern, a prime step, so that all exponents and kinds of fraction come up, and
 * 4,096 patterns in a row around each of the points and its negative.
 */
function inputs(points: readonly number[]): Float32Array {
  const RUN = 4096;
  const spread = 2 ** 20;
  const centres = points.flatMap((x) => [bitsOf(x), bitsOf(-x)]);
  const bits = new Uint32Array(spread + RUN * centres.length);
  for (let i = 0; i < spread; i++) bits[i] = Math.imul(i, 4099);
  centres.forEach((centre, k) => {
    for (let i = 0; i < RUN; i++) bits[spread + k * RUN + i] = centre + i - RUN / 2;
  });
  return new Float32Array(bits.buffer);
}

/** Where any of the functions may change its ways: the ends of the numbers, of their kinds, and 1. */
const ENDS = [0, Infinity, 2 ** -126, 1];

/** The gap between neighbouring float32 numbers around x. */
const ulp = (x: number): number =>
  2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(Math.fround(x))))) - 23);

interface Case {
  exact(x: number): number;
  /** Where one formula gives way to another. */
  points: readonly number[];
  /** The most ulp allowed, 2 if not given, and another limit below some x. */
  most?: number;
  below?: { x: number; most: number };
}

const sigmoid = (x: number): number =>
  x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));

// Where the exponential goes over to the next power of two, becomes too small, and infinite.
const exponential = [0.5, 1.5, 2.5]
  .map((n) => n * Math.LN2)
  .concat(87.3365, 88.7228, 103.9721, 110);

const cases: Partial<Record<UnaryFn, Case>> = {
  exp: { exact: Math.exp, points: [...exponential, 89] },
  expm1: { exact: Math.expm1, points: [...exponential, 17.3287, 89] },
  log: { exact: Math.log, points: [Math.SQRT1_2, Math.SQRT2] },
  log1p: { exact: Math.log1p, points: [1 - Math.SQRT1_2, Math.SQRT2 - 1, 2 ** -24, 2 ** 24] },
  tanh: { exact: Math.tanh, points: [0.625, 9.01] },
  sigmoid: { exact: sigmoid, points: exponential },
  silu: { exact: (x) => x * sigmoid(x), points: [...exponential, 92, 108.66], most: 3 },
  sqrt: { exact: Math.sqrt, points: [] },
  rsqrt: { exact: (x) => 1 / Math.sqrt(x), points: [] },
  erf: { exact: erf, points: [0.85, 3.92, 4] },
  gelu: {
    exact: (x) => (x === Infinity ? x : gelu(x)),
    // The last ones: where the result leaves the numbers of full precision, where it is 0, and the end.
    points: [...[0.5, 1.5, 2.5].map((n) => Math.sqrt(2 * n * Math.LN2)), 13.06, 14.36, 15],
    most: 4,
    below: { x: -1, most: 8 },
  },
};

for (const [name, { exact, points, most = 2, below }] of Object.entries(cases)) {
  const but = below === undefined ? '' : ` (below ${below.x}, ${below.most} ulp)`;
  test(`${name} is within ${most} ulp over all of float32${but}, and right at NaN, ±0 and ±∞`, () => {
    assert.not.equal(simd(), null);
    const x = cpu.upload('float32', inputs([...ENDS, ...points]));
    const y = simdKernels.unary(name as UnaryFn, x, 0, 0);
    for (let i = 0; i < x.length; i++) {
      const [at, actual, expected] = [x.data[i], y.data[i], exact(x.data[i])];
      if (Object.is(actual, Math.fround(expected))) continue;
      const error = Math.abs(actual - expected) / ulp(expected);
      const limit = below !== undefined && at < below.x ? below.most : most;
      // An exact zero, ±∞ and NaN admit of nothing else, and the comparison fails where the error is NaN.
      const wrong = expected === 0 || !Number.isFinite(expected) || !(error <= limit);
      if (wrong) assert.unreachable(`${name}(${at}) is ${actual}, ${error} ulp from ${expected}`);
    }
  });
}

test('simple functions give the loops’ very numbers over all of float32', () => {
  const x = cpu.upload(
    'float32',
    inputs([...ENDS, 0.5, 1.5, 2.5, 2 ** 22, 2 ** 23, 2 ** 126, 2 ** 127]),
  );
  const simple = 'neg abs square reciprocal sqrt relu floor ceil round'.split(' ') as UnaryFn[];
  for (const name of simple) {
    const [actual, expected] = [simdKernels, mapKernels].map((k) => k.unary(name, x, 0, 0).data);
    const i = actual.findIndex((y, j) => !Object.is(y, expected[j]));
    assert.is(i, -1, `${name}(${x.data[i]}) is ${actual[i]}, not ${expected[i]}`);
  }
});

test('the loops and the kernels agree at NaN, ±0 and ±∞', () => {
  const ends = [NaN, 0, -0, Infinity, -Infinity];
  const x = cpu.upload(
    'float32',
    Float32Array.from({ length: 80 }, (_, i) => ends[i % 5]),
  );
  for (const name of Object.keys(cases) as UnaryFn[]) {
    const [actual, expected] = [simdKernels, mapKernels].map((k) => k.unary(name, x, 0, 0).data);
    const i = actual.findIndex((y, j) => !Object.is(y, expected[j]));
    assert.is(i, -1, `${name}(${x.data[i]}) is ${actual[i]}, not ${expected[i]}`);
  }
});

test.run();
