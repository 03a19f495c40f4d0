import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { type DType, type Tensor, tensor } from '../../ops/index.js';

type Shape = readonly number[];

/** Every index into a tensor of `shape`, in row-major order. */
export function indicesOf(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (all, n) => all.flatMap((index) => Array.from({ length: n }, (_, i) => [...index, i])),
    [[]],
  );
}

/** The float64 tensor (unless said otherwise) whose number at each index `f` gives. */
export const build = (
  shape: Shape,
  f: (index: number[]) => number,
  dtype: DType = 'float64',
): Tensor => tensor(Float64Array.from(indicesOf(shape), f), { shape, dtype });

/** The number of x at an index. */
export const at = (x: Tensor, index: readonly number[]): number =>
  x.data[index.reduce((flat, i, axis) => flat * x.shape[axis] + i, 0)];

/** The same shape and dtype, and numbers within `tolerance`, relative to the expected one above 1. */
export function same(actual: Tensor, expected: Tensor, tolerance = 0): void {
  assert.is(actual.dtype, expected.dtype);
  assert.equal([...actual.shape], [...expected.shape]);
  expected.data.forEach((wanted, i) => {
    const got = actual.data[i];
    const error = Math.abs(got - wanted) / Math.max(1, Math.abs(wanted));
    const alike = Object.is(got, wanted) || error <= tolerance;
    if (!alike) assert.unreachable(`expected ${expected}, got ${actual} (position ${i})`);
  });
}

const listOf = (count: number, min: number, max: number) =>
  fc.array(fc.integer({ min, max }), { minLength: count, maxLength: count });

/** Random choices of one run of a property: a failure shrinks to the simplest choices. */
export class Choices {
  constructor(private readonly g: fc.GeneratorValue) {}

  int(least: number, most: number): number {
    return this.g(fc.integer, { min: least, max: most });
  }

  ints(count: number, least: number, most: number): number[] {
    return this.g(listOf, count, least, most);
  }

  pick<T>(...choices: readonly T[]): T {
    return choices[this.int(0, choices.length - 1)];
  }

  /** The whole numbers below n in any order. */
  order(n: number): number[] {
    const left = Array.from({ length: n }, (_, i) => i);
    return Array.from({ length: n }, () => left.splice(this.int(0, left.length - 1), 1)[0]);
  }

  /** Whole numbers from −4 to 4, whose products and sums are exact. */
  tensor(shape: Shape, dtype: DType = 'float64'): Tensor {
    const seed = this.int(0, 100);
    let i = 0;
    return build(shape, () => ((((seed + i++) * 7919) % 101) % 9) - 4, dtype);
  }
}

/** `body` holds for `runs` random choices, the same ones every time. */
export const forAll = (runs: number, body: (choose: Choices) => void): void =>
  fc.assert(
    fc.property(fc.gen(), (g) => body(new Choices(g))),
    { numRuns: runs, seed: 1 },
  );
