import { add, div, maximum, mul, sqrt, square, type Tensor } from '../../ops/index.js';
import { update } from '../../ops/update.js';
import { Optimizer, type State } from './optimizer.js';
import { penalized, runningMean } from './pieces.js';
import type { ParametersOrGroups } from './settings.js';

export interface AdamSettings {
  /** The learning rate: 1e-3 unless said otherwise. */
  lr: number;
  /** How slowly the means of g and g² forget: 0.9 and 0.999 unless said otherwise. */
  betas: readonly [number, number];
  /** Added to the denominator: 1e-8 unless said otherwise. */
  eps: number;
  /** λ of the penalty ½λ‖p‖²; of AdamW, how far p shrinks a step: by lr·λ, 0.01 unless said otherwise. */
  weightDecay: number;
  /** Divide by the largest v̂ so far, not the last (Reddi et al. 2018, arXiv 1904.09237). */
  amsgrad: boolean;
}

const defaults: AdamSettings = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  amsgrad: false,
};

/**
 * Adam (Kingma and Ba 2015, arXiv 1412.6980, algorithm 1): m ← β₁m + (1 − β₁)g and
 * v ← β₂v + (1 − β₂)g² from zero; p ← p − lr·m̂ / (√v̂ + eps), where m̂ = m/(1 − β₁ᵗ) and
 * v̂ = v/(1 − β₂ᵗ) make up for the start at zero.
 */
export class Adam extends Optimizer<AdamSettings> {
  constructor(parameters: ParametersOrGroups<AdamSettings>, options: Partial<AdamSettings> = {}) {
    super(parameters, options, defaults);
  }

  protected update(p: Tensor, g: Tensor, state: State, settings: AdamSettings): void {
    adamStep(p, g, state, settings, { penalty: settings.weightDecay, shrink: 1 });
  }
}

/**
 * AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101, algorithm 2): Adam whose weight decay stands
 * beside the gradient, not in it: p ← (1 − lr·weightDecay)·p, then Adam's step.
 */
export class AdamW extends Optimizer<AdamSettings> {
  constructor(parameters: ParametersOrGroups<AdamSettings>, options: Partial<AdamSettings> = {}) {
    super(parameters, options, { ...defaults, weightDecay: 1e-2 });
  }

  protected update(p: Tensor, g: Tensor, state: State, settings: AdamSettings): void {
    const shrink = 1 - settings.lr * settings.weightDecay;
    adamStep(p, g, state, settings, { penalty: 0, shrink });
  }
}

/** Adam's step from shrink·p, by the gradient with a penalty's. */
function adamStep(
  p: Tensor,
  gradient: Tensor,
  { step, slots }: State,
  { lr, betas: [beta1, beta2], eps, amsgrad }: AdamSettings,
  { penalty, shrink }: { penalty: number; shrink: number },
): void {
  const scaled = lr / (1 - beta1 ** step);
  const scale = 1 / Math.sqrt(1 - beta2 ** step);
  if (!amsgrad) {
    const means = [beta1, 1 - beta1, beta2, 1 - beta2];
    const numbers = [scaled, penalty, ...means, scale, eps, shrink];
    update('adam', p, gradient, slots, ['mean', 'square'], numbers);
    return;
  }
  const g = penalized(gradient, p, penalty);
  slots.mean = runningMean(slots.mean, g, beta1);
  slots.square = runningMean(slots.square, square(g), beta2);
  slots.largest = maximum(slots.largest ?? slots.square, slots.square);
  const denominator = add(mul(sqrt(slots.largest), scale), eps);
  p.mul_(shrink).sub_(div(mul(slots.mean, scaled), denominator));
}
