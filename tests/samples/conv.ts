import { convolve, convolveFilter, convolveInput, three } from '../../ops/conv.js';
import * as lg from '../../ops/index.js';
import { each, type Input, normal, type Samples, sample } from './sample.js';

interface Sizes {
  x: number[];
  w: number[];
  y: number[];
  groups?: number;
  stride?: number[];
  dilation?: number[];
  padding?: number[];
}

/** Convolutions by the sizes of input, filter and output. */
const sizes: Record<string, Sizes> = {
  'one axis': { x: [2, 2, 4], w: [2, 2, 3], y: [2, 2, 2] },
  'two axes': { x: [1, 2, 3, 3], w: [2, 2, 2, 1], y: [1, 2, 2, 3] },
  'three axes': { x: [1, 1, 2, 2, 3], w: [2, 1, 2, 1, 2], y: [1, 2, 1, 2, 2] },
  'a stride that leaves a rest': { x: [1, 1, 6], w: [1, 1, 2], y: [1, 1, 2], stride: [3] },
  'a stride an axis': { x: [1, 1, 3, 4], w: [1, 1, 2, 2], y: [1, 1, 2, 2], stride: [1, 2] },
  padding: { x: [1, 1, 2, 3], w: [1, 1, 3, 2], y: [1, 1, 2, 4], padding: [1, 1] },
  'padding in front alone': { x: [1, 1, 3], w: [1, 1, 2], y: [1, 1, 3], padding: [1] },
  dilation: { x: [1, 1, 5, 3], w: [1, 1, 3, 2], y: [1, 1, 1, 2], dilation: [2, 1] },
  groups: { x: [1, 4, 3], w: [4, 2, 2], y: [1, 4, 2], groups: 2 },
  'all at once': {
    x: [2, 2, 4],
    w: [4, 1, 2],
    y: [2, 4, 3],
    groups: 2,
    stride: [2],
    dilation: [3],
    padding: [2],
  },
  'size 0': { x: [0, 1, 3], w: [1, 1, 2], y: [0, 1, 2] },
};

/** One of the three partial maps of ⟨y, x ⋆ w⟩, given the other two. */
const partial = (
  f: (a: lg.Tensor, b: lg.Tensor, geometry: Parameters<typeof convolve>[2], s: Sizes) => unknown,
  given: readonly ('x' | 'w' | 'y')[],
) =>
  Object.entries(sizes).map(([title, s]) => {
    const { x, w, y, groups = 1, stride = [], dilation = [], padding = [] } = s;
    const geometry = {
      batch: x[0],
      groups,
      inChannels: w[1],
      outChannels: w[0] / groups,
      input: three(x.slice(2), 1),
      kernel: three(w.slice(2), 1),
      output: three(y.slice(2), 1),
      stride: three(stride, 1),
      dilation: three(dilation, 1),
      padding: three(padding, 0),
    };
    const [a, b] = given.map((which) => normal(...s[which]));
    return sample(title, (p, q) => f(p, q, geometry, s), a, b);
  });

type Conv = typeof lg.conv2d;
type ConvTranspose = typeof lg.convTranspose2d;

/** A convolution over n axes: every option, on images of at most 3 by 4. */
const convolution = (f: Conv, image: number[], kernel: number[], settings: lg.ConvOptions[]) => {
  const input = (b: number, c: number): Input => normal(b, c, ...image);
  const weight = (o: number, c: number): Input => normal(o, c, ...kernel);
  const ones = image.map(() => 1);
  return [
    sample('with a bias', (x, w, b) => f(x, w, b), input(2, 1), weight(2, 1), normal(2)),
    sample('without one', (x, w) => f(x, w), input(1, 2), weight(1, 2)),
    ...each('', settings, (o) => (x, w) => f(x, w, null, o), input(1, 1), weight(1, 1)),
    sample('groups', (x, w) => f(x, w, null, { groups: 2 }), input(1, 2), weight(4, 1)),
    sample('a group a channel', (x, w) => f(x, w, null, { groups: 3 }), input(1, 3), weight(3, 1)),
    sample('no batch', (x, w, b) => f(x, w, b), normal(2, ...image), weight(2, 2), normal(2)),
    sample('a kernel of one', (x, w) => f(x, w), input(1, 2), normal(1, 2, ...ones)),
    sample(
      'a kernel as large as the image',
      (x, w) => f(x, w),
      normal(1, 1, ...kernel),
      weight(1, 1),
    ),
    sample('size 0', (x, w, b) => f(x, w, b), input(0, 1), weight(2, 1), normal(2)),
  ];
};

