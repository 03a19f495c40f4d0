import { add, div, fullLike, mul, sqrt, square, type Tensor } from '../../ops/index.js';
import { Optimizer, type State } from './optimizer.js';
import { penalized } from './pieces.js';
import type { ParametersOrGroups } from './settings.js';

export interface AdagradSettings {
  /** The learning rate: 1e-2 unless said otherwise. */
  lr: number;
  /** The rate of step t is lr / (1 + (t − 1)·lrDecay). */
  lrDecay: number;
  /** λ of the penalty ½λ‖p‖². */
  weightDecay: number;
  /** Where the sum of g² starts. */
  initialAccumulatorValue: number;
  /** Added to the denominator: 1e-10 unless said otherwise. */
  eps: number;
}

/**
 * Adagrad (Duchi, Hazan and Singer 2011, JMLR 12, figure 1, diagonal): s ← s + g²;
 * p ← p − lr·g / (√s + eps).
 */
export class Adagrad extends Optimizer<AdagradSettings> {
  constructor(
    parameters: ParametersOrGroups<AdagradSettings>,
    options: Partial<AdagradSettings> = {},
  ) {
    super(parameters, options, {
      lr: 1e-2,
      lrDecay: 0,
      weightDecay: 0,
      initialAccumulatorValue: 0,
      eps: 1e-10,
    });
  }

  protected update(
    p: Tensor,
    gradient: Tensor,
    { step, slots }: State,
    { lr, lrDecay, weightDecay, initialAccumulatorValue, eps }: AdagradSettings,
  ): void {
    const g = penalized(gradient, p, weightDecay);
    slots.sum = add(slots.sum ?? fullLike(p, initialAccumulatorValue), square(g));
    const rate = lr / (1 + (step - 1) * lrDecay);
    p.sub_(div(mul(g, rate), add(sqrt(slots.sum), eps)));
  }
}
