import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { convKernels, partSizes } from '../../../core/cpu/conv.js';
import { simdKernels } from '../../../core/cpu/simd/index.js';
import { isTiled } from '../../../core/cpu/simd/winograd.js';
import { owned } from '../../../core/cpu/storage.js';
import type { Convolution, Storage } from '../../../core/kernels.js';
import { Generator } from '../../../ops/index.js';
import { difference, normals } from './storages.js';

// Convolutions of 3×3 with many channels go by tiles of 2×2 results: held against the loops.

const generator = new Generator(5);
const upTo = (n: number): number => 1 + generator.below(n);

/** A 3×3 convolution with channels enough to go by tiles. */
function randomTiled(): Convolution {
  for (;;) {
    const padding = [0, generator.below(5), generator.below(5)];
    const input = [1, upTo(20), upTo(24)];
    const output = input.map((n, axis) => (axis === 0 ? 1 : n + 2 * padding[axis] - 2));
    const sizes = {
      batch: upTo(5),
      groups: upTo(2),
      inChannels: 20 + upTo(60),
      outChannels: 20 + upTo(60),
      input,
      kernel: [1, 3, 3],
      output,
      stride: [1, 1, 1],
      dilation: [1, 1, 1],
      padding,
    };
    if (output.every((n) => n > 0) && isTiled(sizes)) return sizes;
  }
}

/** x, w and the gradient of y. */
function operands(sizes: Convolution): [x: Storage, w: Storage, g: Storage] {
  const part = partSizes(sizes);
  const lengths = [part.parts * part.x, sizes.groups * part.w, part.parts * part.y];
  const [x, w, g] = lengths.map((n) => normals(generator, n));
  return [x, w, g];
}

/** What the three maps of a convolution give, and how many products each number is the sum of. */
function mapsBy(
  kernels: typeof convKernels,
  [x, w, g]: readonly Storage[],
  sizes: Convolution,
): Record<string, { result: Storage; terms: number }> {
  const part = partSizes(sizes);
  return {
    conv: { result: kernels.conv(x, w, sizes), terms: part.taps },
    convInput: { result: kernels.convInput(g, w, sizes), terms: 9 * sizes.outChannels },
    convFilter: {
      result: kernels.convFilter(g, x, sizes),
      terms: part.positions * sizes.batch,
    },
  };
}

/** Holds the maps against their loops. NaN and infinities have to stand in the same places. */
function agree(given: readonly Storage[], sizes: Convolution): void {
  const expected = mapsBy(convKernels, given, sizes);
  for (const [map, { result, terms }] of Object.entries(mapsBy(simdKernels, given, sizes))) {
    const error = difference(result, expected[map].result, Math.sqrt(terms));
    assert.ok(error < 1e-5, `${map} is ${error} off for ${JSON.stringify(sizes)}`);
  }
}

test('tiles agree with the loops for any sizes, paddings and groups', () => {
  for (let i = 0; i < 25; i++) {
    const sizes = randomTiled();
    agree(operands(sizes), sizes);
  }
});

test('channels are multiplied some hundred at a time', () => {
  const sizes = {
    ...{ batch: 2, groups: 1, inChannels: 300, outChannels: 270, kernel: [1, 3, 3] },
    ...{ input: [1, 9, 7], output: [1, 9, 7], padding: [0, 1, 1] },
    ...{ stride: [1, 1, 1], dilation: [1, 1, 1] },
  };
  assert.ok(isTiled(sizes));
  agree(operands(sizes), sizes);
});

test('what is not finite stays where the loops have it', () => {
  // Not in the weight: there the zeros around a gradient make NaN of it, which the loop leaves out.
  for (const operand of [0, 2]) {
    for (const value of [NaN, Infinity, -Infinity]) {
      const sizes = randomTiled();
      const given = operands(sizes);
      owned(given[operand])[generator.below(given[operand].length)] = value;
      agree(given, sizes);
    }
  }
});

test('sums of large numbers within a tile may overflow where the result does not', () => {
  const sizes = randomTiled();
  const [x, w] = operands(sizes);
  owned(x).fill(3e38);
  for (let i = 0; i < w.length; i++) owned(w)[i] = 1e-6 * Math.abs(w.data[i]);
  const [actual, expected] = [simdKernels, convKernels].map((k) => k.conv(x, w, sizes));
  assert.ok(actual.data.every(Number.isFinite));
  assert.ok(difference(actual, expected) < 1e-5);
});

test('whole numbers are convolved exactly', () => {
  const sizes = randomTiled();
  const given = operands(sizes);
  for (const storage of given) {
    const numbers = owned(storage);
    for (let i = 0; i < numbers.length; i++) numbers[i] = Math.round(4 * numbers[i]);
  }
  const expected = mapsBy(convKernels, given, sizes);
  for (const [map, { result }] of Object.entries(mapsBy(simdKernels, given, sizes))) {
    assert.equal(result.data, expected[map].result.data, map);
  }
});

test.run();