const transposed = (
  f: ConvTranspose,
  image: number[],
  kernel: number[],
  settings: Parameters<ConvTranspose>[3][],
) => {
  const input = (b: number, c: number): Input => normal(b, c, ...image);
  const weight = (c: number, o: number): Input => normal(c, o, ...kernel);
  return [
    sample('with a bias', (x, w, b) => f(x, w, b), input(2, 1), weight(1, 2), normal(2)),
    sample('without one', (x, w) => f(x, w), input(1, 2), weight(2, 1)),
    ...each('', settings, (o) => (x, w) => f(x, w, null, o), input(1, 1), weight(1, 1)),
    sample('groups', (x, w) => f(x, w, null, { groups: 2 }), input(1, 2), weight(2, 2)),
    sample('no batch', (x, w, b) => f(x, w, b), normal(2, ...image), weight(2, 2), normal(2)),
    sample('size 0', (x, w, b) => f(x, w, b), input(0, 1), weight(1, 2), normal(2)),
  ];
};

export const convSamples: Samples = {
  convolve: partial((x, w, geometry) => convolve(x, w, geometry), ['x', 'w']),
  convolveInput: partial((y, w, geometry, { x }) => convolveInput(y, w, geometry, x), ['y', 'w']),
  convolveFilter: partial((y, x, geometry, { w }) => convolveFilter(y, x, geometry, w), ['y', 'x']),

  conv1d: convolution(
    lg.conv1d,
    [5],
    [2],
    [
      { stride: 2 },
      { stride: [3] },
      { padding: 1 },
      { padding: 'same' },
      { padding: 'valid' },
      { dilation: 3 },
      { padding: 'same', dilation: 2 },
      { stride: 2, padding: 2, dilation: 2 },
    ],
  ),
  conv2d: convolution(
    lg.conv2d,
    [3, 4],
    [2, 2],
    [
      { stride: 2 },
      { stride: [1, 3] },
      { padding: 1 },
      { padding: [0, 2] },
      { padding: 'same' },
      { padding: 'valid' },
      { dilation: 2 },
      { dilation: [1, 2] },
      { padding: 'same', dilation: [2, 1] },
      { stride: [2, 1], padding: [1, 0], dilation: [2, 3] },
    ],
  ),
  conv3d: convolution(
    lg.conv3d,
    [2, 2, 3],
    [1, 2, 2],
    [
      { stride: [2, 1, 1] },
      { padding: [0, 1, 0] },
      { padding: 'same' },
      { padding: 'valid' },
      { dilation: [1, 1, 2] },
      { stride: 2, padding: [0, 0, 1] },
    ],
  ),
  convTranspose1d: transposed(
    lg.convTranspose1d,
    [3],
    [3],
    [
      { stride: 2 },
      { padding: 1 },
      { stride: 3, outputPadding: 2 },
      { dilation: 2 },
      { dilation: [2], outputPadding: [1] },
      { stride: 2, padding: 2, outputPadding: 1, dilation: 2 },
    ],
  ),
  convTranspose2d: transposed(
    lg.convTranspose2d,
    [2, 2],
    [2, 2],
    [
      { stride: 2 },
      { stride: [1, 3] },
      { padding: 1 },
      { padding: [1, 0] },
      { stride: [2, 1], outputPadding: [1, 0] },
      { dilation: [1, 2] },
      { stride: 2, padding: [1, 0], outputPadding: 1, dilation: 2 },
    ],
  ),
  convTranspose3d: transposed(
    lg.convTranspose3d,
    [1, 2, 2],
    [2, 1, 2],
    [
      { stride: [1, 2, 1] },
      { padding: [0, 0, 1] },
      { stride: 2, outputPadding: [0, 0, 1] },
      { dilation: [1, 1, 2] },
    ],
  ),
};
