import { formatShape, sameShape } from '../../core/shape.js';
import type { DType, Tensor } from '../../ops/index.js';
import { dtypeOf, numberOf, type Written } from './format.js';

interface Bound {
  readonly tolerance: number;
  /** Of the tensor's largest number. */
  readonly share: number;
  /** For outputs. */
  readonly value: number;
  /** For gradients and second derivatives, sums of more terms than the op's own. */
  readonly derivative: number;
}

/**
 * How far a number may lie from the file's: |a − b| ≤ tolerance · max(|b|, share · largest |b| of the
 * tensor, floor). The error is relative to the number itself, but not to one that is much smaller than
 * its neighbours (what cancellation leaves of a sum has their rounding error, not its own), nor to one
 * below the floor, where only the rounding of numbers about 1 is left: a float64 output whose true value
 * is 0 may be 1e-13, a derivative 1e-12. The share in float32 comes to eight units in the last place of
 * the largest number. Whole numbers and truth values must be equal.
 */
const BOUNDS: Readonly<Record<DType, Bound>> = {
  float64: { tolerance: 1e-9, share: 1e-3, value: 1e-4, derivative: 1e-3 },
  float32: { tolerance: 1e-4, share: 1e-2, value: 1e-4, derivative: 1e-3 },
  int32: { tolerance: 0, share: 0, value: 1, derivative: 1 },
  bool: { tolerance: 0, share: 0, value: 1, derivative: 1 },
};

export type Kind = 'value' | 'derivative';

/**
 * The worst error of a tensor relative to what the file has, as above. Throws an error in the name of
 * `what` if it is too large, or if the shapes or dtypes differ; NaN agrees with NaN alone, and each
 * infinity with itself.
 */
export function compare(
  what: string,
  actual: Tensor,
  expected: Written,
  kind: Kind = 'value',
  tolerance?: number,
): number {
  const dtype = dtypeOf(expected);
  if (!sameShape(actual.shape, expected.shape) || actual.dtype !== dtype) {
    throw new Error(
      `${what}: expected ${dtype} ${formatShape(expected.shape)}, got ${actual.dtype} ${formatShape(actual.shape)}`,
    );
  }
  return compareNumbers(what, actual.data, expected.data.map(numberOf), dtype, kind, tolerance);
}

export function compareNumbers(
  what: string,
  actual: ArrayLike<number>,
  expected: readonly number[],
  dtype: DType = 'float64',
  kind: Kind = 'value',
  tolerance = BOUNDS[dtype].tolerance,
): number {
  if (actual.length !== expected.length) {
    throw new Error(`${what}: expected ${expected.length} numbers, got ${actual.length}`);
  }
  const { share, [kind]: floor } = BOUNDS[dtype];
  const finite = expected.filter(Number.isFinite).map(Math.abs);
  const least = finite.reduce((most, x) => Math.max(most, share * x), floor);
  let worst = 0;
  expected.forEach((b, i) => {
    const a = actual[i];
    const error = Object.is(a, b) || a === b ? 0 : Math.abs(a - b) / Math.max(Math.abs(b), least);
    if (!Number.isFinite(b) ? error !== 0 : !(error <= tolerance)) {
      throw new Error(
        `${what}: expected ${b} at flat position ${i}, got ${a} (relative error ${error.toExponential(1)})`,
      );
    }
    worst = Math.max(worst, error);
  });
  return worst;
}
