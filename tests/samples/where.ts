import { cast, toDevice } from '../../ops/cast.js';
import * as lg from '../../ops/index.js';
import {
  bools,
  each,
  exactly,
  except,
  integers,
  normal,
  positive,
  type Samples,
  sample,
} from './sample.js';

const mask = bools([true, false, false, true, true, false], 2, 3);
const row = bools([true, false, true], 3);
const column = bools([false, true], 2, 1);
const isTrue = bools([true]);

export const whereSamples: Samples = {
  where: [
    sample('alike', lg.where, mask, normal(2, 3), normal(2, 3)),
    sample('the first is broadcast', lg.where, mask, normal(3), normal(2, 3)),
    sample('the second is broadcast', lg.where, mask, normal(2, 3), normal(2, 1)),
    sample('the condition is broadcast', lg.where, column, normal(2, 3), normal(2, 3)),
    sample('all are broadcast', lg.where, row, normal(2, 1, 1), normal(2, 1)),
    sample('of size 1', lg.where, bools([false], 1), normal(1, 1), normal(1)),
    sample('numbers', (c, x) => lg.where(c, x, 0), mask, normal(2, 3)),
    sample('numbers first', (c, x) => lg.where(c, 0, x), mask, normal(2, 3)),
    sample('an int32 condition', lg.where, integers([0, 2, -1], 3), normal(3), normal(3)),
    sample('0-d', lg.where, isTrue, normal(), normal()),
    sample('a 0-d condition', lg.where, isTrue, normal(3), normal(3)),
    sample('size 0', lg.where, bools([], 2, 0), normal(2, 1), normal(2, 0)),
    sample(
      'only the chosen one is read',
      (x) => lg.where(lg.gt(x, 0), lg.log(x), 0),
      exactly([-1, 0.5, 2], 3),
    ),
  ],
  maskedFill: [
    ...each('the value', [0, 2.5], (v) => (x, m) => lg.maskedFill(x, m, v), normal(2, 3), mask),
    sample('a 0-d value', lg.maskedFill, normal(2, 3), mask, normal()),
    sample('a value each', lg.maskedFill, normal(2, 3), mask, normal(3)),
    sample('a mask for each row', (x, m) => lg.maskedFill(x, m, 1), normal(2, 3), column),
    sample('a mask for each column', (x, m) => lg.maskedFill(x, m, 1), normal(2, 3), row),
    sample('0-d', (x, m) => lg.maskedFill(x, m, 1), normal(), isTrue),
    sample('size 0', (x, m) => lg.maskedFill(x, m, 1), normal(2, 0), bools([], 0)),
  ],
  toDevice: [
    sample('a matrix', (x) => toDevice(x, lg.cpu), normal(2, 3)),
    sample('0-d', (x) => toDevice(x, lg.cpu), normal()),
    sample('size 0', (x) => toDevice(x, lg.cpu), normal(0)),
  ],
  cast: [
    sample('to float64', (x) => cast(x, 'float64'), normal(2, 3)),
    except(
      sample('through float32', (x) => cast(cast(x, 'float32'), 'float64'), exactly([0.5, -2], 2)),
      { second: 1e-2, why: 'float32 rounds the cotangent, and the difference quotient with it' },
    ),
    sample('to int32', (x) => cast(x, 'int32'), exactly([-1.5, 0, 2.7], 3)),
    sample('to bool', (x) => cast(x, 'bool'), exactly([-1.5, 0, 2.7], 3)),
    sample('from int32', (x) => lg.mul(cast(x, 'float64'), 2), integers([1, -2], 2)),
    sample('from bool', (x) => cast(x, 'float32'), isTrue),
    sample('0-d', (x) => cast(x, 'float64'), positive()),
    sample('size 0', (x) => cast(x, 'float64'), positive(0)),
  ],
};
