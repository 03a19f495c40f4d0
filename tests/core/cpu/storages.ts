import * as assert from 'uvu/assert';
import { cpu } from '../../../core/cpu/index.js';
import type { Storage } from '../../../core/kernels.js';
import type { Generator } from '../../../ops/index.js';

// Numbers for kernels to work on, and how their results are compared.

export const normals = (generator: Generator, n: number): Storage =>
  cpu.upload(
    'float32',
    Float32Array.from({ length: n }, () => generator.normal()),
  );

/** Numbers that functions are apt to get wrong. */
export const SPECIAL = [NaN, Infinity, -Infinity, 0, -0, 1e-40, 3e38];

/** Asserts that two storages hold the very same numbers: −0 is not 0, and NaN is NaN. */
export function same(actual: Storage, expected: Storage, what: string): void {
  assert.is(actual.dtype, expected.dtype, what);
  assert.is(actual.length, expected.length, what);
  const at = expected.data.findIndex((value, i) => !Object.is(value, actual.data[i]));
  assert.is(at, -1, `${what}: ${actual.data[at]} in the place of ${expected.data[at]} at ${at}`);
}

/** The largest difference relative to `scale` and to large numbers; NaN and infinities must be the same. */
export function difference(actual: Storage, expected: Storage, scale = 1): number {
  assert.is(actual.length, expected.length);
  assert.is(actual.dtype, 'float32');
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [actual.data[i], expected.data[i]];
    if (Object.is(a, b) || a === b) continue;
    const error = Math.abs(a - b) / Math.max(scale, Math.abs(b));
    worst = Math.max(worst, Number.isNaN(error) ? Infinity : error);
  }
  return worst;
}
