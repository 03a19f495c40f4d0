import {
  ArgumentError,
  AxisError,
  DTypeError,
  full,
  IndexError,
  ones,
  ShapeError,
} from '../../../ops/index.js';
import { index, lg, matrix, scalar, vector, type Wrong, whole } from './wrong.js';

export const loss: readonly Wrong[] = [
  [
    () => lg.mseLoss(matrix, vector),
    ShapeError,
    `mseLoss: expected a target of the input's shape [2, 3], got [3]`,
  ],
  [() => lg.mseLoss(matrix, 0), ArgumentError, 'mseLoss: expected a tensor as the target, got 0'],
  [
    () => lg.mseLoss(matrix, matrix, 'sum'),
    ArgumentError,
    `mseLoss: expected an object of options (reduction), got 'sum'`,
  ],
  [
    () => lg.mseLoss(matrix, matrix, { reduction: 'avg' }),
    ArgumentError,
    `mseLoss: expected 'mean' or 'sum' or 'none' as the reduction, got 'avg'`,
  ],
  [
    () => lg.l1Loss(matrix, matrix, { reduce: true }),
    ArgumentError,
    `l1Loss: expected options reduction, got 'reduce'`,
  ],
  [
    () => lg.smoothL1Loss(matrix, matrix, { beta: -1 }),
    ArgumentError,
    'smoothL1Loss: expected beta ≥ 0, got -1',
  ],
  [
    () => lg.smoothL1Loss(matrix, matrix, { beta: NaN }),
    ArgumentError,
    'smoothL1Loss: expected a number as beta, got NaN',
  ],
  [
    () => lg.huberLoss(matrix, matrix, { delta: 0 }),
    ArgumentError,
    'huberLoss: expected delta > 0, got 0',
  ],
  [
    () => lg.crossEntropy(matrix, vector),
    ShapeError,
    'crossEntropy: expected int32 classes [2] or probabilities [2, 3] as the target, got float32 [3]',
  ],
  [
    () => lg.crossEntropy(matrix, index, { weight: ones([2]) }),
    ShapeError,
    'crossEntropy: expected a weight [3], got [2]',
  ],
  [
    () => lg.crossEntropy(matrix, whole([0, 3])),
    IndexError,
    'crossEntropy: expected classes from 0 to 2, got 3',
  ],
  [
    () => lg.crossEntropy(matrix, whole([0, 1, 2])),
    ShapeError,
    'crossEntropy: expected a target [2] for an input [2, 3], got [3]',
  ],
  [
    () => lg.crossEntropy(matrix, [0, 1]),
    ArgumentError,
    'crossEntropy: expected a tensor as the target, got [0, 1]',
  ],
  [
    () => lg.crossEntropy(matrix, index, { labelSmoothing: 2 }),
    ArgumentError,
    'crossEntropy: expected labelSmoothing from 0 to 1, got 2',
  ],
  [
    () => lg.crossEntropy(matrix, index, { ignoreIndex: 0.5 }),
    ArgumentError,
    'crossEntropy: expected an integer as ignoreIndex, got 0.5',
  ],
  [
    () => lg.crossEntropy(matrix, index, { reduction: 'batchmean' }),
    ArgumentError,
    `crossEntropy: expected 'mean' or 'sum' or 'none' as the reduction, got 'batchmean'`,
  ],
  [
    () => lg.crossEntropy(scalar, index),
    ShapeError,
    'crossEntropy: expected at least 1 dimension of the input, got shape []',
  ],
  [() => lg.nllLoss(matrix, matrix), DTypeError, 'nllLoss: expected int32 classes, got float32'],
  [
    () => lg.nllLoss(matrix, whole([0, -1])),
    IndexError,
    'nllLoss: expected classes from 0 to 2, got -1',
  ],
  [
    () => lg.nllLoss(ones([1, 0]), whole([0])),
    ShapeError,
    'nllLoss: expected at least one class, got input [1, 0]',
  ],
  [
    () => lg.binaryCrossEntropy(full([2], 1.5), ones([2])),
    ArgumentError,
    'binaryCrossEntropy: expected probabilities from 0 to 1, got one outside',
  ],
  [
    () => lg.binaryCrossEntropy(matrix, vector),
    ShapeError,
    `binaryCrossEntropy: expected a target of the input's shape [2, 3], got [3]`,
  ],
  [
    () => lg.binaryCrossEntropy(matrix, matrix, { weight: ones([2]) }),
    ShapeError,
    'binaryCrossEntropy: weight [2] does not broadcast to shape [2, 3]',
  ],
  [
    () => lg.binaryCrossEntropy(matrix, matrix, { weight: 2 }),
    ArgumentError,
    'binaryCrossEntropy: expected a tensor as the weight, got 2',
  ],
  [
    () => lg.binaryCrossEntropyWithLogits(matrix, matrix, { posWeight: ones([2, 2, 3]) }),
    ShapeError,
    'binaryCrossEntropyWithLogits: posWeight [2, 2, 3] does not broadcast to shape [2, 3]',
  ],
  [
    () => lg.binaryCrossEntropyWithLogits(matrix, matrix, { pos_weight: vector }),
    ArgumentError,
    `binaryCrossEntropyWithLogits: expected options reduction, weight, posWeight, got 'pos_weight'`,
  ],
  [
    () => lg.klDiv(matrix, matrix, { reduction: 'batch' }),
    ArgumentError,
    `klDiv: expected 'mean' or 'sum' or 'none' or 'batchmean' as the reduction, got 'batch'`,
  ],
  [
    () => lg.klDiv(matrix, matrix, { logTarget: 'yes' }),
    ArgumentError,
    `klDiv: expected true or false as logTarget, got 'yes'`,
  ],
  [
    () => lg.cosineSimilarity(matrix, ones([4])),
    ShapeError,
    'cosineSimilarity: shapes [2, 3] and [4] do not broadcast: sizes 3 and 4 meet at axis -1',
  ],
  [
    () => lg.cosineSimilarity(matrix, matrix, { dim: 2 }),
    AxisError,
    'cosineSimilarity: expected an axis (from -2 to 1), got 2',
  ],
  [
    () => lg.cosineSimilarity(matrix, matrix, { eps: null }),
    ArgumentError,
    'cosineSimilarity: expected a number as eps, got null',
  ],
];
