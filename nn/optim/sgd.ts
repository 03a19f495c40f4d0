import { checkBoolean } from '../../core/shape.js';
import { optionsOf } from '../../ops/arguments.js';
import { ArgumentError, type Tensor } from '../../ops/index.js';
import { update } from '../../ops/update.js';
import { checkSetting, Optimizer, type State } from './optimizer.js';

export interface SGDOptions {
  /** The learning rate: 1e-3 unless said otherwise. */
  lr?: number;
  momentum?: number;
  /** How much less of the gradient enters the velocity. */
  dampening?: number;
  /** λ of the penalty ½λ‖p‖². */
  weightDecay?: number;
  /** Look ahead along the velocity (Sutskever et al. 2013). */
  nesterov?: boolean;
}

/**
 * Stochastic gradient descent: with g the gradient (plus weightDecay·p), the velocity
 * v ← momentum·v + (1 − dampening)·g starts at the first g, and p ← p − lr·v; without momentum v is g;
 * with Nesterov's, g + momentum·v takes the place of v.
 */
export class SGD extends Optimizer {
  lr: number;
  readonly momentum: number;
  readonly dampening: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;

  constructor(parameters: readonly Tensor[], options: SGDOptions = {}) {
    super(parameters);
    const given = optionsOf('SGD', options, {
      lr: 1e-3,
      momentum: 0,
      dampening: 0,
      weightDecay: 0,
      nesterov: false,
    });
    this.lr = checkSetting('SGD', 'lr', given.lr);
    this.momentum = checkSetting('SGD', 'momentum', given.momentum);
    this.dampening = checkSetting('SGD', 'dampening', given.dampening);
    this.weightDecay = checkSetting('SGD', 'weightDecay', given.weightDecay);
    this.nesterov = checkBoolean('SGD', 'nesterov', given.nesterov);
    if (this.nesterov && (this.momentum === 0 || this.dampening !== 0)) {
      throw new ArgumentError(
        `SGD: nesterov expects momentum > 0 and no dampening, got ${this.momentum} and ${this.dampening}`,
      );
    }
  }

  protected update(p: Tensor, gradient: Tensor, { slots }: State): void {
    const { lr, momentum, dampening, weightDecay, nesterov } = this;
    if (momentum === 0) update('descent', p, gradient, slots, [], [lr, weightDecay]);
    else {
      const take = slots.velocity === undefined ? 1 : 1 - dampening;
      const settings = [lr, weightDecay, momentum, take, Number(nesterov)];
      update('momentum', p, gradient, slots, ['velocity'], settings);
    }
  }
}
