import * as lg from '../../ops/index.js';
import { putAdd, take } from '../../ops/take.js';
import { along, apart, each, exactly, integers, normal, type Samples, sample } from './sample.js';

const ordering = (f: (x: lg.Tensor, dim?: number, flag?: boolean) => unknown) => [
  sample('along the last axis', (x) => f(x), apart(2, 3)),
  ...along('an axis', [0, 1, -1, -3], (dim) => (x) => f(x, dim), apart(2, 3, 2)),
  ...each('descending or largest', [true, false], (flag) => (x) => f(x, 0, flag), apart(5)),
  sample('size 1', (x) => f(x, 0), apart(1, 3)),
  ...along('0-d', [0, -1], (dim) => (x) => f(x, dim), apart()),
  sample('size 0', (x) => f(x, 1), apart(0, 3)),
];

/** Indices into an axis of 3, one of them three times and one never. */
const repeated = integers([2, 0, 2, -1], 4);
const perRow = integers([1, 1, 0, 2, -3, 2], 2, 3);

export const gatherSamples: Samples = {
  take: [
    sample('numbers', (x, i) => take(x, i, 1, [2, 2]), normal(5), integers([4, 0, 0, 2], 4)),
    sample('blocks', (x, i) => take(x, i, 2, [3, 2]), normal(3, 2), integers([1, 1, 0], 3)),
    sample('zeros for −1', (x, i) => take(x, i, 2, [3, 2]), normal(2, 2), integers([-1, 1, 0], 3)),
    sample('0-d', (x, i) => take(x, i, 1, [2]), normal(), integers([0, 0], 2)),
    sample('to 0-d', (x, i) => take(x, i, 1, []), normal(3), integers([1], 1)),
    sample('size 0', (x, i) => take(x, i, 2, [0, 2]), normal(3, 2), integers([], 0)),
  ],
  putAdd: [
    sample('numbers', (x, i) => putAdd(x, i, 1, [5]), normal(2, 2), integers([4, 0, 0, 2], 4)),
    sample('blocks', (x, i) => putAdd(x, i, 2, [3, 2]), normal(3, 2), integers([1, 1, 0], 3)),
    sample(
      '−1 is dropped',
      (x, i) => putAdd(x, i, 2, [2, 2]),
      normal(3, 2),
      integers([-1, 1, 0], 3),
    ),
    sample('0-d', (x, i) => putAdd(x, i, 1, [3]), normal(), integers([1], 1)),
    sample('to 0-d', (x, i) => putAdd(x, i, 1, []), normal(2), integers([0, 0], 2)),
    sample('size 0', (x, i) => putAdd(x, i, 1, [3]), normal(0), integers([], 0)),
  ],
  indexSelect: [
    ...along(
      'repeated',
      [0, -2],
      (dim) => (x, i) => lg.indexSelect(x, dim, i),
      normal(3, 2),
      repeated,
    ),
    ...along(
      'repeated',
      [1, -1],
      (dim) => (x, i) => lg.indexSelect(x, dim, i),
      normal(2, 3),
      repeated,
    ),
    sample('the middle axis', (x, i) => lg.indexSelect(x, 1, i), normal(2, 3, 2), repeated),
    sample('a 0-d index', (x, i) => lg.indexSelect(x, 0, i), normal(3, 2), integers([1])),
    sample('no index', (x, i) => lg.indexSelect(x, 0, i), normal(3, 2), integers([], 0)),
    sample('size 0', (x, i) => lg.indexSelect(x, 1, i), normal(0, 3), repeated),
  ],
  gather: [
    ...along(
      'repeated',
      [0, 1, -1, -2],
      (dim) => (x, i) => lg.gather(x, dim, i),
      normal(3, 3),
      perRow,
    ),
    sample('a smaller index', (x, i) => lg.gather(x, 0, i), normal(3, 2), integers([2, 2], 2, 1)),
    sample('a longer index', (x, i) => lg.gather(x, 0, i), normal(3), repeated),
    sample(
      'three axes',
      (x, i) => lg.gather(x, 1, i),
      normal(2, 3, 2),
      integers([2, 0, 2, 2], 2, 1, 2),
    ),
    sample('size 1', (x, i) => lg.gather(x, 1, i), normal(2, 1), integers([0, 0, 0, -1], 2, 2)),
    sample('0-d', (x, i) => lg.gather(x, 0, i), normal(), integers([0])),
    sample('no index', (x, i) => lg.gather(x, 0, i), normal(3, 2), integers([], 0, 2)),
    sample('size 0', (x, i) => lg.gather(x, 1, i), normal(0, 3), integers([], 0, 2)),
  ],
  scatterAdd: [
    ...along(
      'repeated',
      [0, 1, -1, -2],
      (dim) => (x, i, s) => lg.scatterAdd(x, dim, i, s),
      normal(3, 3),
      perRow,
      normal(2, 3),
    ),
    sample('one axis', (x, i, s) => lg.scatterAdd(x, 0, i, s), normal(3), repeated, normal(4)),
    sample(
      'a larger source',
      (x, i, s) => lg.scatterAdd(x, 1, i, s),
      normal(2, 2),
      integers([1, 1], 2, 1),
      normal(3, 2),
    ),
    sample('0-d', (x, i, s) => lg.scatterAdd(x, 0, i, s), normal(), integers([0]), normal()),
    sample(
      'no index',
      (x, i, s) => lg.scatterAdd(x, 0, i, s),
      normal(3),
      integers([], 0),
      normal(0),
    ),
  ],
  embedding: [
    sample('repeated', (i, w) => lg.embedding(i, w), repeated, normal(3, 2)),
    sample('a matrix of indices', (i, w) => lg.embedding(i, w), perRow, normal(3, 2)),
    sample('a 0-d index', (i, w) => lg.embedding(i, w), integers([1]), normal(3, 2)),
    sample('size 0', (i, w) => lg.embedding(i, w), integers([], 0), normal(3, 2)),
    sample('rows of size 1', (i, w) => lg.embedding(i, w), repeated, normal(3, 1)),
    ...each(
      'unused paddingIdx',
      [0, -3],
      (p) => (i, w) => lg.embedding(i, w, p),
      integers([2, 1, 2], 3),
      normal(3, 2),
    ),
    ...each(
      'rows that get no gradient stay constants, paddingIdx',
      [1, -2],
      (p) => (i, w) =>
        lg.embedding(i, lg.cat([w, lg.full([2, 2], 3, { device: w.device }), w]).slice(0, 1, 4), p),
      integers([0, 1, 1], 3),
      normal(2, 2),
    ),
  ],
  argsort: [
    ...ordering(lg.argsort),
    sample('ties', (x) => lg.argsort(x), exactly([2, 1, 2, 1], 4)),
  ],
  sort: [...ordering(lg.sort), sample('along size 0', (x) => lg.sort(x, 1), apart(2, 0))],
  topk: [
    ...ordering((x, dim, flag) => lg.topk(x, 1, dim, flag)),
    ...each('k', [0, 2, 5], (k) => (x) => lg.topk(x, k), apart(5)),
    ...each('smallest, k', [1, 2], (k) => (x) => lg.topk(x, k, 0, false).values, apart(3, 2)),
  ],
};
