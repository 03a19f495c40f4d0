import type { LossReduction, Tensor } from '../../ops/index.js';
import * as lg from '../../ops/index.js';
import {
  along,
  between,
  each,
  exactly,
  except,
  type Input,
  integers,
  nonzero,
  normal,
  positive,
  type Sample,
  type Samples,
  sample,
} from './sample.js';

const reductions: { reduction: LossReduction }[] = [
  { reduction: 'mean' },
  { reduction: 'sum' },
  { reduction: 'none' },
];

/** The mean of nothing is NaN, and so are its derivatives. */
const ofNothing = reductions.filter(({ reduction }) => reduction !== 'mean');

type Draw = (...shape: number[]) => Input;
type Loss = (x: Tensor, t: Tensor, options?: { reduction?: LossReduction }) => unknown;

/** A loss of an input and a target of its shape. */
const paired = (f: Loss, x: Draw, t: Draw): Sample[] => [
  sample('without options', (a, b) => f(a, b), x(2, 3), t(2, 3)),
  ...each('', reductions, (options) => (a, b) => f(a, b, options), x(2, 3), t(2, 3)),
  ...each(
    'three axes,',
    reductions,
    (options) => (a, b) => f(a, b, options),
    x(2, 1, 2),
    t(2, 1, 2),
  ),
  ...each('0-d,', reductions, (options) => (a, b) => f(a, b, options), x(), t()),
  ...each('size 0,', ofNothing, (options) => (a, b) => f(a, b, options), x(2, 0), t(2, 0)),
];

/** Targets that an input of `nonzero` never meets. */
const small: Draw = (...shape) => between(-0.1, 0.1, ...shape);
const probability: Draw = (...shape) => between(0.1, 0.9, ...shape);
const logProbability: Draw = (...shape) => between(-3, -0.2, ...shape);

const classes = integers([2, 0, 2], 3);
const withIgnored = integers([1, -100, 0], 3);
const oneIgnored = integers([1, 2, 0], 3);
const perPlace = integers([1, 0, 2, 2], 2, 2);

type ClassLoss = (x: Tensor, t: Tensor, options?: lg.ClassLossOptions) => unknown;

/** A loss of scores, or log-probabilities, and classes. */
const classified = (f: ClassLoss): Sample[] => [
  sample('without options', (x, t) => f(x, t), normal(3, 3), classes),
  ...each('', reductions, (options) => (x, t) => f(x, t, options), normal(3, 3), classes),
  ...each(
    'ignored targets and weights,',
    reductions,
    (options) => (x, t, weight) => f(x, t, { ...options, weight }),
    normal(3, 3),
    withIgnored,
    positive(3),
  ),
  sample('another ignoreIndex', (x, t) => f(x, t, { ignoreIndex: 2 }), normal(3, 3), oneIgnored),
  ...each(
    'places,',
    reductions,
    (options) => (x, t) => f(x, t, options),
    normal(2, 3, 2),
    perPlace,
  ),
  sample(
    'places and weights',
    (x, t, weight) => f(x, t, { weight }),
    normal(2, 3, 2),
    perPlace,
    positive(3),
  ),
  sample('images', (x, t) => f(x, t), normal(1, 3, 2, 2), integers([1, 0, 2, 2], 1, 2, 2)),
  ...each(
    'one example,',
    reductions,
    (options) => (x, t) => f(x, t, options),
    normal(3),
    integers([1]),
  ),
  sample('one class', (x, t) => f(x, t), normal(2, 1), integers([0, 0], 2)),
  ...each(
    'size 0,',
    ofNothing,
    (options) => (x, t) => f(x, t, options),
    normal(0, 3),
    integers([], 0),
  ),
];

const smoothed = { labelSmoothing: 0.3 };
const certain = lg.tensor([
  [1, 0, 0],
  [0, 0.5, 0.5],
]);

