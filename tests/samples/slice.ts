import * as lg from '../../ops/index.js';
import { place, view } from '../../ops/slice.js';
import { along, each, normal, type Samples, sample } from './sample.js';

/** Parts of a 3 by 4 matrix, each element of which they read at most once. */
const parts = {
  'every second column': { shape: [3, 2], strides: [4, 2], offset: 1 },
  transposed: { shape: [4, 3], strides: [1, 4], offset: 0 },
  backwards: { shape: [2, 3], strides: [-4, -1], offset: 11 },
  'one number': { shape: [], strides: [], offset: 5 },
  'the diagonal': { shape: [3], strides: [5], offset: 0 },
  nothing: { shape: [0, 2], strides: [4, 1], offset: 0 },
};

const triangle = (f: typeof lg.tril) => [
  ...each('diagonal', [0, 1, -1, 5, -5], (d) => (x) => f(x, d), normal(2, 3)),
  sample('without an offset', (x) => f(x), normal(3, 2)),
  sample('a batch', (x) => f(x), normal(2, 2, 2)),
  sample('size 1', (x) => f(x), normal(1, 1)),
  sample('size 0', (x) => f(x), normal(0, 3)),
];

type Range = [start?: number | null, end?: number | null, step?: number];
const ranges: Range[] = [
  [],
  [1],
  [1, 3],
  [-2],
  [0, -1],
  [null, 3],
  [-9, 9],
  [3, 1],
  [0, 5, 2],
  [1, null, 3],
  [null, null, -1],
  [3, 0, -2],
  [-1, -4, -1],
];

export const sliceSamples: Samples = {
  view: [
    ...Object.entries(parts).map(([title, part]) =>
      sample(title, (x) => view(x, part), normal(3, 4)),
    ),
    sample('0-d', (x) => view(x, { shape: [1], strides: [1], offset: 0 }), normal()),
    sample('size 0', (x) => view(x, { shape: [0], strides: [1], offset: 0 }), normal(2, 0)),
  ],
  place: [
    ...Object.entries(parts).map(([title, part]) =>
      sample(title, (x) => place(x, part, [3, 4]), normal(...part.shape)),
    ),
    sample('into twos', (x) => place(x, parts.transposed, [4, 4], 2), normal(4, 3)),
  ],
  narrow: [
    ...along('two places', [0, 1, -1, -2], (dim) => (x) => lg.narrow(x, dim, 1, 2), normal(3, 4)),
    ...each('start', [0, 2, -1, -3], (start) => (x) => lg.narrow(x, 0, start, 1), normal(3, 2)),
    ...each('length', [0, 1, 3], (length) => (x) => lg.narrow(x, 1, 0, length), normal(2, 3)),
    sample('size 0', (x) => lg.narrow(x, 1, 0, 0), normal(2, 0)),
  ],
  slice: [
    ...along('an axis', [0, 1, -1, -3], (dim) => (x) => lg.slice(x, dim, 0, -1), normal(2, 3, 2)),
    ...each('range', ranges, (range) => (x) => lg.slice(x, 0, ...range), normal(5, 2)),
    sample('size 0', (x) => lg.slice(x, 1), normal(2, 0)),
    sample('size 0, backwards', (x) => lg.slice(x, 0, null, null, -1), normal(0, 2)),
  ],
  select: [
    ...along('an axis', [0, 1, -1, -3], (dim) => (x) => lg.select(x, dim, 1), normal(2, 3, 2)),
    ...each('position', [0, 2, -1, -3], (at) => (x) => lg.select(x, 0, at), normal(3, 2)),
    sample('to 0-d', (x) => lg.select(x, 0, 1), normal(3)),
    sample('size 0', (x) => lg.select(x, 0, 1), normal(2, 0)),
  ],
  diagonal: [
    sample('of a matrix', (x) => lg.diagonal(x), normal(2, 3)),
    ...each('offset', [1, -1, 2, 5, -5], (o) => (x) => lg.diagonal(x, o), normal(3, 3)),
    ...along(
      'the axes',
      [
        [0, 1],
        [1, 0],
        [0, 2],
        [-1, 1],
        [-2, -1],
      ],
      ([a, b]) =>
        (x) =>
          lg.diagonal(x, 0, a, b),
      normal(2, 3, 2),
    ),
    sample('an offset between axes', (x) => lg.diagonal(x, -1, 2, 0), normal(2, 2, 3)),
    sample('size 0', (x) => lg.diagonal(x), normal(0, 3)),
  ],
  trace: [
    sample('of a square', (x) => lg.trace(x), normal(3, 3)),
    sample('wide', (x) => lg.trace(x), normal(2, 4)),
    sample('tall', (x) => lg.trace(x), normal(3, 1)),
    sample('size 0', (x) => lg.trace(x), normal(0, 3)),
  ],
  tril: triangle(lg.tril),
  triu: triangle(lg.triu),
};
