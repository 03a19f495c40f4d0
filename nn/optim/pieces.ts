import { add, mul, type Tensor } from '../../ops/index.js';

// What the formulas of several optimisers have in common.

/** g + λp: the gradient of the loss with the penalty ½λ‖p‖². */
export const penalized = (g: Tensor, p: Tensor, weightDecay: number): Tensor =>
  weightDecay === 0 ? g : add(g, mul(p, weightDecay));

/** β·mean + (1 − β)·x, a mean that forgets; it starts at 0. */
export function runningMean(mean: Tensor | undefined, x: Tensor, beta: number): Tensor {
  const share = mul(x, 1 - beta);
  return mean === undefined ? share : add(mul(mean, beta), share);
}
