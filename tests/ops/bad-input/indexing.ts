import {
  ArgumentError,
  AxisError,
  DTypeError,
  IndexError,
  ones,
  ShapeError,
  tensor,
} from '../../../ops/index.js';
import { index, lg, mask, matrix, vector, type Wrong, whole } from './wrong.js';

export const indexing: readonly Wrong[] = [
  [() => lg.tril(vector), ShapeError, 'tril: expected at least 2 axes, got shape [3]'],
  [() => lg.triu(matrix, 0.5), ArgumentError, 'triu: expected an integer as diagonal, got 0.5'],
  [() => lg.diagonal(vector), AxisError, 'diagonal: expected an axis (from -1 to 0), got 1'],
  [() => lg.diagonal(matrix, 0, 1, 1), AxisError, 'diagonal: expected two axes, got [1, 1]'],
  [
    () => lg.diagonal(matrix, 'a'),
    ArgumentError,
    `diagonal: expected an integer as offset, got 'a'`,
  ],
  [() => lg.trace(vector), ShapeError, 'trace: expected a matrix, got shape [3]'],
  [() => lg.index(matrix, 0), ArgumentError, 'index: expected a list of selectors, got 0'],
  [() => lg.index(matrix, [2]), IndexError, 'index: expected an index from -2 to 1, got 2'],
  [() => lg.index(matrix, [-3]), IndexError, 'index: expected an index from -2 to 1, got -3'],
  [
    () => lg.index(matrix, [0, 0, 0]),
    IndexError,
    'index: too many indices, [0, 0, 0], for shape [2, 3]',
  ],
  [
    () => lg.index(matrix, ['a']),
    ArgumentError,
    `index: expected a range such as '1:5' or '::-1', or '...', got 'a'`,
  ],
  [
    () => lg.index(matrix, ['0:1:0']),
    ArgumentError,
    `index: expected a step other than 0, got '0:1:0'`,
  ],
  [() => lg.index(matrix, ['...', '...']), ArgumentError, `index: expected '...' at most once`],
  [() => lg.index(matrix, [0.5]), IndexError, 'index: expected an index from -2 to 1, got 0.5'],
  [
    () => lg.index(matrix, [undefined]),
    ArgumentError,
    `index: expected a number, a range such as '1:5', '...', null or a tensor, got undefined`,
  ],
  [
    () => lg.index(matrix, [true]),
    ArgumentError,
    `index: expected a number, a range such as '1:5', '...', null or a tensor, got true`,
  ],
  [
    () => lg.index(matrix, [[0, 1]]),
    ArgumentError,
    `index: expected a number, a range such as '1:5', '...', null or a tensor, got [0, 1]`,
  ],
  [
    () => lg.index(matrix, [vector]),
    DTypeError,
    'index: expected an int32 or bool tensor as a selector, got float32',
  ],
  [
    () => lg.index(matrix, [tensor([true, false, true])]),
    ShapeError,
    'index: mask [3] does not match axes 0 to 0 of shape [2, 3]',
  ],
  [() => lg.index(matrix, [whole([2])]), IndexError, 'index: expected indices from -2 to 1, got 2'],
  [
    () => lg.index(matrix, [whole([0, 1]), whole([0, 1, 2])]),
    ShapeError,
    'index: shapes [2] and [3] do not broadcast: sizes 2 and 3 meet at axis -1',
  ],
  [() => lg.slice(matrix, 2), AxisError, 'slice: expected an axis (from -2 to 1), got 2'],
  [() => lg.slice(matrix, 0, 0.5), ArgumentError, 'slice: expected an integer as a bound, got 0.5'],
  [() => lg.slice(matrix, 0, 0, 1, 0), ArgumentError, 'slice: expected a step other than 0, got 0'],
  [() => lg.slice(matrix, 0, '0'), ArgumentError, `slice: expected an integer as a bound, got '0'`],
  [
    () => lg.narrow(matrix, 0, 1, 2),
    ShapeError,
    'narrow: 2 places from 1 do not lie in axis 0 of shape [2, 3]',
  ],
  [
    () => lg.narrow(matrix, 0, 0, -1),
    ArgumentError,
    'narrow: expected an integer of at least 0 as length, got -1',
  ],
  [() => lg.select(matrix, 0, 2), IndexError, 'select: expected an index from -2 to 1, got 2'],
  [
    () => lg.select(matrix, 0),
    ArgumentError,
    'select: expected an integer as the index, got undefined',
  ],
  [
    () => lg.gather(matrix, 0, vector),
    DTypeError,
    'gather: expected int32 as the index, got float32',
  ],
  [
    () => lg.gather(matrix, 0, index),
    ShapeError,
    'gather: expected an index that fits in shape [2, 3] except along axis 0, got [2]',
  ],
  [
    () => lg.gather(matrix, 0, whole([[2, 0]])),
    IndexError,
    'gather: expected indices from -2 to 1, got 2',
  ],
  [
    () => lg.gather(matrix, 0, [[0]]),
    ArgumentError,
    'gather: expected a tensor as the index, got [[0]]',
  ],
  [
    () => lg.scatterAdd(matrix, 0, whole([[0, 1]]), ones([1, 1])),
    ShapeError,
    'scatterAdd: expected an index no larger than the source [1, 1], got [1, 2]',
  ],
  [
    () => lg.scatterAdd(matrix, 0, whole([[0, 1]]), 1),
    ArgumentError,
    'scatterAdd: expected a tensor as the source, got 1',
  ],
  [() => lg.scatterAdd(mask, 0, index, mask), DTypeError, 'scatterAdd: expected numbers, got bool'],
  [
    () => lg.indexSelect(matrix, 0, [0]),
    ArgumentError,
    'indexSelect: expected a tensor as the index, got [0]',
  ],
  [
    () => lg.indexSelect(matrix, 0, mask),
    DTypeError,
    'indexSelect: expected int32 as the index, got bool',
  ],
  [
    () => lg.indexSelect(matrix, 0, whole([5])),
    IndexError,
    'indexSelect: expected indices from -2 to 1, got 5',
  ],
  [
    () => lg.indexSelect(matrix, 0, whole([[0]])),
    ShapeError,
    'indexSelect: expected a 1-d index, got shape [1, 1]',
  ],
  [
    () => lg.embedding(vector, matrix),
    DTypeError,
    'embedding: expected int32 as the index, got float32',
  ],
  [
    () => lg.embedding(whole([2]), matrix),
    IndexError,
    'embedding: expected indices from -2 to 1, got 2',
  ],
  [
    () => lg.embedding(index, vector),
    ShapeError,
    'embedding: expected a weight [classes, width], got [3]',
  ],
  [
    () => lg.embedding(index, matrix, 2),
    IndexError,
    'embedding: expected paddingIdx from -2 to 1, got 2',
  ],
  [
    () => lg.embedding(index, matrix, 'a'),
    ArgumentError,
    `embedding: expected an integer as paddingIdx, got 'a'`,
  ],
];
