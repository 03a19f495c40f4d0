import { abs, add, div, maximum, mul, type Tensor, zerosLike } from '../../ops/index.js';
import { Optimizer, type State } from './optimizer.js';
import { penalized, runningMean } from './pieces.js';
import type { ParametersOrGroups } from './settings.js';

export interface AdamaxSettings {
  /** The learning rate: 2e-3 unless said otherwise. */
  lr: number;
  /** How slowly the mean of g and the largest |g| forget: 0.9 and 0.999 unless said otherwise. */
  betas: readonly [number, number];
  /** Added to |g|: 1e-8 unless said otherwise. */
  eps: number;
  /** λ of the penalty ½λ‖p‖². */
  weightDecay: number;
}

/**
 * Adamax (Kingma and Ba 2015, arXiv 1412.6980, algorithm 2): m ← β₁m + (1 − β₁)g and
 * u ← max(β₂u, |g| + eps) from zero; p ← p − lr / (1 − β₁ᵗ) · m/u.
 */
export class Adamax extends Optimizer<AdamaxSettings> {
  constructor(
    parameters: ParametersOrGroups<AdamaxSettings>,
    options: Partial<AdamaxSettings> = {},
  ) {
    super(parameters, options, { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 });
  }

  protected update(
    p: Tensor,
    gradient: Tensor,
    { step, slots }: State,
    { lr, betas: [beta1, beta2], eps, weightDecay }: AdamaxSettings,
  ): void {
    const g = penalized(gradient, p, weightDecay);
    slots.mean = runningMean(slots.mean, g, beta1);
    slots.largest = maximum(mul(slots.largest ?? zerosLike(p), beta2), add(abs(g), eps));
    p.sub_(div(mul(slots.mean, lr / (1 - beta1 ** step)), slots.largest));
  }
}
