import { ShapeError } from '../core/errors.js';
import type { Kernels, ReduceFn, Storage } from '../core/kernels.js';
import { compose, defineOp } from '../core/op.js';
import {
  around,
  axesOf,
  axisOf,
  checkBoolean,
  checkNumber,
  type Dims,
  formatShape,
  reducedShape,
  sizeOf,
} from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { floatingOf, type TensorLike, tensorOf } from './arguments.js';
import { add, div, mul, pow, sub } from './binary.js';
import { expand } from './broadcast.js';
import { cast } from './cast.js';
import { eq } from './compare.js';
import { onesLike } from './create.js';
import { cumprod } from './scan.js';
import { cat, flip, permute, reshape } from './shape.js';
import { narrow } from './slice.js';
import { abs, exp, isfinite, log, sign, sqrt, square } from './unary.js';
import { where } from './where.js';

/** Reduces axis by axis from the last, neighbouring axes in one go. */
function reduceAxes(k: Kernels, fn: ReduceFn, x: Tensor, axes: readonly number[]): Storage {
  const { shape } = x;
  let { storage } = x;
  let inner = 1;
  let end = x.ndim;
  for (let i = axes.length - 1; i >= 0; ) {
    const last = axes[i];
    while (i > 0 && axes[i - 1] === axes[i] - 1) i--;
    const first = axes[i--];
    const n = sizeOf(shape, first, last + 1);
    inner *= sizeOf(shape, last + 1, end);
    storage = k.reduce(fn, storage, sizeOf(shape, 0, first), n, inner);
    end = first;
  }
  return storage;
}

/** A result of a reduction, or its cotangent, with the reduced axes back as size 1. */
const restored = (y: Tensor, x: Tensor, axes: readonly number[]): Tensor =>
  reshape(y, reducedShape(x.shape, axes, true));

type Reduction = [x: Tensor, axes: number[], keepdim: boolean];

const reduction = (name: string, x: Tensor, dim: Dims, keepdim: boolean): Reduction => [
  x,
  axesOf(name, dim, x.ndim),
  checkBoolean(name, 'keepdim', keepdim),
];

const reduced = (k: Kernels, fn: ReduceFn, ...[x, axes, keepdim]: Reduction): Tensor =>
  axes.length === 0
    ? x
    : new Tensor(reduceAxes(k, fn, x, axes), reducedShape(x.shape, axes, keepdim));

/** Σ x over `dim` (all axes if none is given), accumulated in double precision. Bools are counted. */
export const sum = defineOp({
  name: 'sum',
  check: (x: TensorLike, dim?: Dims, keepdim = false): Reduction => {
    const t = tensorOf('sum', x);
    return reduction('sum', t.dtype === 'bool' ? cast(t, 'int32') : t, dim, keepdim);
  },
  forward: (k, x, axes, keepdim) => reduced(k, 'sum', x, axes, keepdim),
  saves: [[]],
  vjp: [(g, _y, x, axes) => expand(restored(g, x, axes), x.shape)],
});

/** The number of elements that a reduction takes together. */
const countOf = (x: Tensor, axes: readonly number[]): number =>
  sizeOf(axes.map((axis) => x.shape[axis]));

/** The mean over `dim`; NaN of nothing. Whole numbers and bools become float32. */
export const mean = compose('mean', (x: TensorLike, dim?: Dims, keepdim = false) => {
  const [t, axes] = reduction('mean', floatingOf('mean', x), dim, keepdim);
  return div(sum(t, axes, keepdim), countOf(t, axes));
});

/** Throws a `ShapeError` where a number would have to be chosen from none. */
export function checkNotEmpty(name: string, x: Tensor, axes: readonly number[]): void {
  if (axes.every((axis) => x.shape[axis] > 0)) return;
  throw new ShapeError(
    `${name}: expected at least one number along axes ${formatShape(axes)}, got shape ${formatShape(x.shape)}`,
  );
}

/** A reduction of at least one number to one. */
const nonEmpty =
  (name: string) =>
  (x: TensorLike, dim?: Dims, keepdim = false): Reduction => {
    const args = reduction(name, tensorOf(name, x), dim, keepdim);
    checkNotEmpty(name, args[0], args[1]);
    return args;
  };

