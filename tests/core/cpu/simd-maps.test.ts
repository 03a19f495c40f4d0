import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { copyKernels } from '../../../core/cpu/copy.js';
import { cpu } from '../../../core/cpu/index.js';
import { mapKernels } from '../../../core/cpu/map.js';
import { reduceKernels } from '../../../core/cpu/reduce.js';
import { simd } from '../../../core/cpu/simd/engine.js';
import { simdKernels } from '../../../core/cpu/simd/index.js';
import { owned } from '../../../core/cpu/storage.js';
import type { Pairing, Storage, View } from '../../../core/kernels.js';
import { Generator, getThreads, setThreads } from '../../../ops/index.js';
import { difference, normals, SPECIAL, same } from './storages.js';

// The fast maps of two operands, and the fast reductions, against the loops that say what they mean.

const generator = new Generator(12);
const upTo = (n: number): number => 1 + generator.below(n);
const floats = (n: number): Storage => normals(generator, n);

test('there is an engine here, so that the tests below test it', () => {
  assert.not.equal(simd(), null);
});

/** `[outer, n, inner]` of every kind: rows and columns, few and many, short and longer than a block. */
const folded = [
  ...Array.from({ length: 40 }, () => [upTo(30), upTo(60), upTo(90)]),
  ...Array.from({ length: 20 }, () => [upTo(60), 8 + upTo(60), 1]),
  [1, 16384, 1],
  [3, 16385, 1],
  [2, 140001, 1],
  [1, 300000, 1],
  [5000, 9, 1],
  [20000, 8, 1],
  [1, 64, 64],
  [64, 32, 49],
  [3000, 2, 16],
  [700, 3, 100],
  [2, 1000, 300],
  [1, 9000, 17],
  [1, 3, 70000],
  [2, 2, 140001],
].map(([outer, n, inner]) => ({ outer, n, inner }));

test('sums agree with the loop, and over columns are its very numbers', () => {
  for (const { outer, n, inner } of folded) {
    const x = floats(outer * n * inner);
    const results = (): Storage[] =>
      [simdKernels, reduceKernels].map((k) => k.reduce('sum', x, outer, n, inner));
    const [fast, loop] = results();
    const what = `sum of [${outer}, ${n}, ${inner}]`;
    assert.ok(difference(fast, loop, Math.sqrt(n)) < 1e-6, what);
    if (inner > 8) same(fast, loop, what);
    for (const value of SPECIAL) owned(x)[generator.below(x.length)] = value;
    const [odd, expected] = results();
    assert.ok(difference(odd, expected, Math.sqrt(n)) < 1e-6, what);
  }
});

test('copies of views are the loop’s very numbers, whatever the order, steps and directions', () => {
  const x = floats(30_000);
  const views: View[] = [
    { shape: [200, 150], strides: [150, 1], offset: 0 },
    { shape: [150, 200], strides: [1, 150], offset: 0 },
    { shape: [49, 16, 32, 1], strides: [16, 1, 784, 1], offset: 0 },
    { shape: [31, 16, 49, 1], strides: [784, 1, 16, 1], offset: 5 },
    { shape: [10, 20, 30, 5], strides: [5, 50, 1000, 1], offset: 0 },
    { shape: [7, 3, 11, 13, 2], strides: [1, 2000, 13, 300, 7], offset: 3 },
    { shape: [300, 100], strides: [-100, 1], offset: 29_900 },
    { shape: [30_000], strides: [-1], offset: 29_999 },
    { shape: [100, 300], strides: [0, 1], offset: 17 },
    { shape: [300, 100], strides: [1, 0], offset: 17 },
    { shape: [90, 90], strides: [301, 3], offset: 1 },
  ];
  for (const view of views) {
    same(simdKernels.copy(x, view), copyKernels.copy(x, view), JSON.stringify(view));
  }
});

test('the sum of a million numbers keeps six digits', () => {
  const tenths = cpu.upload('float32', new Float32Array(1e6).fill(0.1));
  const total = simdKernels.reduce('sum', tenths, 1, 1e6, 1).data[0];
  assert.ok(Math.abs(total / 1e5 - 1) < 1e-6, `${total}`);
});

test('the largest and smallest are the loops’ very numbers: NaN comes through, the first zero counts', () => {
  for (const { outer, n, inner } of folded) {
    const x = floats(outer * n * inner);
    // Numbers of one sign, and zeros of both, so that in some rows a zero is the largest or smallest.
    const signed = (sign: number): Storage =>
      cpu.upload(
        'float32',
        x.data.map((v) => {
          const size = Math.abs(v);
          return size < 0.4 ? (size < 0.2 ? 0 : -0) : sign * size;
        }) as Float32Array,
      );
    const spoiled = cpu.upload('float32', x.data.slice());
    for (const value of SPECIAL) owned(spoiled)[generator.below(x.length)] = value;
    const infinite = cpu.upload('float32', new Float32Array(x.length).fill(-Infinity));
    for (const fn of ['amax', 'amin'] as const) {
      for (const each of [x, signed(1), signed(-1), spoiled, infinite]) {
        const [fast, loop] = [simdKernels, reduceKernels].map((k) =>
          k.reduce(fn, each, outer, n, inner),
        );
        same(fast, loop, `${fn} of [${outer}, ${n}, ${inner}]`);
      }
    }
  }
});

test('NaN comes through from every place of a row or column', () => {
  for (const [n, inner] of [
    [523, 1],
    [17, 33],
  ]) {
    for (let i = 0; i < n * inner; i++) {
      const x = floats(n * inner);
      owned(x)[i] = NaN;
      for (const fn of ['amax', 'amin', 'sum'] as const) {
        const y = simdKernels.reduce(fn, x, 1, n, inner);
        const found = Array.from(y.data.keys()).filter((column) => Number.isNaN(y.data[column]));
        assert.equal(found, [i % inner], `${fn} with NaN at ${i}`);
      }
    }
  }
});

