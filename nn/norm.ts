import {
  checkBoolean,
  checkInteger,
  checkNumber,
  checkShape,
  formatShape,
  sizeOf,
} from '../core/shape.js';
import { checkDimensions, onlyTensor, optionsOf } from '../ops/arguments.js';
import {
  ArgumentError,
  batchNorm,
  type DType,
  groupNorm,
  instanceNorm,
  layerNorm,
  mean,
  mul,
  noGrad,
  ones,
  rmsNorm,
  type Shape,
  ShapeError,
  type Tensor,
  variance,
  zeros,
} from '../ops/index.js';
import { Buffer } from './buffer.js';
import { changes } from './describe.js';
import { floatingDType } from './dtype.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';

/** A parameter that starts as ones or zeros; null where it is not `wanted`. */
const learnt = (fill: typeof ones, wanted: boolean, shape: Shape, dtype: DType) =>
  wanted ? new Parameter(fill(shape, { dtype })) : null;

/** The sizes of the last axes, given as one number or several. */
function lastSizes(op: string, given: number | Shape): number[] {
  const sizes = checkShape(op, typeof given === 'number' ? [given] : given);
  if (sizes.length > 0) return sizes;
  throw new ShapeError(`${op}: expected at least one size as normalizedShape, got []`);
}

export interface LayerNormOptions {
  /** Added to the variance: 1e-5 unless said otherwise. */
  eps?: number;
  /** Whether a weight, at first 1, and a bias, at first 0, are learnt: true unless said otherwise. */
  elementwiseAffine?: boolean;
  /** False for a weight without a bias. */
  bias?: boolean;
  dtype?: DType;
}

/**
 * Mean 0 and variance 1 over the last axes of x `[…, …normalizedShape]`, then times the weight and plus
 * the bias (Ba et al. 2016, arXiv 1607.06450, section 3); see `layerNorm`.
 */
export class LayerNorm extends Module {
  /** `normalizedShape`, or null. */
  readonly weight: Parameter | null;
  /** `normalizedShape`, or null. */
  readonly bias: Parameter | null;
  readonly normalizedShape: Shape;
  readonly eps: number;

  constructor(normalizedShape: number | Shape, options: LayerNormOptions = {}) {
    super();
    const given = optionsOf('LayerNorm', options, {
      eps: 1e-5,
      elementwiseAffine: true,
      bias: true,
      dtype: 'float32' as DType,
    });
    this.normalizedShape = lastSizes('LayerNorm', normalizedShape);
    this.eps = checkNumber('LayerNorm', 'eps', given.eps);
    const dtype = floatingDType('LayerNorm', given.dtype);
    const affine = checkBoolean('LayerNorm', 'elementwiseAffine', given.elementwiseAffine);
    const bias = checkBoolean('LayerNorm', 'bias', given.bias);
    this.weight = learnt(ones, affine, this.normalizedShape, dtype);
    this.bias = learnt(zeros, affine && bias, this.normalizedShape, dtype);
  }

  forward(x: Tensor): Tensor {
    return layerNorm(x, this.normalizedShape, this.weight, this.bias, { eps: this.eps });
  }

  protected override describe(): string {
    const elementwiseAffine = this.weight !== null;
    const notes = changes(
      { eps: this.eps, elementwiseAffine, bias: this.bias !== null },
      { eps: 1e-5, elementwiseAffine: true, bias: elementwiseAffine },
    );
    return `${formatShape(this.normalizedShape)}${notes}`;
  }
}

export interface RMSNormOptions {
  /** Added to the mean square: if null or left out, the gap between 1 and the next number of x's dtype. */
  eps?: number | null;
  /** Whether a weight, at first 1, is learnt: true unless said otherwise. */
  elementwiseAffine?: boolean;
  dtype?: DType;
}

/**
 * x / √(mean x² + eps) over the last axes of x `[…, …normalizedShape]`, then times the weight (Zhang and
 * Sennrich 2019, arXiv 1910.07467, section 4); see `rmsNorm`.
 */
export class RMSNorm extends Module {
  /** `normalizedShape`, or null. */
  readonly weight: Parameter | null;
  readonly normalizedShape: Shape;
  readonly eps: number | null;

  constructor(normalizedShape: number | Shape, options: RMSNormOptions = {}) {
    super();
    const given = optionsOf('RMSNorm', options, {
      eps: null as number | null,
      elementwiseAffine: true,
      dtype: 'float32' as DType,
    });
    this.normalizedShape = lastSizes('RMSNorm', normalizedShape);
    this.eps = given.eps === null ? null : checkNumber('RMSNorm', 'eps', given.eps);
    const dtype = floatingDType('RMSNorm', given.dtype);
    const affine = checkBoolean('RMSNorm', 'elementwiseAffine', given.elementwiseAffine);
    this.weight = learnt(ones, affine, this.normalizedShape, dtype);
  }

  forward(x: Tensor): Tensor {
    const { dtype } = onlyTensor('RMSNorm', 'the input', x);
    const eps = this.eps ?? (dtype === 'float64' ? 2 ** -52 : 2 ** -23);
    return rmsNorm(x, this.normalizedShape, this.weight, { eps });
  }

