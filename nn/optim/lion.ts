import { mul, sign, type Tensor } from '../../ops/index.js';
import { Optimizer, type State } from './optimizer.js';
import { runningMean } from './pieces.js';
import type { ParametersOrGroups } from './settings.js';

export interface LionSettings {
  /** The learning rate: 1e-4 unless said otherwise. */
  lr: number;
  /** How much of the momentum enters a step, and stays after it: 0.9 and 0.99 unless said otherwise. */
  betas: readonly [number, number];
  /** How far p shrinks a step: by lr·weightDecay. */
  weightDecay: number;
}

/**
 * Lion (Chen et al. 2023, arXiv 2302.06675, algorithm 2): c = β₁m + (1 − β₁)g;
 * p ← p − lr·(sign(c) + weightDecay·p); m ← β₂m + (1 − β₂)g, from zero.
 */
export class Lion extends Optimizer<LionSettings> {
  constructor(parameters: ParametersOrGroups<LionSettings>, options: Partial<LionSettings> = {}) {
    super(parameters, options, { lr: 1e-4, betas: [0.9, 0.99], weightDecay: 0 });
  }

  protected update(
    p: Tensor,
    g: Tensor,
    { slots }: State,
    { lr, betas: [beta1, beta2], weightDecay }: LionSettings,
  ): void {
    const direction = sign(runningMean(slots.momentum, g, beta1));
    p.mul_(1 - lr * weightDecay).sub_(mul(direction, lr));
    slots.momentum = runningMean(slots.momentum, g, beta2);
  }
}
