import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { convKernels, partSizes } from '../../../core/cpu/conv.js';
import { gemmKernels, planOf } from '../../../core/cpu/gemm.js';
import { cpu } from '../../../core/cpu/index.js';
import { mapKernels } from '../../../core/cpu/map.js';
import { normKernels } from '../../../core/cpu/norm.js';
import { simd } from '../../../core/cpu/simd/engine.js';
import { simdKernels } from '../../../core/cpu/simd/index.js';
import { smallProduct } from '../../../core/cpu/simd/small-products.js';
import { softmaxKernels } from '../../../core/cpu/softmax.js';
import { owned } from '../../../core/cpu/storage.js';
import { updateKernels } from '../../../core/cpu/update.js';
import type { Contraction, Convolution, Loop, Storage } from '../../../core/kernels.js';
import { Generator } from '../../../ops/index.js';
import { ROOT } from '../../readme.js';
import { difference, normals } from './storages.js';

// Each fast kernel against the loop that says what it means.

const generator = new Generator(11);
const upTo = (n: number): number => 1 + generator.below(n);
const floats = (n: number): Storage => normals(generator, n);

test('there is an engine here, so that the tests below test it', () => {
  assert.not.equal(simd(), null);
});

/** Loops of random sizes, with strides that lay the operands out in random order of their axes. */
function randomContraction(most = { batch: 3, rows: 40, cols: 40, inner: 60 }): {
  loops: Contraction;
  a: number;
  b: number;
} {
  const kinds = ['batch', 'rows', 'cols', 'inner'] as const;
  const axes = kinds.flatMap((kind) =>
    Array.from({ length: generator.below(3) }, () => ({ kind, size: upTo(most[kind]) })),
  );
  const strides = (has: readonly string[]): { steps: number[]; length: number } => {
    const steps = new Array<number>(axes.length).fill(0);
    let length = 1;
    for (const i of generator.permutation(axes.length)) {
      if (!has.includes(axes[i].kind)) continue;
      steps[i] = length;
      length *= axes[i].size;
    }
    return { steps, length };
  };
  const a = strides(['batch', 'rows', 'inner']);
  const b = strides(['batch', 'cols', 'inner']);
  const y = strides(['batch', 'rows', 'cols']);
  const of = (kind: string): Loop[] =>
    axes.flatMap((axis, i) =>
      axis.kind === kind ? [{ size: axis.size, a: a.steps[i], b: b.steps[i], y: y.steps[i] }] : [],
    );
  return {
    loops: {
      batch: of('batch'),
      rows: of('rows'),
      cols: of('cols'),
      inner: of('inner'),
      length: y.length,
    },
    a: a.length,
    b: b.length,
  };
}

test('contract agrees with its loop on any layout of the operands and the result', () => {
  let fast = 0;
  while (fast < 60) {
    const { loops, a, b } = randomContraction();
    const products = [...loops.batch, ...loops.rows, ...loops.cols, ...loops.inner];
    const work = products.reduce((n, { size }) => n * size, 1);
    if (work < 8192 || work > 4e6) continue;
    fast++;
    const [x, w] = [floats(a), floats(b)];
    const inner = loops.inner.reduce((n, { size }) => n * size, 1);
    const expected = gemmKernels.contract(x, w, loops);
    assert.ok(difference(simdKernels.contract(x, w, loops), expected, Math.sqrt(inner)) < 1e-5);
  }
});

test('batches of small products agree with the loop on any layout', () => {
  let small = 0;
  while (small < 60) {
    const { loops, a, b } = randomContraction({ batch: 12, rows: 5, cols: 5, inner: 5 });
    const pairs = loops.batch.reduce((n, { size }) => n * size, 1);
    if (loops.length < 2048 || smallProduct(planOf(loops).product, pairs) === null) continue;
    small++;
    const [x, w] = [floats(a), floats(b)];
    const expected = gemmKernels.contract(x, w, loops);
    assert.ok(difference(simdKernels.contract(x, w, loops), expected) < 1e-5);
  }
});

