import { add, div, mul, sqrt, square, type Tensor, zerosLike } from '../../ops/index.js';
import { Optimizer, type State } from './optimizer.js';
import { penalized, runningMean } from './pieces.js';
import type { ParametersOrGroups } from './settings.js';

export interface AdadeltaSettings {
  /** Scales the step: 1 unless said otherwise. */
  lr: number;
  /** How slowly the means of g² and Δ² forget: 0.9 unless said otherwise. */
  rho: number;
  /** Added under both roots: 1e-6 unless said otherwise. */
  eps: number;
  /** λ of the penalty ½λ‖p‖². */
  weightDecay: number;
}

/**
 * Adadelta (Zeiler 2012, arXiv 1212.5701, algorithm 1): E[g²] ← ρE[g²] + (1 − ρ)g² and
 * Δ = √(E[Δ²] + eps) / √(E[g²] + eps) · g, then E[Δ²] ← ρE[Δ²] + (1 − ρ)Δ²; p ← p − lr·Δ.
 */
export class Adadelta extends Optimizer<AdadeltaSettings> {
  constructor(
    parameters: ParametersOrGroups<AdadeltaSettings>,
    options: Partial<AdadeltaSettings> = {},
  ) {
    super(parameters, options, { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0 });
  }

  protected update(
    p: Tensor,
    gradient: Tensor,
    { slots }: State,
    { lr, rho, eps, weightDecay }: AdadeltaSettings,
  ): void {
    const g = penalized(gradient, p, weightDecay);
    slots.square = runningMean(slots.square, square(g), rho);
    const before = sqrt(add(slots.delta ?? zerosLike(p), eps));
    const delta = mul(div(before, sqrt(add(slots.square, eps))), g);
    slots.delta = runningMean(slots.delta, square(delta), rho);
    p.sub_(mul(delta, lr));
  }
}
