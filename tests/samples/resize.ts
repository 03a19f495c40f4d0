import type { InterpolateOptions } from '../../ops/index.js';
import * as lg from '../../ops/index.js';
import { each, normal, type Samples, sample } from './sample.js';

const settings: InterpolateOptions[] = [
  { size: 4 },
  { size: [2, 5] },
  { size: [3, 1] },
  { scaleFactor: 2 },
  { scaleFactor: [1.5, 0.5] },
  { size: [4, 2], mode: 'nearest' },
  { size: [4, 5], mode: 'bilinear' },
  { size: [2, 1], mode: 'bilinear' },
  { scaleFactor: [1.7, 0.6], mode: 'bilinear' },
  { size: [4, 5], mode: 'bilinear', alignCorners: true },
  { size: [1, 2], mode: 'bilinear', alignCorners: true },
  { scaleFactor: 2, mode: 'bilinear', alignCorners: true },
];

export const resizeSamples: Samples = {
  interpolate: [
    ...each('', settings, (options) => (x) => lg.interpolate(x, options), normal(1, 1, 3, 2)),
    sample('a batch of channels', (x) => lg.interpolate(x, { size: [1, 3] }), normal(2, 2, 2, 2)),
    sample(
      'one pixel',
      (x) => lg.interpolate(x, { size: 2, mode: 'bilinear' }),
      normal(1, 1, 1, 1),
    ),
    sample('size 0', (x) => lg.interpolate(x, { scaleFactor: 2 }), normal(0, 1, 2, 2)),
  ],
};
