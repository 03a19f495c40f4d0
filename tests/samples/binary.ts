import * as lg from '../../ops/index.js';
import { broadcast, broadcastWithNumbers } from './families.js';
import {
  among,
  apart,
  each,
  exactly,
  except,
  nonzero,
  normal,
  positive,
  type Samples,
  sample,
} from './sample.js';

const jumps = { second: Infinity, why: 'the first derivative jumps at a tie' };
const some = (...shape: number[]) => among([-1, 0, 2], ...shape);

/** Numbers no two of which are equal, and none 1.5, on both sides. */
const extremes = (f: typeof lg.maximum) => [
  ...broadcast(f, apart, (...shape) => nonzero(...shape)),
  sample('a number at the left', (y) => f(0, y), nonzero(4)),
  sample('a number at the right', (x) => f(x, 0), nonzero(4)),
  except(
    sample('ties share the gradient', (x, y) => f(x, y), exactly([1, 2], 2), exactly([1, 3], 2)),
    jumps,
  ),
];

const comparison = (f: typeof lg.eq) => [
  ...broadcast(f, some),
  ...each('the number', [0, 0.5], (n) => (x) => f(x, n), some(2, 3)),
];

export const binarySamples: Samples = {
  add: broadcastWithNumbers(lg.add),
  sub: broadcastWithNumbers(lg.sub),
  mul: [
    ...broadcastWithNumbers(lg.mul),
    sample('zeros', (x, y) => lg.mul(x, y), exactly([0, 0, 2], 3), exactly([0, 1, 0], 3)),
  ],
  div: broadcastWithNumbers(lg.div, nonzero),
  pow: [
    ...broadcastWithNumbers(lg.pow, positive, positive),
    ...each('the exponent', [0, 1, 2, 3], (n) => (x) => lg.pow(x, n), exactly([-1.5, 0, 2], 3)),
    ...each('the exponent', [-2, -1, 0.5], (n) => (x) => lg.pow(x, n), positive(3)),
    sample('an exponent of 0', (x, y) => lg.pow(x, y), positive(2), exactly([0, 0], 2)),
    sample('the base 0', (b) => lg.pow(0, b), positive(3)),
    sample('negative exponents', (x, y) => lg.pow(x, y), positive(3), nonzero(3)),
  ],
  maximum: extremes(lg.maximum),
  minimum: extremes(lg.minimum),
  atan2: [
    ...broadcast(lg.atan2, nonzero),
    sample('a number at the left', (y) => lg.atan2(1, y), nonzero(4)),
    sample('on the axes', (x, y) => lg.atan2(x, y), exactly([0, 1, -1], 3), exactly([2, 0, 0], 3)),
  ],
  lerp: [
    ...broadcast((a, b) => lg.lerp(a, b, 0.3)),
    sample('a weight each', lg.lerp, normal(2, 3), normal(2, 3), normal(2, 3)),
    sample('three broadcast', lg.lerp, normal(2, 1), normal(3), normal(2, 1, 1)),
    sample('a 0-d weight', lg.lerp, normal(3), normal(3), normal()),
  ],

  eq: comparison(lg.eq),
  ne: comparison(lg.ne),
  lt: comparison(lg.lt),
  le: comparison(lg.le),
  gt: comparison(lg.gt),
  ge: comparison(lg.ge),
  logicalAnd: broadcast(lg.logicalAnd, some),
  logicalOr: broadcast(lg.logicalOr, some),
};
