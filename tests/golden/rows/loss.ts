import type { Tensor } from '../../../ops/index.js';
import * as lg from '../../../ops/index.js';
import type { Arguments } from '../arguments.js';
import { optional, type Row, type Rows } from './row.js';

const REDUCTIONS = ['mean', 'sum', 'none'] as const;

/** How PyTorch wrote the reduction before it had a name for it. */
function withoutOldNames(a: Arguments): void {
  a.only('size_average', null);
  a.only('reduce', null);
}

function reduction(a: Arguments): (typeof REDUCTIONS)[number] {
  withoutOldNames(a);
  return a.oneOf('reduction', REDUCTIONS, 'mean');
}

type Elementwise = (x: Tensor, t: Tensor, options: lg.LossOptions) => Tensor;

const elementwise =
  (f: Elementwise): Row =>
  ([x, t], a) =>
    f(x, t, { reduction: reduction(a) });

const crossEntropy: Row = ([x, t, weight], a) =>
  lg.crossEntropy(x, t, {
    weight: optional(weight, a, 'weight', x),
    ignoreIndex: a.number('ignore_index', -100),
    labelSmoothing: a.number('label_smoothing', 0),
    reduction: reduction(a),
  });

const nllLoss: Row = ([x, t, weight], a) =>
  lg.nllLoss(x, t, {
    weight: optional(weight, a, 'weight', x),
    ignoreIndex: a.number('ignore_index', -100),
    reduction: reduction(a),
  });

const binaryCrossEntropy: Row = ([x, t, weight], a) =>
  lg.binaryCrossEntropy(x, t, {
    weight: optional(weight, a, 'weight', x),
    reduction: reduction(a),
  });

const binaryCrossEntropyWithLogits: Row = ([x, t, weight, posWeight], a) =>
  lg.binaryCrossEntropyWithLogits(x, t, {
    weight: optional(weight, a, 'weight', x),
    posWeight: optional(posWeight, a, 'pos_weight', x),
    reduction: reduction(a),
  });

const klDiv: Row = ([x, t], a) => {
  withoutOldNames(a);
  return lg.klDiv(x, t, {
    reduction: a.oneOf('reduction', [...REDUCTIONS, 'batchmean'], 'mean'),
    logTarget: a.boolean('log_target', false),
  });
};

export const loss: Rows = {
  mse_loss: elementwise(lg.mseLoss),
  l1_loss: elementwise(lg.l1Loss),
  smooth_l1_loss: ([x, t], a) =>
    lg.smoothL1Loss(x, t, { reduction: reduction(a), beta: a.number('beta', 1) }),
  huber_loss: ([x, t], a) =>
    lg.huberLoss(x, t, { reduction: reduction(a), delta: a.number('delta', 1) }),
  cross_entropy: crossEntropy,
  nll_loss: nllLoss,
  binary_cross_entropy: binaryCrossEntropy,
  binary_cross_entropy_with_logits: binaryCrossEntropyWithLogits,
  kl_div: klDiv,
  cosine_similarity: ([x, y], a) =>
    lg.cosineSimilarity(x, y, { dim: a.number('dim', 1), eps: a.number('eps', 1e-8) }),
};
