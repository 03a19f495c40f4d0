import { ArgumentError, DTypeError, IndexError, ShapeError } from '../core/errors.js';
import { compose, defineOp } from '../core/op.js';
import {
  axisOf,
  broadcastShapes,
  checkBoolean,
  checkInteger,
  checkNumber,
  checkOneOf,
  formatShape,
  sameShape,
} from '../core/shape.js';
import { fromData, type Tensor } from '../core/tensor.js';
import { checkDimensions, floatingOf, onlyTensor, optionsOf, promoted } from './arguments.js';
import { add, div, maximum, mul, sub } from './binary.js';
import { checkBroadcastsTo, expand } from './broadcast.js';
import { cast } from './cast.js';
import { eq, gt, lt, ne } from './compare.js';
import { gather } from './gather.js';
import { mean, sum } from './reduce.js';
import { flatten, permute, reshape, unsqueeze } from './shape.js';
import { logSoftmax } from './softmax.js';
import { abs, clamp, exp, log, logSigmoid, neg, sqrt, square } from './unary.js';
import { where } from './where.js';

/** How the losses of single elements become one: their mean, their sum, or not at all. */
export type LossReduction = 'mean' | 'sum' | 'none';

export interface LossOptions {
  reduction?: LossReduction;
}

const REDUCTIONS = ['mean', 'sum', 'none'] as const;

const checkReduction = (op: string, reduction: unknown): LossReduction =>
  checkOneOf(op, 'the reduction', reduction, REDUCTIONS);

const reduceLoss = (loss: Tensor, reduction: LossReduction): Tensor =>
  reduction === 'mean' ? mean(loss) : reduction === 'sum' ? sum(loss) : loss;

/** Input and target, float and of one shape: losses do not broadcast. */
function matched(op: string, input: Tensor, target: Tensor): [Tensor, Tensor] {
  const x = floatingOf(op, onlyTensor(op, 'the input', input));
  const t = floatingOf(op, onlyTensor(op, 'the target', target));
  if (!sameShape(x.shape, t.shape)) {
    throw new ShapeError(
      `${op}: expected a target of the input's shape ${formatShape(x.shape)}, got ${formatShape(t.shape)}`,
    );
  }
  const [a, b] = promoted([x, t]);
  return [a, b];
}

/** A loss that compares input and target element by element. */
const elementwise = (name: string, loss: (x: Tensor, t: Tensor) => Tensor) =>
  compose(name, (input: Tensor, target: Tensor, options: LossOptions = {}): Tensor => {
    const [x, t] = matched(name, input, target);
    const { reduction } = optionsOf(name, options, { reduction: 'mean' as LossReduction });
    checkReduction(name, reduction);
    return reduceLoss(loss(x, t), reduction);
  });

/** (x − t)². */
export const mseLoss = elementwise('mseLoss', (x, t) => square(sub(x, t)));

/** |x − t|. */
export const l1Loss = elementwise('l1Loss', (x, t) => abs(sub(x, t)));

/** With d = |x − t|: d²/2β where d < β, d − β/2 elsewhere; β = 1 unless said otherwise. */
export const smoothL1Loss = compose(
  'smoothL1Loss',
  (input: Tensor, target: Tensor, options: LossOptions & { beta?: number } = {}): Tensor => {
    const [x, t] = matched('smoothL1Loss', input, target);
    const given = optionsOf('smoothL1Loss', options, {
      reduction: 'mean' as LossReduction,
      beta: 1,
    });
    const beta = checkNumber('smoothL1Loss', 'beta', given.beta);
    if (!(beta >= 0)) throw new ArgumentError(`smoothL1Loss: expected beta ≥ 0, got ${beta}`);
    checkReduction('smoothL1Loss', given.reduction);
    const difference = sub(x, t);
    const distance = abs(difference);
    if (beta === 0) return reduceLoss(distance, given.reduction);
    const near = mul(square(difference), 0.5 / beta);
    const loss = where(lt(distance, beta), near, sub(distance, beta / 2));
    return reduceLoss(loss, given.reduction);
  },
);

/** With d = |x − t|: d²/2 where d < δ, δ·(d − δ/2) elsewhere (Huber 1964); δ = 1 unless said otherwise. */
export const huberLoss = compose(
  'huberLoss',
  (input: Tensor, target: Tensor, options: LossOptions & { delta?: number } = {}): Tensor => {
    const [x, t] = matched('huberLoss', input, target);
    const given = optionsOf('huberLoss', options, { reduction: 'mean' as LossReduction, delta: 1 });
    const delta = checkNumber('huberLoss', 'delta', given.delta);
    if (!(delta > 0)) throw new ArgumentError(`huberLoss: expected delta > 0, got ${delta}`);
    checkReduction('huberLoss', given.reduction);
    const difference = sub(x, t);
    const distance = abs(difference);
    const far = mul(delta, sub(distance, delta / 2));
    const loss = where(lt(distance, delta), mul(0.5, square(difference)), far);
    return reduceLoss(loss, given.reduction);
  },
);

