import { checkBoolean, show } from '../core/shape.js';
import { adaptiveSizes } from '../ops/adaptive-pool.js';
import { optionsOf } from '../ops/arguments.js';
import { perAxis } from '../ops/conv.js';
import {
  type AdaptiveSize,
  type AvgPoolOptions,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type MaxPoolOptions,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  type PerAxis,
  type Tensor,
} from '../ops/index.js';
import { changes } from './describe.js';
import { Module } from './module.js';

const maxPools = { 1: maxPool1d, 2: maxPool2d, 3: maxPool3d };
const avgPools = { 1: avgPool1d, 2: avgPool2d, 3: avgPool3d };
const adaptiveMaxPools = { 1: adaptiveMaxPool1d, 2: adaptiveMaxPool2d, 3: adaptiveMaxPool3d };
const adaptiveAvgPools = { 1: adaptiveAvgPool1d, 2: adaptiveAvgPool2d, 3: adaptiveAvgPool3d };

/** How many spatial axes there are. */
type Axes = keyof typeof maxPools;

/** The least value of the settings that are numbers, one an axis; the others are true or false. */
const LEAST: Readonly<Record<string, number>> = { stride: 1, padding: 0, dilation: 1 };

/** A window that moves over the spatial axes, and its settings. */
abstract class Pool<Settings extends object> extends Module {
  protected readonly settings: Settings;

  constructor(
    readonly kernelSize: PerAxis,
    options: Partial<Settings> = {},
  ) {
    super();
    const [name, axes] = [this.kind(), this.axes()];
    perAxis(name, 'the kernel size', kernelSize, axes, 1);
    this.settings = optionsOf(name, options, this.defaults());
    for (const [key, value] of Object.entries(this.settings)) {
      if (key in LEAST) perAxis(name, `the ${key}`, value, axes, LEAST[key]);
      else checkBoolean(name, key, value);
    }
  }

  /** The class's name, for its errors. */
  protected abstract kind(): string;
  protected abstract axes(): Axes;
  protected abstract defaults(): Settings;

  abstract override forward(x: Tensor): Tensor;

  protected override describe(): string {
    return `${show(this.kernelSize)}${changes(this.settings, this.defaults())}`;
  }
}

abstract class MaxPool extends Pool<Required<MaxPoolOptions>> {
  forward(x: Tensor): Tensor {
    return maxPools[this.axes()](x, this.kernelSize, this.settings);
  }

  protected kind(): string {
    return `MaxPool${this.axes()}d`;
  }

  protected defaults(): Required<MaxPoolOptions> {
    return { stride: this.kernelSize, padding: 0, dilation: 1, ceilMode: false };
  }
}

abstract class AvgPool extends Pool<Required<AvgPoolOptions>> {
  forward(x: Tensor): Tensor {
    return avgPools[this.axes()](x, this.kernelSize, this.settings);
  }

  protected kind(): string {
    return `AvgPool${this.axes()}d`;
  }

  protected defaults(): Required<AvgPoolOptions> {
    return { stride: this.kernelSize, padding: 0, ceilMode: false, countIncludePad: true };
  }
}

/**
 * The largest number under each window: x `[b, c, size]` gives `[b, c, places]`; see `maxPool1d`. Every
 * pool also takes x without the batch, `[c, …]`, and gives `[c, …]`.
 */
export class MaxPool1d extends MaxPool {
  protected axes(): 1 {
    return 1;
  }
}

/** As `MaxPool1d`, over two axes: x `[b, c, h, w]`. */
export class MaxPool2d extends MaxPool {
  protected axes(): 2 {
    return 2;
  }
}

/** As `MaxPool1d`, over three axes: x `[b, c, d, h, w]`. */
export class MaxPool3d extends MaxPool {
  protected axes(): 3 {
    return 3;
  }
}

/** The mean of the numbers under each window: x `[b, c, size]` gives `[b, c, places]`; see `avgPool1d`. */
export class AvgPool1d extends AvgPool {
  protected axes(): 1 {
    return 1;
  }
}

/** As `AvgPool1d`, over two axes: x `[b, c, h, w]`. */
export class AvgPool2d extends AvgPool {
  protected axes(): 2 {
    return 2;
  }
}

/** As `AvgPool1d`, over three axes: x `[b, c, d, h, w]`. */
export class AvgPool3d extends AvgPool {
  protected axes(): 3 {
    return 3;
  }
}

/** As many windows as `outputSize` says, which together cover the spatial axes. */
abstract class AdaptivePool extends Module {
  constructor(readonly outputSize: AdaptiveSize) {
    super();
    adaptiveSizes(this.kind(), outputSize, this.axes());
  }

  /** The class's name, for its errors. */
  protected abstract kind(): string;
  protected abstract axes(): Axes;

  abstract override forward(x: Tensor): Tensor;

  protected override describe(): string {
    return show(this.outputSize);
  }
}

abstract class AdaptiveMaxPool extends AdaptivePool {
  forward(x: Tensor): Tensor {
    return adaptiveMaxPools[this.axes()](x, this.outputSize);
  }

  protected kind(): string {
    return `AdaptiveMaxPool${this.axes()}d`;
  }
}

abstract class AdaptiveAvgPool extends AdaptivePool {
  forward(x: Tensor): Tensor {
    return adaptiveAvgPools[this.axes()](x, this.outputSize);
  }

  protected kind(): string {
    return `AdaptiveAvgPool${this.axes()}d`;
  }
}

/**
 * The largest number of each of `outputSize` windows that together cover the input: x `[b, c, size]`
 * gives `[b, c, outputSize]`, where a size of null keeps the input's; see `adaptiveMaxPool1d`.
 */
export class AdaptiveMaxPool1d extends AdaptiveMaxPool {
  protected axes(): 1 {
    return 1;
  }
}

/** As `AdaptiveMaxPool1d`, over two axes: x `[b, c, h, w]`. */
export class AdaptiveMaxPool2d extends AdaptiveMaxPool {
  protected axes(): 2 {
    return 2;
  }
}

/** As `AdaptiveMaxPool1d`, over three axes: x `[b, c, d, h, w]`. */
export class AdaptiveMaxPool3d extends AdaptiveMaxPool {
  protected axes(): 3 {
    return 3;
  }
}

/** The means of the windows of `AdaptiveMaxPool1d`. */
export class AdaptiveAvgPool1d extends AdaptiveAvgPool {
  protected axes(): 1 {
    return 1;
  }
}

/** As `AdaptiveAvgPool1d`, over two axes: x `[b, c, h, w]`. */
export class AdaptiveAvgPool2d extends AdaptiveAvgPool {
  protected axes(): 2 {
    return 2;
  }
}

/** As `AdaptiveAvgPool1d`, over three axes: x `[b, c, d, h, w]`. */
export class AdaptiveAvgPool3d extends AdaptiveAvgPool {
  protected axes(): 3 {
    return 3;
  }
}
