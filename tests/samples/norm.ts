import * as lg from '../../ops/index.js';
import { moments, standardize, standardizeGrad } from '../../ops/standardize.js';
import { along, each, exactly, nonzero, normal, positive, type Samples, sample } from './sample.js';

const training = { training: true };
/** Batch normalisation in training from fresh running statistics, which it changes in place. */
const trained = (x: lg.Tensor, w?: lg.Tensor, b?: lg.Tensor): lg.Tensor => {
  const { device } = x;
  const [mean, variance] = [lg.zeros([x.shape[1]], { device }), lg.ones([x.shape[1]], { device })];
  return lg.batchNorm(x, mean, variance, w, b, training);
};

export const normSamples: Samples = {
  moments: [
    sample('groups in pieces', (x) => moments(x), normal(2, 2, 3)),
    sample('size 0', (x) => moments(x), normal(1, 0, 3)),
  ],
  standardize: [
    sample('rows', (x) => standardize(x, 1e-5), normal(1, 3, 4)),
    sample('groups in pieces', (x) => standardize(x, 0.1), normal(2, 2, 3)),
    sample('size 0', (x) => standardize(x, 1e-5), normal(1, 0, 3)),
  ],
  standardizeGrad: [
    sample('rows', (g, x) => standardizeGrad(g, x, 1e-5), normal(1, 3, 4), normal(1, 3, 4)),
    sample(
      'groups in pieces',
      (g, x) => standardizeGrad(g, x, 0.1),
      normal(2, 2, 3),
      normal(2, 2, 3),
    ),
    sample('size 0', (g, x) => standardizeGrad(g, x, 1e-5), normal(1, 0, 3), normal(1, 0, 3)),
  ],
  layerNorm: [
    sample('plain', (x) => lg.layerNorm(x, [3]), normal(2, 3)),
    sample('with a weight', (x, w) => lg.layerNorm(x, [3], w), normal(2, 3), normal(3)),
    sample('with a bias', (x, b) => lg.layerNorm(x, [3], null, b), normal(2, 3), normal(3)),
    sample(
      'with both',
      (x, w, b) => lg.layerNorm(x, [3], w, b),
      normal(2, 3),
      normal(3),
      normal(3),
    ),
    sample(
      'over two axes',
      (x, w, b) => lg.layerNorm(x, [2, 2], w, b),
      normal(2, 2, 2),
      normal(2, 2),
      normal(2, 2),
    ),
    sample('over all axes', (x) => lg.layerNorm(x, [2, 3]), normal(2, 3)),
    ...each(
      'eps',
      [0.1, 1],
      (eps) => (x) => lg.layerNorm(x, [3], null, null, { eps }),
      normal(2, 3),
    ),
    sample(
      'equal numbers',
      (x) => lg.layerNorm(x, [3], null, null, { eps: 0.5 }),
      exactly([2, 2, 2], 3),
    ),
    sample('size 1', (x, w) => lg.layerNorm(x, [1], w), normal(2, 1), normal(1)),
    sample('size 0', (x, w, b) => lg.layerNorm(x, [3], w, b), normal(0, 3), normal(3), normal(3)),
  ],
  rmsNorm: [
    sample('plain', (x) => lg.rmsNorm(x, [3]), normal(2, 3)),
    sample('with a weight', (x, w) => lg.rmsNorm(x, [3], w), normal(2, 3), normal(3)),
    sample('over two axes', (x, w) => lg.rmsNorm(x, [2, 2], w), normal(2, 2, 2), normal(2, 2)),
    ...each('eps', [0.1, 1], (eps) => (x) => lg.rmsNorm(x, [3], null, { eps }), normal(2, 3)),
    sample('zeros', (x) => lg.rmsNorm(x, [3], null, { eps: 0.5 }), exactly([0, 0, 0], 3)),
    sample('size 1', (x, w) => lg.rmsNorm(x, [1], w, { eps: 1 }), normal(2, 1), normal(1)),
    sample('size 0', (x, w) => lg.rmsNorm(x, [3], w), normal(0, 3), normal(3)),
  ],
  groupNorm: [
    ...each('groups', [1, 2, 4], (n) => (x) => lg.groupNorm(x, n), normal(1, 4, 3)),
    sample('with a weight', (x, w) => lg.groupNorm(x, 1, w), normal(2, 2, 2), normal(2)),
    sample('with a bias', (x, b) => lg.groupNorm(x, 2, null, b), normal(1, 2, 3), normal(2)),
    sample(
      'with both',
      (x, w, b) => lg.groupNorm(x, 2, w, b),
      normal(1, 4, 2),
      normal(4),
      normal(4),
    ),
    sample('vectors', (x, w, b) => lg.groupNorm(x, 2, w, b), normal(2, 6), normal(6), normal(6)),
    sample(
      'images',
      (x, w, b) => lg.groupNorm(x, 1, w, b),
      normal(1, 2, 2, 2),
      normal(2),
      normal(2),
    ),
    ...each('eps', [0.1, 1], (eps) => (x) => lg.groupNorm(x, 1, null, null, { eps }), normal(2, 3)),
    sample('size 0', (x, w, b) => lg.groupNorm(x, 1, w, b), normal(0, 2, 2), normal(2), normal(2)),
  ],
  instanceNorm: [
    sample('plain', (x) => lg.instanceNorm(x), normal(2, 2, 3)),
    sample('with a weight', (x, w) => lg.instanceNorm(x, w), normal(1, 2, 3), normal(2)),
    sample('with a bias', (x, b) => lg.instanceNorm(x, null, b), normal(1, 2, 3), normal(2)),
    sample(
      'images',
      (x, w, b) => lg.instanceNorm(x, w, b),
      normal(1, 2, 2, 2),
      normal(2),
      normal(2),
    ),
    ...each(
      'eps',
      [0.1, 1],
      (eps) => (x) => lg.instanceNorm(x, null, null, { eps }),
      normal(1, 1, 3),
    ),
    sample('size 0', (x, w, b) => lg.instanceNorm(x, w, b), normal(0, 2, 2), normal(2), normal(2)),
  ],
  batchNorm: [
    sample('training', (x) => trained(x), normal(3, 2)),
    sample('training with both', trained, normal(3, 2), normal(2), normal(2)),
    sample('training on sequences', trained, normal(2, 2, 2), normal(2), normal(2)),
    sample('training on images', trained, normal(1, 2, 2, 2), normal(2), normal(2)),
    sample(
      'training without running statistics',
      (x, w) => lg.batchNorm(x, null, null, w, null, training),
      normal(3, 2),
      normal(2),
    ),
    ...each(
      'training,',
      [{ eps: 0.5 }, { momentum: 1 }],
      (options) => (x) => lg.batchNorm(x, null, null, null, null, { ...training, ...options }),
      normal(3, 2),
    ),
    sample('plain', (x, m, v) => lg.batchNorm(x, m, v), normal(2, 2), normal(2), positive(2)),
    sample(
      'with both',
      (x, m, v, w, b) => lg.batchNorm(x, m, v, w, b),
      normal(2, 2),
      normal(2),
      positive(2),
      normal(2),
      normal(2),
    ),
    sample(
      'with a weight, on sequences',
      (x, m, v, w) => lg.batchNorm(x, m, v, w),
      normal(1, 2, 3),
      normal(2),
      positive(2),
      normal(2),
    ),
    sample(
      'with a bias and eps',
      (x, m, v, b) => lg.batchNorm(x, m, v, null, b, { eps: 0.5 }),
      normal(2, 2),
      normal(2),
      positive(2),
      normal(2),
    ),
    sample('one example', (x, m, v) => lg.batchNorm(x, m, v), normal(1, 2), normal(2), positive(2)),
    sample('size 0', (x, m, v) => lg.batchNorm(x, m, v), normal(0, 2), normal(2), positive(2)),
  ],
  normalize: [
    sample('along axis 1', (x) => lg.normalize(x), normal(2, 3)),
    ...along('an axis', [0, 1, -1, -3], (dim) => (x) => lg.normalize(x, { dim }), normal(2, 3, 2)),
    ...along(
      'several axes',
      [
        [0, 1],
        [-1, 0],
      ],
      (dim) => (x) => lg.normalize(x, { dim }),
      normal(2, 2, 2),
    ),
    ...each('p', [1, 2, 3], (p) => (x) => lg.normalize(x, { p }), nonzero(2, 3)),
    sample('p Infinity', (x) => lg.normalize(x, { p: Infinity }), exactly([3, -1, 0.5, -2], 2, 2)),
    sample('shorter than eps', (x) => lg.normalize(x, { eps: 10 }), nonzero(2, 3)),
    sample('size 1', (x) => lg.normalize(x, { eps: 0.1 }), nonzero(2, 1)),
    sample('0-d', (x) => lg.normalize(x, { dim: [], eps: 10 }), nonzero()),
    sample('size 0', (x) => lg.normalize(x), normal(0, 3)),
  ],
};