/** Two operands walked together: in step, repeated, transposed, over one to four axes. */
const pairings: Pairing[] = [
  { sizes: [1000], a: [1], b: [1] },
  { sizes: [1024], a: [1], b: [1] },
  { sizes: [40000], a: [1], b: [0] },
  { sizes: [40000], a: [0], b: [1] },
  { sizes: [140001], a: [1], b: [1] },
  { sizes: [3, 300], a: [300, 1], b: [0, 1] },
  { sizes: [7, 300], a: [300, 1], b: [0, 1] },
  { sizes: [7, 300], a: [300, 1], b: [1, 0] },
  { sizes: [2, 300], a: [1, 2], b: [300, 1] },
  { sizes: [70, 5], a: [5, 1], b: [0, 1] },
  { sizes: [9000, 17], a: [17, 1], b: [1, 0] },
  { sizes: [2, 140001], a: [0, 1], b: [140001, 1] },
  ...Array.from({ length: 20 }, () => {
    const sizes = [upTo(3), upTo(4), 33 + upTo(40), 33 + upTo(40)].slice(generator.below(3));
    const steps = (): number[] => {
      let step = 1;
      const kept = sizes.map((size) => [size, generator.below(3) > 0] as const);
      return kept.reduceRight<number[]>((all, [size, isKept]) => {
        all.unshift(isKept ? step : 0);
        if (isKept) step *= size;
        return all;
      }, []);
    };
    return { sizes, a: steps(), b: steps() };
  }),
].map((walk) => ({ ...walk, length: walk.sizes.reduce((n, size) => n * size, 1) }));

/** Operands as long as they may have to be, of numbers some of which are equal and some special. */
const operandsOf = ({ length }: Pairing): Storage[] =>
  [0, 1].map(() => {
    const x = floats(length);
    for (let i = 0; i < length; i += 3) owned(x)[i] = Math.round(x.data[i]);
    for (const v of SPECIAL) for (let i = 0; i < 5; i++) owned(x)[generator.below(length)] = v;
    return x;
  });

test('functions of two numbers give the loops’ very numbers, however the operands are broadcast', () => {
  for (const pairing of pairings) {
    const [a, b] = operandsOf(pairing);
    for (const fn of ['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'gate', 'pow'] as const) {
      const [fast, loop] = [simdKernels, mapKernels].map((k) => k.binary(fn, a, b, pairing));
      same(fast, loop, `${fn} over [${pairing.sizes}]`);
    }
  }
});

test('comparisons give the loops’ very bools, however the operands are broadcast', () => {
  for (const pairing of pairings) {
    const [a, b] = operandsOf(pairing);
    for (const fn of ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const) {
      const [fast, loop] = [simdKernels, mapKernels].map((k) => k.compare(fn, a, b, pairing));
      same(fast, loop, `${fn} over [${pairing.sizes}]`);
    }
  }
});

test('where chooses the loop’s very numbers, whatever byte stands for true', () => {
  for (const n of [2048, 2049, 2055, 40001, 131072, 131077, 300000]) {
    const [a, b] = [floats(n), floats(n)];
    for (const x of [a, b]) for (const v of SPECIAL) owned(x)[generator.below(n)] = v;
    const bytes = Uint8Array.from({ length: n }, () => generator.below(2) * upTo(255));
    const condition = cpu.upload('bool', bytes);
    const [fast, loop] = [simdKernels, mapKernels].map((k) => k.where(condition, a, b));
    same(fast, loop, `where of ${n}`);
  }
});

test('comparisons and choices of other dtypes are the loops’ own', () => {
  const pairing: Pairing = { sizes: [3000], a: [1], b: [1], length: 3000 };
  const whole = (): Int32Array => Int32Array.from({ length: 3000 }, () => generator.below(9));
  for (const dtype of ['int32', 'float64', 'bool'] as const) {
    const make = { int32: Int32Array, float64: Float64Array, bool: Uint8Array }[dtype];
    const [a, b, c] = [0, 1, 2].map(() => cpu.upload(dtype, make.from(whole())));
    const bools = mapKernels.compare('lt', a, b, pairing);
    same(simdKernels.compare('lt', a, b, pairing), bools, dtype);
    same(simdKernels.where(bools, b, c), mapKernels.where(bools, b, c), dtype);
    same(
      simdKernels.reduce('amax', a, 3, 1000, 1),
      reduceKernels.reduce('amax', a, 3, 1000, 1),
      dtype,
    );
  }
});

test('reductions are the same bit for bit with any number of threads', () => {
  const before = getThreads();
  const sizes = [
    [1, 300000, 1],
    [5000, 49, 1],
    [1, 1000, 300],
    [64, 32, 49],
  ].map(([outer, n, inner]) => ({ outer, n, inner, x: floats(outer * n * inner) }));
  const results = (): Storage[] =>
    (['sum', 'amax', 'amin'] as const).flatMap((fn) =>
      sizes.map(({ outer, n, inner, x }) => simdKernels.reduce(fn, x, outer, n, inner)),
    );
  setThreads(1);
  const alone = results();
  for (const threads of [2, 3, 1]) {
    setThreads(threads);
    for (let i = 0; i < 2000 && simd()?.threads !== threads; i++) results();
    assert.is(simd()?.threads, threads);
    results().forEach((y, i) => {
      same(y, alone[i], `result ${i} with ${threads} threads`);
    });
  }
  setThreads(before);
});

test.run();
