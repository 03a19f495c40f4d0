import { ArgumentError, DTypeError, ones, ShapeError } from '../../../ops/index.js';
import { index, lg, mask, matrix, type Wrong } from './wrong.js';

export const elementwise: readonly Wrong[] = [
  [() => lg.neg(true), DTypeError, 'neg: expected numbers, got bool'],
  [() => lg.relu(mask), DTypeError, 'relu: expected numbers, got bool'],
  [() => lg.add(matrix, '1'), ArgumentError, `add: expected a tensor or a number, got '1'`],
  [() => lg.add(matrix), ArgumentError, 'add: expected a tensor or a number, got undefined'],
  [
    () => lg.add(matrix, ones([2])),
    ShapeError,
    'add: shapes [2, 3] and [2] do not broadcast: sizes 3 and 2 meet at axis -1',
  ],
  [
    () => lg.mul(matrix, [1, 2, 3]),
    ArgumentError,
    'mul: expected a tensor or a number, got [1, 2, 3]',
  ],
  [() => lg.sub(mask, mask), DTypeError, 'sub: expected numbers, got bool and bool'],
  [() => lg.sub(true, false), DTypeError, 'sub: expected numbers, got bool and bool'],
  [
    () => lg.pow(index, -1),
    ArgumentError,
    'pow: expected an exponent of at least 0 for int32, got -1',
  ],
  [() => lg.pow(mask, mask), DTypeError, 'pow: expected numbers, got bool and bool'],
  [
    () => lg.div(matrix, ones([4, 3])),
    ShapeError,
    'div: shapes [2, 3] and [4, 3] do not broadcast: sizes 2 and 4 meet at axis -2',
  ],
  [
    () => lg.maximum(matrix, null),
    ArgumentError,
    'maximum: expected a tensor or a number, got null',
  ],
  [() => lg.minimum('a', matrix), ArgumentError, `minimum: expected a tensor or a number, got 'a'`],
  [
    () => lg.atan2(matrix, ones([2])),
    ShapeError,
    'atan2: shapes [2, 3] and [2] do not broadcast: sizes 3 and 2 meet at axis -1',
  ],
  [
    () => lg.lerp(matrix, matrix, 'a'),
    ArgumentError,
    `lerp: expected a tensor or a number, got 'a'`,
  ],
  [
    () => lg.lerp(matrix, matrix, ones([4])),
    ShapeError,
    'lerp: shapes [2, 3] and [2, 3] and [4] do not broadcast: sizes 3 and 4 meet at axis -1',
  ],
  [() => lg.eq(matrix, 'a'), ArgumentError, `eq: expected a tensor or a number, got 'a'`],
  [() => lg.ne(matrix), ArgumentError, 'ne: expected a tensor or a number, got undefined'],
  [
    () => lg.le(undefined, matrix),
    ArgumentError,
    'le: expected a tensor or a number, got undefined',
  ],
  [() => lg.gt(matrix, [0]), ArgumentError, 'gt: expected a tensor or a number, got [0]'],
  [() => lg.ge(matrix, {}), ArgumentError, 'ge: expected a tensor or a number, got an object'],
  [
    () => lg.lt(matrix, ones([4])),
    ShapeError,
    'lt: shapes [2, 3] and [4] do not broadcast: sizes 3 and 4 meet at axis -1',
  ],
  [
    () => lg.logicalAnd(matrix, ones([4])),
    ShapeError,
    'logicalAnd: shapes [2, 3] and [4] do not broadcast: sizes 3 and 4 meet at axis -1',
  ],
  [
    () => lg.logicalOr(matrix),
    ArgumentError,
    'logicalOr: expected a tensor or a number, got undefined',
  ],
  [
    () => lg.gelu(matrix, 'fast'),
    ArgumentError,
    `gelu: expected 'none' or 'tanh' as approximate, got 'fast'`,
  ],
  [
    () => lg.leakyRelu(matrix, '0.1'),
    ArgumentError,
    `leakyRelu: expected a number as negativeSlope, got '0.1'`,
  ],
  [
    () => lg.leakyRelu(matrix, NaN),
    ArgumentError,
    'leakyRelu: expected a number as negativeSlope, got NaN',
  ],
  [() => lg.elu(matrix, null), ArgumentError, 'elu: expected a number as alpha, got null'],
  [
    () => lg.softplus(matrix, 1, NaN),
    ArgumentError,
    'softplus: expected a number as threshold, got NaN',
  ],
  [() => lg.clamp(matrix, '0'), ArgumentError, `clamp: expected a number as min, got '0'`],
  [() => lg.clamp(matrix, NaN, 1), ArgumentError, 'clamp: expected a number as min, got NaN'],
  [
    () => lg.hardtanh(matrix, ones([1])),
    ArgumentError,
    'hardtanh: expected a number as min, got a tensor of shape [1]',
  ],
  [
    () => lg.where([true], matrix, matrix),
    ArgumentError,
    'where: expected a tensor as the condition, got [true]',
  ],
  [
    () => lg.where(true, matrix, matrix),
    ArgumentError,
    'where: expected a tensor as the condition, got true',
  ],
  [
    () => lg.where(mask, matrix, matrix),
    ShapeError,
    'where: shapes [2] and [2, 3] and [2, 3] do not broadcast: sizes 2 and 3 meet at axis -1',
  ],
  [() => lg.where(mask, 'a', 0), ArgumentError, `where: expected a tensor or a number, got 'a'`],
  [
    () => lg.maskedFill(matrix, matrix, 0),
    DTypeError,
    'maskedFill: expected bool as the mask, got float32',
  ],
  [
    () => lg.maskedFill(matrix, mask, 0),
    ShapeError,
    'maskedFill: mask [2] does not broadcast to shape [2, 3]',
  ],
  [
    () => lg.maskedFill(ones([2]), mask, '0'),
    ArgumentError,
    `maskedFill: expected a tensor or a number, got '0'`,
  ],
  [
    () => lg.maskedFill(ones([2]), mask, ones([3, 2])),
    ShapeError,
    'maskedFill: value [3, 2] does not broadcast to shape [2]',
  ],
  [
    () => lg.maskedFill(matrix, [true], 0),
    ArgumentError,
    'maskedFill: expected a tensor as the mask, got [true]',
  ],
  [
    () => lg.cast(matrix, 'double'),
    DTypeError,
    `cast: expected one of bool, int32, float32, float64 as dtype, got 'double'`,
  ],
  [() => lg.cast(1, 'int32'), ArgumentError, 'cast: expected a tensor as x, got 1'],
  [() => lg.clone(1), ArgumentError, 'clone: expected a tensor as argument 1, got 1'],
  [
    () => lg.dropout(matrix, 1.5),
    ArgumentError,
    'dropout: expected a probability from 0 to 1, got 1.5',
  ],
  [
    () => lg.dropout(matrix, -0.1),
    ArgumentError,
    'dropout: expected a probability from 0 to 1, got -0.1',
  ],
  [
    () => lg.dropout(matrix, NaN),
    ArgumentError,
    'dropout: expected a probability from 0 to 1, got NaN',
  ],
  [
    () => lg.dropout(matrix, { p: 0.5 }),
    ArgumentError,
    'dropout: expected a probability from 0 to 1, got an object',
  ],
  [
    () => lg.dropout(matrix, 0.5, true),
    ArgumentError,
    'dropout: expected an object of options (training), got true',
  ],
  [
    () => lg.dropout(matrix, 0.5, { train: true }),
    ArgumentError,
    `dropout: expected options training, got 'train'`,
  ],
];
