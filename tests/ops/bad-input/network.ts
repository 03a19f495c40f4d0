import { ArgumentError, ones, ShapeError } from '../../../ops/index.js';
import { filter, images, lg, matrix, vector, type Wrong } from './wrong.js';

export const network: readonly Wrong[] = [
  [
    () => lg.conv2d(ones([2, 3, 32, 32]), ones([8, 4, 3, 3])),
    ShapeError,
    'conv2d: weight [8, 4, 3, 3] needs 4 input channels per group, input [2, 3, 32, 32] has 3 (groups = 1)',
  ],
  [
    () => lg.conv2d(ones([2, 4, 32, 32]), ones([8, 4, 3, 3]), null, { groups: 2 }),
    ShapeError,
    'conv2d: weight [8, 4, 3, 3] needs 4 input channels per group, input [2, 4, 32, 32] has 2 (groups = 2)',
  ],
  [
    () => lg.conv2d(ones([2, 4, 32, 32]), ones([9, 2, 3, 3]), null, { groups: 2 }),
    ShapeError,
    'conv2d: weight [9, 2, 3, 3] does not divide into 2 groups',
  ],
  [
    () => lg.conv2d(images, ones([4, 3, 3])),
    ShapeError,
    'conv2d: expected 4 dimensions of the weight, got shape [4, 3, 3]',
  ],
  [
    () => lg.conv2d(ones([8, 8]), filter),
    ShapeError,
    'conv2d: expected 3 or 4 dimensions of the input, got shape [8, 8]',
  ],
  [
    () => lg.conv2d(ones([4, 8, 8]), filter),
    ShapeError,
    'conv2d: weight [4, 3, 3, 3] needs 3 input channels per group, input [4, 8, 8] has 4 (groups = 1)',
  ],
  [
    () => lg.conv1d(images, filter),
    ShapeError,
    'conv1d: expected 2 or 3 dimensions of the input, got shape [2, 3, 8, 8]',
  ],
  [
    () => lg.conv3d(images, filter),
    ShapeError,
    'conv3d: expected 5 dimensions of the weight, got shape [4, 3, 3, 3]',
  ],
  [
    () => lg.conv2d(images, ones([4, 3, 9, 3])),
    ShapeError,
    'conv2d: kernel [9, 3] (dilation [1, 1]) is larger than the padded input [8, 8]',
  ],
  [
    () => lg.conv2d(images, ones([4, 3, 0, 3])),
    ShapeError,
    'conv2d: expected a kernel of at least one element, got [4, 3, 0, 3]',
  ],
  [() => lg.conv2d(images, filter, vector), ShapeError, 'conv2d: expected a bias [4], got [3]'],
  [
    () => lg.conv2d(images, filter, 1),
    ArgumentError,
    'conv2d: expected a tensor as the bias, got 1',
  ],
  [
    () => lg.conv2d(images, filter, { stride: 2 }),
    ArgumentError,
    'conv2d: expected a tensor as the bias, got an object',
  ],
  [
    () => lg.conv2d(images, filter, null, { stride: 0 }),
    ArgumentError,
    'conv2d: expected an integer of at least 1 as the stride, got 0',
  ],
  [
    () => lg.conv2d(images, filter, null, { stride: [1, 1, 1] }),
    ArgumentError,
    'conv2d: expected 2 numbers as the stride, one a spatial axis, got [1, 1, 1]',
  ],
  [
    () => lg.conv2d(images, filter, null, { padding: -1 }),
    ArgumentError,
    'conv2d: expected an integer of at least 0 as the padding, got -1',
  ],
  [
    () => lg.conv2d(images, filter, null, { padding: 'full' }),
    ArgumentError,
    `conv2d: expected numbers, 'same' or 'valid' as padding, got 'full'`,
  ],
  [
    () => lg.conv2d(images, filter, null, { padding: 'same', stride: 2 }),
    ArgumentError,
    `conv2d: padding 'same' expects a stride of 1, got [2, 2]`,
  ],
  [
    () => lg.conv2d(images, filter, null, { dilation: 1.5 }),
    ArgumentError,
    'conv2d: expected an integer of at least 1 as the dilation, got 1.5',
  ],
  [
    () => lg.conv2d(images, filter, null, { groups: 0 }),
    ArgumentError,
    'conv2d: expected an integer of at least 1 as groups, got 0',
  ],
  [
    () => lg.conv2d(images, filter, null, { strides: 2 }),
    ArgumentError,
    `conv2d: expected options stride, padding, dilation, groups, got 'strides'`,
  ],
  [
    () => lg.conv2d(images, [[[[1]]]]),
    ArgumentError,
    'conv2d: expected a tensor as the weight, got [[[[1]]]]',
  ],
  [
    () => lg.conv2d(images, filter, null, { padding: 65536 }),
    ShapeError,
    'conv2d: shape [2, 4, 131078, 131078] has more than 2147483647 numbers',
  ],
  [
    () => lg.convTranspose1d(images, filter),
    ShapeError,
    'convTranspose1d: expected 2 or 3 dimensions of the input, got shape [2, 3, 8, 8]',
  ],
  [
    () => lg.convTranspose3d(matrix, filter),
    ShapeError,
    'convTranspose3d: expected 4 or 5 dimensions of the input, got shape [2, 3]',
  ],
  [
    () => lg.convTranspose2d(images, filter),
    ShapeError,
    'convTranspose2d: weight [4, 3, 3, 3] needs 4 input channels, input [2, 3, 8, 8] has 3 (groups = 1)',
  ],
  [
    () => lg.convTranspose2d(images, ones([3, 4, 3, 3]), null, { groups: 2 }),
    ShapeError,
    'convTranspose2d: weight [3, 4, 3, 3] does not divide into 2 groups',
  ],
  [
    () => lg.convTranspose2d(images, ones([3, 4, 3, 3]), null, { outputPadding: 1 }),
    ArgumentError,
    'convTranspose2d: expected an output padding below the stride [1, 1] or the dilation [1, 1], got [1, 1]',
  ],
  [
    () => lg.convTranspose2d(images, ones([3, 4, 3, 3]), null, { padding: 'same' }),
    ArgumentError,
    `convTranspose2d: expected an integer of at least 0 as the padding, got 'same'`,
  ],
  [
    () => lg.convTranspose2d(ones([3, 8, 8]), filter),
    ShapeError,
    'convTranspose2d: weight [4, 3, 3, 3] needs 4 input channels, input [3, 8, 8] has 3 (groups = 1)',
  ],
  [
    () => lg.convTranspose2d(images, ones([3, 4, 3, 3]), null, { padding: 5 }),
    ShapeError,
    'convTranspose2d: input [2, 3, 8, 8] gives an output of sizes [0, 0]',
  ],
  [
    () => lg.convTranspose2d(images, ones([3, 4, 3, 3]), vector),
    ShapeError,
    'convTranspose2d: expected a bias [4], got [3]',
  ],
  [
    () => lg.maxPool2d(images),
    ArgumentError,
    'maxPool2d: expected an integer of at least 1 as the kernel size, got undefined',
  ],
  [
    () => lg.maxPool2d(matrix, 2),
    ShapeError,
    'maxPool2d: expected 3 or 4 dimensions of the input, got shape [2, 3]',
  ],
  [
    () => lg.maxPool2d(images, 0),
    ArgumentError,
    'maxPool2d: expected an integer of at least 1 as the kernel size, got 0',
  ],
  [
    () => lg.maxPool2d(ones([3, 8, 8]), 9),
    ShapeError,
    'maxPool2d: window [9, 9] is larger than the padded input [3, 8, 8]',
  ],
  [
    () => lg.maxPool2d(images, 9),
    ShapeError,
    'maxPool2d: window [9, 9] is larger than the padded input [2, 3, 8, 8]',
  ],
  [
    () => lg.maxPool2d(images, 2, { padding: 2 }),
    ArgumentError,
    'maxPool2d: expected a padding of at most half the kernel [2, 2], got [2, 2]',
  ],
  [
    () => lg.maxPool2d(images, 2, { countIncludePad: true }),
    ArgumentError,
    `maxPool2d: expected options stride, padding, dilation, ceilMode, got 'countIncludePad'`,
  ],
  [
    () => lg.maxPool2d(images, 2, 2),
    ArgumentError,
    'maxPool2d: expected an object of options (stride, padding, dilation, ceilMode), got 2',
  ],
  [
    () => lg.maxPool2d(images, [2]),
    ArgumentError,
    'maxPool2d: expected 2 numbers as the kernel size, one a spatial axis, got [2]',
  ],
  [
    () => lg.maxPool1d(ones([1, 1, 3]), 2, { padding: 1, dilation: 4 }),
    ShapeError,
    'maxPool1d: a window [2] lies in the padding alone, input [1, 1, 3]',
  ],
  [
    () => lg.maxPool3d(matrix, 2),
    ShapeError,
    'maxPool3d: expected 4 or 5 dimensions of the input, got shape [2, 3]',
  ],
  [
    () => lg.avgPool2d(images, 2, { dilation: 2 }),
    ArgumentError,
    `avgPool2d: expected options stride, padding, ceilMode, countIncludePad, got 'dilation'`,
  ],
  [
    () => lg.avgPool2d(images, 2, { ceilMode: 1 }),
    ArgumentError,
    'avgPool2d: expected true or false as ceilMode, got 1',
  ],
  [
    () => lg.avgPool1d(images, 2),
    ShapeError,
    'avgPool1d: expected 2 or 3 dimensions of the input, got shape [2, 3, 8, 8]',
  ],
  [
    () => lg.avgPool3d(matrix, 2),
    ShapeError,
    'avgPool3d: expected 4 or 5 dimensions of the input, got shape [2, 3]',
  ],
  [
    () => lg.unfold(matrix, 2),
    ShapeError,
    'unfold: expected 4 dimensions of the input, got shape [2, 3]',
  ],
  [
    () => lg.unfold(images, 9),
    ShapeError,
    'unfold: window [9, 9] is larger than the padded input [2, 3, 8, 8]',
  ],
  [
    () => lg.unfold(images, 2, { pad: 1 }),
    ArgumentError,
    `unfold: expected options stride, padding, dilation, got 'pad'`,
  ],
  [
    () => lg.adaptiveAvgPool2d(images, 0),
    ArgumentError,
    'adaptiveAvgPool2d: expected an integer of at least 1 as the output size, got 0',
  ],
  [
    () => lg.adaptiveAvgPool2d(images, [1, 2, 3]),
    ArgumentError,
    'adaptiveAvgPool2d: expected 2 numbers as the output size, one a spatial axis, got [1, 2, 3]',
  ],
  [
    () => lg.adaptiveAvgPool2d(ones([1, 1, 0, 2]), 1),
    ShapeError,
    'adaptiveAvgPool2d: expected spatial axes of at least one place, got [1, 1, 0, 2]',
  ],
  [
    () => lg.adaptiveAvgPool2d(images, 65536),
    ShapeError,
    'adaptiveAvgPool2d: shape [2, 3, 65536, 65536] has more than 2147483647 numbers',
  ],
  [
    () => lg.adaptiveAvgPool1d(images, 2),
    ShapeError,
    'adaptiveAvgPool1d: expected 2 or 3 dimensions of the input, got shape [2, 3, 8, 8]',
  ],
  [
    () => lg.adaptiveAvgPool3d(matrix, 2),
    ShapeError,
    'adaptiveAvgPool3d: expected 4 or 5 dimensions of the input, got shape [2, 3]',
  ],
  [
    () => lg.adaptiveMaxPool1d(ones([3, 8])),
    ArgumentError,
    'adaptiveMaxPool1d: expected an integer of at least 1 as the output size, got undefined',
  ],
  [
    () => lg.adaptiveMaxPool2d([[[1]]], 1),
    ArgumentError,
    'adaptiveMaxPool2d: expected a tensor as the input, got [[[1]]]',
  ],
  [
    () => lg.adaptiveMaxPool2d(images, [1.5, null]),
    ArgumentError,
    'adaptiveMaxPool2d: expected an integer of at least 1 as the output size, got 1.5',
  ],
  [
    () => lg.adaptiveMaxPool3d(images, [1, 2]),
    ArgumentError,
    'adaptiveMaxPool3d: expected 3 numbers as the output size, one a spatial axis, got [1, 2]',
  ],
  [
    () => lg.adaptiveMaxPool3d(ones([1, 1, 2, 2, 0]), 1),
    ShapeError,
    'adaptiveMaxPool3d: expected spatial axes of at least one place, got [1, 1, 2, 2, 0]',
  ],
  [
    () => lg.interpolate(images),
    ArgumentError,
    'interpolate: expected an object of options (size, scaleFactor, mode, alignCorners), got undefined',
  ],
  [
    () => lg.interpolate(images, {}),
    ArgumentError,
    'interpolate: expected either size or scaleFactor, got both or neither',
  ],
  [
    () => lg.interpolate(images, { size: 4, scaleFactor: 2 }),
    ArgumentError,
    'interpolate: expected either size or scaleFactor, got both or neither',
  ],
  [
    () => lg.interpolate(images, { size: 0 }),
    ArgumentError,
    'interpolate: expected an integer of at least 1 as the size, got 0',
  ],
  [
    () => lg.interpolate(images, { scaleFactor: 0 }),
    ArgumentError,
    'interpolate: expected one or two scale factors that leave at least one pixel, got 0',
  ],
  [
    () => lg.interpolate(images, { scaleFactor: NaN }),
    ArgumentError,
    'interpolate: expected one or two scale factors that leave at least one pixel, got NaN',
  ],
  [
    () => lg.interpolate(images, { scaleFactor: '2' }),
    ArgumentError,
    `interpolate: expected one or two scale factors that leave at least one pixel, got '2'`,
  ],
  [
    () => lg.interpolate(images, { scaleFactor: [1, 2, 3] }),
    ArgumentError,
    'interpolate: expected one or two scale factors that leave at least one pixel, got [1, 2, 3]',
  ],
  [
    () => lg.interpolate(images, { size: 4, mode: 'cubic' }),
    ArgumentError,
    `interpolate: expected 'nearest' or 'bilinear' as the mode, got 'cubic'`,
  ],
  [
    () => lg.interpolate(images, { size: 4, alignCorners: 'yes' }),
    ArgumentError,
    `interpolate: expected true or false as alignCorners, got 'yes'`,
  ],
  [
    () => lg.interpolate(matrix, { size: 4 }),
    ShapeError,
    'interpolate: expected 4 dimensions of the input, got shape [2, 3]',
  ],
];
