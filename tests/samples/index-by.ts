import type { Selector } from '../../ops/index.js';
import * as lg from '../../ops/index.js';
import { bools, each, type Input, integers, normal, type Samples, sample } from './sample.js';

const repeated = integers([2, 0, 2, -1], 4);
const pair = integers([1, 0], 2);
const column = integers([1, 0], 2, 1);
const mask = bools([true, false, false, true, true, false], 2, 3);

/** Selectors that are written out, on a `[2, 3, 4]`. */
const plain: Selector[][] = [
  [],
  [1],
  [-1, 0],
  [0, -1, 2],
  [':'],
  ['1:'],
  [':', '-2:'],
  ['...', '1:3'],
  ['...', 0],
  [0, '...', -1],
  [null],
  ['...', null],
  [':', null, 1],
  [null, 0, null, '::2'],
  [':', '::-1'],
  [':', '2:0:-1', '0:4:3'],
  ['1:1'],
];

const by = (title: string, select: (...s: lg.Tensor[]) => Selector[], ...lists: Input[]) =>
  sample(title, (x, ...s) => lg.index(x, select(...s)), normal(2, 3, 3), ...lists);

export const indexSamples: Samples = {
  index: [
    ...each('by', plain, (s) => (x) => lg.index(x, s), normal(2, 3, 4)),
    by('repeated positions', (i) => [':', i], repeated),
    by('positions along the last axis', (i) => ['...', i], repeated),
    by('two lists', (i, j) => [i, j], pair, integers([2, 2], 2)),
    by('two lists that broadcast', (i, j) => [i, j], column, integers([2, 0], 2)),
    by('two lists apart', (i, j) => [i, ':', j], pair, integers([2, 2], 2)),
    by('a list and a number', (i) => [0, i], repeated),
    by('a number behind a list', (i) => [':', i, 1], repeated),
    by('a list and a range', (i) => ['1:', i, '::-1'], repeated),
    by('a list and a new axis', (i) => [null, ':', i], repeated),
    by('a matrix of positions', (i) => [':', i], integers([0, 2, 2, 1], 2, 2)),
    by('a 0-d list', (i) => [':', i], integers([2])),
    by('a mask over two axes', (m) => [m], mask),
    by('a mask over one axis', (m) => [':', m], bools([true, false, true], 3)),
    by('a mask and a list', (m, i) => [m, i], bools([true, true], 2), pair),
    by('a mask that picks nothing', (m) => [m], bools([false, false], 2)),
    by('no positions', (i) => [i], integers([], 0)),
    sample('0-d', (x) => lg.index(x, ['...']), normal()),
    sample('0-d, a new axis', (x) => lg.index(x, [null]), normal()),
    sample('size 0', (x) => lg.index(x, ['1:', null]), normal(2, 0)),
    sample('size 0 by a list', (x, i) => lg.index(x, [i]), normal(2, 0), pair),
  ],
};
