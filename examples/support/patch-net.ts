import { add, mean, permute, randn, relu, reshape, type Tensor } from 'lambdagrad';
import {
  BatchNorm2d,
  Conv2d,
  Identity,
  LambdaLayer,
  Linear,
  Module,
  ModuleList,
  MultiHeadAttention,
  Parameter,
} from 'lambdagrad/nn';

/** What can mix the places of a map in the middle of a block. */
export const MIXERS = [
  'none',
  'lambda, content only',
  'lambda, position only',
  'lambda, both',
  'convolution 3×3',
  'attention, no positions',
  'attention, absolute positions',
] as const;

export type Mixer = (typeof MIXERS)[number];

/** Widths of the mixers that make nets of 64 channels and three blocks about equally large. */
export const WIDTHS: Record<Mixer, number> = {
  none: 96,
  'lambda, content only': 56,
  'lambda, position only': 48,
  'lambda, both': 48,
  'convolution 3×3': 32,
  'attention, no positions': 40,
  'attention, absolute positions': 40,
};

/** Whether a net knows where a patch lies. */
export const knowsPositions = (mixer: Mixer): boolean =>
  !['none', 'lambda, content only', 'attention, no positions'].includes(mixer);

/** Self-attention among the places of a map `[b, c, h, w]`. */
class MapAttention extends Module {
  readonly attention: MultiHeadAttention;

  constructor(width: number, heads: number) {
    super();
    this.attention = new MultiHeadAttention(width, heads, { batchFirst: true });
  }

  forward(x: Tensor): Tensor {
    const [b, c, h, w] = x.shape;
    const tokens = permute(reshape(x, [b, c, h * w]), [0, 2, 1]);
    const [mixed] = this.attention.forward(tokens, tokens, tokens, { needWeights: false });
    return reshape(permute(mixed, [0, 2, 1]), [b, c, h, w]);
  }
}

/** A layer that takes maps `[b, width, side, side]` to maps of the same shape. */
function mixerOf(mixer: Mixer, width: number, side: number) {
  switch (mixer) {
    case 'none':
      return new Identity();
    case 'lambda, content only':
      return new LambdaLayer(width, { position: false });
    case 'lambda, position only':
      return new LambdaLayer(width, { n: side, content: false });
    case 'lambda, both':
      return new LambdaLayer(width, { n: side });
    case 'convolution 3×3':
      return new Conv2d(width, width, 3, { padding: 1, bias: false });
    case 'attention, no positions':
    case 'attention, absolute positions':
      return new MapAttention(width, 4);
  }
}

/** A residual bottleneck: 1×1 to a smaller width, the mixer, 1×1 back, each followed by batch norm. */
class Block extends Module {
  readonly inward: Conv2d;
  readonly norm1: BatchNorm2d;
  readonly mixer: ReturnType<typeof mixerOf>;
  readonly norm2: BatchNorm2d;
  readonly outward: Conv2d;
  readonly norm3: BatchNorm2d;

  constructor(channels: number, width: number, mixer: Mixer, side: number) {
    super();
    this.inward = new Conv2d(channels, width, 1, { bias: false });
    this.norm1 = new BatchNorm2d(width);
    this.mixer = mixerOf(mixer, width, side);
    this.norm2 = new BatchNorm2d(width);
    this.outward = new Conv2d(width, channels, 1, { bias: false });
    this.norm3 = new BatchNorm2d(channels);
  }

  forward(x: Tensor): Tensor {
    const narrow = relu(this.norm1.forward(this.inward.forward(x)));
    const mixed = relu(this.norm2.forward(this.mixer.forward(narrow)));
    return relu(add(x, this.norm3.forward(this.outward.forward(mixed))));
  }
}

export interface PatchNetSizes {
  /** Numbers of a patch, and patches along a side of the image. */
  patch: number;
  side: number;
  /** Channels between the blocks and, smaller, inside them; how many blocks. */
  channels: number;
  width: number;
  blocks: number;
  classes: number;
}

/**
 * A classifier of images that are cut into patches, laid out as maps `[b, patch, side, side]`: each patch
 * is embedded by itself, blocks mix the places, and a linear layer sees the mean over them, so that all
 * it knows of where a patch lies comes through the mixers (or absolute positions). Scores `[b, classes]`.
 */
export class PatchNet extends Module {
  readonly embed: Conv2d;
  /** Absolute positions `[channels, side, side]`, or null. */
  readonly positions: Parameter | null;
  readonly blocks: ModuleList<Block>;
  readonly output: Linear;

  constructor(mixer: Mixer, sizes: PatchNetSizes) {
    super();
    const { patch, side, channels, width, blocks, classes } = sizes;
    const absolute = mixer === 'attention, absolute positions';
    this.embed = new Conv2d(patch, channels, 1);
    this.positions = absolute ? new Parameter(randn([channels, side, side]).mul(0.02)) : null;
    this.blocks = new ModuleList(
      Array.from({ length: blocks }, () => new Block(channels, width, mixer, side)),
    );
    this.output = new Linear(channels, classes);
  }

  forward(patches: Tensor): Tensor {
    const embedded = this.embed.forward(patches);
    let x = this.positions === null ? embedded : add(embedded, this.positions);
    for (const block of this.blocks) x = block.forward(x);
    return this.output.forward(mean(x, [2, 3]));
  }
}

/** Images `[b, 1, h, w]` as maps of patches of `size`×`size` pixels: `[b, size², h/size, w/size]`. */
export function patchesOf(images: Tensor, size: number): Tensor {
  const [b, , h, w] = images.shape;
  const cut = reshape(images, [b, h / size, size, w / size, size]);
  return reshape(permute(cut, [0, 2, 4, 1, 3]), [b, size * size, h / size, w / size]);
}

/** Maps with their places in another order, an int32 permutation `[h·w]`, the same one for all of them. */
export function shuffled(maps: Tensor, order: Tensor): Tensor {
  const [b, c, h, w] = maps.shape;
  return reshape(reshape(maps, [b, c, h * w]).indexSelect(2, order), [b, c, h, w]);
}
