import { ArgumentError, AxisError, DTypeError, ones, ShapeError } from '../../../ops/index.js';
import {
  images,
  index,
  keys,
  lg,
  mask,
  matrix,
  queries,
  vector,
  type Wrong,
  whole,
} from './wrong.js';

export const layer: readonly Wrong[] = [
  [
    () => lg.layerNorm(matrix, 3),
    ShapeError,
    'layerNorm: expected a shape of whole numbers ≥ 0, got 3',
  ],
  [
    () => lg.layerNorm(matrix, [2]),
    ShapeError,
    'layerNorm: expected an input ending in [2], got [2, 3]',
  ],
  [
    () => lg.layerNorm(matrix, [3], ones([2])),
    ShapeError,
    'layerNorm: expected a weight [3], got [2]',
  ],
  [
    () => lg.layerNorm(matrix, [3], vector, 1),
    ArgumentError,
    'layerNorm: expected a tensor as the bias, got 1',
  ],
  [
    () => lg.layerNorm(matrix, [3], null, null, { eps: NaN }),
    ArgumentError,
    'layerNorm: expected a number as eps, got NaN',
  ],
  [
    () => lg.layerNorm(matrix, [3], null, null, { epsilon: 1 }),
    ArgumentError,
    `layerNorm: expected options eps, got 'epsilon'`,
  ],
  [
    () => lg.layerNorm(matrix, [3], { eps: 1 }),
    ArgumentError,
    'layerNorm: expected a tensor as the weight, got an object',
  ],
  [
    () => lg.rmsNorm(matrix, [3], ones([3, 1])),
    ShapeError,
    'rmsNorm: expected a weight [3], got [3, 1]',
  ],
  [
    () => lg.groupNorm(images, 2),
    ShapeError,
    'groupNorm: 3 channels do not divide into 2 groups, input [2, 3, 8, 8]',
  ],
  [
    () => lg.groupNorm(images, 0),
    ArgumentError,
    'groupNorm: expected an integer of at least 1 as numGroups, got 0',
  ],
  [
    () => lg.groupNorm(vector, 1),
    ShapeError,
    'groupNorm: expected at least 2 dimensions of the input, got shape [3]',
  ],
  [
    () => lg.groupNorm(images, 3, ones([2])),
    ShapeError,
    'groupNorm: expected a weight [3], got [2]',
  ],
  [
    () => lg.instanceNorm(matrix),
    ShapeError,
    'instanceNorm: expected at least 3 dimensions of the input, got shape [2, 3]',
  ],
  [
    () => lg.instanceNorm(images, vector, ones([4])),
    ShapeError,
    'instanceNorm: expected a bias [3], got [4]',
  ],
  [
    () => lg.batchNorm(images, null, null),
    ArgumentError,
    'batchNorm: expected running statistics outside training, got none',
  ],
  [
    () => lg.batchNorm(images, vector, ones([2])),
    ShapeError,
    'batchNorm: expected a runningVar [3], got [2]',
  ],
  [
    () => lg.batchNorm(images, whole([0, 0, 0]), vector),
    DTypeError,
    'batchNorm: expected a runningMean of real numbers, got int32',
  ],
  [
    () => lg.batchNorm(vector, vector, vector),
    ShapeError,
    'batchNorm: expected at least 2 dimensions of the input, got shape [3]',
  ],
  [
    () => lg.batchNorm(ones([1, 3]), null, null, null, null, { training: true }),
    ShapeError,
    'batchNorm: expected more than one number a channel in training, got input [1, 3]',
  ],
  [
    () => lg.batchNorm(images, vector, vector, ones([2]), null, { training: true }),
    ShapeError,
    'batchNorm: expected a weight [3], got [2]',
  ],
  [
    () => lg.batchNorm(images, vector, vector, null, null, { momentum: NaN }),
    ArgumentError,
    'batchNorm: expected a number as momentum, got NaN',
  ],
  [
    () => lg.batchNorm(images, vector, vector, null, null, { training: 1 }),
    ArgumentError,
    'batchNorm: expected true or false as training, got 1',
  ],
  [
    () => lg.batchNorm(images, vector, vector, null, null, { eps: NaN }),
    ArgumentError,
    'batchNorm: expected a number as eps, got NaN',
  ],
  [
    () => lg.rmsNorm(matrix, [3], null, { eps: null }),
    ArgumentError,
    'rmsNorm: expected a number as eps, got null',
  ],
  [
    () => lg.groupNorm(images, 3, null, null, { eps: '1e-5' }),
    ArgumentError,
    `groupNorm: expected a number as eps, got '1e-5'`,
  ],
  [
    () => lg.instanceNorm(images, null, null, { momentum: 0.1 }),
    ArgumentError,
    `instanceNorm: expected options eps, got 'momentum'`,
  ],
  [
    () => lg.normalize(matrix, { p: NaN }),
    ArgumentError,
    'normalize: expected a number as p, got NaN',
  ],
  [
    () => lg.normalize(matrix, { dim: 2 }),
    AxisError,
    'normalize: expected an axis (from -2 to 1), got 2',
  ],
  [
    () => lg.normalize(matrix, { eps: '0' }),
    ArgumentError,
    `normalize: expected a number as eps, got '0'`,
  ],
  [
    () => lg.scaledDotProductAttention(matrix, matrix),
    ArgumentError,
    'scaledDotProductAttention: expected a tensor as the value, got undefined',
  ],
  [
    () => lg.scaledDotProductAttention(matrix, matrix, vector),
    ShapeError,
    'scaledDotProductAttention: expected at least 2 dimensions of query, key and value, got shape [3]',
  ],
  [
    () => lg.scaledDotProductAttention(matrix, ones([2, 4]), matrix),
    ShapeError,
    'scaledDotProductAttention: expected query [..., n, d], key [..., m, d] and value [..., m, v], got [2, 3], [2, 4] and [2, 3]',
  ],
  [
    () => lg.scaledDotProductAttention(matrix, matrix, matrix, { mask: ones([3, 3]) }),
    ShapeError,
    'scaledDotProductAttention: mask [3, 3] does not broadcast to shape [2, 2]',
  ],
  [
    () => lg.scaledDotProductAttention(matrix, matrix, matrix, { mask: index }),
    DTypeError,
    'scaledDotProductAttention: expected bool or float as the mask, got int32',
  ],
  [
    () => lg.scaledDotProductAttention(matrix, matrix, matrix, { mask: [true] }),
    ArgumentError,
    'scaledDotProductAttention: expected a tensor as the mask, got [true]',
  ],
  [
    () => lg.scaledDotProductAttention(matrix, matrix, matrix, { dropout: 2 }),
    ArgumentError,
    'scaledDotProductAttention: expected a probability from 0 to 1, got 2',
  ],
  [
    () => lg.scaledDotProductAttention(matrix, matrix, matrix, { scale: NaN }),
    ArgumentError,
    'scaledDotProductAttention: expected a number as the scale, got NaN',
  ],
  [
    () => lg.scaledDotProductAttention(matrix, matrix, matrix, { isCausal: 1 }),
    ArgumentError,
    'scaledDotProductAttention: expected true or false as isCausal, got 1',
  ],
  [
    () => lg.scaledDotProductAttention(matrix, matrix, matrix, { causal: true }),
    ArgumentError,
    `scaledDotProductAttention: expected options mask, isCausal, dropout, scale, got 'causal'`,
  ],
  [
    () => lg.scaledDotProductAttention(ones([2, 2, 3]), ones([3, 2, 3]), ones([3, 2, 3])),
    ShapeError,
    'scaledDotProductAttention: shapes [2] and [3] and [3] do not broadcast: sizes 2 and 3 meet at axis -1',
  ],
  [
    () => lg.lambdaLayer(matrix, matrix, matrix),
    ShapeError,
    'lambdaLayer: expected 4 dimensions of queries, got shape [2, 3]',
  ],
  [
    () => lg.lambdaLayer(queries, keys, ones([1, 3, 2, 1])),
    ShapeError,
    'lambdaLayer: expected queries [b, n, h, k], keys [b, m, k, u] and values [b, m, v, u], got [1, 2, 1, 2], [1, 2, 2, 1] and [1, 3, 2, 1]',
  ],
  [
    () => lg.lambdaLayer(queries, keys, keys, { mask: ones([2, 2]) }),
    DTypeError,
    'lambdaLayer: expected bool as the mask, got float32',
  ],
  [
    () => lg.lambdaLayer(queries, keys, keys, { mask }),
    ShapeError,
    'lambdaLayer: expected a mask [2, 2] or [1, 2, 2] or [1, 1, 2], got [2]',
  ],
  [
    () => lg.lambdaLayer(queries, keys, keys, { embeddings: ones([2, 2, 1]) }),
    ShapeError,
    'lambdaLayer: expected embeddings [2, 2, 2, 1] or [r, 2, 1] with r odd, got [2, 2, 1]',
  ],
  [
    () => lg.lambdaLayer(queries, keys, keys, { embedding: null }),
    ArgumentError,
    `lambdaLayer: expected options embeddings, grid, contextGrid, mask, isCausal, content, normalization, got 'embedding'`,
  ],
  [
    () => lg.lambdaLayer(queries, keys, keys, { content: false }),
    ArgumentError,
    'lambdaLayer: expected embeddings where content is false, got none of the two lambdas',
  ],
  [
    () => lg.lambdaLayer(queries, keys, keys, { grid: [2, 2] }),
    ShapeError,
    'lambdaLayer: expected grid of 2 positions, got [2, 2]',
  ],
  [
    () => lg.lambdaLayer(queries, ones([1, 3, 2, 1]), ones([1, 3, 2, 1]), { isCausal: true }),
    ShapeError,
    "lambdaLayer: isCausal expects a context of the queries' own 2 positions, got 3",
  ],
  [
    () => lg.relativeEmbeddings(ones([1, 4, 2, 1]), [1, 3]),
    ShapeError,
    'relativeEmbeddings: expected a table [rows, cols, k, u] of offsets between grids [1, 3] and [1, 3], got [1, 4, 2, 1]',
  ],
  [
    () => lg.lambdaLayer(queries, keys, null),
    ArgumentError,
    'lambdaLayer: expected a tensor as values, got null',
  ],
];
