import * as nn from '../../../nn/index.js';
import type { Tensor } from '../../../ops/index.js';
import type { Arguments } from '../arguments.js';

/** PyTorch's optimisers as they are made here. */
export const optimizers: Readonly<
  Record<string, (parameters: readonly Tensor[], a: Arguments) => nn.Optimizer & { lr: number }>
> = {
  SGD: (parameters, a) =>
    new nn.SGD(parameters, {
      lr: a.number('lr', 1e-3),
      momentum: a.number('momentum', 0),
      dampening: a.number('dampening', 0),
      weightDecay: a.number('weight_decay', 0),
      nesterov: a.boolean('nesterov', false),
    }),
  Adam: (parameters, a) => {
    a.only('amsgrad', false);
    const [beta1, beta2] = a.numbers('betas', [0.9, 0.999]);
    return new nn.Adam(parameters, {
      lr: a.number('lr', 1e-3),
      betas: [beta1, beta2],
      eps: a.number('eps', 1e-8),
      weightDecay: a.number('weight_decay', 0),
    });
  },
};

/** PyTorch's schedules of the learning rate as they are made here. */
export const schedulers: Readonly<
  Record<string, (optimizer: nn.Optimizer & { lr: number }, a: Arguments) => { step(): void }>
> = {};

/** What scales gradients down before a step. */
export const clippers: Readonly<
  Record<string, (parameters: readonly Tensor[], most: number) => void>
> = {};
