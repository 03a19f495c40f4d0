import { ArgumentError, type Tensor } from '../../ops/index.js';
import { update } from '../../ops/update.js';
import { Optimizer, type State } from './optimizer.js';
import type { ParametersOrGroups } from './settings.js';

export interface SGDSettings {
  /** The learning rate: 1e-3 unless said otherwise. */
  lr: number;
  momentum: number;
  /** How much less of the gradient enters the velocity. */
  dampening: number;
  /** λ of the penalty ½λ‖p‖². */
  weightDecay: number;
  /** Look ahead along the velocity (Sutskever et al. 2013). */
  nesterov: boolean;
}

/**
 * Stochastic gradient descent: with g the gradient (plus weightDecay·p), the velocity
 * v ← momentum·v + (1 − dampening)·g starts at the first g, and p ← p − lr·v; without momentum v is g;
 * with Nesterov's, g + momentum·v takes the place of v.
 */
export class SGD extends Optimizer<SGDSettings> {
  constructor(parameters: ParametersOrGroups<SGDSettings>, options: Partial<SGDSettings> = {}) {
    super(parameters, options, {
      lr: 1e-3,
      momentum: 0,
      dampening: 0,
      weightDecay: 0,
      nesterov: false,
    });
  }

  protected override check(settings: SGDSettings): void {
    super.check(settings);
    const { momentum, dampening, nesterov } = settings;
    if (!nesterov || (momentum > 0 && dampening === 0)) return;
    throw new ArgumentError(
      `SGD: nesterov expects momentum > 0 and no dampening, got ${momentum} and ${dampening}`,
    );
  }

  protected update(p: Tensor, gradient: Tensor, { slots }: State, settings: SGDSettings): void {
    const { lr, momentum, dampening, weightDecay, nesterov } = settings;
    if (momentum === 0) update('descent', p, gradient, slots, [], [lr, weightDecay]);
    else {
      const take = slots.velocity === undefined ? 1 : 1 - dampening;
      const numbers = [lr, weightDecay, momentum, take, Number(nesterov)];
      update('momentum', p, gradient, slots, ['velocity'], numbers);
    }
  }
}
