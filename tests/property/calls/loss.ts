import type { Tensor } from '../../../ops/index.js';
import type { Draw } from '../drawing.js';
import {
  axis,
  broadcast,
  broadcastsTo,
  integer,
  isTensor,
  need,
  number,
  oneOf,
  options,
  type Shapes,
  type Sizes,
  truth,
} from '../rules.js';
import type { Call, Calls } from './call.js';

const reduction = (x: unknown): unknown => oneOf(x, 'mean', 'sum', 'none');

const kind = (d: Draw): string | undefined => d.pick(undefined, 'mean', 'sum', 'none');

const same = (a: Sizes, b: Sizes): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);

/** Input and target of one shape: losses do not broadcast. */
function matched(input: unknown, target: unknown): Sizes {
  const [x, t] = [isTensor(input).shape, isTensor(target).shape];
  need(same(x, t));
  return x;
}

const result = (given: { reduction?: unknown }, shape: Sizes): Shapes =>
  given.reduction === 'none' ? [shape] : [[]];

const elementwise = (extra: Record<string, (x: unknown) => unknown> = {}): Call => ({
  args: (d) => {
    const shape = d.shape();
    return [d.tensor(shape), d.tensor(shape), { reduction: kind(d) }];
  },
  rule: (input, target, given) => {
    const shape = matched(input, target);
    return result(options(given, { reduction, ...extra }), shape);
  },
  undefinedAt: 'an infinite threshold',
});

const factor =
  (shape: Sizes) =>
  (x: unknown): void => {
    if (x !== null) broadcastsTo(isTensor(x).shape, shape);
  };

const binary = (probabilities: boolean): Call => ({
  args: (d) => {
    const shape = d.shape();
    const x = probabilities ? d.mask(shape) : d.tensor(shape);
    const weight = d.pick(undefined, null, d.float(d.narrower(shape)));
    return [x, d.mask(shape), { reduction: kind(d), weight }];
  },
  rule: (input, target, given) => {
    const shape = matched(input, target);
    if (probabilities) need(isTensor(input).data.every((p) => p >= 0 && p <= 1));
    const checks = { reduction, weight: factor(shape) };
    const o = probabilities
      ? options(given, checks)
      : options(given, { ...checks, posWeight: factor(shape) });
    return result(o, shape);
  },
});

const classes = (scores: Sizes): number => scores[scores.length === 1 ? 0 : 1];

const lossShape = (scores: Sizes): number[] =>
  scores.length === 1 ? [] : [scores[0], ...scores.slice(2)];

function classArgs(d: Draw, extra: object): unknown[] {
  const shape = d.once(4) ? [d.int(1, 4)] : [d.int(1, 3), d.int(1, 4), ...d.shape(0, 1)];
  const target = d.indices(lossShape(shape), 0, classes(shape) - 1);
  const weight = d.pick(undefined, null, d.float([classes(shape)]));
  return [d.float(shape), target, { reduction: kind(d), weight, ...extra }];
}

const isWeight =
  (n: number) =>
  (x: unknown): void => {
    if (x !== null) need(isTensor(x).ndim === 1 && isTensor(x).size === n);
  };

/** int32 classes, in place of scores. */
function isTarget(target: Tensor, scores: Sizes, ignored: unknown): void {
  need(same(target.shape, lossShape(scores)) && classes(scores) > 0);
  need(target.data.every((c) => c === ignored || (c >= 0 && c < classes(scores))));
}

const crossEntropy = (input: unknown, target: unknown, given: unknown): Shapes => {
  const [x, t] = [isTensor(input).shape, isTensor(target)];
  need(x.length > 0);
  const o = options(given, {
    reduction,
    weight: isWeight(classes(x)),
    ignoreIndex: (i) => integer(i),
    labelSmoothing: (s) => number(s, 0, 1),
  });
  if (t.dtype === 'int32') isTarget(t, x, o.ignoreIndex ?? -100);
  else matched(input, target);
  return result(o, lossShape(x));
};

const nllLoss = (input: unknown, target: unknown, given: unknown): Shapes => {
  const [x, t] = [isTensor(input).shape, isTensor(target)];
  need(x.length > 0 && t.dtype === 'int32');
  const o = options(given, {
    reduction,
    weight: isWeight(classes(x)),
    ignoreIndex: (i) => integer(i),
  });
  isTarget(t, x, o.ignoreIndex ?? -100);
  return result(o, lossShape(x));
};

export const losses: Calls = {
  mseLoss: elementwise(),
  l1Loss: elementwise(),
  smoothL1Loss: elementwise({ beta: (x) => number(x, 0) }),
  huberLoss: elementwise({ delta: (x) => need(number(x) > 0) }),
  binaryCrossEntropy: binary(true),
  binaryCrossEntropyWithLogits: binary(false),
  crossEntropy: {
    args: (d) => {
      if (!d.once(3)) return classArgs(d, { labelSmoothing: d.pick(undefined, 0, 0.1) });
      const shape = d.shape(1, 3);
      return [d.float(shape), d.tensor(shape, 'float32'), { reduction: kind(d) }];
    },
    rule: crossEntropy,
    undefinedAt: 'weights may add up to 0',
  },
  nllLoss: {
    args: (d) => classArgs(d, { ignoreIndex: d.pick(undefined, -1, 0) }),
    rule: nllLoss,
    undefinedAt: 'weights may add up to 0',
  },
  klDiv: {
    args: (d) => {
      const shape = d.shape();
      const reduced = d.pick(undefined, 'mean', 'sum', 'none', 'batchmean');
      return [
        d.tensor(shape),
        d.tensor(shape),
        { reduction: reduced, logTarget: d.pick(true, false) },
      ];
    },
    rule: (input, target, given) => {
      const shape = matched(input, target);
      const o = options(given, {
        reduction: (x) => oneOf(x, 'mean', 'sum', 'none', 'batchmean'),
        logTarget: truth,
      });
      return result(o, shape);
    },
  },
  cosineSimilarity: {
    args: (d) => {
      const shape = d.shape(1, 3);
      const dim = d.axis(shape.length);
      return [d.float(shape), d.float(shape.map((n) => (d.once(3) ? 1 : n))), { dim }];
    },
    rule: (a, b, given) => {
      const shape = broadcast(isTensor(a).shape, isTensor(b).shape);
      const o = options(given, { dim: () => {}, eps: (x) => number(x) });
      return [shape.toSpliced(axis(o.dim === undefined ? 1 : o.dim, shape.length), 1)];
    },
    undefinedAt: 'ε = 0 leaves 0 / 0',
  },
};