test('contract passes NaN and infinities on as its loop does', () => {
  const loops: Contraction = {
    batch: [],
    rows: [{ size: 33, a: 40, b: 0, y: 30 }],
    cols: [{ size: 30, a: 0, b: 1, y: 1 }],
    inner: [{ size: 40, a: 1, b: 30, y: 0 }],
    length: 33 * 30,
  };
  const [x, w] = [floats(33 * 40), floats(40 * 30)];
  owned(x)[5] = NaN;
  owned(x)[100] = Infinity;
  owned(w)[7] = -Infinity;
  const [actual, expected] = [simdKernels, gemmKernels].map((k) => k.contract(x, w, loops));
  assert.ok(difference(actual, expected, Math.sqrt(40)) < 1e-5);
});

function randomConvolution(): Convolution {
  const three = (draw: () => number): number[] => [draw(), draw(), draw()];
  for (;;) {
    const kernel = three(() => upTo(3));
    const stride = three(() => upTo(3));
    const dilation = three(() => upTo(2));
    const padding = three(() => generator.below(4));
    const input = three(() => upTo(9));
    const output = input.map(
      (n, i) =>
        Math.floor((n + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1) / stride[i]) + 1,
    );
    const sizes = { kernel, stride, dilation, padding, input, output };
    const channels = { inChannels: upTo(5), outChannels: upTo(9) };
    const all = { batch: upTo(3), groups: upTo(2), ...channels, ...sizes };
    if (output.some((n) => n < 1)) continue;
    const { parts, y, taps } = partSizes(all);
    if (parts * y * taps >= 8192) return all;
  }
}

function convolutionsAgree(sizes: Convolution): void {
  const part = partSizes(sizes);
  const x = floats(part.parts * part.x);
  const g = floats(part.parts * part.y);
  const w = floats(sizes.groups * part.w);
  const within = (actual: Storage, expected: Storage, terms: number): void => {
    const error = difference(actual, expected, Math.sqrt(terms));
    assert.ok(error < 1e-5, `${error} for ${JSON.stringify(sizes)}`);
  };
  within(simdKernels.conv(x, w, sizes), convKernels.conv(x, w, sizes), part.taps);
  within(
    simdKernels.convInput(g, w, sizes),
    convKernels.convInput(g, w, sizes),
    part.taps * sizes.outChannels,
  );
  within(
    simdKernels.convFilter(g, x, sizes),
    convKernels.convFilter(g, x, sizes),
    part.positions * sizes.batch,
  );
}

test('the three maps of a convolution agree with their loops', () => {
  for (let i = 0; i < 60; i++) convolutionsAgree(randomConvolution());
});

test('windows that reach nothing but the zeros around an image give zeros', () => {
  for (const axes of [1, 2, 3]) {
    const three = (n: number, other: number): number[] =>
      [0, 1, 2].map((axis) => (axis < 3 - axes ? other : n));
    convolutionsAgree({
      ...{ batch: 4, groups: 1, inChannels: 40, outChannels: 40 },
      ...{ input: three(1, 1), output: three(1, 1), kernel: three(2, 1) },
      ...{ stride: three(9, 1), padding: three(4, 0), dilation: three(1, 1) },
    });
  }
});

test('softmax and logSoftmax agree with their loops along any axis, infinities and NaN among them', () => {
  const special = [NaN, Infinity, -Infinity, 1e4, -1e4, 3e38, -3e38];
  for (const kernel of ['softmax', 'logSoftmax'] as const) {
    for (const [outer, n, inner] of [
      [40, 3, 1],
      [7, 10, 1],
      [5, 64, 1],
      [3, 1000, 1],
      [1, 40000, 1],
      [3, 17, 8],
      [1, 300, 40],
      [50, 2, 4],
      [2, 40, 256],
      [1, 20, 768],
    ] as const) {
      const x = floats(outer * n * inner);
      const plain = softmaxKernels[kernel](x, outer, n, inner);
      assert.ok(difference(simdKernels[kernel](x, outer, n, inner), plain) < 3e-6);
      for (const value of special) owned(x)[generator.below(x.length)] = value;
      // The first group has −∞ alone.
      for (let k = 0; k < n; k++) owned(x)[k * inner] = -Infinity;
      const expected = softmaxKernels[kernel](x, outer, n, inner);
      const actual = simdKernels[kernel](x, outer, n, inner);
      assert.ok(difference(actual, expected) < 3e-6);
    }
  }
});

