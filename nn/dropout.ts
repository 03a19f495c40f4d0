import { checkDimensions } from '../ops/arguments.js';
import { checkProbability } from '../ops/dropout.js';
import { dropout, mul, ones, type Tensor } from '../ops/index.js';
import { Module } from './module.js';

/**
 * In training, each number is dropped (made 0) with probability p and the others are scaled by
 * 1/(1 − p); in evaluation, x itself (Srivastava et al. 2014). Any shape.
 */
export class Dropout extends Module {
  /** Throws an `ArgumentError` for a p outside [0, 1]. */
  constructor(readonly p = 0.5) {
    super();
    checkProbability(this.constructor.name, p);
  }

  forward(x: Tensor): Tensor {
    return dropout(x, this.p, { training: this.training });
  }

  protected override describe(): string {
    return `p=${this.p}`;
  }
}

/** Drops whole channels: x is `[b, channels, …]` or `[channels, …]`, with so many axes after them. */
abstract class ChannelDropout extends Dropout {
  protected abstract readonly axes: number;

  override forward(x: Tensor): Tensor {
    checkDimensions(this.constructor.name, 'x', x, this.axes + 1, this.axes + 2);
    if (!this.training) return x;
    const { shape, dtype, device } = x;
    const channels = shape.map((n, i) => (i < shape.length - this.axes ? n : 1));
    return mul(x, super.forward(ones(channels, { dtype, device })));
  }
}

/** Drops whole channels of `[b, channels, length]` or `[channels, length]`; see `Dropout`. */
export class Dropout1d extends ChannelDropout {
  protected readonly axes = 1;
}

/**
 * Drops whole channels of `[b, channels, h, w]` or `[channels, h, w]` (Tompson et al. 2015, arXiv
 * 1411.4280); see `Dropout`.
 */
export class Dropout2d extends ChannelDropout {
  protected readonly axes = 2;
}

/** Drops whole channels of `[b, channels, d, h, w]` or `[channels, d, h, w]`; see `Dropout`. */
export class Dropout3d extends ChannelDropout {
  protected readonly axes = 3;
}
