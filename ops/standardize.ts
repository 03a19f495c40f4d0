import type { Kernels } from '../core/kernels.js';
import { defineOp } from '../core/op.js';
import { Tensor } from '../core/tensor.js';
import { add, mul, sub } from './binary.js';
import { mean, sum, variance } from './reduce.js';
import { neg, rsqrt } from './unary.js';

// The heart of layer, group, instance and batch norm: x `[outer, n, inner]`, standardized over its outer
// and inner axes for each place of the middle one.

type Sizes = [outer: number, n: number, inner: number];

const sizesOf = (x: Tensor): Sizes => [x.shape[0], x.shape[1], x.shape[2]];

/** Σ and mean over the outer and inner axes, which are kept. */
const total = (x: Tensor): Tensor => sum(x, [0, 2], true);
const average = (x: Tensor): Tensor => mean(x, [0, 2], true);

/** y = (x − mean)·r with r = 1/√(variance + eps), the variance biased. */
export const standardize = defineOp({
  name: 'standardize',
  forward: (k: Kernels, x: Tensor, eps: number) =>
    new Tensor(k.standardize(x.storage, ...sizesOf(x), eps), x.shape),
  saves: [[0]],
  vjp: [(g, _y, x, eps) => standardizeGrad(g, x, eps)],
});

/**
 * h(g) = r·(g − mean g − y·mean(g·y)): linear in g, and its own transpose there. By x, ⟨u, h(g)⟩ =
 * r·(A − BC/n) with A = Σ u·g − Σu·Σg/n, B = Σ u·y and C = Σ g·y over n numbers, where the derivative of
 * r is −r²·y/n, of B h(u) and of C h(g).
 */
export const standardizeGrad = defineOp({
  name: 'standardizeGrad',
  forward: (k: Kernels, g: Tensor, x: Tensor, eps: number) =>
    new Tensor(k.standardizeGrad(g.storage, x.storage, ...sizesOf(x), eps), x.shape),
  saves: [[1], ['y', 0, 1]],
  vjp: [
    (u, _h, _g, x, eps): Tensor => standardizeGrad(u, x, eps),
    (u, h, g, x, eps): Tensor => {
      const share = 1 / (x.shape[0] * x.shape[2]);
      const y = standardize(x, eps);
      const r = rsqrt(add(variance(x, [0, 2], true, 0), eps));
      const a = sub(total(mul(u, g)), mul(total(u), average(g)));
      const [b, c] = [total(mul(u, y)), total(mul(g, y))];
      const curve = mul(r, mul(y, sub(a, mul(b, mul(c, share)))));
      const along = add(mul(c, standardizeGrad(u, x, eps)), mul(b, h));
      return mul(neg(mul(r, share)), add(curve, along));
    },
  ],
});

/** The means `[n]` and biased variances `[n]` of x, without derivatives. */
export const moments = defineOp({
  name: 'moments',
  forward: (k: Kernels, x: Tensor) =>
    new Tensor(k.moments(x.storage, ...sizesOf(x)), [2, x.shape[1]]),
  vjp: [],
});