test('what softmax hands back agrees with its loop', () => {
  for (const [outer, n, inner] of [
    [40, 4, 1],
    [9, 12, 1],
    [3, 1000, 1],
    [1, 40000, 1],
    [7, 31, 1],
    [3, 17, 8],
    [1, 300, 40],
    [2, 40, 256],
  ]) {
    const length = outer * n * inner;
    const [g, x] = [floats(length), floats(length)];
    const y = softmaxKernels.softmax(x, outer, n, inner);
    const [fast, loop] = [simdKernels, softmaxKernels].map((k) =>
      k.softmaxGrad(g, y, outer, n, inner),
    );
    assert.ok(difference(fast, loop) < 1e-6);
  }
});

test('moments, standardized groups, and what they hand back, agree with their loops', () => {
  for (const [outer, n, inner] of [
    [1, 40, 4],
    [1, 5, 64],
    [1, 3, 1000],
    [1, 1, 40000],
    [1, 7, 31],
    [4, 9, 3],
    [16, 20, 49],
    [64, 3, 784],
    [8, 70, 1],
    [50, 8, 1],
    [3000, 64, 1],
    [100, 256, 1],
    [16, 768, 1],
  ]) {
    const sizes = [outer, n, inner] as const;
    const [g, x] = [floats(outer * n * inner), floats(outer * n * inner)];
    x.data.forEach((value, i) => {
      owned(x)[i] = 3 * value + 50;
    });
    // The mean is rounded to float32, which counts in units of the deviation.
    const { data } = normKernels.moments(x, ...sizes);
    const far = Array.from({ length: n }, (_, i) => Math.abs(data[i]) / Math.sqrt(data[n + i]));
    const bound = 2 ** -23 * (10 + 4 * Math.max(...far.filter(Number.isFinite)));
    for (const [fast, loop] of [
      [simdKernels.moments(x, ...sizes), normKernels.moments(x, ...sizes)],
      [simdKernels.standardize(x, ...sizes, 1e-5), normKernels.standardize(x, ...sizes, 1e-5)],
      [
        simdKernels.standardizeGrad(g, x, ...sizes, 1e-5),
        normKernels.standardizeGrad(g, x, ...sizes, 1e-5),
      ],
    ]) {
      const error = difference(fast, loop);
      assert.ok(error < bound, `${error} for [${sizes}], expected less than ${bound}`);
    }
  }
});

test('steps of optimisers agree with their loops', () => {
  for (const [rule, slots, settings] of [
    ['descent', 0, [0.1, 0.01]],
    ['momentum', 1, [0.1, 0.01, 0.9, 0.8, 0]],
    ['momentum', 1, [0.1, 0, 0.9, 1, 1]],
    ['adam', 2, [0.01, 0.1, 0.9, 0.1, 0.999, 0.001, 3, 1e-8, 0.99]],
  ] as const) {
    for (const n of [64, 1001, 300000]) {
      const arrays = Array.from({ length: 2 + slots }, () => floats(n));
      if (rule === 'adam')
        arrays[3].data.forEach((v, i, all) => {
          all[i] = Math.abs(v);
        });
      const run = (kernels: typeof updateKernels): Storage[] => {
        const [p, g, ...kept] = arrays.map((x) => cpu.upload('float32', x.data.slice()));
        kernels.update(rule, p, g, kept, settings);
        return [p, g, ...kept];
      };
      const [fast, loop] = [run(simdKernels), run(updateKernels)];
      fast.forEach((x, i) => {
        assert.ok(difference(x, loop[i]) < 1e-6, `${rule}, array ${i}`);
      });
      assert.is(difference(fast[1], arrays[1]), 0, 'the gradient stays');
    }
  }
});

test('other functions are the loops’ own', () => {
  const x = floats(1000);
  assert.equal(simdKernels.unary('sin', x, 0, 0).data, mapKernels.unary('sin', x, 0, 0).data);
});

test('LAMBDAGRAD_CPU=loops keeps to the plain loops', () => {
  const program =
    "import { simd } from './core/cpu/simd/engine.ts'; console.log(String(simd() === null));";
  const answer = (LAMBDAGRAD_CPU: string): string =>
    spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, LAMBDAGRAD_CPU },
    }).stdout.trim();
  assert.is(answer('loops'), 'true');
  assert.is(answer(''), 'false');
});

test.run();