export const lossSamples: Samples = {
  mseLoss: [
    ...paired(lg.mseLoss, normal, normal),
    sample('an exact guess', (x, t) => lg.mseLoss(x, t), exactly([1, 2], 2), exactly([1, 2], 2)),
  ],
  l1Loss: paired(lg.l1Loss, nonzero, small),
  smoothL1Loss: [
    ...paired(lg.smoothL1Loss, nonzero, small),
    ...each(
      'beta',
      [0, 0.25, 3],
      (beta) => (x, t) => lg.smoothL1Loss(x, t, { beta }),
      nonzero(5),
      small(5),
    ),
    sample(
      'an exact guess',
      (x) => lg.smoothL1Loss(x, lg.tensor([1, 2]).to(x.device)),
      exactly([1, 2], 2),
    ),
  ],
  huberLoss: [
    ...paired(lg.huberLoss, nonzero, small),
    ...each(
      'delta',
      [0.25, 0.9, 3],
      (delta) => (x, t) => lg.huberLoss(x, t, { delta }),
      nonzero(5),
      small(5),
    ),
    sample(
      'an exact guess',
      (x) => lg.huberLoss(x, lg.tensor([1, 2]).to(x.device)),
      exactly([1, 2], 2),
    ),
  ],
  crossEntropy: [
    ...classified(lg.crossEntropy),
    sample(
      'scores far away',
      (x, t) => lg.crossEntropy(lg.add(x, 1024), t),
      exactly([0.5, -0.25, 1, -0.75, 2, 0], 2, 3),
      integers([0, 2], 2),
    ),
    ...each(
      'smoothed,',
      reductions,
      (options) => (x, t) => lg.crossEntropy(x, t, { ...options, ...smoothed }),
      normal(3, 3),
      withIgnored,
    ),
    ...each(
      'smoothed, with weights,',
      reductions,
      (options) => (x, t, weight) => lg.crossEntropy(x, t, { ...options, ...smoothed, weight }),
      normal(3, 3),
      withIgnored,
      positive(3),
    ),
    sample(
      'wholly smoothed',
      (x, t) => lg.crossEntropy(x, t, { labelSmoothing: 1 }),
      normal(3, 3),
      classes,
    ),
    ...each(
      'probabilities,',
      reductions,
      (options) => (x, t) => lg.crossEntropy(x, t, options),
      normal(2, 3),
      probability(2, 3),
    ),
    ...each(
      'probabilities, smoothed, with weights,',
      reductions,
      (options) => (x, t, weight) => lg.crossEntropy(x, t, { ...options, ...smoothed, weight }),
      normal(2, 3),
      probability(2, 3),
      positive(3),
    ),
    sample(
      'probabilities of places',
      (x, t) => lg.crossEntropy(x, t, { reduction: 'none' }),
      normal(2, 3, 2),
      probability(2, 3, 2),
    ),
    sample(
      'probabilities of one example',
      (x, t) => lg.crossEntropy(x, t),
      normal(3),
      probability(3),
    ),
    sample('probabilities of 0', (x) => lg.crossEntropy(x, certain.to(x.device)), normal(2, 3)),
  ],
  nllLoss: classified(lg.nllLoss),
  binaryCrossEntropy: [
    ...paired(lg.binaryCrossEntropy, probability, probability),
    ...each(
      'with weights,',
      reductions,
      (options) => (x, t, weight) => lg.binaryCrossEntropy(x, t, { ...options, weight }),
      probability(2, 3),
      probability(2, 3),
      positive(3),
    ),
    sample(
      'certain targets',
      (x) => lg.binaryCrossEntropy(x, lg.tensor([0, 1, 1]).to(x.device)),
      probability(3),
    ),
  ],
  binaryCrossEntropyWithLogits: [
    ...paired(lg.binaryCrossEntropyWithLogits, normal, probability),
    ...each(
      'with weights,',
      reductions,
      (options) => (x, t, weight) => lg.binaryCrossEntropyWithLogits(x, t, { ...options, weight }),
      normal(2, 3),
      probability(2, 3),
      positive(2, 1),
    ),
    ...each(
      'with posWeight,',
      reductions,
      (options) => (x, t, posWeight) =>
        lg.binaryCrossEntropyWithLogits(x, t, { ...options, posWeight }),
      normal(2, 3),
      probability(2, 3),
      positive(3),
    ),
    sample(
      'with both',
      (x, t, weight, posWeight) => lg.binaryCrossEntropyWithLogits(x, t, { weight, posWeight }),
      normal(2, 3),
      probability(2, 3),
      positive(2, 3),
      positive(3),
    ),
    sample(
      'large scores',
      (x, t) => lg.binaryCrossEntropyWithLogits(x, t, { reduction: 'none' }),
      exactly([-90, -20, 20, 90], 4),
      probability(4),
    ),
    sample(
      'certain targets',
      (x) => lg.binaryCrossEntropyWithLogits(x, lg.tensor([0, 1, 1]).to(x.device)),
      normal(3),
    ),
  ],
  klDiv: [
    ...paired(lg.klDiv, logProbability, probability),
    sample(
      'batchmean',
      (x, t) => lg.klDiv(x, t, { reduction: 'batchmean' }),
      logProbability(2, 3),
      probability(2, 3),
    ),
    sample(
      '0-d batchmean',
      (x, t) => lg.klDiv(x, t, { reduction: 'batchmean' }),
      logProbability(),
      probability(),
    ),
    ...each(
      'logTarget,',
      [...reductions, { reduction: 'batchmean' } as const],
      (options) => (x, t) => lg.klDiv(x, t, { ...options, logTarget: true }),
      logProbability(2, 3),
      logProbability(2, 3),
    ),
    sample('targets of 0', (x) => lg.klDiv(x, certain.to(x.device)), logProbability(2, 3)),
  ],
  cosineSimilarity: [
    sample('along axis 1', (a, b) => lg.cosineSimilarity(a, b), normal(2, 3), normal(2, 3)),
    ...along(
      'an axis',
      [0, 1, -1, -3],
      (dim) => (a, b) => lg.cosineSimilarity(a, b, { dim }),
      normal(2, 2, 2),
      normal(2, 2, 2),
    ),
    sample(
      'the left one is repeated',
      (a, b) => lg.cosineSimilarity(a, b),
      normal(1, 3),
      normal(2, 3),
    ),
    sample(
      'the right one gets an axis',
      (a, b) => lg.cosineSimilarity(a, b),
      normal(2, 3),
      normal(3),
    ),
    except(
      sample(
        'repeated along the axis',
        (a, b) => lg.cosineSimilarity(a, b),
        normal(2, 1),
        normal(2, 3),
      ),
      {
        float32: 1e-4,
        why: 'the length of a does not count: its gradient is what rounding leaves of 0',
      },
    ),
    sample(
      'shorter than eps',
      (a, b) => lg.cosineSimilarity(a, b, { eps: 10 }),
      nonzero(2, 3),
      nonzero(2, 3),
    ),
    sample('of itself', (a) => lg.cosineSimilarity(a, a), normal(2, 3)),
    sample('size 0', (a, b) => lg.cosineSimilarity(a, b), normal(0, 3), normal(0, 3)),
  ],
};