const extreme = (name: 'amax' | 'amin') =>
  defineOp({
    name,
    check: nonEmpty(name),
    forward: (k, x, axes, keepdim) => reduced(k, name, x, axes, keepdim),
    saves: [['y', 0]],
    vjp: [
      (g, y, x, axes) => {
        const chosen = cast(eq(x, restored(y, x, axes)), x.dtype);
        return mul(chosen, div(restored(g, x, axes), sum(chosen, axes, true)));
      },
    ],
  });

/** The largest over `dim`; NaN if one is there. Ties share the gradient evenly. */
export const amax = extreme('amax');
/** The smallest over `dim`; NaN if one is there. Ties share the gradient evenly. */
export const amin = extreme('amin');

/** `amax` under its short name: NumPy's `max(x, axis)`. Positions come from `argmax`. */
export const max = (x: TensorLike, dim?: Dims, keepdim = false): Tensor =>
  amax(...nonEmpty('max')(x, dim, keepdim));
/** `amin` under its short name: NumPy's `min(x, axis)`. Positions come from `argmin`. */
export const min = (x: TensorLike, dim?: Dims, keepdim = false): Tensor =>
  amin(...nonEmpty('min')(x, dim, keepdim));

const position = (name: 'argmax' | 'argmin') =>
  defineOp({
    name,
    check: (x: TensorLike, dim?: number | null, keepdim = false): Reduction => {
      const t = tensorOf(name, x);
      const axes = axesOf(
        name,
        dim === null || dim === undefined ? dim : axisOf(name, dim, Math.max(t.ndim, 1)),
        t.ndim,
      );
      checkNotEmpty(name, t, axes);
      return reduction(name, t, axes, keepdim);
    },
    forward: (k, x, axes, keepdim) => {
      const [outer, n, inner] = axes.length === 1 ? around(x.shape, axes[0]) : [1, x.size, 1];
      const y = k.argReduce(name, x.storage, outer, n, inner);
      return new Tensor(y, reducedShape(x.shape, axes, keepdim));
    },
    vjp: [],
  });

/** Where the first largest number lies along `dim` (in the flattened tensor, without one): int32. */
export const argmax = position('argmax');
/** Where the first smallest number lies along `dim` (in the flattened tensor, without one): int32. */
export const argmin = position('argmin');

/** The axes of a reduction joined to one, behind the others. */
function joined(x: Tensor, axes: readonly number[]): Tensor {
  const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const shape = [...kept.map((i) => x.shape[i]), sizeOf(axes.map((i) => x.shape[i]))];
  return reshape(permute(x, [...kept, ...axes]), shape);
}

/** Products of all numbers before each one along the last axis: 1, x₀, x₀x₁, … */
function productBefore(x: Tensor): Tensor {
  const one = onesLike(narrow(x, -1, 0, 1));
  return cumprod(cat([one, narrow(x, -1, 0, x.shape[x.ndim - 1] - 1)], -1), -1);
}

/** The product along the last axis; each number's derivative is the product of all the others. */
const prodLast = defineOp({
  name: 'prod',
  check: (x: Tensor): [Tensor] => [x],
  forward: (k, x) => reduced(k, 'prod', x, [x.ndim - 1], false),
  saves: [[0]],
  vjp: [
    (g, _y, x) => {
      if (x.size === 0) return x;
      const others = mul(productBefore(x), flip(productBefore(flip(x, -1)), -1));
      return mul(reshape(g, [...g.shape, 1]), others);
    },
  ],
});

/** Π x over `dim` (all axes if none is given); 1 of nothing. Exact gradients where numbers are 0. */
export const prod = (x: TensorLike, dim?: Dims, keepdim = false): Tensor => {
  const input = tensorOf('prod', x);
  const t = input.dtype === 'bool' ? cast(input, 'int32') : input;
  const [, axes, keep] = reduction('prod', t, dim, keepdim);
  return reshape(prodLast(joined(t, axes)), reducedShape(t.shape, axes, keep));
};

const spread =
  (name: string) =>
  (x: TensorLike, dim?: Dims, keepdim = false, correction = 1): Tensor => {
    const [t, axes] = reduction(name, floatingOf(name, x), dim, keepdim);
    const n = countOf(t, axes) - checkNumber(name, 'correction', correction);
    return div(sum(square(sub(t, mean(t, axes, true))), axes, keepdim), Math.max(n, 0));
  };

/** Σ (x − mean)² / (n − correction) over `dim`; `correction` = 1 makes it unbiased. */
export const variance = compose('var', spread('var'));

/** The square root of the variance. */
export const std = compose('std', (x: TensorLike, dim?: Dims, keepdim = false, correction = 1) =>
  sqrt(spread('std')(x, dim, keepdim, correction)),
);

