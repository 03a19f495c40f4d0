import type { Kernels } from '../core/kernels.js';
import { defineOp } from '../core/op.js';
import { around, axisOf } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { floatingOf, type TensorLike } from './arguments.js';
import { mul, sub } from './binary.js';
import { sum } from './reduce.js';
import { exp } from './unary.js';

const alongAxis =
  (name: string) =>
  (x: TensorLike, dim: number): [Tensor, number] => {
    const t = floatingOf(name, x);
    return [t, axisOf(name, dim, Math.max(t.ndim, 1))];
  };

/** Σ over the axis, kept; a 0-d tensor is its own sum. */
const total = (x: Tensor, axis: number): Tensor => (x.ndim === 0 ? x : sum(x, axis, true));

/** y·(g − Σ g·y): linear in g, and its own transpose there. */
export const softmaxGrad = defineOp({
  name: 'softmaxGrad',
  forward: (k: Kernels, g: Tensor, y: Tensor, axis: number) =>
    new Tensor(k.softmaxGrad(g.storage, y.storage, ...around(g.shape, axis)), g.shape),
  saves: [[1], [0, 1]],
  vjp: [
    (u, _h, _g, y, axis): Tensor => softmaxGrad(u, y, axis),
    (u, _h, g, y, axis): Tensor =>
      sub(mul(u, sub(g, total(mul(g, y), axis))), mul(g, total(mul(u, y), axis))),
  ],
});

/**
 * yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ) along `dim`, computed after subtracting the row's maximum. A row that is
 * all −Infinity gives zeros.
 */
export const softmax = defineOp({
  name: 'softmax',
  check: alongAxis('softmax'),
  forward: (k, x, axis) => new Tensor(k.softmax(x.storage, ...around(x.shape, axis)), x.shape),
  saves: [['y']],
  vjp: [(g, y, _x, axis) => softmaxGrad(g, y, axis)],
});

/** log(softmax(x)) along `dim`, without going through zero. A row that is all −Infinity stays so. */
export const logSoftmax = defineOp({
  name: 'logSoftmax',
  check: alongAxis('logSoftmax'),
  forward: (k, x, axis) => new Tensor(k.logSoftmax(x.storage, ...around(x.shape, axis)), x.shape),
  saves: [['y']],
  vjp: [(g, y, _x, axis) => sub(g, mul(exp(y), total(g, axis)))],
});
