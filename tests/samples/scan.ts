import * as lg from '../../ops/index.js';
import { runningMax } from '../../ops/scan.js';
import { alongAxis } from './families.js';
import { along, exactly, integers, normal, type Samples, sample } from './sample.js';

export const scanSamples: Samples = {
  cumsum: [
    ...alongAxis(lg.cumsum),
    sample('of whole numbers', (x) => lg.cumsum(x, 0), integers([1, 2, 3], 3)),
  ],
  cumprod: [
    ...alongAxis(lg.cumprod),
    sample('a 0 at the start', (x) => lg.cumprod(x, 0), exactly([0, 2, 3], 3)),
    sample('a 0 in the middle', (x) => lg.cumprod(x, 0), exactly([2, 0, 3, -1], 4)),
    sample('two 0 in a row', (x) => lg.cumprod(x, 1), exactly([2, 0, 0, 1, 0, 3], 2, 3)),
    sample('all 0', (x) => lg.cumprod(x, -1), exactly([0, 0, 0], 3)),
  ],
  runningMax: alongAxis(runningMax),
  recurrence: [
    ...along(
      'a matrix',
      [0, 1, -1, -2],
      (dim) => (a, b) => lg.recurrence(a, b, dim),
      normal(2, 3),
      normal(2, 3),
    ),
    ...along(
      'three axes',
      [1, -1],
      (dim) => (a, b) => lg.recurrence(a, b, dim),
      normal(2, 3, 2),
      normal(2, 3, 2),
    ),
    sample('a factor of 0', (a, b) => lg.recurrence(a, b, 0), exactly([1, 0, 2], 3), normal(3)),
    sample('size 1', (a, b) => lg.recurrence(a, b, 0), normal(1, 2), normal(1, 2)),
    sample('0-d', (a, b) => lg.recurrence(a, b, 0), normal(), normal()),
    sample('size 0', (a, b) => lg.recurrence(a, b, 1), normal(2, 0), normal(2, 0)),
  ],
};
