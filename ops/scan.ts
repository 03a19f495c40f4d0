import { ShapeError } from '../core/errors.js';
import type { Kernels } from '../core/kernels.js';
import { defineOp } from '../core/op.js';
import { around, axisOf, formatShape, sameShape } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { onlyTensor, promoted, type TensorLike, tensorOf } from './arguments.js';
import { mul } from './binary.js';
import { cast } from './cast.js';
import { onesLike, zerosLike } from './create.js';
import { cat, flip } from './shape.js';
import { narrow } from './slice.js';

type Scan = [x: Tensor, axis: number];

/** A 0-d tensor is scanned as a list of one. */
function scanOf(name: string, x: TensorLike, dim: number): Scan {
  const t = tensorOf(name, x);
  const axis = axisOf(name, dim, Math.max(t.ndim, 1));
  return [t.dtype === 'bool' ? cast(t, 'int32') : t, axis];
}

/** Running sums along `dim`: yᵢ = x₀ + … + xᵢ. */
export const cumsum = defineOp({
  name: 'cumsum',
  check: (x: TensorLike, dim: number): Scan => scanOf('cumsum', x, dim),
  forward: (k, x, axis) =>
    new Tensor(k.scan('cumsum', x.storage, ...around(x.shape, axis)), x.shape),
  saves: [[]],
  vjp: [(g, _y, _x, axis): Tensor => reversed(g, axis, (h): Tensor => cumsum(h, axis))],
});

/** Applies `f` from the last element to the first. */
function reversed(x: Tensor, axis: number, f: (x: Tensor) => Tensor): Tensor {
  return x.ndim === 0 ? f(x) : flip(f(flip(x, axis)), axis);
}

/** x moved one place along an axis, away from its start (`by` = 1) or toward it, `filler` coming in. */
function shifted(x: Tensor, axis: number, by: 1 | -1, filler: (x: Tensor) => Tensor): Tensor {
  if (x.ndim === 0) return filler(x);
  const n = x.shape[axis];
  if (n === 0) return x;
  const edge = filler(narrow(x, axis, 0, 1));
  return by === 1
    ? cat([edge, narrow(x, axis, 0, n - 1)], axis)
    : cat([narrow(x, axis, 1, n - 1), edge], axis);
}

/**
 * The linear recurrence yᵢ = aᵢ·yᵢ₋₁ + bᵢ along an axis, from y₋₁ = 0. Its gradient is the same
 * recurrence run backwards: b̄ᵢ = gᵢ + aᵢ₊₁·b̄ᵢ₊₁, and āᵢ = b̄ᵢ·yᵢ₋₁.
 */
export const recurrence = defineOp({
  name: 'recurrence',
  check: (a: Tensor, b: Tensor, dim: number): [Tensor, Tensor, number] => {
    const [x, y] = promoted([onlyTensor('recurrence', 'a', a), onlyTensor('recurrence', 'b', b)]);
    if (!sameShape(x.shape, y.shape)) {
      throw new ShapeError(
        `recurrence: expected a and b of one shape, got ${formatShape(x.shape)} and ${formatShape(y.shape)}`,
      );
    }
    return [x, y, axisOf('recurrence', dim, Math.max(x.ndim, 1))];
  },
  forward: (k, a, b, axis) =>
    new Tensor(k.recurrence(a.storage, b.storage, ...around(a.shape, axis)), a.shape),
  saves: [['y', 0], [0]],
  vjp: [
    (g, y, a, _b, axis) => mul(flowBack(a, g, axis), shifted(y, axis, 1, zerosLike)),
    (g, _y, a, _b, axis) => flowBack(a, g, axis),
  ],
});

/** rᵢ = gᵢ + aᵢ₊₁·rᵢ₊₁, from the end. */
function flowBack(a: Tensor, g: Tensor, axis: number): Tensor {
  const next = shifted(a, axis, -1, zerosLike);
  return a.ndim === 0 ? g : flip(recurrence(flip(next, axis), flip(g, axis), axis), axis);
}

/** Running products along `dim`: yᵢ = x₀·…·xᵢ. Exact gradients where numbers are 0. */
export const cumprod = defineOp({
  name: 'cumprod',
  check: (x: TensorLike, dim: number): Scan => scanOf('cumprod', x, dim),
  forward: (k, x, axis) =>
    new Tensor(k.scan('cumprod', x.storage, ...around(x.shape, axis)), x.shape),
  // ∂/∂xₖ Σ gᵢ·yᵢ = (x₀…xₖ₋₁) · Σ_{i≥k} gᵢ·(xₖ₊₁…xᵢ): a product before, a recurrence after.
  saves: [['y', 0]],
  vjp: [(g, y, x, axis) => mul(shifted(y, axis, 1, onesLike), flowBack(x, g, axis))],
});

/** The largest number so far along an axis: for shifts that leave a result as it is, so without a vjp. */
export const runningMax = defineOp({
  name: 'runningMax',
  check: (x: Tensor, dim: number): Scan => scanOf('runningMax', x, dim),
  forward: (k: Kernels, x: Tensor, axis: number) =>
    new Tensor(k.scan('cummax', x.storage, ...around(x.shape, axis)), x.shape),
  vjp: [],
});
