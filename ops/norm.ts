import { isFloating } from '../core/dtype.js';
import { ArgumentError, DTypeError, ShapeError } from '../core/errors.js';
import { noGrad } from '../core/mode.js';
import { compose } from '../core/op.js';
import {
  axesOf,
  checkBoolean,
  checkInteger,
  checkNumber,
  checkShape,
  type Dims,
  formatShape,
  type Shape,
  sameShape,
  show,
  sizeOf,
} from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { checkDimensions, floatingOf, onlyTensor, optionsOf } from './arguments.js';
import { add, div, maximum, mul, sub } from './binary.js';
import { cast } from './cast.js';
import { checkNotEmpty, mean, norm } from './reduce.js';
import { reshape } from './shape.js';
import { select } from './slice.js';
import { moments, standardize } from './standardize.js';
import { rsqrt, square } from './unary.js';

type Affine = Tensor | null | undefined;

/** x standardized over rows of `width` numbers, whatever its shape. */
const overRows = (x: Tensor, width: number, eps: number): Tensor =>
  reshape(standardize(reshape(x, [1, x.size / Math.max(width, 1), width]), eps), x.shape);

/** Checks weight and bias against `shape`; the function made computes x·weight + bias, laid out so. */
function affine(op: string, weight: Affine, bias: Affine, shape: Shape, layout: Shape) {
  const fit = (what: string, t: Affine): Tensor | null => {
    if (t === null || t === undefined) return null;
    if (sameShape(onlyTensor(op, `the ${what}`, t).shape, shape)) return reshape(t, layout);
    throw new ShapeError(
      `${op}: expected a ${what} ${formatShape(shape)}, got ${formatShape(t.shape)}`,
    );
  };
  const [factor, term] = [fit('weight', weight), fit('bias', bias)];
  return (x: Tensor): Tensor => {
    const y = factor === null ? x : mul(x, factor);
    return term === null ? y : add(y, term);
  };
}

/** Channels stand on axis 1: their vector's shape beside an input of `ndim` axes. */
const beside = (channels: number, ndim: number): number[] => [
  channels,
  ...new Array<number>(ndim - 2).fill(1),
];

/** The last axes of x, which must be `normalizedShape`. */
function lastAxes(op: string, x: Tensor, normalizedShape: Shape): number[] {
  const n = checkShape(op, normalizedShape).length;
  if (n < 1 || n > x.ndim || !sameShape(x.shape.slice(x.ndim - n), normalizedShape)) {
    throw new ShapeError(
      `${op}: expected an input ending in ${show(normalizedShape)}, got ${formatShape(x.shape)}`,
    );
  }
  return Array.from({ length: n }, (_, i) => x.ndim - n + i);
}

export interface NormOptions {
  /** Added to the variance, so that no division is by 0. */
  eps?: number;
}

const epsOf = (op: string, options: NormOptions): number =>
  checkNumber(op, 'eps', optionsOf(op, options, { eps: 1e-5 }).eps);

/** Mean 0 and variance 1 over the last axes, which are `normalizedShape` (Ba et al. 2016, arXiv 1607.06450). */
export const layerNorm = compose(
  'layerNorm',
  (
    input: Tensor,
    normalizedShape: Shape,
    weight?: Affine,
    bias?: Affine,
    options: NormOptions = {},
  ): Tensor => {
    const x = floatingOf('layerNorm', onlyTensor('layerNorm', 'the input', input));
    lastAxes('layerNorm', x, normalizedShape);
    const eps = epsOf('layerNorm', options);
    const scaled = affine('layerNorm', weight, bias, normalizedShape, normalizedShape);
    return scaled(overRows(x, sizeOf(normalizedShape), eps));
  },
);

/** x / √(mean x² + eps) over the last axes (Zhang and Sennrich 2019, arXiv 1910.07467). */
export const rmsNorm = compose(
  'rmsNorm',
  (input: Tensor, normalizedShape: Shape, weight?: Affine, options: NormOptions = {}): Tensor => {
    const x = floatingOf('rmsNorm', onlyTensor('rmsNorm', 'the input', input));
    const axes = lastAxes('rmsNorm', x, normalizedShape);
    const eps = epsOf('rmsNorm', options);
    const scaled = affine('rmsNorm', weight, null, normalizedShape, normalizedShape);
    return scaled(mul(x, rsqrt(add(mean(square(x), axes, true), eps))));
  },
);

/** Mean 0 and variance 1 over each of `numGroups` groups of channels of `[b, c, …]` (Wu and He 2018, arXiv 1803.08494). */
export const groupNorm = compose(
  'groupNorm',
  (
    input: Tensor,
    numGroups: number,
    weight?: Affine,
    bias?: Affine,
    options: NormOptions = {},
  ): Tensor => {
    const x = floatingOf('groupNorm', onlyTensor('groupNorm', 'the input', input));
    checkDimensions('groupNorm', 'the input', x, 2, Infinity);
    const channels = x.shape[1];
    checkInteger('groupNorm', 'numGroups', numGroups, 1);
    if (channels % numGroups !== 0) {
      throw new ShapeError(
        `groupNorm: ${channels} channels do not divide into ${numGroups} groups, input ${formatShape(x.shape)}`,
      );
    }
    const eps = epsOf('groupNorm', options);
    const scaled = affine('groupNorm', weight, bias, [channels], beside(channels, x.ndim));
    const width = x.shape.slice(2).reduce((a, b) => a * b, channels / numGroups);
    return scaled(overRows(x, width, eps));
  },
);