export interface ClassLossOptions extends LossOptions {
  /** One weight a class `[classes]`; the mean is then the weighted one. */
  weight?: Tensor | null;
  /** Targets of this class do not count. */
  ignoreIndex?: number;
}

export interface CrossEntropyOptions extends ClassLossOptions {
  /** The share of each target that is spread evenly over all classes (Szegedy et al. 2015). */
  labelSmoothing?: number;
}

const CLASS_DEFAULTS = {
  reduction: 'mean' as LossReduction,
  weight: null as Tensor | null,
  ignoreIndex: -100,
};

/** Scores `[b, classes, …]` (or `[classes]`) as `[examples, classes]`. */
function classRows(op: string, scores: Tensor): Tensor {
  checkDimensions(op, 'the input', scores, 1, Infinity);
  if (scores.ndim === 1) return reshape(scores, [1, scores.size]);
  const last = [...scores.shape.map((_, i) => i).filter((i) => i !== 1), 1];
  return flatten(permute(scores, last), 0, -2);
}

/** Checks int32 classes against scores, if they are at hand, and gives the shape of the losses. */
function classShape(op: string, scores: Tensor, target: Tensor, ignoreIndex: number): number[] {
  const shape = scores.ndim === 1 ? [] : scores.shape.toSpliced(1, 1);
  if (!sameShape(target.shape, shape)) {
    throw new ShapeError(
      `${op}: expected a target ${formatShape(shape)} for an input ${formatShape(scores.shape)}, got ${formatShape(target.shape)}`,
    );
  }
  const classes = scores.ndim === 1 ? scores.size : scores.shape[1];
  if (classes === 0) {
    throw new ShapeError(
      `${op}: expected at least one class, got input ${formatShape(scores.shape)}`,
    );
  }
  if (target.storage.isAway) return shape;
  target.data.forEach((c) => {
    if (c === ignoreIndex || (c >= 0 && c < classes)) return;
    throw new IndexError(`${op}: expected classes from 0 to ${classes - 1}, got ${c}`);
  });
  return shape;
}

/** The targets in a row, with class 0 for those that do not count: made here where the numbers are at hand. */
function withoutIgnored(target: Tensor, ignoreIndex: number): Tensor {
  if (target.storage.isAway) {
    return reshape(where(eq(target, ignoreIndex), 0, target), [target.size]);
  }
  const classes = Int32Array.from(target.data, (c) => (c === ignoreIndex ? 0 : c));
  return fromData('int32', classes, [target.size]);
}

function classWeights(op: string, weight: Tensor | null, scores: Tensor): Tensor | null {
  if (weight === null) return null;
  const classes = scores.ndim === 1 ? scores.size : scores.shape[1];
  const w = onlyTensor(op, 'the weight', weight);
  if (w.ndim === 1 && w.size === classes)
    return w.dtype === scores.dtype ? w : cast(w, scores.dtype);
  throw new ShapeError(`${op}: expected a weight [${classes}], got ${formatShape(w.shape)}`);
}

/**
 * The loss of given classes from log-probabilities, −wₜ·log p: rows mixed with the mean over classes by
 * `smoothing`, ignored targets counting nothing.
 */
function classLoss(
  op: string,
  logits: Tensor,
  logProbabilities: Tensor,
  target: Tensor,
  smoothing: number,
  given: Required<ClassLossOptions>,
): Tensor {
  const ignore = checkInteger(op, 'ignoreIndex', given.ignoreIndex);
  const shape = classShape(op, logits, target, ignore);
  const rows = logProbabilities;
  const classes = rows.shape[1];
  const counted = reshape(ne(target, ignore), [target.size]);
  const safe = withoutIgnored(target, ignore);
  const weight = classWeights(op, given.weight, logits);
  const kept = cast(counted, rows.dtype);
  const share = weight === null ? kept : mul(kept, gather(weight, 0, safe));
  const picked = reshape(gather(rows, 1, unsqueeze(safe, 1)), [target.size]);
  let loss = mul(share, mul(-1, picked));
  if (smoothing > 0) {
    const spread = weight === null ? rows : mul(rows, weight);
    const even = mul(-1 / classes, sum(spread, 1));
    loss = add(mul(1 - smoothing, loss), mul(smoothing, even));
  }
  // Not a product with 0: where nothing counts, or a score is infinite, that would make NaN.
  loss = where(counted, loss, 0);
  if (given.reduction === 'mean') return div(sum(loss), sum(share));
  return reduceLoss(reshape(loss, shape), given.reduction);
}

