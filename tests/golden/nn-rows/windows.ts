import * as nn from '../../../nn/index.js';
import type { PerAxis } from '../../../ops/index.js';
import type { Arguments } from '../arguments.js';
import { type Applied, dtype, ofOne, type Rows } from './applied.js';

type Layer = Parameters<typeof ofOne>[0];
type Made<Args extends unknown[]> = new (...args: Args) => Layer;

/** The settings that a convolution and its transpose share. */
const filters = (a: Arguments) => ({
  stride: a.perAxis('stride', 1),
  dilation: a.perAxis('dilation', 1),
  groups: a.number('groups', 1),
  bias: a.boolean('bias', true),
});

const channels = (a: Arguments): [number, number, PerAxis] => [
  a.number('in_channels'),
  a.number('out_channels'),
  a.perAxis('kernel_size'),
];

const conv =
  (Conv: Made<ConstructorParameters<typeof nn.Conv2d>>) =>
  (a: Arguments): Applied =>
    ofOne(
      new Conv(...channels(a), {
        ...filters(a),
        dtype,
        padding: a.padding(),
        paddingMode: a.oneOf(
          'padding_mode',
          ['zeros', 'reflect', 'replicate', 'circular'],
          'zeros',
        ),
      }),
    );

const convTranspose =
  (Conv: Made<ConstructorParameters<typeof nn.ConvTranspose2d>>) =>
  (a: Arguments): Applied => {
    a.only('padding_mode', 'zeros');
    return ofOne(
      new Conv(...channels(a), {
        ...filters(a),
        dtype,
        padding: a.perAxis('padding', 0),
        outputPadding: a.perAxis('output_padding', 0),
      }),
    );
  };

const maxPool =
  (Pool: Made<ConstructorParameters<typeof nn.MaxPool2d>>) =>
  (a: Arguments): Applied => {
    a.only('return_indices', false);
    const kernel = a.perAxis('kernel_size');
    return ofOne(
      new Pool(kernel, {
        stride: a.perAxis('stride', kernel),
        padding: a.perAxis('padding', 0),
        dilation: a.perAxis('dilation', 1),
        ceilMode: a.boolean('ceil_mode', false),
      }),
    );
  };

const avgPool =
  (Pool: Made<ConstructorParameters<typeof nn.AvgPool2d>>) =>
  (a: Arguments): Applied => {
    a.only('divisor_override', null);
    const kernel = a.perAxis('kernel_size');
    return ofOne(
      new Pool(kernel, {
        stride: a.perAxis('stride', kernel),
        padding: a.perAxis('padding', 0),
        ceilMode: a.boolean('ceil_mode', false),
        countIncludePad: a.boolean('count_include_pad', true),
      }),
    );
  };

const adaptivePool =
  (Pool: Made<ConstructorParameters<typeof nn.AdaptiveAvgPool2d>>, axes: number) =>
  (a: Arguments): Applied =>
    ofOne(new Pool(a.openList('output_size', axes)));

const adaptiveMaxPool =
  (Pool: Made<ConstructorParameters<typeof nn.AdaptiveMaxPool2d>>, axes: number) =>
  (a: Arguments): Applied => {
    a.only('return_indices', false);
    return adaptivePool(Pool, axes)(a);
  };

const runningNorm =
  (Norm: Made<ConstructorParameters<typeof nn.BatchNorm2d>>, kept: boolean) =>
  (a: Arguments): Applied =>
    ofOne(
      new Norm(a.number('num_features'), {
        eps: a.number('eps', 1e-5),
        momentum: a.number('momentum', 0.1),
        affine: a.boolean('affine', kept),
        trackRunningStats: a.boolean('track_running_stats', kept),
        dtype,
      }),
    );

/** PyTorch's convolutions, pooling and norms as they are made here. */
export const windows: Rows = {
  Conv1d: conv(nn.Conv1d),
  Conv2d: conv(nn.Conv2d),
  Conv3d: conv(nn.Conv3d),
  ConvTranspose1d: convTranspose(nn.ConvTranspose1d),
  ConvTranspose2d: convTranspose(nn.ConvTranspose2d),
  ConvTranspose3d: convTranspose(nn.ConvTranspose3d),
  MaxPool1d: maxPool(nn.MaxPool1d),
  MaxPool2d: maxPool(nn.MaxPool2d),
  MaxPool3d: maxPool(nn.MaxPool3d),
  AvgPool1d: avgPool(nn.AvgPool1d),
  AvgPool2d: avgPool(nn.AvgPool2d),
  AvgPool3d: avgPool(nn.AvgPool3d),
  AdaptiveAvgPool1d: adaptivePool(nn.AdaptiveAvgPool1d, 1),
  AdaptiveAvgPool2d: adaptivePool(nn.AdaptiveAvgPool2d, 2),
  AdaptiveAvgPool3d: adaptivePool(nn.AdaptiveAvgPool3d, 3),
  AdaptiveMaxPool1d: adaptiveMaxPool(nn.AdaptiveMaxPool1d, 1),
  AdaptiveMaxPool2d: adaptiveMaxPool(nn.AdaptiveMaxPool2d, 2),
  AdaptiveMaxPool3d: adaptiveMaxPool(nn.AdaptiveMaxPool3d, 3),
  BatchNorm1d: runningNorm(nn.BatchNorm1d, true),
  BatchNorm2d: runningNorm(nn.BatchNorm2d, true),
  BatchNorm3d: runningNorm(nn.BatchNorm3d, true),
  InstanceNorm1d: runningNorm(nn.InstanceNorm1d, false),
  InstanceNorm2d: runningNorm(nn.InstanceNorm2d, false),
  InstanceNorm3d: runningNorm(nn.InstanceNorm3d, false),
  LayerNorm: (a) =>
    ofOne(
      new nn.LayerNorm([a.numberOrList('normalized_shape')].flat(), {
        eps: a.number('eps', 1e-5),
        elementwiseAffine: a.boolean('elementwise_affine', true),
        bias: a.boolean('bias', true),
        dtype,
      }),
    ),
  RMSNorm: (a) =>
    ofOne(
      new nn.RMSNorm([a.numberOrList('normalized_shape')].flat(), {
        eps: a.number('eps', null),
        elementwiseAffine: a.boolean('elementwise_affine', true),
        dtype,
      }),
    ),
  GroupNorm: (a) =>
    ofOne(
      new nn.GroupNorm(a.number('num_groups'), a.number('num_channels'), {
        eps: a.number('eps', 1e-5),
        affine: a.boolean('affine', true),
        dtype,
      }),
    ),
};