  protected override describe(): string {
    const notes = changes(
      { eps: this.eps, elementwiseAffine: this.weight !== null },
      { eps: null, elementwiseAffine: true },
    );
    return `${formatShape(this.normalizedShape)}${notes}`;
  }
}

export interface GroupNormOptions {
  /** Added to the variance: 1e-5 unless said otherwise. */
  eps?: number;
  /** Whether a weight, at first 1, and a bias, at first 0, are learnt: true unless said otherwise. */
  affine?: boolean;
  dtype?: DType;
}

/**
 * Mean 0 and variance 1 over each of `numGroups` groups of the channels of x `[b, numChannels, …]`, then
 * times the channel's weight and plus its bias (Wu and He 2018, arXiv 1803.08494, section 3.1); see
 * `groupNorm`.
 */
export class GroupNorm extends Module {
  /** `[numChannels]`, or null. */
  readonly weight: Parameter | null;
  /** `[numChannels]`, or null. */
  readonly bias: Parameter | null;
  readonly eps: number;

  /** Throws an `ArgumentError` unless `numGroups` divides `numChannels`. */
  constructor(
    readonly numGroups: number,
    readonly numChannels: number,
    options: GroupNormOptions = {},
  ) {
    super();
    const given = optionsOf('GroupNorm', options, {
      eps: 1e-5,
      affine: true,
      dtype: 'float32' as DType,
    });
    checkInteger('GroupNorm', 'numGroups', numGroups, 1);
    checkInteger('GroupNorm', 'numChannels', numChannels, 1);
    if (numChannels % numGroups !== 0) {
      throw new ArgumentError(
        `GroupNorm: expected groups that divide the channels, got ${numGroups} for ${numChannels}`,
      );
    }
    this.eps = checkNumber('GroupNorm', 'eps', given.eps);
    const dtype = floatingDType('GroupNorm', given.dtype);
    const affine = checkBoolean('GroupNorm', 'affine', given.affine);
    this.weight = learnt(ones, affine, [numChannels], dtype);
    this.bias = learnt(zeros, affine, [numChannels], dtype);
  }

  forward(x: Tensor): Tensor {
    return groupNorm(x, this.numGroups, this.weight, this.bias, { eps: this.eps });
  }

  protected override describe(): string {
    const notes = changes(
      { eps: this.eps, affine: this.weight !== null },
      { eps: 1e-5, affine: true },
    );
    return `${this.numGroups}, ${this.numChannels}${notes}`;
  }
}

export interface RunningNormOptions {
  /** Added to the variance: 1e-5 unless said otherwise. */
  eps?: number;
  /**
   * The share of new statistics in the running ones: 0.1 unless said otherwise. If null, those of a batch
   * norm are the mean over all batches so far, and those of an instance norm stay as they are.
   */
  momentum?: number | null;
  /** Whether a weight, at first 1, and a bias, at first 0, are learnt. */
  affine?: boolean;
  /** Whether training keeps running statistics, which evaluation then uses. */
  trackRunningStats?: boolean;
  dtype?: DType;
}

/** What batch and instance norms share: a weight and a bias a channel, and statistics kept of it. */
abstract class RunningNorm extends Module {
  /** `[numFeatures]`, or null. */
  readonly weight: Parameter | null;
  /** `[numFeatures]`, or null. */
  readonly bias: Parameter | null;
  /** `[numFeatures]`, at first 0; null where no statistics are kept. */
  readonly runningMean: Buffer | null;
  /** `[numFeatures]`, at first 1; null where no statistics are kept. */
  readonly runningVar: Buffer | null;
  /** How many batches a batch norm's running statistics have seen; null where none are kept. */
  readonly numBatchesTracked: Buffer | null;
  readonly eps: number;
  momentum: number | null;

  constructor(
    readonly numFeatures: number,
    options: RunningNormOptions = {},
  ) {
    super();
    const name = this.kind();
    const given = optionsOf(name, options, this.defaults());
    checkInteger(name, 'numFeatures', numFeatures, 1);
    this.eps = checkNumber(name, 'eps', given.eps);
    this.momentum = given.momentum === null ? null : checkNumber(name, 'momentum', given.momentum);
    const [shape, dtype] = [[numFeatures], floatingDType(name, given.dtype)];
    const affine = checkBoolean(name, 'affine', given.affine);
    const kept = checkBoolean(name, 'trackRunningStats', given.trackRunningStats);
    this.weight = learnt(ones, affine, shape, dtype);
    this.bias = learnt(zeros, affine, shape, dtype);
    this.runningMean = kept ? new Buffer(zeros(shape, { dtype })) : null;
    this.runningVar = kept ? new Buffer(ones(shape, { dtype })) : null;
    this.numBatchesTracked = kept ? new Buffer(zeros([], { dtype: 'int32' })) : null;
  }

  /** The class's name, for its errors. */
  protected abstract kind(): string;
  /** How many spatial axes there are. */
  protected abstract axes(): 1 | 2 | 3;
  protected abstract defaults(): Required<RunningNormOptions>;

