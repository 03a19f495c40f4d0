import { accumulate, clone } from '../../core/autograd.js';
import * as lg from '../../ops/index.js';
import { elementwise } from './families.js';
import { along, each, normal, type Samples, sample } from './sample.js';

export const shapeSamples: Samples = {
  clone: elementwise((x) => clone(x)),
  accumulate: [
    sample('a matrix', (a, b) => accumulate(a, b), normal(2, 3), normal(2, 3)),
    sample('a tensor and itself', (a) => accumulate(a, a), normal(3)),
    sample('0-d', (a, b) => accumulate(a, b), normal(), normal()),
    sample('size 0', (a, b) => accumulate(a, b), normal(2, 0), normal(2, 0)),
  ],
  reshape: [
    ...each(
      'to',
      [[6], [3, 2], [1, 2, 3, 1], [-1, 2], [-1]],
      (s) => (x) => lg.reshape(x, s),
      normal(2, 3),
    ),
    sample('to 0-d', (x) => lg.reshape(x, []), normal(1, 1)),
    sample('0-d', (x) => lg.reshape(x, [1, 1]), normal()),
    sample('size 0', (x) => lg.reshape(x, [0, 5]), normal(2, 0)),
  ],
  flatten: [
    sample('all axes', (x) => lg.flatten(x), normal(2, 1, 3)),
    ...along('from the axis', [1, -2], (dim) => (x) => lg.flatten(x, dim), normal(2, 3, 2)),
    ...along(
      'from and to the axes',
      [
        [0, 1],
        [-2, -1],
        [1, 1],
        [0, -2],
      ],
      ([from, to]) =>
        (x) =>
          lg.flatten(x, from, to),
      normal(2, 3, 2),
    ),
    sample('0-d', (x) => lg.flatten(x), normal()),
    sample('size 0', (x) => lg.flatten(x, 1), normal(2, 0, 3)),
  ],
  permute: [
    ...along(
      'three axes',
      [
        [0, 1, 2],
        [2, 0, 1],
        [1, 2, 0],
        [-1, 1, 0],
        [0, -1, -2],
      ],
      (dims) => (x) => lg.permute(x, dims),
      normal(2, 3, 2),
    ),
    sample('size 1', (x) => lg.permute(x, [1, 0, 2]), normal(2, 1, 3)),
    sample('0-d', (x) => lg.permute(x, []), normal()),
    sample('size 0', (x) => lg.permute(x, [1, 0]), normal(2, 0)),
  ],
  transpose: [
    ...along(
      'the axes',
      [
        [0, 1],
        [2, 0],
        [1, 1],
        [-1, -2],
        [-3, 2],
      ],
      ([a, b]) =>
        (x) =>
          lg.transpose(x, a, b),
      normal(2, 3, 2),
    ),
    sample('size 0', (x) => lg.transpose(x, 0, 1), normal(2, 0)),
  ],
  squeeze: [
    sample('all axes of size 1', (x) => lg.squeeze(x), normal(1, 2, 1)),
    ...along('one axis', [0, 1, -1, -3], (dim) => (x) => lg.squeeze(x, dim), normal(1, 2, 1)),
    ...along(
      'several axes',
      [
        [0, 2],
        [-1, 1],
      ],
      (dim) => (x) => lg.squeeze(x, dim),
      normal(1, 2, 1),
    ),
    sample('0-d', (x) => lg.squeeze(x), normal()),
    sample('size 0', (x) => lg.squeeze(x), normal(0, 1)),
  ],
  unsqueeze: [
    ...along('a matrix', [0, 1, 2, -1, -3], (dim) => (x) => lg.unsqueeze(x, dim), normal(2, 3)),
    ...along('0-d', [0, -1], (dim) => (x) => lg.unsqueeze(x, dim), normal()),
    sample('size 0', (x) => lg.unsqueeze(x, 1), normal(2, 0)),
  ],
  expand: [
    ...each(
      'to',
      [
        [1, 3],
        [2, 3],
        [2, 1, 3],
        [2, 2, 3],
      ],
      (s) => (x) => lg.expand(x, s),
      normal(1, 3),
    ),
    sample('new axes and repeated ones', (x) => lg.expand(x, [2, 2, 2, 3]), normal(2, 1, 3)),
    sample('two axes apart', (x) => lg.expand(x, [2, 3, 2]), normal(1, 3, 1)),
    ...each(
      'kept with',
      [
        [-1, 2],
        [2, -1, 2],
      ],
      (s) => (x) => lg.expand(x, s),
      normal(2, 1),
    ),
    sample('0-d', (x) => lg.expand(x, [2, 3]), normal()),
    sample('to size 0', (x) => lg.expand(x, [0, 3]), normal(1, 3)),
    sample('size 0', (x) => lg.expand(x, [2, 0]), normal(0)),
  ],
  cat: [
    ...along(
      'two matrices',
      [0, 1, -1, -2],
      (dim) => (a, b) => lg.cat([a, b], dim),
      normal(2, 2),
      normal(2, 2),
    ),
    sample(
      'of different sizes',
      (a, b, c) => lg.cat([a, b, c], 1),
      normal(2, 1),
      normal(2, 3),
      normal(2, 2),
    ),
    sample('along the middle axis', (a, b) => lg.cat([a, b], -2), normal(2, 1, 2), normal(2, 2, 2)),
    sample('without an axis', (a, b) => lg.cat([a, b]), normal(2), normal(3)),
    sample('one tensor', (a) => lg.cat([a]), normal(3)),
    sample('a tensor twice', (a, b) => lg.cat([a, b, a]), normal(2), normal(1)),
    sample('a part of size 0', (a, b) => lg.cat([a, b], 1), normal(2, 0), normal(2, 2)),
  ],
  stack: [
    ...along(
      'two matrices',
      [0, 1, 2, -1, -3],
      (dim) => (a, b) => lg.stack([a, b], dim),
      normal(2, 3),
      normal(2, 3),
    ),
    sample('without an axis', (a, b, c) => lg.stack([a, b, c]), normal(2), normal(2), normal(2)),
    sample('a tensor twice', (a) => lg.stack([a, a], 1), normal(2)),
    sample('0-d', (a, b) => lg.stack([a, b]), normal(), normal()),
    sample('size 0', (a, b) => lg.stack([a, b], 1), normal(0), normal(0)),
  ],
  split: [
    ...along('pieces of two', [0, 1, -1, -2], (dim) => (x) => lg.split(x, 2, dim), normal(3, 4)),
    ...each(
      'sizes',
      [
        [1, 3],
        [0, 4],
        [2, 1, 1],
      ],
      (s) => (x) => lg.split(x, s),
      normal(4, 2),
    ),
    sample('one piece is used', (x) => lg.split(x, 2)[1], normal(5)),
    sample('size 0', (x) => lg.split(x, 2, 1), normal(2, 0)),
  ],
  chunk: [
    ...along('two chunks', [0, 1, -1, -2], (dim) => (x) => lg.chunk(x, 2, dim), normal(3, 4)),
    ...each('chunks', [1, 3, 4, 9], (n) => (x) => lg.chunk(x, n), normal(5)),
    sample('size 0', (x) => lg.chunk(x, 2, 1), normal(2, 0)),
  ],
  flip: [
    ...along('one axis', [0, 1, -1, -3], (dim) => (x) => lg.flip(x, dim), normal(2, 3, 2)),
    ...along(
      'several axes',
      [[0, 2], [-1, 1], []],
      (dims) => (x) => lg.flip(x, dims),
      normal(2, 3, 2),
    ),
    sample('size 1', (x) => lg.flip(x, 0), normal(1, 3)),
    sample('0-d', (x) => lg.flip(x, []), normal()),
    sample('size 0', (x) => lg.flip(x, 1), normal(2, 0)),
  ],
  roll: [
    ...along('by one', [0, 1, -1, -2], (dim) => (x) => lg.roll(x, 1, dim), normal(2, 3)),
    ...each('by', [0, 2, -1, 7, -4], (n) => (x) => lg.roll(x, n, 1), normal(2, 3)),
    ...along(
      'two axes',
      [
        [0, 1],
        [-1, 0],
        [1, 1],
      ],
      (dims) => (x) => lg.roll(x, [1, 2], dims),
      normal(2, 3),
    ),
    sample('size 0', (x) => lg.roll(x, 1, 1), normal(2, 0)),
  ],
  repeat: [
    ...each(
      'repeats',
      [
        [1, 1],
        [2, 1],
        [1, 3],
        [2, 2],
      ],
      (r) => (x) => lg.repeat(x, r),
      normal(2, 2),
    ),
    sample('new axes', (x) => lg.repeat(x, [2, 1, 3]), normal(1, 2)),
    sample('no repeats', (x) => lg.repeat(x, [2, 0]), normal(2, 2)),
    sample('0-d', (x) => lg.repeat(x, [3]), normal()),
    sample('size 0', (x) => lg.repeat(x, [2, 2]), normal(2, 0)),
  ],
};
