import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ArgumentError, erf, Generator, manualSeed, rand, randn, tensor } from '../../ops/index.js';
import { raises } from './close.js';

// Seeds are fixed, so nothing here is left to chance. Each bound is one that a right generator would
// exceed with probability about 10⁻⁶ (5 standard deviations of a normal statistic, and the like
// for χ² and Kolmogorov–Smirnov), given beside its derivation.

const N = 100_000;
const SIGMAS = 5;

const drawn = (seed: number, n: number, draw: (g: Generator) => number): Float64Array => {
  const generator = new Generator(seed);
  return Float64Array.from({ length: n }, () => draw(generator));
};
const uniforms = (seed: number, n = N) => drawn(seed, n, (g) => g.uniform());
const normals = (seed: number, n = N) => drawn(seed, n, (g) => g.normal());

const mean = (xs: Float64Array, f: (x: number) => number = (x) => x): number => {
  let total = 0;
  for (const x of xs) total += f(x);
  return total / xs.length;
};

/** The mean of n draws of f, whose mean and variance are known, has standard deviation √(variance/n). */
function hasMean(xs: Float64Array, f: (x: number) => number, expected: number, variance: number) {
  const sigma = Math.sqrt(variance / xs.length);
  const off = Math.abs(mean(xs, f) - expected) / sigma;
  assert.ok(off < SIGMAS, `${f}: ${off} standard deviations off`);
}

/** Σ (observed − expected)² / expected over equally likely bins. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((a, b) => a + b, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/**
 * χ² of k bins has k − 1 degrees of freedom; by Wilson and Hilferty (1931) (χ²/d)^⅓ is nearly normal
 * with mean 1 − 2/(9d) and variance 2/(9d). Too even is as suspicious as too uneven.
 */
function isEven(counts: readonly number[]): void {
  const d = counts.length - 1;
  const z = (Math.cbrt(chiSquare(counts) / d) - (1 - 2 / (9 * d))) / Math.sqrt(2 / (9 * d));
  assert.ok(Math.abs(z) < SIGMAS, `χ² is ${z} standard deviations off`);
}

/** √n · sup |F_n − F|; P(> c) ≈ 2 exp(−2c²), which is 10⁻⁶ at c = 2.69. */
const KOLMOGOROV = 2.69;
function follows(xs: Float64Array, cdf: (sorted: Float64Array) => ArrayLike<number>): void {
  const sorted = xs.slice().sort();
  const expected = cdf(sorted);
  let distance = 0;
  for (let i = 0; i < sorted.length; i++) {
    distance = Math.max(distance, expected[i] - i / xs.length, (i + 1) / xs.length - expected[i]);
  }
  const statistic = Math.sqrt(xs.length) * distance;
  assert.ok(statistic < KOLMOGOROV, `Kolmogorov–Smirnov statistic ${statistic}`);
}

const binned = (xs: Float64Array, bins: number): number[] => {
  const counts = new Array<number>(bins).fill(0);
  for (const x of xs) counts[Math.floor(x * bins)]++;
  return counts;
};

test('the same seed gives the same numbers, whatever was drawn before', () => {
  assert.equal(uniforms(7, 10), uniforms(7, 10));
  const generator = new Generator(1);
  generator.normal();
  generator.seed(7);
  assert.equal(
    Float64Array.from({ length: 10 }, () => generator.uniform()),
    uniforms(7, 10),
  );
});

test('seeding again forgets the second normal of a pair', () => {
  const generator = new Generator(7);
  const first = generator.normal();
  generator.seed(7);
  assert.is(generator.normal(), first);
});

test('different seeds give different numbers: neighbours, negatives and beyond 32 bits', () => {
  const seeds = [0, 1, 2, 3, -1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 40, Number.MAX_SAFE_INTEGER];
  const firsts = seeds.map((seed) => new Generator(seed).uniform());
  assert.is(new Set(firsts).size, seeds.length);
});

test('the first numbers of neighbouring seeds are not alike', () => {
  const firsts = Float64Array.from({ length: 10_000 }, (_, seed) => new Generator(seed).uniform());
  isEven(binned(firsts, 100));
  assert.ok(Math.abs(correlation(firsts, 1)) < SIGMAS / Math.sqrt(firsts.length));
});

test('a seed must be a whole number', () => {
  raises(
    () => manualSeed(1.5),
    ArgumentError,
    'manualSeed: expected an integer as the seed, got 1.5',
  );
  raises(() => new Generator(NaN), ArgumentError, /got NaN$/);
});

test('the stream is xoshiro128** by its authors’ reference', () => {
  // The state 1, 2, 3, 4 gives these in the reference implementation.
  const generator = new Generator(0);
  Object.assign(generator, { state: Uint32Array.of(1, 2, 3, 4) });
  const bits = Array.from({ length: 6 }, () => generator.bits());
  assert.equal(bits, [11520, 0, 5927040, 70819200, 2031721883, 1637235492]);
});

test('uniform numbers lie in [0, 1) and have the moments of the uniform distribution', () => {
  const xs = uniforms(1);
  assert.ok(xs.every((x) => x >= 0 && x < 1));
  // E xᵏ = 1/(k+1), and the variance of xᵏ is 1/(2k+1) − 1/(k+1)².
  for (const k of [1, 2, 3, 4]) {
    hasMean(xs, (x) => x ** k, 1 / (k + 1), 1 / (2 * k + 1) - 1 / (k + 1) ** 2);
  }
});

