import * as nn from '../../../nn/index.js';
import type { Tensor } from '../../../ops/index.js';
import type { Arguments } from '../arguments.js';

const pair = (a: Arguments, name: string, otherwise: [number, number]): [number, number] => {
  const [first, second] = a.numbers(name, otherwise);
  return [first, second];
};

/** What Adam and its kin are set to, with PyTorch's defaults. */
const adam = (a: Arguments, lr: number, weightDecay = 0) => ({
  lr: a.number('lr', lr),
  betas: pair(a, 'betas', [0.9, 0.999]),
  eps: a.number('eps', 1e-8),
  weightDecay: a.number('weight_decay', weightDecay),
});

/** PyTorch's optimisers as they are made here. */
export const optimizers: Readonly<
  Record<string, (parameters: readonly Tensor[], a: Arguments) => nn.Optimizer>
> = {
  SGD: (parameters, a) =>
    new nn.SGD(parameters, {
      lr: a.number('lr', 1e-3),
      momentum: a.number('momentum', 0),
      dampening: a.number('dampening', 0),
      weightDecay: a.number('weight_decay', 0),
      nesterov: a.boolean('nesterov', false),
    }),
  Adam: (parameters, a) =>
    new nn.Adam(parameters, { ...adam(a, 1e-3), amsgrad: a.boolean('amsgrad', false) }),
  AdamW: (parameters, a) =>
    new nn.AdamW(parameters, { ...adam(a, 1e-3, 1e-2), amsgrad: a.boolean('amsgrad', false) }),
  RMSprop: (parameters, a) =>
    new nn.RMSprop(parameters, {
      lr: a.number('lr', 1e-2),
      alpha: a.number('alpha', 0.99),
      eps: a.number('eps', 1e-8),
      weightDecay: a.number('weight_decay', 0),
      momentum: a.number('momentum', 0),
      centered: a.boolean('centered', false),
    }),
  Adagrad: (parameters, a) =>
    new nn.Adagrad(parameters, {
      lr: a.number('lr', 1e-2),
      lrDecay: a.number('lr_decay', 0),
      weightDecay: a.number('weight_decay', 0),
      initialAccumulatorValue: a.number('initial_accumulator_value', 0),
      eps: a.number('eps', 1e-10),
    }),
  Adadelta: (parameters, a) =>
    new nn.Adadelta(parameters, {
      lr: a.number('lr', 1),
      rho: a.number('rho', 0.9),
      eps: a.number('eps', 1e-6),
      weightDecay: a.number('weight_decay', 0),
    }),
  NAdam: (parameters, a) =>
    new nn.NAdam(parameters, {
      ...adam(a, 2e-3),
      momentumDecay: a.number('momentum_decay', 4e-3),
    }),
  RAdam: (parameters, a) => new nn.RAdam(parameters, adam(a, 1e-3)),
  Adamax: (parameters, a) => new nn.Adamax(parameters, adam(a, 2e-3)),
};

/** PyTorch's schedules of the learning rate as they are made here; one of them asks for the loss. */
export const schedulers: Readonly<
  Record<string, (optimizer: nn.Optimizer, a: Arguments) => { step(loss: number): void }>
> = {
  StepLR: (optimizer, a) =>
    new nn.StepLR(optimizer, a.number('step_size'), { gamma: a.number('gamma', 0.1) }),
  MultiStepLR: (optimizer, a) =>
    new nn.MultiStepLR(optimizer, a.numbers('milestones'), { gamma: a.number('gamma', 0.1) }),
  ExponentialLR: (optimizer, a) => new nn.ExponentialLR(optimizer, a.number('gamma')),
  LinearLR: (optimizer, a) =>
    new nn.LinearLR(optimizer, {
      startFactor: a.number('start_factor', 1 / 3),
      endFactor: a.number('end_factor', 1),
      totalIters: a.number('total_iters', 5),
    }),
  CosineAnnealingLR: (optimizer, a) =>
    new nn.CosineAnnealingLR(optimizer, a.number('T_max'), { etaMin: a.number('eta_min', 0) }),
  CosineAnnealingWarmRestarts: (optimizer, a) =>
    new nn.CosineAnnealingWarmRestarts(optimizer, a.number('T_0'), {
      tMult: a.number('T_mult', 1),
      etaMin: a.number('eta_min', 0),
    }),
  OneCycleLR: (optimizer, a) => {
    const totalSteps =
      a.number('total_steps', null) ?? a.number('epochs') * a.number('steps_per_epoch');
    return new nn.OneCycleLR(optimizer, a.number('max_lr'), totalSteps, {
      pctStart: a.number('pct_start', 0.3),
      annealStrategy: a.oneOf('anneal_strategy', ['cos', 'linear'], 'cos'),
      cycleMomentum: a.boolean('cycle_momentum', true),
      baseMomentum: a.number('base_momentum', 0.85),
      maxMomentum: a.number('max_momentum', 0.95),
      divFactor: a.number('div_factor', 25),
      finalDivFactor: a.number('final_div_factor', 1e4),
      threePhase: a.boolean('three_phase', false),
    });
  },
  ReduceLROnPlateau: (optimizer, a) =>
    new nn.ReduceLROnPlateau(optimizer, {
      mode: a.oneOf('mode', ['min', 'max'], 'min'),
      factor: a.number('factor', 0.1),
      patience: a.number('patience', 10),
      threshold: a.number('threshold', 1e-4),
      thresholdMode: a.oneOf('threshold_mode', ['rel', 'abs'], 'rel'),
      cooldown: a.number('cooldown', 0),
      minLr: a.number('min_lr', 0),
      eps: a.number('eps', 1e-8),
    }),
};

/** What scales gradients down before a step. */
export const clippers: Readonly<
  Record<string, (parameters: readonly Tensor[], most: number) => void>
> = { clipGradNorm: (parameters, most) => void nn.clipGradNorm(parameters, most) };
