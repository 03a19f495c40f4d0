import { checkBoolean, checkInteger, show } from '../core/shape.js';
import { checkDimensions, onlyTensor, optionsOf } from '../ops/arguments.js';
import { perAxis } from '../ops/conv.js';
import {
  ArgumentError,
  type AvgPoolOptions,
  adaptiveAvgPool2d,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type MaxPoolOptions,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  type PerAxis,
  squeeze,
  type Tensor,
  unsqueeze,
} from '../ops/index.js';
import { changes } from './describe.js';
import { Module } from './module.js';

const maxPools = { 1: maxPool1d, 2: maxPool2d, 3: maxPool3d };
const avgPools = { 1: avgPool1d, 2: avgPool2d, 3: avgPool3d };

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

/** The largest number under each window: x `[b, c, size]` gives `[b, c, places]`; see `maxPool1d`. */
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

/**
 * Means over `outputSize` windows that together cover the input: x `[b, c, size]` gives
 * `[b, c, outputSize]`, the windows lying as `adaptiveAvgPool2d` says.
 */
export class AdaptiveAvgPool1d extends Module {
  constructor(readonly outputSize: number) {
    super();
    checkInteger('AdaptiveAvgPool1d', 'outputSize', outputSize, 1);
  }

  forward(input: Tensor): Tensor {
    const x = onlyTensor('AdaptiveAvgPool1d', 'the input', input);
    checkDimensions('AdaptiveAvgPool1d', 'the input', x, 3);
    return squeeze(adaptiveAvgPool2d(unsqueeze(x, 2), [1, this.outputSize]), 2);
  }

  protected override describe(): string {
    return `${this.outputSize}`;
  }
}

/**
 * Means over a grid of windows that together cover the input: x `[b, c, h, w]` gives
 * `[b, c, …outputSize]`, where a size of null keeps the input's; see `adaptiveAvgPool2d`.
 */
export class AdaptiveAvgPool2d extends Module {
  private readonly sizes: readonly (number | null)[];

  constructor(readonly outputSize: number | null | readonly (number | null)[]) {
    super();
    this.sizes = Array.isArray(outputSize) ? [...outputSize] : [outputSize, outputSize];
    if (this.sizes.length !== 2) {
      throw new ArgumentError(
        `AdaptiveAvgPool2d: expected one size or two as outputSize, got ${show(outputSize)}`,
      );
    }
    for (const n of this.sizes) {
      if (n !== null) checkInteger('AdaptiveAvgPool2d', 'outputSize', n, 1);
    }
  }

  forward(input: Tensor): Tensor {
    const x = onlyTensor('AdaptiveAvgPool2d', 'the input', input);
    checkDimensions('AdaptiveAvgPool2d', 'the input', x, 4);
    return adaptiveAvgPool2d(
      x,
      this.sizes.map((n, i) => n ?? x.shape[i + 2]),
    );
  }

  protected override describe(): string {
    return show(this.outputSize);
  }
}
