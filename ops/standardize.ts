import type { Kernels } from '../core/kernels.js';
import { defineOp } from '../core/op.js';
import { Tensor } from '../core/tensor.js';
import { add, mul, sub } from './binary.js';
import { mean, sum, variance } from './reduce.js';
import { neg, rsqrt } from './unary.js';

// The heart of layer, group and instance norm, over the last axis of x.

/** How many numbers stand along the last axis; a 0-d tensor is one of its own. */
const widthOf = (x: Tensor): number => x.shape[x.ndim - 1] ?? 1;

const last = (x: Tensor): number | undefined => (x.ndim === 0 ? undefined : -1);
/** Σ and mean over the last axis, which is kept. */
const total = (x: Tensor): Tensor => sum(x, last(x), true);
const average = (x: Tensor): Tensor => mean(x, last(x), true);

/** y = (x − mean)·r with r = 1/√(variance + eps) over the last axis, the variance biased. */
export const standardize = defineOp({
  name: 'standardize',
  forward: (k: Kernels, x: Tensor, eps: number) =>
    new Tensor(k.standardize(x.storage, widthOf(x), eps), x.shape),
  vjp: [(g, _y, x, eps) => standardizeGrad(g, x, eps)],
});

/**
 * h(g) = r·(g − mean g − y·mean(g·y)): linear in g, and its own transpose there. By x, ⟨u, h(g)⟩ =
 * r·(A − BC/n) with A = Σ u·g − Σu·Σg/n, B = Σ u·y and C = Σ g·y, where the derivative of r is −r²·y/n,
 * of B h(u) and of C h(g).
 */
export const standardizeGrad = defineOp({
  name: 'standardizeGrad',
  forward: (k: Kernels, g: Tensor, x: Tensor, eps: number) =>
    new Tensor(k.standardizeGrad(g.storage, x.storage, widthOf(x), eps), x.shape),
  vjp: [
    (u, _h, _g, x, eps): Tensor => standardizeGrad(u, x, eps),
    (u, h, g, x, eps): Tensor => {
      const n = widthOf(x);
      const y = standardize(x, eps);
      const r = rsqrt(add(variance(x, last(x), true, 0), eps));
      const [a, b, c] = [
        sub(total(mul(u, g)), mul(total(u), average(g))),
        total(mul(u, y)),
        total(mul(g, y)),
      ];
      const curve = mul(r, mul(y, sub(a, mul(b, mul(c, 1 / n)))));
      const along = add(mul(c, standardizeGrad(u, x, eps)), mul(b, h));
      return mul(neg(mul(r, 1 / n)), add(curve, along));
    },
  ],
});
