import { checkOptions } from '../core/options.js';
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  cosineSimilarity,
  crossEntropy,
  huberLoss,
  klDiv,
  l1Loss,
  mseLoss,
  nllLoss,
  smoothL1Loss,
  Tensor,
} from '../ops/index.js';
import { Buffer } from './buffer.js';
import { listed } from './describe.js';
import { Module } from './module.js';

type LossFunction<O> = (input: Tensor, target: Tensor, options?: O) => Tensor;

/**
 * A function of two tensors, such as input and target, as a module that holds its options. Those that
 * are tensors, such as the weights of classes, are buffers of the module.
 */
export class Loss extends Module {
  private readonly options: object;

  constructor(
    private readonly f: LossFunction<never>,
    known: readonly string[],
    options: object,
  ) {
    super();
    checkOptions(this.constructor.name, options, known);
    const buffers = Object.fromEntries(
      Object.entries(options).flatMap(([name, x]) =>
        x instanceof Tensor ? [[name, new Buffer(x)]] : [],
      ),
    );
    this.options = { ...options, ...buffers };
    Object.assign(this, buffers);
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return this.f(input, target, this.options as never);
  }

  protected override describe(): string {
    return listed(this.options);
  }
}

/** The module of a function with these options. */
const loss = <O extends object>(
  f: LossFunction<O>,
  known: readonly (keyof O & string)[],
): (new (
  options?: O,
) => Loss) =>
  class extends Loss {
    constructor(options: O = {} as O) {
      super(f, known, options);
    }
  };

/** (x − t)²; see `mseLoss`. */
export class MSELoss extends loss(mseLoss, ['reduction']) {}
/** |x − t|; see `l1Loss`. */
export class L1Loss extends loss(l1Loss, ['reduction']) {}
/** Quadratic below `beta`, linear above; see `smoothL1Loss`. */
export class SmoothL1Loss extends loss(smoothL1Loss, ['reduction', 'beta']) {}
/** Quadratic below `delta`, linear above; see `huberLoss`. */
export class HuberLoss extends loss(huberLoss, ['reduction', 'delta']) {}
/** −log softmax(input)[target], from scores; see `crossEntropy`. */
export class CrossEntropyLoss extends loss(crossEntropy, [
  'reduction',
  'weight',
  'ignoreIndex',
  'labelSmoothing',
]) {}
/** −input[target], from log-probabilities; see `nllLoss`. */
export class NLLLoss extends loss(nllLoss, ['reduction', 'weight', 'ignoreIndex']) {}
/** −(t·log p + (1 − t)·log(1 − p)), from probabilities; see `binaryCrossEntropy`. */
export class BCELoss extends loss(binaryCrossEntropy, ['reduction', 'weight']) {}
/** The same from scores, of which p is the sigmoid; see `binaryCrossEntropyWithLogits`. */
export class BCEWithLogitsLoss extends loss(binaryCrossEntropyWithLogits, [
  'reduction',
  'weight',
  'posWeight',
]) {}
/** t·(log t − x), from log-probabilities x; see `klDiv`. */
export class KLDivLoss extends loss(klDiv, ['reduction', 'logTarget']) {}
/** The cosine of the angle between two vectors along `dim`; see `cosineSimilarity`. */
export class CosineSimilarity extends loss(cosineSimilarity, ['dim', 'eps']) {}
