import { add, div, maximum, mul, sqrt, square, sub, type Tensor } from '../../ops/index.js';
import { Optimizer, type State } from './optimizer.js';
import { penalized, runningMean } from './pieces.js';
import type { ParametersOrGroups } from './settings.js';

export interface RMSpropSettings {
  /** The learning rate: 1e-2 unless said otherwise. */
  lr: number;
  /** How slowly the mean of g² forgets: 0.99 unless said otherwise. */
  alpha: number;
  /** Added to the denominator: 1e-8 unless said otherwise. */
  eps: number;
  /** λ of the penalty ½λ‖p‖². */
  weightDecay: number;
  momentum: number;
  /** Divide by the gradient's deviation from its mean (Graves 2013, arXiv 1308.0850, section 4.2). */
  centered: boolean;
}

/**
 * RMSprop (Tieleman and Hinton 2012, lecture 6.5): v ← αv + (1 − α)g² from zero; the step is
 * g / (√v + eps) or, with momentum, u ← momentum·u + g / (√v + eps); p ← p − lr·step. If centred, v less
 * the square of g's own running mean takes the place of v.
 */
export class RMSprop extends Optimizer<RMSpropSettings> {
  constructor(
    parameters: ParametersOrGroups<RMSpropSettings>,
    options: Partial<RMSpropSettings> = {},
  ) {
    super(parameters, options, {
      lr: 1e-2,
      alpha: 0.99,
      eps: 1e-8,
      weightDecay: 0,
      momentum: 0,
      centered: false,
    });
  }

  protected update(p: Tensor, gradient: Tensor, { slots }: State, settings: RMSpropSettings): void {
    const { lr, alpha, eps, weightDecay, momentum, centered } = settings;
    const g = penalized(gradient, p, weightDecay);
    slots.square = runningMean(slots.square, square(g), alpha);
    let variance = slots.square;
    if (centered) {
      slots.mean = runningMean(slots.mean, g, alpha);
      // A gradient that stays the same has none, which rounding may put below 0.
      variance = maximum(sub(variance, square(slots.mean)), 0);
    }
    let step = div(g, add(sqrt(variance), eps));
    if (momentum > 0) {
      if (slots.velocity !== undefined) step = add(mul(slots.velocity, momentum), step);
      slots.velocity = step;
    }
    p.sub_(mul(step, lr));
  }
}
