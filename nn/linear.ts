import { checkBoolean, checkInteger } from '../core/shape.js';
import { optionsOf } from '../ops/arguments.js';
import { type DType, linear, type Tensor } from '../ops/index.js';
import { fanInUniform } from './init.js';
import { Module } from './module.js';
import type { Parameter } from './parameter.js';

export interface LayerOptions {
  /** Whether a bias is learnt: true unless said otherwise. */
  bias?: boolean;
  /** The parameters' dtype: float32 unless said otherwise. */
  dtype?: DType;
}

/** y = x·Wᵀ + b: x `[…, inFeatures]` gives `[…, outFeatures]`. */
export class Linear extends Module {
  /** `[outFeatures, inFeatures]`. */
  readonly weight: Parameter;
  /** `[outFeatures]`, or null. */
  readonly bias: Parameter | null;

  constructor(
    readonly inFeatures: number,
    readonly outFeatures: number,
    options: LayerOptions = {},
  ) {
    super();
    checkInteger('Linear', 'inFeatures', inFeatures, 1);
    checkInteger('Linear', 'outFeatures', outFeatures, 1);
    const { bias, dtype } = optionsOf('Linear', options, { bias: true, dtype: 'float32' as DType });
    this.weight = fanInUniform('Linear', [outFeatures, inFeatures], inFeatures, dtype);
    this.bias = checkBoolean('Linear', 'bias', bias)
      ? fanInUniform('Linear', [outFeatures], inFeatures, dtype)
      : null;
  }

  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }

  protected override describe(): string {
    return `${this.inFeatures}, ${this.outFeatures}${this.bias === null ? ', bias=false' : ''}`;
  }
}