/** log Σ eˣ over `dim`, without overflow; −Infinity of nothing and of rows that are all −Infinity. */
export const logsumexp = defineOp({
  name: 'logsumexp',
  check: (x: TensorLike, dim?: Dims, keepdim = false): Reduction =>
    reduction('logsumexp', floatingOf('logsumexp', x), dim, keepdim),
  forward: (k, x, axes, keepdim) => {
    const shape = reducedShape(x.shape, axes, keepdim);
    if (x.size === 0) return new Tensor(k.full(x.dtype, sizeOf(shape), -Infinity), shape);
    const most = amax(x, axes, true);
    const shift = where(isfinite(most), most, 0);
    const total = add(log(sum(exp(sub(x, shift)), axes, true)), shift);
    return reshape(total, shape);
  },
  saves: [['y', 0]],
  vjp: [(g, y, x, axes) => mul(restored(g, x, axes), exp(sub(x, restored(y, x, axes))))],
});

/** √Σx² over `dim`, whose gradient x/‖x‖ is taken as 0 at 0. */
const euclidean = defineOp({
  name: 'norm',
  check: (x: Tensor, axes: number[], keepdim: boolean): Reduction => [x, axes, keepdim],
  forward: (_k, x, axes, keepdim) => sqrt(sum(square(x), axes, keepdim)),
  saves: [['y', 0]],
  vjp: [
    (g, y, x, axes) => {
      const length = restored(y, x, axes);
      return mul(restored(g, x, axes), div(x, where(eq(length, 0), 1, length)));
    },
  ],
});

/** (Σ|x|ᵖ)^(1/p) over `dim`, whose gradient sign(x)·(|x|/‖x‖)^(p−1) is taken as 0 where x is 0. */
const powerNorm = defineOp({
  name: 'norm',
  check: (x: Tensor, axes: number[], keepdim: boolean, p: number): [...Reduction, number] => [
    x,
    axes,
    keepdim,
    p,
  ],
  forward: (_k, x, axes, keepdim, p) => pow(sum(pow(abs(x), p), axes, keepdim), 1 / p),
  saves: [['y', 0]],
  vjp: [
    (g, y, x, axes, _keepdim, p) => {
      const length = restored(y, x, axes);
      const share = div(abs(x), where(eq(length, 0), 1, length));
      const slope = pow(where(eq(x, 0), 1, share), p - 1);
      return mul(restored(g, x, axes), mul(sign(x), slope));
    },
  ],
});

/**
 * The vector norm (Σ|x|ᵖ)^(1/p) over `dim` (all axes if none is given): p = 2 unless said otherwise,
 * ±Infinity for the largest and smallest |x|, 0 for the number of nonzeros.
 */
export const norm = (x: TensorLike, dim?: Dims, keepdim = false, p = 2): Tensor => {
  const [t, axes] = reduction('norm', floatingOf('norm', x), dim, keepdim);
  checkNumber('norm', 'p', p);
  if (Math.abs(p) === Infinity) checkNotEmpty('norm', t, axes);
  if (p === 2) return euclidean(t, axes, keepdim);
  if (p === 1) return sum(abs(t), axes, keepdim);
  if (p === Infinity) return amax(abs(t), axes, keepdim);
  if (p === -Infinity) return amin(abs(t), axes, keepdim);
  if (p === 0) return sum(abs(sign(t)), axes, keepdim);
  return powerNorm(t, axes, keepdim, p);
};

const truth = (name: string, x: TensorLike): Tensor => {
  const t = tensorOf(name, x);
  return t.dtype === 'bool' ? t : cast(t, 'bool');
};

const counted = (fn: 'amax' | 'amin', name: string) =>
  defineOp({
    name,
    check: (x: TensorLike, dim?: Dims, keepdim = false): Reduction =>
      reduction(name, truth(name, x), dim, keepdim),
    forward: (k, x, axes, keepdim) => {
      const shape = reducedShape(x.shape, axes, keepdim);
      const ofNothing = fn === 'amin' ? 1 : 0;
      if (x.size === 0) return new Tensor(k.full('bool', sizeOf(shape), ofNothing), shape);
      return reduced(k, fn, x, axes, keepdim);
    },
    vjp: [],
  });

/** Whether every number over `dim` is nonzero; true of nothing. */
export const all = counted('amin', 'all');
/** Whether some number over `dim` is nonzero; false of nothing. */
export const any = counted('amax', 'any');
