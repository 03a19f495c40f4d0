import { checkBoolean, checkInteger } from '../core/shape.js';
import { optionsOf } from '../ops/arguments.js';
import { add, type DType, einsum, linear, type Tensor } from '../ops/index.js';
import { fanInUniform } from './fan-in.js';
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

/** yₖ = x₁ᵀ·Wₖ·x₂ + bₖ: `[…, in1Features]` and `[…, in2Features]` give `[…, outFeatures]`. */
export class Bilinear extends Module {
  /** `[outFeatures, in1Features, in2Features]`. */
  readonly weight: Parameter;
  /** `[outFeatures]`, or null. */
  readonly bias: Parameter | null;

  constructor(
    readonly in1Features: number,
    readonly in2Features: number,
    readonly outFeatures: number,
    options: LayerOptions = {},
  ) {
    super();
    const op = 'Bilinear';
    const shape = [
      checkInteger(op, 'outFeatures', outFeatures, 1),
      checkInteger(op, 'in1Features', in1Features, 1),
      checkInteger(op, 'in2Features', in2Features, 1),
    ];
    const { bias, dtype } = optionsOf(op, options, { bias: true, dtype: 'float32' as DType });
    this.weight = fanInUniform(op, shape, in1Features, dtype);
    this.bias = checkBoolean(op, 'bias', bias)
      ? fanInUniform(op, [outFeatures], in1Features, dtype)
      : null;
  }

  forward(x1: Tensor, x2: Tensor): Tensor {
    const y = einsum('...i,kij,...j->...k', x1, this.weight, x2);
    return this.bias === null ? y : add(y, this.bias);
  }

  protected override describe(): string {
    const bias = this.bias === null ? ', bias=false' : '';
    return `${this.in1Features}, ${this.in2Features}, ${this.outFeatures}${bias}`;
  }
}

/** Gives back what it gets: a place where a layer may come, or was. */
export class Identity extends Module {
  forward(x: Tensor): Tensor {
    return x;
  }
}
