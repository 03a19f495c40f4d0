import { checkInteger, checkOneOf } from '../../core/shape.js';
import { optionsOf } from '../../ops/arguments.js';
import {
  ArgumentError,
  add,
  avgPool2d,
  mean,
  permute,
  relu,
  reshape,
  type Tensor,
} from '../../ops/index.js';
import { MultiHeadAttention } from '../attention.js';
import { Conv2d } from '../conv.js';
import { zeros_ } from '../init.js';
import { LambdaLayer } from '../lambda.js';
import { Linear } from '../linear.js';
import { Module } from '../module.js';
import { BatchNorm2d } from '../norm.js';
import { LearnedPositionalEncoding } from '../positional.js';

const MIXERS = ['convolution', 'lambda', 'attention'] as const;
/** What mixes positions in the middle of a bottleneck. */
export type Mixer = (typeof MIXERS)[number];

export interface LambdaResNetOptions {
  /** Channels of the images: 3. */
  channels?: number;
  /** Side of the (square) images: what global scopes are made for. */
  size?: number;
  /** Classes told apart. */
  classes?: number;
  /** Channels after the stem, and the side of its kernel, which is odd. */
  stem?: number;
  stemKernel?: number;
  /** Bottleneck widths of the stages, each of which gives four times as many channels. */
  widths?: readonly number[];
  /** Blocks of the stages. */
  blocks?: readonly number[];
  /** Stride of each stage's first block; null for 1 in the first stage and 2 in the others. */
  strides?: readonly number[] | null;
  /** The mixer of each stage, or of each of its blocks. */
  mixers?: readonly (Mixer | readonly Mixer[])[];
  /** Key depth and heads of lambda layers; heads of attention. */
  dimK?: number;
  heads?: number;
  /** Scope of lambda layers; null for the whole map. */
  r?: number | null;
}

/** Self-attention among the positions of a map `[b, c, h, w]`, with learnt absolute positions. */
class MapAttention extends Module {
  readonly positions: LearnedPositionalEncoding;
  readonly attention: MultiHeadAttention;

  constructor(width: number, heads: number, side: number) {
    super();
    this.positions = new LearnedPositionalEncoding(width, {
      maxLen: side * side,
      batchFirst: true,
    });
    this.attention = new MultiHeadAttention(width, heads, { batchFirst: true });
  }

  forward(x: Tensor): Tensor {
    const [b, c, h, w] = x.shape;
    const tokens = this.positions.forward(permute(reshape(x, [b, c, h * w]), [0, 2, 1]));
    const [mixed] = this.attention.forward(tokens, tokens, tokens, { needWeights: false });
    return reshape(permute(mixed, [0, 2, 1]), [b, c, h, w]);
  }
}

/**
 * A residual bottleneck (He et al. 2016, arXiv 1512.03385) whose 3×3 convolution may be a lambda layer
 * or attention: 1×1, mixer, 1×1, each followed by batch norm. Where a convolution would have a stride,
 * other mixers are followed by a 3×3 average pool with it (Bello 2021, section 4). The last batch norm
 * begins with a scale of 0, so that the block begins as its shortcut.
 */
class Bottleneck extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly mixer: Conv2d | LambdaLayer | MapAttention;
  readonly bn2: BatchNorm2d;
  readonly conv3: Conv2d;
  readonly bn3: BatchNorm2d;
  readonly shortcut: Conv2d | null;
  readonly bnShortcut: BatchNorm2d | null;

  constructor(
    inputs: number,
    width: number,
    readonly stride: number,
    side: number,
    kind: Mixer,
    { dimK, heads, r }: Required<LambdaResNetOptions>,
  ) {
    super();
    const outputs = 4 * width;
    this.conv1 = new Conv2d(inputs, width, 1, { bias: false });
    this.bn1 = new BatchNorm2d(width);
    this.mixer =
      kind === 'convolution'
        ? new Conv2d(width, width, 3, { stride, padding: 1, bias: false })
        : kind === 'lambda'
          ? new LambdaLayer(width, { dimK, heads, r, n: side })
          : new MapAttention(width, heads, side);
    this.bn2 = new BatchNorm2d(width);
    this.conv3 = new Conv2d(width, outputs, 1, { bias: false });
    this.bn3 = new BatchNorm2d(outputs);
    if (this.bn3.weight !== null) zeros_(this.bn3.weight);
    const changes = stride > 1 || inputs !== outputs;
    this.shortcut = changes ? new Conv2d(inputs, outputs, 1, { stride, bias: false }) : null;
    this.bnShortcut = changes ? new BatchNorm2d(outputs) : null;
  }

  forward(x: Tensor): Tensor {
    const { stride, shortcut, bnShortcut } = this;
    const mixed = this.mixer.forward(relu(this.bn1.forward(this.conv1.forward(x))));
    const pooled =
      stride > 1 && !(this.mixer instanceof Conv2d)
        ? avgPool2d(mixed, 3, { stride, padding: 1 })
        : mixed;
    const y = this.bn3.forward(this.conv3.forward(relu(this.bn2.forward(pooled))));
    const kept =
      shortcut === null || bnShortcut === null ? x : bnShortcut.forward(shortcut.forward(x));
    return relu(add(y, kept));
  }

  protected override describe(): string {
    return this.stride === 1 ? '' : `stride=${this.stride}`;
  }
}

