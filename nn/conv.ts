import { checkBoolean, checkInteger, checkOneOf, sizeOf } from '../core/shape.js';
import { checkDimensions, onlyTensor, optionsOf } from '../ops/arguments.js';
import { paddings, perAxis } from '../ops/conv.js';
import {
  ArgumentError,
  type ConvOptions,
  type ConvTransposeOptions,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  type PadMode,
  type PerAxis,
  pad,
  type Tensor,
} from '../ops/index.js';
import { changes } from './describe.js';
import { fanInUniform } from './fan-in.js';
import type { LayerOptions } from './linear.js';
import { Module } from './module.js';
import type { Parameter } from './parameter.js';

type PaddingMode = 'zeros' | Exclude<PadMode, 'constant'>;

export interface ConvLayerOptions extends ConvOptions, LayerOptions {
  /** What stands around the input: zeros unless said otherwise, or its own numbers, as `pad` lays them. */
  paddingMode?: PaddingMode;
}

export interface ConvTransposeLayerOptions extends ConvTransposeOptions, LayerOptions {
  /** Only zeros can stand around what a transposed convolution reads. */
  paddingMode?: 'zeros';
}

const convolutions = { 1: conv1d, 2: conv2d, 3: conv3d };
const transposes = { 1: convTranspose1d, 2: convTranspose2d, 3: convTranspose3d };

/** How many spatial axes there are. */
type Axes = keyof typeof convolutions;

/** What a convolution and its transpose share: learnt filters, one a pair of channels of a group. */
abstract class Filters<
  Settings extends Required<ConvLayerOptions> | Required<ConvTransposeLayerOptions>,
> extends Module {
  readonly weight: Parameter;
  /** `[outChannels]`, or null. */
  readonly bias: Parameter | null;
  protected readonly settings: Settings;

  /** Throws an `ArgumentError` when `groups` divides the channels of one side only, or of none. */
  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    kernelSize: PerAxis,
    options: Partial<Settings>,
  ) {
    super();
    const [name, axes] = [this.kind(), this.axes()];
    this.settings = optionsOf(name, options, this.defaults());
    const { stride, dilation, groups, bias, dtype } = this.settings;
    checkInteger(name, 'inChannels', inChannels, 1);
    checkInteger(name, 'outChannels', outChannels, 1);
    checkInteger(name, 'groups', groups, 1);
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new ArgumentError(
        `${name}: expected groups that divide the channels, got ${groups} for ${inChannels} and ${outChannels}`,
      );
    }
    const kernel = perAxis(name, 'the kernel size', kernelSize, axes, 1);
    perAxis(name, 'the stride', stride, axes, 1);
    perAxis(name, 'the dilation', dilation, axes, 1);
    const shape = [...this.channels(groups), ...kernel];
    const fanIn = sizeOf(shape, 1);
    this.weight = fanInUniform(name, shape, fanIn, dtype);
    this.bias = checkBoolean(name, 'bias', bias)
      ? fanInUniform(name, [outChannels], fanIn, dtype)
      : null;
  }

  /** The class's name, for its errors. */
  protected abstract kind(): string;
  protected abstract axes(): Axes;
  protected abstract defaults(): Settings;
  /** The weight's first two sizes. */
  protected abstract channels(groups: number): [number, number];

  abstract override forward(x: Tensor): Tensor;

  protected override describe(): string {
    const { dtype } = this.settings;
    const notes = changes(this.settings, { ...this.defaults(), dtype });
    const kernel = this.weight.shape.slice(2).join(', ');
    return `${this.inChannels}, ${this.outChannels}, [${kernel}]${notes}`;
  }
}