test('uniform numbers fill a hundred bins evenly, singly and by pairs', () => {
  const xs = uniforms(2);
  isEven(binned(xs, 100));
  const pairs = new Array<number>(100).fill(0);
  for (let i = 0; i + 1 < N; i += 2) {
    pairs[Math.floor(xs[i] * 10) * 10 + Math.floor(xs[i + 1] * 10)]++;
  }
  isEven(pairs);
});

test('the low bits of uniform numbers are as even as the high ones', () => {
  isEven(
    binned(
      Float64Array.from(uniforms(3), (x) => (x * 2 ** 45) % 1),
      64,
    ),
  );
});

test('uniform numbers follow the uniform distribution by Kolmogorov and Smirnov', () => {
  follows(uniforms(4), (sorted) => sorted);
});

/** Of n independent numbers it is nearly normal with standard deviation 1/√n. */
function correlation(xs: Float64Array, lag: number): number {
  const center = mean(xs);
  let [product, square] = [0, 0];
  for (let i = 0; i < xs.length; i++) {
    square += (xs[i] - center) ** 2;
    if (i >= lag) product += (xs[i] - center) * (xs[i - lag] - center);
  }
  return product / square;
}

test('neither uniform nor normal numbers are correlated with those before them', () => {
  for (const xs of [uniforms(5), normals(5)]) {
    for (const lag of [1, 2, 3, 4, 5, 10, 100]) {
      const r = correlation(xs, lag);
      assert.ok(Math.abs(r) < SIGMAS / Math.sqrt(N), `lag ${lag}: correlation ${r}`);
    }
  }
});

test('the two normals of a pair are not correlated in size either', () => {
  const sizes = normals(6).map(Math.abs);
  assert.ok(Math.abs(correlation(sizes, 1)) < SIGMAS / Math.sqrt(N));
});

test('normal numbers have the moments of the normal distribution, up to the sixth', () => {
  const xs = normals(7);
  // E z²ᵏ = (2k−1)!! = 1, 3, 15, 105, 945, 10395; odd moments are 0; Var zᵏ = E z²ᵏ − (E zᵏ)².
  hasMean(xs, (z) => z, 0, 1);
  hasMean(xs, (z) => z ** 2, 1, 3 - 1);
  hasMean(xs, (z) => z ** 3, 0, 15);
  hasMean(xs, (z) => z ** 4, 3, 105 - 9);
  hasMean(xs, (z) => z ** 5, 0, 945);
  hasMean(xs, (z) => z ** 6, 15, 10395 - 225);
});

test('normal numbers follow Φ by Kolmogorov and Smirnov', () => {
  follows(normals(8), (sorted) => {
    const e = erf(tensor(sorted.map((z) => z / Math.SQRT2))).data;
    return e.map((x) => (1 + x) / 2);
  });
});

test('the tails are there: as many beyond 2, 3 and 4 as the normal distribution has', () => {
  const n = 1_000_000;
  const xs = normals(9, n);
  // P(|z| > t) for t = 2, 3, 4; the count is binomial, its variance n p (1 − p).
  for (const [t, p] of [
    [2, 0.04550026],
    [3, 0.0026998],
    [4, 0.0000633425],
  ]) {
    hasMean(xs, (z) => Number(Math.abs(z) > t), p, p * (1 - p));
  }
});

test('whole numbers below n are equally likely, also where n is no power of 2', () => {
  for (const n of [2, 6, 7, 100]) {
    const counts = new Array<number>(n).fill(0);
    for (const x of drawn(n, N, (g) => g.below(n))) counts[x]++;
    isEven(counts);
  }
});

test('whole numbers below a large n reach all of its range, and never n itself', () => {
  const n = 2 ** 53;
  const xs = drawn(11, N, (g) => g.below(n));
  assert.ok(xs.every((x) => Number.isInteger(x) && x >= 0 && x < n));
  isEven(
    binned(
      xs.map((x) => x / n),
      64,
    ),
  );
});

test('the 24 orders of four things are equally likely', () => {
  const generator = new Generator(12);
  const counts = new Map<string, number>();
  for (let i = 0; i < 48_000; i++) {
    const order = generator.permutation(4).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.is(counts.size, 24);
  isEven([...counts.values()]);
});

test('a permutation holds every number once', () => {
  const generator = new Generator(13);
  for (const n of [0, 1, 2, 10, 1000]) {
    const order = generator.permutation(n);
    assert.equal(
      order.slice().sort((a, b) => a - b),
      Int32Array.from({ length: n }, (_, i) => i),
    );
  }
});

test('rand and randn draw from the stream that manualSeed starts', () => {
  manualSeed(21);
  const [u, z] = [rand([4], { dtype: 'float64' }), randn([4], { dtype: 'float64' })];
  const generator = new Generator(21);
  assert.equal(
    u.data,
    Float64Array.from({ length: 4 }, () => generator.uniform()),
  );
  assert.equal(
    z.data,
    Float64Array.from({ length: 4 }, () => generator.normal()),
  );
});

test.run();