  /** `input`, if it has the module's channels and `axes` spatial axes, or `fewest` if those are fewer. */
  protected checked(input: Tensor, fewest: number = this.axes()): Tensor {
    const x = onlyTensor(this.kind(), 'the input', input);
    checkDimensions(this.kind(), 'the input', x, fewest + 2, this.axes() + 2);
    if (x.shape[1] === this.numFeatures) return x;
    throw new ShapeError(
      `${this.kind()}: expected ${this.numFeatures} channels, got input ${formatShape(x.shape)}`,
    );
  }

  protected override describe(): string {
    const { dtype, ...defaults } = this.defaults();
    const notes = changes(
      {
        eps: this.eps,
        momentum: this.momentum,
        affine: this.weight !== null,
        trackRunningStats: this.runningMean !== null,
      },
      defaults,
    );
    return `${this.numFeatures}${notes}`;
  }
}

abstract class BatchNorm extends RunningNorm {
  forward(input: Tensor): Tensor {
    const x = this.checked(input, this.axes() === 1 ? 0 : this.axes());
    const { runningMean, runningVar, numBatchesTracked: seen, momentum } = this;
    const follows = this.training && seen !== null;
    const running = [runningMean, runningVar].filter((kept) => kept !== null);
    const before = follows && momentum === null ? running.map((kept) => kept.clone()) : [];
    const y = batchNorm(x, runningMean, runningVar, this.weight, this.bias, {
      training: this.training || runningMean === null,
      momentum: momentum ?? 1,
      eps: this.eps,
    });
    if (!follows) return y;
    noGrad(() => {
      // The mean over all batches, made where their count lies: a device need not be read for it.
      before.forEach((mean, i) => {
        running[i].add_(mean.mul(seen)).div_(seen.add(1));
      });
      seen.add_(1);
    });
    return y;
  }

  protected kind(): string {
    return `BatchNorm${this.axes()}d`;
  }

  protected defaults(): Required<RunningNormOptions> {
    const kept = { affine: true, trackRunningStats: true };
    return { eps: 1e-5, momentum: 0.1, ...kept, dtype: 'float32' };
  }
}

/**
 * Mean 0 and variance 1 of each channel of x `[b, numFeatures]` or `[b, numFeatures, size]` over the
 * batch and all places, then times its weight and plus its bias (Ioffe and Szegedy 2015, arXiv
 * 1502.03167, algorithm 1). Evaluation uses the running statistics, if any are kept; see `batchNorm`.
 */
export class BatchNorm1d extends BatchNorm {
  protected axes(): 1 {
    return 1;
  }
}

/** As `BatchNorm1d`, for x `[b, numFeatures, h, w]`. */
export class BatchNorm2d extends BatchNorm {
  protected axes(): 2 {
    return 2;
  }
}

/** As `BatchNorm1d`, for x `[b, numFeatures, d, h, w]`. */
export class BatchNorm3d extends BatchNorm {
  protected axes(): 3 {
    return 3;
  }
}

abstract class InstanceNorm extends RunningNorm {
  forward(input: Tensor): Tensor {
    const x = this.checked(input);
    const { weight, bias, runningMean, runningVar, eps } = this;
    if (!this.training && runningMean !== null) {
      return batchNorm(x, runningMean, runningVar, weight, bias, { eps });
    }
    if (sizeOf(x.shape, 2) < 2) {
      throw new ShapeError(
        `${this.kind()}: expected more than one number a channel, got input ${formatShape(x.shape)}`,
      );
    }
    if (runningMean !== null && runningVar !== null && x.size > 0) {
      const momentum = this.momentum ?? 0;
      const places = x.shape.map((_, axis) => axis).slice(2);
      // Each example has statistics of its own: the running ones follow their mean.
      noGrad(() => {
        runningMean.mul_(1 - momentum).add_(mul(mean(x, [0, ...places]), momentum));
        runningVar.mul_(1 - momentum).add_(mul(mean(variance(x, places), 0), momentum));
      });
    }
    return instanceNorm(x, weight, bias, { eps });
  }

  protected kind(): string {
    return `InstanceNorm${this.axes()}d`;
  }

  protected defaults(): Required<RunningNormOptions> {
    const kept = { affine: false, trackRunningStats: false };
    return { eps: 1e-5, momentum: 0.1, ...kept, dtype: 'float32' };
  }
}

/**
 * Mean 0 and variance 1 of each channel of each example of x `[b, numFeatures, size]` over its places,
 * then, if affine, times its weight and plus its bias (Ulyanov et al. 2016, arXiv 1607.08022). If
 * running statistics are kept, evaluation uses them; see `instanceNorm`.
 */
export class InstanceNorm1d extends InstanceNorm {
  protected axes(): 1 {
    return 1;
  }
}

/** As `InstanceNorm1d`, for x `[b, numFeatures, h, w]`. */
export class InstanceNorm2d extends InstanceNorm {
  protected axes(): 2 {
    return 2;
  }
}

/** As `InstanceNorm1d`, for x `[b, numFeatures, d, h, w]`. */
export class InstanceNorm3d extends InstanceNorm {
  protected axes(): 3 {
    return 3;
  }
}
