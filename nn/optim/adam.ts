import { show } from '../../core/shape.js';
import { optionsOf } from '../../ops/arguments.js';
import { ArgumentError, type Tensor } from '../../ops/index.js';
import { update } from '../../ops/update.js';
import { checkSetting, Optimizer, type State } from './optimizer.js';

export interface AdamOptions {
  /** The learning rate: 1e-3 unless said otherwise. */
  lr?: number;
  /** How slowly the means of g and g² forget: 0.9 and 0.999 unless said otherwise. */
  betas?: readonly [number, number];
  /** Added to the denominator: 1e-8 unless said otherwise. */
  eps?: number;
  /** λ of the penalty ½λ‖p‖². */
  weightDecay?: number;
}

/**
 * Adam (Kingma and Ba 2015, arXiv 1412.6980, algorithm 1): m ← β₁m + (1 − β₁)g and
 * v ← β₂v + (1 − β₂)g² from zero; p ← p − lr·m̂ / (√v̂ + eps), where m̂ = m/(1 − β₁ᵗ) and
 * v̂ = v/(1 − β₂ᵗ) make up for the start at zero.
 */
export class Adam extends Optimizer {
  lr: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;

  constructor(parameters: readonly Tensor[], options: AdamOptions = {}) {
    super(parameters);
    const given = optionsOf('Adam', options, {
      lr: 1e-3,
      betas: [0.9, 0.999] as readonly [number, number],
      eps: 1e-8,
      weightDecay: 0,
    });
    if (!Array.isArray(given.betas)) {
      throw new ArgumentError(`Adam: expected two numbers as betas, got ${show(given.betas)}`);
    }
    const [beta1, beta2] = given.betas;
    this.lr = checkSetting('Adam', 'lr', given.lr);
    this.betas = [
      checkSetting('Adam', 'the first beta', beta1, 0, 1),
      checkSetting('Adam', 'the second beta', beta2, 0, 1),
    ];
    this.eps = checkSetting('Adam', 'eps', given.eps);
    this.weightDecay = checkSetting('Adam', 'weightDecay', given.weightDecay);
  }

  protected update(p: Tensor, gradient: Tensor, { step, slots }: State): void {
    const { lr, eps, weightDecay } = this;
    const [beta1, beta2] = this.betas;
    const scaled = lr / (1 - beta1 ** step);
    const scale = 1 / Math.sqrt(1 - beta2 ** step);
    const means = [beta1, 1 - beta1, beta2, 1 - beta2];
    const settings = [scaled, weightDecay, ...means, scale, eps, 1];
    update('adam', p, gradient, slots, ['mean', 'square'], settings);
  }
}
