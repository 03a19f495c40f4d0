import type { Tensor } from '../../../ops/index.js';
import * as lg from '../../../ops/index.js';
import type { Arguments } from '../arguments.js';
import { optional, type Result, type Row, type Rows } from './row.js';

type Conv = typeof lg.conv2d;
type ConvTranspose = typeof lg.convTranspose2d;

const conv =
  (f: Conv): Row =>
  ([x, weight, bias], a) =>
    f(x, weight, optional(bias, a, 'bias', x), {
      stride: a.perAxis('stride', 1),
      padding: a.padding(),
      dilation: a.perAxis('dilation', 1),
      groups: a.number('groups', 1),
    });

const convTranspose =
  (f: ConvTranspose): Row =>
  ([x, weight, bias], a) =>
    f(x, weight, optional(bias, a, 'bias', x), {
      stride: a.perAxis('stride', 1),
      padding: a.perAxis('padding', 0),
      outputPadding: a.perAxis('output_padding', 0),
      dilation: a.perAxis('dilation', 1),
      groups: a.number('groups', 1),
    });

const maxPool =
  (f: typeof lg.maxPool2d): Row =>
  ([x], a) => {
    const kernel = a.perAxis('kernel_size');
    a.only('return_indices', false);
    return f(x, kernel, {
      stride: a.perAxis('stride', kernel),
      padding: a.perAxis('padding', 0),
      dilation: a.perAxis('dilation', 1),
      ceilMode: a.boolean('ceil_mode', false),
    });
  };

const avgPool =
  (f: typeof lg.avgPool2d): Row =>
  ([x], a) => {
    const kernel = a.perAxis('kernel_size');
    a.only('divisor_override', null);
    return f(x, kernel, {
      stride: a.perAxis('stride', kernel),
      padding: a.perAxis('padding', 0),
      ceilMode: a.boolean('ceil_mode', false),
      countIncludePad: a.boolean('count_include_pad', true),
    });
  };

const interpolate: Row = ([x], a) => {
  a.only('recompute_scale_factor', null);
  a.only('antialias', false);
  return lg.interpolate(x, {
    size: a.perAxis('size', null),
    scaleFactor: a.perAxis('scale_factor', null),
    mode: a.oneOf('mode', ['nearest', 'bilinear'], 'nearest'),
    alignCorners: a.boolean('align_corners', false),
  });
};

/** Weight and bias are the next inputs, or arguments, or missing. */
const affine = (
  x: Tensor,
  rest: readonly Tensor[],
  a: Arguments,
): [Tensor | null, Tensor | null] => [
  optional(rest[0], a, 'weight', x),
  optional(rest[1], a, 'bias', x),
];

const batchNorm: Row = ([x, ...rest], a) => {
  const mean = a.tensor('running_mean/running_mean_before', x);
  const variance = a.tensor('running_var/running_var_before', x);
  const [weight, bias] = affine(x, rest, a);
  const y = lg.batchNorm(x, mean, variance, weight, bias, {
    training: a.boolean('training', false),
    momentum: a.number('momentum', 0.1),
    eps: a.number('eps', 1e-5),
  });
  if (mean === null || variance === null) return y;
  return { outputs: [y], after: { running_mean_after: mean, running_var_after: variance } };
};

const instanceNorm: Row = ([x, ...rest], a) => {
  a.only('running_mean', null);
  a.only('running_var', null);
  a.only('use_input_stats', true);
  // Only running statistics have a momentum.
  a.without('momentum');
  const [weight, bias] = affine(x, rest, a);
  return lg.instanceNorm(x, weight, bias, { eps: a.number('eps', 1e-5) });
};

const layerNorm: Row = ([x, ...rest], a) => {
  const sizes = [a.numberOrList('normalized_shape')].flat();
  const [weight, bias] = affine(x, rest, a);
  return lg.layerNorm(x, sizes, weight, bias, { eps: a.number('eps', 1e-5) });
};

const EPSILON = { float64: 2 ** -52, float32: 2 ** -23, int32: 0, bool: 0 } as const;

const rmsNorm: Row = ([x, weight], a) => {
  const sizes = [a.numberOrList('normalized_shape')].flat();
  const eps = a.number('eps', EPSILON[x.dtype]);
  return lg.rmsNorm(x, sizes, optional(weight, a, 'weight', x), { eps });
};

const groupNorm: Row = ([x, ...rest], a) => {
  const groups = a.number('num_groups');
  const [weight, bias] = affine(x, rest, a);
  return lg.groupNorm(x, groups, weight, bias, { eps: a.number('eps', 1e-5) });
};

const attention: Row = ([query, key, value, mask], a): Result => {
  a.only('enable_gqa', false);
  return lg.scaledDotProductAttention(query, key, value, {
    mask: optional(mask, a, 'attn_mask', query),
    isCausal: a.boolean('is_causal', false),
    dropout: a.number('dropout_p', 0),
    scale: a.number('scale', null),
  });
};

const dropout: Row = ([x], a) => {
  a.without('inplace');
  return lg.dropout(x, a.number('p', 0.5), { training: a.boolean('training', true) });
};

const adaptivePool =
  (f: typeof lg.adaptiveAvgPool2d, axes: number): Row =>
  ([x], a) =>
    f(x, a.openList('output_size', axes));

const adaptiveMaxPool =
  (f: typeof lg.adaptiveMaxPool2d, axes: number): Row =>
  (inputs, a) => {
    a.only('return_indices', false);
    return adaptivePool(f, axes)(inputs, a);
  };

export const network: Rows = {
  conv1d: conv(lg.conv1d),
  conv2d: conv(lg.conv2d),
  conv3d: conv(lg.conv3d),
  conv_transpose1d: convTranspose(lg.convTranspose1d),
  conv_transpose2d: convTranspose(lg.convTranspose2d),
  conv_transpose3d: convTranspose(lg.convTranspose3d),
  max_pool1d: maxPool(lg.maxPool1d),
  max_pool2d: maxPool(lg.maxPool2d),
  max_pool3d: maxPool(lg.maxPool3d),
  avg_pool1d: avgPool(lg.avgPool1d),
  avg_pool2d: avgPool(lg.avgPool2d),
  avg_pool3d: avgPool(lg.avgPool3d),
  adaptive_avg_pool1d: adaptivePool(lg.adaptiveAvgPool1d, 1),
  adaptive_avg_pool2d: adaptivePool(lg.adaptiveAvgPool2d, 2),
  adaptive_avg_pool3d: adaptivePool(lg.adaptiveAvgPool3d, 3),
  adaptive_max_pool1d: adaptiveMaxPool(lg.adaptiveMaxPool1d, 1),
  adaptive_max_pool2d: adaptiveMaxPool(lg.adaptiveMaxPool2d, 2),
  adaptive_max_pool3d: adaptiveMaxPool(lg.adaptiveMaxPool3d, 3),
  interpolate,
  upsample: interpolate,
  layer_norm: layerNorm,
  rms_norm: rmsNorm,
  group_norm: groupNorm,
  batch_norm: batchNorm,
  instance_norm: instanceNorm,
  normalize: ([x], a) =>
    lg.normalize(x, {
      p: a.number('p', 2),
      dim: a.numberOrList('dim', 1),
      eps: a.number('eps', 1e-12),
    }),
  scaled_dot_product_attention: attention,
  dropout,
};
