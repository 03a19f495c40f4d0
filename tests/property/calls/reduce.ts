import {
  axes,
  axisOrNone,
  integer,
  isLike,
  isTensor,
  need,
  number,
  product,
  reduced,
  type Shapes,
  shapeOf,
  truth,
} from '../rules.js';
import type { Call, Calls } from './call.js';

interface Traits {
  /** A number has to be chosen, so there must be one. */
  choosing?: boolean;
  /** What a further argument may be. */
  rest?: (...more: unknown[]) => void;
  undefinedAt?: string;
}

const reduction = ({ choosing = false, rest = () => {}, undefinedAt }: Traits = {}): Call => ({
  args: (d) => {
    const x = d.tensor();
    return [x, d.dims(x.ndim), d.pick(true, false)];
  },
  rule: (x, dims, keepdim = false, ...more) => {
    const shape = shapeOf(isLike(x));
    const over = axes(dims, shape.length);
    if (choosing) need(over.every((i) => shape[i] > 0));
    rest(...more);
    return [reduced(shape, over, truth(keepdim))];
  },
  ...(undefinedAt === undefined ? {} : { undefinedAt }),
});

/** The first largest or smallest: along one axis or in all. */
const position: Call = {
  args: (d) => {
    const x = d.tensor();
    return [x, d.pick(d.axis(x.ndim), null, undefined), d.pick(true, false)];
  },
  rule: (x, dim, keepdim = false) => {
    const shape = shapeOf(isLike(x));
    const one = dim === null || dim === undefined ? dim : axisOrNone(dim, shape.length);
    const over = axes(one, shape.length);
    need(over.every((i) => shape[i] > 0));
    return [reduced(shape, over, truth(keepdim))];
  },
};

/** Keeps the shape, working along one axis. */
const along: Call = {
  args: (d) => {
    const x = d.tensor();
    return [x, d.axis(x.ndim)];
  },
  rule: (x, dim) => {
    const shape = shapeOf(isLike(x));
    axisOrNone(dim, shape.length);
    return [shape];
  },
};

const ordered = (results: number): Call => ({
  args: (d) => {
    const x = d.tensor();
    return [x, d.pick(d.axis(x.ndim), undefined), d.pick(true, false)];
  },
  rule: (x, dim = -1, descending = false) => {
    const shape = results === 1 ? shapeOf(isLike(x)) : isTensor(x).shape;
    axisOrNone(dim, shape.length);
    truth(descending);
    return new Array<typeof shape>(results).fill(shape);
  },
});

const topk = (x: unknown, k: unknown, dim: unknown = -1, largest: unknown = true): Shapes => {
  const { shape } = isTensor(x);
  const at = axisOrNone(dim, shape.length);
  integer(k, 0, shape.length === 0 ? 1 : shape[at]);
  truth(largest);
  const result = shape.length === 0 ? [] : shape.with(at, k as number);
  return [result, result];
};

const optionalNumber = (x: unknown): void => {
  if (x !== undefined) number(x);
};

export const reductions: Calls = {
  sum: reduction(),
  prod: reduction(),
  mean: reduction(),
  all: reduction(),
  any: reduction(),
  logsumexp: reduction(),
  amax: reduction({ choosing: true }),
  amin: reduction({ choosing: true }),
  max: reduction({ choosing: true }),
  min: reduction({ choosing: true }),
  var: reduction({ rest: optionalNumber, undefinedAt: 'one number less one leaves none' }),
  variance: reduction({ rest: optionalNumber, undefinedAt: 'one number less one leaves none' }),
  std: reduction({ rest: optionalNumber, undefinedAt: 'one number less one leaves none' }),
  norm: {
    args: (d) => {
      const x = d.tensor();
      return [x, d.dims(x.ndim), d.pick(true, false), d.pick(undefined, 0, 1, 2, 3, Infinity)];
    },
    rule: (x, dims, keepdim = false, p = 2) => {
      const shape = shapeOf(isLike(x));
      const over = axes(dims, shape.length);
      if (Math.abs(number(p)) === Infinity) need(over.every((i) => shape[i] > 0));
      return [reduced(shape, over, truth(keepdim))];
    },
    undefinedAt: 'negative p divide by 0',
  },
  argmax: position,
  argmin: position,
  cumsum: along,
  cumprod: along,
  softmax: along,
  logSoftmax: along,
  recurrence: {
    args: (d) => {
      const shape = d.shape();
      return [d.float(shape), d.float(shape), d.axis(shape.length)];
    },
    rule: (a, b, dim) => {
      const { shape } = isTensor(a);
      need(shape.length === isTensor(b).ndim && shape.every((n, i) => n === isTensor(b).shape[i]));
      axisOrNone(dim, shape.length);
      return [shape];
    },
  },
  argsort: ordered(1),
  sort: ordered(2),
  topk: {
    args: (d) => {
      const x = d.tensor();
      const dim = d.axis(x.ndim);
      const n = x.ndim === 0 ? 1 : (x.shape.at(dim) ?? 1);
      return [x, d.int(0, n), dim, d.pick(true, false, undefined)];
    },
    rule: topk,
  },
  trace: {
    args: (d) => [d.tensor(d.shape(2, 2))],
    rule: (x) => {
      need(isTensor(x).ndim === 2);
      return [[]];
    },
  },
  normalize: {
    args: (d) => {
      const x = d.tensor(d.shape(1, 4));
      const dim = d.dims(x.ndim);
      return [x, { p: d.pick(1, 2, 3), dim: dim ?? -1, eps: 1e-6 }];
    },
    rule: (x, given) => {
      const { shape } = isTensor(x);
      const { p, dim, eps } = readNormalize(given);
      const over = axes(dim, shape.length);
      if (Math.abs(p) === Infinity) need(product(over.map((i) => shape[i])) > 0);
      number(eps);
      return [shape];
    },
    undefinedAt: 'negative p divide by 0',
  },
};

function readNormalize(given: unknown): { p: number; dim: unknown; eps: unknown } {
  if (given === undefined) return { p: 2, dim: 1, eps: 1e-12 };
  need(typeof given === 'object' && given !== null);
  need(Object.getPrototypeOf(given) === Object.prototype);
  const found = { p: 2 as unknown, dim: 1 as unknown, eps: 1e-12 as unknown };
  for (const [key, value] of Object.entries(given)) {
    need(key === 'p' || key === 'dim' || key === 'eps');
    if (value !== undefined) found[key] = value;
  }
  return { ...found, p: number(found.p) };
}
