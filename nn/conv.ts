import { checkBoolean, checkInteger, sizeOf } from '../core/shape.js';
import { optionsOf } from '../ops/arguments.js';
import { perAxis } from '../ops/conv.js';
import {
  ArgumentError,
  type ConvOptions,
  conv2d,
  type DType,
  type PerAxis,
  type Tensor,
} from '../ops/index.js';
import { fanInUniform } from './init.js';
import type { LayerOptions } from './linear.js';
import { Module } from './module.js';
import type { Parameter } from './parameter.js';

/** A convolution with learnt filters: x `[b, inChannels, h, w]` gives `[b, outChannels, …]`; see `conv2d`. */
export class Conv2d extends Module {
  /** `[outChannels, inChannels/groups, …kernelSize]`. */
  readonly weight: Parameter;
  /** `[outChannels]`, or null. */
  readonly bias: Parameter | null;
  private readonly options: Required<ConvOptions>;

  /** Throws an `ArgumentError` when `groups` divides the channels of one side only, or of none. */
  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    kernelSize: PerAxis,
    options: ConvOptions & LayerOptions = {},
  ) {
    super();
    const { bias, dtype, ...convolution } = optionsOf('Conv2d', options, {
      stride: 1,
      padding: 0,
      dilation: 1,
      groups: 1,
      bias: true,
      dtype: 'float32',
    } as Required<ConvOptions> & { bias: boolean; dtype: DType });
    const { groups } = convolution;
    checkInteger('Conv2d', 'inChannels', inChannels, 1);
    checkInteger('Conv2d', 'outChannels', outChannels, 1);
    checkInteger('Conv2d', 'groups', groups, 1);
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new ArgumentError(
        `Conv2d: expected groups that divide the channels, got ${groups} for ${inChannels} and ${outChannels}`,
      );
    }
    const kernel = perAxis('Conv2d', 'kernelSize', kernelSize, 2, 1);
    const fanIn = (inChannels / groups) * sizeOf(kernel);
    this.weight = fanInUniform(
      'Conv2d',
      [outChannels, inChannels / groups, ...kernel],
      fanIn,
      dtype,
    );
    this.bias = checkBoolean('Conv2d', 'bias', bias)
      ? fanInUniform('Conv2d', [outChannels], fanIn, dtype)
      : null;
    this.options = convolution;
  }

  forward(x: Tensor): Tensor {
    return conv2d(x, this.weight, this.bias, this.options);
  }

  protected override describe(): string {
    const kernel = this.weight.shape.slice(2);
    const defaults: Record<string, unknown> = { stride: 1, padding: 0, dilation: 1, groups: 1 };
    const notes = Object.entries(this.options)
      .filter(([key, value]) => value !== defaults[key])
      .map(([key, value]) => `, ${key}=${value}`);
    if (this.bias === null) notes.push(', bias=false');
    return `${this.inChannels}, ${this.outChannels}, [${kernel.join(', ')}]${notes.join('')}`;
  }
}