const DEFAULTS: Required<LambdaResNetOptions> = {
  channels: 3,
  size: 32,
  classes: 10,
  stem: 16,
  stemKernel: 3,
  widths: [16, 32],
  blocks: [1, 1],
  strides: null,
  mixers: ['convolution', 'lambda'],
  dimK: 16,
  heads: 4,
  r: null,
};

/**
 * A LambdaResNet for small images (Bello 2021, LambdaNetworks, section 4): a convolution of stride 2,
 * stages of bottlenecks, the mean over all places, a linear layer. `mixers` says what each stage mixes
 * positions with: convolutions early and lambda layers late is the paper's hybrid; all the same make its
 * twins. Images `[b, channels, size, size]` give scores `[b, classes]`.
 */
export class LambdaResNet extends Module {
  readonly stem: Conv2d;
  readonly bnStem: BatchNorm2d;
  readonly stages: Bottleneck[];
  readonly output: Linear;

  /** Throws an `ArgumentError` unless widths, blocks, strides and mixers are as many, each of its kind. */
  constructor(options: LambdaResNetOptions = {}) {
    super();
    const given = optionsOf('LambdaResNet', options, DEFAULTS);
    const { channels, classes, stem, stemKernel, widths, blocks, mixers } = given;
    const strides = given.strides ?? widths.map((_, stage) => (stage === 0 ? 1 : 2));
    if ([blocks, mixers, strides].some(({ length }) => length !== widths.length)) {
      throw new ArgumentError(
        `LambdaResNet: expected widths, blocks, strides and mixers of as many stages, got ${widths.length}, ${blocks.length}, ${strides.length} and ${mixers.length}`,
      );
    }
    for (const kind of mixers.flat()) checkOneOf('LambdaResNet', 'a mixer', kind, MIXERS);
    mixers.forEach((kinds, stage) => {
      if (typeof kinds === 'string' || kinds.length === blocks[stage]) return;
      throw new ArgumentError(
        `LambdaResNet: expected a mixer for each of ${blocks[stage]} blocks of stage ${stage}, got ${kinds.length}`,
      );
    });
    if (checkInteger('LambdaResNet', 'stemKernel', stemKernel, 1) % 2 === 0) {
      throw new ArgumentError(`LambdaResNet: expected an odd stemKernel, got ${stemKernel}`);
    }
    const padding = (stemKernel - 1) / 2;
    this.stem = new Conv2d(channels, stem, stemKernel, { stride: 2, padding, bias: false });
    this.bnStem = new BatchNorm2d(stem);
    this.stages = [];
    let inputs = stem;
    let side = Math.ceil(given.size / 2);
    widths.forEach((width, stage) => {
      const kinds = mixers[stage];
      for (let block = 0; block < blocks[stage]; block++) {
        const kind = typeof kinds === 'string' ? kinds : kinds[block];
        const stride = block === 0 ? strides[stage] : 1;
        this.stages.push(new Bottleneck(inputs, width, stride, side, kind, given));
        inputs = 4 * width;
        side = Math.ceil(side / stride);
      }
    });
    this.output = new Linear(inputs, classes);
  }

  forward(images: Tensor): Tensor {
    const start = relu(this.bnStem.forward(this.stem.forward(images)));
    const features = this.stages.reduce((x, block) => block.forward(x), start);
    return this.output.forward(mean(features, [2, 3]));
  }
}
