import type { AdaptiveSize, AvgPoolOptions, MaxPoolOptions, PerAxis } from '../../ops/index.js';
import * as lg from '../../ops/index.js';
import { maxPoolIndex } from '../../ops/pool.js';
import { apart, each, exactly, type Input, normal, type Samples, sample } from './sample.js';

type Pool<O> = (x: lg.Tensor, size: PerAxis, options?: O) => unknown;

const settingsOfMax = (ndim: number): MaxPoolOptions[] => [
  { stride: 1 },
  { stride: 3 },
  { padding: 1 },
  { dilation: 2, stride: 1 },
  { ceilMode: true },
  {
    stride: new Array<number>(ndim).fill(2),
    padding: new Array<number>(ndim).fill(1),
    ceilMode: true,
  },
];

const settingsOfAvg = (ndim: number): AvgPoolOptions[] => [
  { stride: 1 },
  { stride: 3 },
  { padding: 1 },
  { padding: 1, countIncludePad: false },
  { ceilMode: true },
  { stride: 3, padding: 1, ceilMode: true },
  { stride: new Array<number>(ndim).fill(3), ceilMode: true, countIncludePad: false, padding: 1 },
];

const maxPool = (f: Pool<MaxPoolOptions>, image: number[], size: number[]) => [
  sample('two channels', (x) => f(x, 2), apart(1, 2, ...image)),
  sample('a batch', (x) => f(x, 2), apart(2, 1, ...image)),
  sample('a size an axis', (x) => f(x, size), apart(1, 1, ...image)),
  sample('a window of one', (x) => f(x, 1), apart(1, 1, ...image)),
  ...each('', settingsOfMax(size.length), (o) => (x) => f(x, 2, o), apart(1, 1, ...image)),
  sample('no batch', (x) => f(x, 2), apart(2, ...image)),
  sample('size 0', (x) => f(x, 2), apart(0, 2, ...image)),
];

const avgPool = (f: Pool<AvgPoolOptions>, image: number[], size: number[]) => [
  sample('two channels', (x) => f(x, 2), normal(1, 2, ...image)),
  sample('a batch', (x) => f(x, 2), normal(2, 1, ...image)),
  sample('a size an axis', (x) => f(x, size), normal(1, 1, ...image)),
  sample('a window of one', (x) => f(x, 1), normal(1, 1, ...image)),
  ...each('', settingsOfAvg(size.length), (o) => (x) => f(x, 2, o), normal(1, 1, ...image)),
  sample('no batch', (x) => f(x, 2, { countIncludePad: false, padding: 1 }), normal(2, ...image)),
  sample('size 0', (x) => f(x, 2), normal(0, 2, ...image)),
];

/** Fewer windows than places, as many, and more; alike, and overlapping ones of several lengths. */
const adaptivePool = (
  f: (x: lg.Tensor, size: AdaptiveSize) => unknown,
  draw: (...shape: number[]) => Input,
  image: number[],
  sizes: AdaptiveSize[],
) => [
  ...each('to', [1, 2, 5, null, ...sizes], (size) => (x) => f(x, size), draw(1, 1, ...image)),
  sample('a batch of channels', (x) => f(x, 2), draw(2, 2, ...image)),
  sample('no batch', (x) => f(x, 2), draw(2, ...image)),
  sample('one place', (x) => f(x, 2), draw(1, 2, ...image.map(() => 1))),
  sample('size 0', (x) => f(x, 2), draw(0, 1, ...image)),
];

const window = (images: number) => ({
  images,
  input: [1, 1, 4],
  kernel: [1, 1, 2],
  output: [1, 1, 2],
  stride: [1, 1, 2],
  dilation: [1, 1, 1],
  padding: [0, 0, 0],
});

export const poolSamples: Samples = {
  maxPoolIndex: [
    sample('two images', (x) => maxPoolIndex(x, window(2)), apart(1, 2, 4)),
    sample('ties', (x) => maxPoolIndex(x, window(1)), exactly([1, 1, 2, 2], 1, 1, 4)),
    sample('size 0', (x) => maxPoolIndex(x, window(0)), apart(0, 1, 4)),
  ],
  maxPool1d: maxPool(lg.maxPool1d, [5], [3]),
  maxPool2d: maxPool(lg.maxPool2d, [3, 4], [2, 3]),
  maxPool3d: maxPool(lg.maxPool3d, [3, 3, 3], [1, 2, 2]),
  avgPool1d: avgPool(lg.avgPool1d, [5], [3]),
  avgPool2d: avgPool(lg.avgPool2d, [3, 4], [2, 3]),
  avgPool3d: avgPool(lg.avgPool3d, [2, 2, 3], [1, 2, 2]),
  adaptiveMaxPool1d: adaptivePool(lg.adaptiveMaxPool1d, apart, [5], [[3], 4]),
  adaptiveMaxPool2d: adaptivePool(
    lg.adaptiveMaxPool2d,
    apart,
    [3, 4],
    [
      [3, 1],
      [null, 3],
    ],
  ),
  adaptiveMaxPool3d: adaptivePool(
    lg.adaptiveMaxPool3d,
    apart,
    [2, 2, 3],
    [
      [1, 2, 3],
      [3, null, 2],
    ],
  ),
  adaptiveAvgPool1d: adaptivePool(lg.adaptiveAvgPool1d, normal, [5], [[3], 4]),
  adaptiveAvgPool2d: adaptivePool(
    lg.adaptiveAvgPool2d,
    normal,
    [3, 4],
    [
      [3, 1],
      [null, 3],
    ],
  ),
  adaptiveAvgPool3d: adaptivePool(
    lg.adaptiveAvgPool3d,
    normal,
    [2, 2, 3],
    [
      [1, 2, 3],
      [3, null, 2],
    ],
  ),
  unfold: [
    sample('two channels', (x) => lg.unfold(x, 2), normal(1, 2, 2, 3)),
    sample('a batch', (x) => lg.unfold(x, [1, 2]), normal(2, 1, 2, 3)),
    ...each(
      '',
      [
        { stride: 2 },
        { stride: [1, 2] },
        { padding: 1 },
        { padding: [0, 1] },
        { dilation: 2 },
        { stride: 2, padding: 1, dilation: [1, 2] },
      ],
      (o) => (x) => lg.unfold(x, 2, o),
      normal(1, 1, 3, 4),
    ),
    sample('size 0', (x) => lg.unfold(x, 2), normal(0, 2, 2, 2)),
  ],
};
