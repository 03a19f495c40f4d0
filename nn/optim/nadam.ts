import { add, div, mul, sqrt, square, type Tensor } from '../../ops/index.js';
import { Optimizer, type State } from './optimizer.js';
import { penalized, runningMean } from './pieces.js';
import type { ParametersOrGroups } from './settings.js';

export interface NAdamSettings {
  /** The learning rate: 2e-3 unless said otherwise. */
  lr: number;
  /** How slowly the means of g and g² forget: 0.9 and 0.999 unless said otherwise. */
  betas: readonly [number, number];
  /** Added to the denominator: 1e-8 unless said otherwise. */
  eps: number;
  /** λ of the penalty ½λ‖p‖². */
  weightDecay: number;
  /** ψ of the momentum's schedule: 4e-3 unless said otherwise. */
  momentumDecay: number;
}

/**
 * NAdam (Dozat 2016, "Incorporating Nesterov momentum into Adam", algorithm 2): Adam that looks ahead
 * along the mean m, with the momentum μₜ = β₁(1 − ½·0.96^(tψ)) of step t:
 * m̂ = μₜ₊₁m / (1 − μ₁⋯μₜ₊₁) + (1 − μₜ)g / (1 − μ₁⋯μₜ).
 */
export class NAdam extends Optimizer<NAdamSettings> {
  constructor(parameters: ParametersOrGroups<NAdamSettings>, options: Partial<NAdamSettings> = {}) {
    super(parameters, options, {
      lr: 2e-3,
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay: 0,
      momentumDecay: 4e-3,
    });
  }

  protected update(
    p: Tensor,
    gradient: Tensor,
    { step, slots, scalars }: State,
    { lr, betas: [beta1, beta2], eps, weightDecay, momentumDecay }: NAdamSettings,
  ): void {
    const g = penalized(gradient, p, weightDecay);
    slots.mean = runningMean(slots.mean, g, beta1);
    slots.square = runningMean(slots.square, square(g), beta2);
    const momentumAt = (t: number): number => beta1 * (1 - 0.5 * 0.96 ** (t * momentumDecay));
    const [now, next] = [momentumAt(step), momentumAt(step + 1)];
    scalars.product = (scalars.product ?? 1) * now;
    const mean = add(
      mul(slots.mean, next / (1 - scalars.product * next)),
      mul(g, (1 - now) / (1 - scalars.product)),
    );
    const deviation = sqrt(div(slots.square, 1 - beta2 ** step));
    p.sub_(div(mul(mean, lr), add(deviation, eps)));
  }
}
