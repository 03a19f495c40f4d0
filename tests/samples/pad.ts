import * as lg from '../../ops/index.js';
import { each, normal, type Samples, sample } from './sample.js';

const modes = ['reflect', 'replicate', 'circular'] as const;

export const padSamples: Samples = {
  pad: [
    ...each('by', [[1, 0], [0, 2], [1, 2, 0, 1], []], (p) => (x) => lg.pad(x, p), normal(2, 3)),
    ...each(
      'cut by',
      [
        [-1, 0],
        [0, -2],
        [-1, 2, 1, -1],
        [-3, 1],
      ],
      (p) => (x) => lg.pad(x, p),
      normal(2, 3),
    ),
    sample('by a value', (x) => lg.pad(x, [1, 1], 'constant', 2.5), normal(2, 2)),
    ...each('last axis,', modes, (mode) => (x) => lg.pad(x, [2, 1], mode), normal(2, 3)),
    ...each('two axes,', modes, (mode) => (x) => lg.pad(x, [1, 0, 1, 1], mode), normal(1, 2, 2)),
    sample('one number repeated', (x) => lg.pad(x, [2, 2], 'replicate'), normal(1)),
    sample('0-d', (x) => lg.pad(x, []), normal()),
    sample('size 0', (x) => lg.pad(x, [1, 1]), normal(2, 0)),
    sample('size 0 beside', (x) => lg.pad(x, [1, 1], 'circular'), normal(0, 2)),
  ],
};