/**
 * −log softmax(input)[target], from scores `[b, classes, …]` (or `[classes]`) and either int32 classes
 * `[b, …]` or probabilities of the scores' shape.
 */
export const crossEntropy = compose(
  'crossEntropy',
  (input: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor => {
    const op = 'crossEntropy';
    const x = floatingOf(op, onlyTensor(op, 'the input', input));
    const t = onlyTensor(op, 'the target', target);
    const given = optionsOf(op, options, { ...CLASS_DEFAULTS, labelSmoothing: 0 });
    const smoothing = checkNumber(op, 'labelSmoothing', given.labelSmoothing);
    if (!(smoothing >= 0 && smoothing <= 1)) {
      throw new ArgumentError(`${op}: expected labelSmoothing from 0 to 1, got ${smoothing}`);
    }
    checkReduction(op, given.reduction);
    checkInteger(op, 'ignoreIndex', given.ignoreIndex);
    const rows = logSoftmax(classRows(op, x), 1);
    if (t.dtype === 'int32') return classLoss(op, x, rows, t, smoothing, given);
    if (!sameShape(t.shape, x.shape)) {
      const classes = formatShape(x.ndim === 1 ? [] : x.shape.toSpliced(1, 1));
      throw new ShapeError(
        `${op}: expected int32 classes ${classes} or probabilities ${formatShape(x.shape)} as the target, got ${t.dtype} ${formatShape(t.shape)}`,
      );
    }
    const [, probabilities] = matched(op, x, t);
    const classes = rows.shape[1];
    const mixed = add(mul(1 - smoothing, classRows(op, probabilities)), smoothing / classes);
    const weight = classWeights(op, given.weight, x);
    const terms = mul(mixed, weight === null ? rows : mul(rows, weight));
    const loss = mul(-1, sum(terms, 1));
    if (given.reduction === 'mean') return div(sum(loss), loss.size);
    return reduceLoss(reshape(loss, x.ndim === 1 ? [] : x.shape.toSpliced(1, 1)), given.reduction);
  },
);

/** −input[target], from log-probabilities `[b, classes, …]` (or `[classes]`) and int32 classes `[b, …]`. */
export const nllLoss = compose(
  'nllLoss',
  (input: Tensor, target: Tensor, options: ClassLossOptions = {}): Tensor => {
    const x = floatingOf('nllLoss', onlyTensor('nllLoss', 'the input', input));
    const t = onlyTensor('nllLoss', 'the target', target);
    if (t.dtype !== 'int32')
      throw new DTypeError(`nllLoss: expected int32 classes, got ${t.dtype}`);
    const given = optionsOf('nllLoss', options, CLASS_DEFAULTS);
    checkReduction('nllLoss', given.reduction);
    return classLoss('nllLoss', x, classRows('nllLoss', x), t, 0, given);
  },
);

export interface BinaryLossOptions extends LossOptions {
  /** A factor for each element, broadcast to the input. */
  weight?: Tensor | null;
}

/** A factor for each element of the input, checked. */
function factorOf(op: string, what: string, factor: Tensor | null, x: Tensor): Tensor | null {
  if (factor === null) return null;
  checkBroadcastsTo(op, what, onlyTensor(op, `the ${what}`, factor), x.shape);
  return factor;
}

const weighted = (loss: Tensor, weight: Tensor | null): Tensor =>
  weight === null ? loss : mul(loss, weight);

const heldLog = (x: Tensor): Tensor => clamp(log(x), -100);

/** −(t·log p + (1 − t)·log(1 − p)), whose derivative by p, (p − t) / (p(1 − p)), is held finite. */
const logLoss = defineOp({
  name: 'binaryCrossEntropy',
  check: (p: Tensor, t: Tensor): [Tensor, Tensor] => [p, t],
  forward: (_k, p, t) => neg(add(mul(t, heldLog(p)), mul(sub(1, t), heldLog(sub(1, p))))),
  saves: [[0, 1], [0]],
  vjp: [
    (g, _y, p, t) => mul(g, div(sub(p, t), maximum(mul(p, sub(1, p)), 1e-12))),
    (g, _y, p) => mul(g, sub(heldLog(sub(1, p)), heldLog(p))),
  ],
});

/**
 * −(t·log p + (1 − t)·log(1 − p)) of probabilities p; logarithms are held at −100 and above. Throws an
 * `ArgumentError` for numbers outside [0, 1], where that can be seen without waiting for a device.
 */
export const binaryCrossEntropy = compose(
  'binaryCrossEntropy',
  (input: Tensor, target: Tensor, options: BinaryLossOptions = {}): Tensor => {
    const op = 'binaryCrossEntropy';
    const [p, t] = matched(op, input, target);
    const given = optionsOf(op, options, {
      reduction: 'mean' as LossReduction,
      weight: null as Tensor | null,
    });
    if (!p.storage.isAway && p.data.some((x) => x < 0 || x > 1)) {
      throw new ArgumentError(`${op}: expected probabilities from 0 to 1, got one outside`);
    }
    checkReduction(op, given.reduction);
    const weight = factorOf(op, 'weight', given.weight, p);
    return reduceLoss(weighted(logLoss(p, t), weight), given.reduction);
  },
);

export interface LogitLossOptions extends BinaryLossOptions {
  /** A factor for the loss of positive targets, broadcast to the input. */
  posWeight?: Tensor | null;
}

/** Binary cross-entropy of sigmoid(x), without overflow: (1 − t)·x + (1 + (w − 1)·t)·log(1 + e^(−x)). */
export const binaryCrossEntropyWithLogits = compose(
  'binaryCrossEntropyWithLogits',
  (input: Tensor, target: Tensor, options: LogitLossOptions = {}): Tensor => {
    const op = 'binaryCrossEntropyWithLogits';
    const [x, t] = matched(op, input, target);
    const given = optionsOf(op, options, {
      reduction: 'mean' as LossReduction,
      weight: null as Tensor | null,
      posWeight: null as Tensor | null,
    });
    checkReduction(op, given.reduction);
    const weight = factorOf(op, 'weight', given.weight, x);
    const posWeight = factorOf(op, 'posWeight', given.posWeight, x);
    const positive = posWeight === null ? 1 : add(1, mul(sub(posWeight, 1), t));
    const loss = sub(mul(sub(1, t), x), mul(positive, logSigmoid(x)));
    return reduceLoss(weighted(loss, weight), given.reduction);
  },
);

export interface KlDivOptions {
  /** `'batchmean'` divides the sum by the batch size, as the definition has it. */
  reduction?: LossReduction | 'batchmean';
  /** Whether the target holds log-probabilities too. */
  logTarget?: boolean;
}

/** t·(log t − x) of log-probabilities x: the Kullback–Leibler divergence of x's distribution from t's. */
export const klDiv = compose(
  'klDiv',
  (input: Tensor, target: Tensor, options: KlDivOptions = {}): Tensor => {
    const [x, t] = matched('klDiv', input, target);
    const given = optionsOf('klDiv', options, {
      reduction: 'mean',
      logTarget: false,
    } as Required<KlDivOptions>);
    const kind = checkOneOf('klDiv', 'the reduction', given.reduction, [
      ...REDUCTIONS,
      'batchmean',
    ]);
    const present = gt(t, 0);
    const loss = checkBoolean('klDiv', 'logTarget', given.logTarget)
      ? mul(exp(t), sub(t, x))
      : sub(where(present, mul(t, log(where(present, t, 1))), 0), mul(t, x));
    if (kind !== 'batchmean') return reduceLoss(loss, kind);
    return div(sum(loss), loss.ndim === 0 ? 1 : loss.shape[0]);
  },
);

/** a·b / (max(‖a‖, eps)·max(‖b‖, eps)) along `dim` = 1, the two broadcast; eps = 1e-8. */
export const cosineSimilarity = compose(
  'cosineSimilarity',
  (a: Tensor, b: Tensor, options: { dim?: number; eps?: number } = {}): Tensor => {
    const op = 'cosineSimilarity';
    const given = optionsOf(op, options, { dim: 1, eps: 1e-8 });
    const [x, y] = promoted([
      floatingOf(op, onlyTensor(op, 'the first input', a)),
      floatingOf(op, onlyTensor(op, 'the second input', b)),
    ]);
    const shape = broadcastShapes(op, x.shape, y.shape);
    const axis = axisOf(op, given.dim, shape.length);
    const eps = checkNumber(op, 'eps', given.eps);
    const product = mul(x, y);
    const least = eps * eps;
    const squares = (t: Tensor): Tensor => maximum(sum(square(expand(t, shape)), axis), least);
    return div(sum(product, axis), mul(sqrt(squares(x)), sqrt(squares(y))));
  },
);
