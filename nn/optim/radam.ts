import type { Tensor } from '../../ops/index.js';
import { update } from '../../ops/update.js';
import { Optimizer, type State } from './optimizer.js';
import type { ParametersOrGroups } from './settings.js';

export interface RAdamSettings {
  /** The learning rate: 1e-3 unless said otherwise. */
  lr: number;
  /** How slowly the means of g and g² forget: 0.9 and 0.999 unless said otherwise. */
  betas: readonly [number, number];
  /** Added to √v: 1e-8 unless said otherwise. */
  eps: number;
  /** λ of the penalty ½λ‖p‖². */
  weightDecay: number;
}

/**
 * RAdam (Liu et al. 2020, arXiv 1908.03265, algorithm 2): Adam that knows how few gradients v has seen,
 * by the length ρₜ = ρ∞ − 2tβ₂ᵗ / (1 − β₂ᵗ) of the mean that it stands for, where ρ∞ = 2 / (1 − β₂) − 1.
 * p ← p − lr·r·m̂·√(1 − β₂ᵗ) / (√v + eps), rectified by
 * r = √((ρₜ − 4)(ρₜ − 2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)ρₜ)); while ρₜ ≤ 5, p ← p − lr·m̂.
 */
export class RAdam extends Optimizer<RAdamSettings> {
  constructor(parameters: ParametersOrGroups<RAdamSettings>, options: Partial<RAdamSettings> = {}) {
    super(parameters, options, { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 });
  }

  protected update(
    p: Tensor,
    g: Tensor,
    { step, slots }: State,
    { lr, betas: [beta1, beta2], eps, weightDecay }: RAdamSettings,
  ): void {
    const correction = 1 - beta2 ** step;
    const most = 2 / (1 - beta2) - 1;
    const length = most - (2 * step * beta2 ** step) / correction;
    const rectified = length > 5;
    const rectification = Math.sqrt(
      ((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length),
    );
    const rate = rectified ? lr * rectification * Math.sqrt(correction) : lr;
    const means = [beta1, 1 - beta1, beta2, 1 - beta2];
    // The rule divides by scale·√v + offset: by 1 while v is not to be trusted.
    const [scale, offset] = rectified ? [1, eps] : [0, 1];
    const numbers = [rate / (1 - beta1 ** step), weightDecay, ...means, scale, offset, 1];
    update('adam', p, g, slots, ['mean', 'square'], numbers);
  }
}