/** Mean 0 and variance 1 over the places of each channel of each example of `[b, c, …]` (Ulyanov et al. 2016, arXiv 1607.08022). */
export const instanceNorm = compose(
  'instanceNorm',
  (input: Tensor, weight?: Affine, bias?: Affine, options: NormOptions = {}): Tensor => {
    const x = floatingOf('instanceNorm', onlyTensor('instanceNorm', 'the input', input));
    checkDimensions('instanceNorm', 'the input', x, 3, Infinity);
    const eps = epsOf('instanceNorm', options);
    const channels = x.shape[1];
    const scaled = affine('instanceNorm', weight, bias, [channels], beside(channels, x.ndim));
    return scaled(overRows(x, sizeOf(x.shape.slice(2)), eps));
  },
);

export interface BatchNormOptions extends NormOptions {
  /** Use the batch's own statistics, and let the running ones follow. */
  training?: boolean;
  /** The share of the new statistics in the running ones. */
  momentum?: number;
}

/**
 * Mean 0 and variance 1 of each channel of `[b, c, …]` over the batch and all places (Ioffe and Szegedy
 * 2015, arXiv 1502.03167). Training uses the batch's statistics (the variance biased) and updates the
 * running ones in place (the variance unbiased); otherwise the running ones are used.
 */
export const batchNorm = compose(
  'batchNorm',
  (
    input: Tensor,
    runningMean: Tensor | null,
    runningVar: Tensor | null,
    weight?: Affine,
    bias?: Affine,
    options: BatchNormOptions = {},
  ): Tensor => {
    const x = floatingOf('batchNorm', onlyTensor('batchNorm', 'the input', input));
    checkDimensions('batchNorm', 'the input', x, 2, Infinity);
    const given = optionsOf('batchNorm', options, { training: false, momentum: 0.1, eps: 1e-5 });
    const channels = x.shape[1];
    const layout = beside(channels, x.ndim);
    const running = [runningMean, runningVar].map((t, i) => {
      const what = i === 0 ? 'runningMean' : 'runningVar';
      if (t === null || t === undefined) return null;
      if (!sameShape(onlyTensor('batchNorm', what, t).shape, [channels])) {
        throw new ShapeError(
          `batchNorm: expected a ${what} [${channels}], got ${formatShape(t.shape)}`,
        );
      }
      if (isFloating(t.dtype)) return t;
      throw new DTypeError(`batchNorm: expected a ${what} of real numbers, got ${t.dtype}`);
    });
    const [keptMean, keptVar] = running;
    const eps = checkNumber('batchNorm', 'eps', given.eps);
    const momentum = checkNumber('batchNorm', 'momentum', given.momentum);
    const scaled = affine('batchNorm', weight, bias, [channels], layout);
    const finish = (m: Tensor, v: Tensor): Tensor =>
      scaled(mul(sub(x, reshape(m, layout)), rsqrt(add(reshape(v, layout), eps))));
    if (!checkBoolean('batchNorm', 'training', given.training)) {
      if (keptMean !== null && keptVar !== null) return finish(keptMean, keptVar);
      throw new ArgumentError('batchNorm: expected running statistics outside training, got none');
    }
    const count = x.size / channels;
    if (!(count > 1)) {
      throw new ShapeError(
        `batchNorm: expected more than one number a channel in training, got input ${formatShape(x.shape)}`,
      );
    }
    const groups = reshape(x, [x.shape[0], channels, sizeOf(x.shape.slice(2))]);
    noGrad(() => {
      if (keptMean === null && keptVar === null) return;
      const both = moments(groups);
      const follow = (kept: Tensor | null, now: Tensor): void => {
        if (kept === null) return;
        kept.copy_(cast(add(mul(kept, 1 - momentum), mul(now, momentum)), kept.dtype));
      };
      follow(keptMean, select(both, 0, 0));
      follow(keptVar, mul(select(both, 0, 1), count / (count - 1)));
    });
    return scaled(reshape(standardize(groups, eps), x.shape));
  },
);

export interface NormalizeOptions extends NormOptions {
  p?: number;
  dim?: Dims;
}

/** x / max(‖x‖ₚ, eps) along `dim` = 1, with p = 2 and eps = 1e-12 unless said otherwise. */
export const normalize = compose(
  'normalize',
  (input: Tensor, options: NormalizeOptions = {}): Tensor => {
    const x = floatingOf('normalize', onlyTensor('normalize', 'the input', input));
    const given = optionsOf('normalize', options, { p: 2, dim: 1 as Dims, eps: 1e-12 });
    const axes = axesOf('normalize', given.dim, x.ndim);
    const [p, eps] = [
      checkNumber('normalize', 'p', given.p),
      checkNumber('normalize', 'eps', given.eps),
    ];
    if (Math.abs(p) === Infinity) checkNotEmpty('normalize', x, axes);
    return div(x, maximum(norm(x, axes, true, p), eps));
  },
);