/** A convolution; its weight is `[outChannels, inChannels/groups, …kernelSize]`. */
abstract class Convolution extends Filters<Required<ConvLayerOptions>> {
  /** What `pad` lays around the input, [before, after] from the last axis to the first. */
  private readonly around: number[];

  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: PerAxis,
    options: ConvLayerOptions = {},
  ) {
    super(inChannels, outChannels, kernelSize, options);
    const [name, axes] = [this.kind(), this.axes()];
    const { padding, paddingMode } = this.settings;
    checkOneOf(name, 'the padding mode', paddingMode, [
      'zeros',
      'reflect',
      'replicate',
      'circular',
    ]);
    const stride = perAxis(name, 'the stride', this.settings.stride, axes, 1);
    const dilation = perAxis(name, 'the dilation', this.settings.dilation, axes, 1);
    const reach = dilation.map((step, i) => step * (this.weight.shape[i + 2] - 1));
    const [before, after] = paddings(name, padding, reach, stride);
    this.around = before.flatMap((n, i) => [after[i], n]).reverse();
  }

  forward(x: Tensor): Tensor {
    const { weight, bias } = this;
    const { paddingMode, stride, padding, dilation, groups } = this.settings;
    const convolve = convolutions[this.axes()];
    if (paddingMode === 'zeros') {
      return convolve(x, weight, bias, { stride, padding, dilation, groups });
    }
    const name = this.kind();
    const { ndim } = weight;
    checkDimensions(name, 'the input', onlyTensor(name, 'the input', x), ndim - 1, ndim);
    return convolve(pad(x, this.around, paddingMode), weight, bias, { stride, dilation, groups });
  }

  protected kind(): string {
    return `Conv${this.axes()}d`;
  }

  protected channels(groups: number): [number, number] {
    return [this.outChannels, this.inChannels / groups];
  }

  protected defaults(): Required<ConvLayerOptions> {
    return {
      stride: 1,
      padding: 0,
      dilation: 1,
      groups: 1,
      bias: true,
      paddingMode: 'zeros',
      dtype: 'float32',
    };
  }
}

/** A transposed convolution; its weight is `[inChannels, outChannels/groups, …kernelSize]`. */
abstract class TransposedConvolution extends Filters<Required<ConvTransposeLayerOptions>> {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: PerAxis,
    options: ConvTransposeLayerOptions = {},
  ) {
    super(inChannels, outChannels, kernelSize, options);
    const { padding, outputPadding, paddingMode } = this.settings;
    checkOneOf(this.kind(), 'the padding mode', paddingMode, ['zeros']);
    perAxis(this.kind(), 'the padding', padding, this.axes(), 0);
    perAxis(this.kind(), 'the output padding', outputPadding, this.axes(), 0);
  }

  forward(x: Tensor): Tensor {
    const { stride, padding, outputPadding, dilation, groups } = this.settings;
    const options = { stride, padding, outputPadding, dilation, groups };
    return transposes[this.axes()](x, this.weight, this.bias, options);
  }

  protected kind(): string {
    return `ConvTranspose${this.axes()}d`;
  }

  protected channels(groups: number): [number, number] {
    return [this.inChannels, this.outChannels / groups];
  }

  protected defaults(): Required<ConvTransposeLayerOptions> {
    return {
      stride: 1,
      padding: 0,
      outputPadding: 0,
      dilation: 1,
      groups: 1,
      bias: true,
      paddingMode: 'zeros',
      dtype: 'float32',
    };
  }
}

/**
 * A convolution with learnt filters: x `[b, inChannels, size]` gives `[b, outChannels, …]`, and
 * `[inChannels, size]` gives `[outChannels, …]`; see `conv1d`.
 */
export class Conv1d extends Convolution {
  protected axes(): 1 {
    return 1;
  }
}

/** As `Conv1d`, over two axes: x `[b, inChannels, h, w]`. */
export class Conv2d extends Convolution {
  protected axes(): 2 {
    return 2;
  }
}

/** As `Conv1d`, over three axes: x `[b, inChannels, d, h, w]`. */
export class Conv3d extends Convolution {
  protected axes(): 3 {
    return 3;
  }
}

/**
 * A transposed convolution with learnt filters: x `[b, inChannels, size]` gives `[b, outChannels, …]`,
 * and `[inChannels, size]` gives `[outChannels, …]`; see `convTranspose1d`.
 */
export class ConvTranspose1d extends TransposedConvolution {
  protected axes(): 1 {
    return 1;
  }
}

/** As `ConvTranspose1d`, over two axes: x `[b, inChannels, h, w]`. */
export class ConvTranspose2d extends TransposedConvolution {
  protected axes(): 2 {
    return 2;
  }
}

/** As `ConvTranspose1d`, over three axes: x `[b, inChannels, d, h, w]`. */
export class ConvTranspose3d extends TransposedConvolution {
  protected axes(): 3 {
    return 3;
  }
}
