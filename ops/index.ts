/** `lambdagrad`: the core and every op, as functions and, where they read well, as methods. */
import './methods.js';

export * from '../core/index.js';
export {
  type AdaptiveSize,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
} from './adaptive-pool.js';
export type { TensorLike } from './arguments.js';
export { type AttentionOptions, scaledDotProductAttention } from './attention.js';
export { add, atan2, div, lerp, maximum, minimum, mul, pow, sub } from './binary.js';
export { expand } from './broadcast.js';
export { cast } from './cast.js';
export { eq, ge, gt, le, logicalAnd, logicalOr, lt, ne } from './compare.js';
export {
  type ConvOptions,
  type ConvTransposeOptions,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  type PerAxis,
} from './conv.js';
export {
  arange,
  empty,
  emptyLike,
  eye,
  full,
  fullLike,
  linspace,
  oneHot,
  ones,
  onesLike,
  rand,
  randint,
  randLike,
  randn,
  randnLike,
  randperm,
  zeros,
  zerosLike,
} from './create.js';
export { hessian, jacobian } from './derivatives.js';
export { dropout } from './dropout.js';
export { einsum, einsumPath } from './einsum/einsum.js';
export type { PathInfo } from './einsum/path.js';
export {
  argsort,
  embedding,
  gather,
  indexSelect,
  type Sorted,
  scatterAdd,
  sort,
  topk,
} from './gather.js';
export { index, type Selector } from './index-by.js';
export { type LambdaOptions, lambdaLayer } from './lambda.js';
export { relativeEmbeddings } from './lambda-positions.js';
export {
  type BinaryLossOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  type ClassLossOptions,
  type CrossEntropyOptions,
  cosineSimilarity,
  crossEntropy,
  huberLoss,
  type KlDivOptions,
  klDiv,
  type LogitLossOptions,
  type LossOptions,
  type LossReduction,
  l1Loss,
  mseLoss,
  nllLoss,
  smoothL1Loss,
} from './loss.js';
export { bmm, dot, linear, matmul, outer, tensordot } from './matmul.js';
export {
  type BatchNormOptions,
  batchNorm,
  groupNorm,
  instanceNorm,
  layerNorm,
  type NormalizeOptions,
  type NormOptions,
  normalize,
  rmsNorm,
} from './norm.js';
export { type PadMode, pad } from './pad.js';
export {
  type AvgPoolOptions,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type MaxPoolOptions,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  type UnfoldOptions,
  unfold,
} from './pool.js';
export {
  all,
  amax,
  amin,
  any,
  argmax,
  argmin,
  logsumexp,
  max,
  mean,
  min,
  norm,
  prod,
  std,
  sum,
  variance,
  variance as var,
} from './reduce.js';
export { type InterpolateOptions, interpolate } from './resize.js';
export { cumprod, cumsum, recurrence } from './scan.js';
export {
  cat,
  chunk,
  flatten,
  flip,
  permute,
  repeat,
  reshape,
  roll,
  split,
  squeeze,
  stack,
  transpose,
  unsqueeze,
} from './shape.js';
export { diagonal, narrow, select, slice, trace, tril, triu } from './slice.js';
export { logSoftmax, softmax } from './softmax.js';
export {
  abs,
  acos,
  asin,
  atan,
  ceil,
  clamp,
  cos,
  cosh,
  elu,
  erf,
  exp,
  expm1,
  floor,
  gelu,
  hardtanh,
  isfinite,
  isinf,
  isnan,
  leakyRelu,
  log,
  log1p,
  log2,
  logicalNot,
  logSigmoid,
  mish,
  neg,
  reciprocal,
  relu,
  round,
  rsqrt,
  selu,
  sigmoid,
  sign,
  silu,
  sin,
  sinh,
  softplus,
  softsign,
  sqrt,
  square,
  tan,
  tanh,
} from './unary.js';
export { maskedFill, where } from './where.js';
