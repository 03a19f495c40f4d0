import {
  ArgumentError,
  AxisError,
  DTypeError,
  EquationError,
  ones,
  ShapeError,
} from '../../../ops/index.js';
import { index, lg, mask, matrix, scalar, vector, type Wrong } from './wrong.js';

export const contract: readonly Wrong[] = [
  [
    () => lg.matmul(matrix, matrix),
    ShapeError,
    'matmul: expected [2, 3] @ [..., 3, n], got [2, 3]',
  ],
  [
    () => lg.matmul(matrix, 2),
    ArgumentError,
    'matmul: expected a tensor as the second operand, got 2',
  ],
  [
    () => lg.matmul(matrix, scalar),
    ShapeError,
    'matmul: expected at least 1 dimension of the second operand, got shape []',
  ],
  [
    () => lg.matmul(ones([2, 2, 3]), ones([4, 3, 2])),
    ShapeError,
    'matmul: shapes [2] and [4] do not broadcast: sizes 2 and 4 meet at axis -1',
  ],
  [() => lg.matmul(mask, mask), DTypeError, 'matmul: expected numbers, got bool and bool'],
  [
    () => lg.bmm(matrix, matrix),
    ShapeError,
    'bmm: expected 3 dimensions of the first operand, got shape [2, 3]',
  ],
  [
    () => lg.bmm(ones([2, 2, 3]), ones([2, 2, 3])),
    ShapeError,
    'bmm: expected [b, n, k] and [b, k, m], got [2, 2, 3] and [2, 2, 3]',
  ],
  [
    () => lg.dot(vector, matrix),
    ShapeError,
    'dot: expected two vectors of one length, got [3] and [2, 3]',
  ],
  [
    () => lg.dot(vector, index),
    ShapeError,
    'dot: expected two vectors of one length, got [3] and [2]',
  ],
  [
    () => lg.outer(matrix, vector),
    ShapeError,
    'outer: expected 1 dimension of the first operand, got shape [2, 3]',
  ],
  [
    () => lg.tensordot(matrix, matrix, 3),
    ShapeError,
    'tensordot: expected at most 2 axes to sum over, got 3',
  ],
  [
    () => lg.tensordot(matrix, matrix, [[0], [1]]),
    ShapeError,
    'tensordot: axes [0] of [2, 3] do not pair with axes [1] of [2, 3]',
  ],
  [
    () => lg.tensordot(matrix, matrix, [0, 1]),
    ArgumentError,
    'tensordot: expected a number of axes or two lists of axes as dims, got [0, 1]',
  ],
  [
    () => lg.tensordot(matrix, matrix, 'a'),
    ArgumentError,
    `tensordot: expected an integer of at least 0 as dims, got 'a'`,
  ],
  [
    () => lg.tensordot(matrix, matrix, [[0], [0, 1]]),
    ShapeError,
    'tensordot: axes [0] of [2, 3] do not pair with axes [0, 1] of [2, 3]',
  ],
  [
    () => lg.tensordot(matrix, matrix, [[2], [0]]),
    AxisError,
    'tensordot: expected an axis (from -2 to 1), got 2',
  ],
  [
    () => lg.linear(matrix, ones([4])),
    ShapeError,
    'linear: expected 2 dimensions of the weight, got shape [4]',
  ],
  [
    () => lg.linear(matrix, ones([4, 2])),
    ShapeError,
    'linear: weight [4, 2] needs 2 features, x [2, 3] has 3',
  ],
  [
    () => lg.linear(matrix, ones([4, 3]), vector),
    ShapeError,
    'linear: expected a bias [4], got [3]',
  ],
  [
    () => lg.linear(matrix, ones([4, 3]), 1),
    ArgumentError,
    'linear: expected a tensor as the bias, got 1',
  ],
  [
    () => lg.einsum(3, matrix),
    EquationError,
    `einsum: expected an equation such as 'ij,jk->ik', got 3`,
  ],
  [
    () => lg.einsum('ij->i1', matrix),
    EquationError,
    `einsum: expected a letter, ',', '...' or '->', got '1'\n  ij->i1\n       ^`,
  ],
  [
    () => lg.einsum('ij', [matrix]),
    ArgumentError,
    'einsum: expected a tensor as operand 0, got [a tensor of shape [2, 3]]',
  ],
  [() => lg.einsum('i', mask), DTypeError, 'einsum: expected numbers, got bool'],
  [
    () => lg.einsum('ij,jk', matrix, matrix),
    EquationError,
    `einsum: subscript 'j' has size 2 in operand 1, and 3 before\n  ij,jk\n     ^`,
  ],
  [
    () => lg.einsumPath('ij,jk', matrix, matrix),
    EquationError,
    `einsum: subscript 'j' has size 2 in operand 1, and 3 before\n  ij,jk\n     ^`,
  ],
  [
    () => lg.einsumPath('ijk', matrix),
    EquationError,
    `einsum: operand 0 of 'ijk' names 3 axes, the tensor has shape [2, 3]`,
  ],
];
