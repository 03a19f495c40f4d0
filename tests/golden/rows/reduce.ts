import type { Tensor } from '../../../ops/index.js';
import * as lg from '../../../ops/index.js';
import type { Arguments } from '../arguments.js';
import { type Row, type Rows, typed } from './row.js';

const DIM = 'dim/axis';
const dims = (a: Arguments) => a.numberOrList(DIM, null);
const keepdim = (a: Arguments): boolean => a.boolean('keepdim/keepdims', false);

type Reduction = (x: Tensor, dim?: number | readonly number[] | null, keepdim?: boolean) => Tensor;

const reduction =
  (f: Reduction): Row =>
  ([x], a) =>
    f(typed(x, a), dims(a), keepdim(a));

/** The number of degrees lost: PyTorch writes it as `correction` or, before, as `unbiased`. */
const correction = (a: Arguments): number =>
  a.has('correction') ? a.number('correction') : a.boolean('unbiased', true) ? 1 : 0;

type Spread = (x: Tensor, dim: ReturnType<typeof dims>, keep: boolean, lost: number) => Tensor;

const spread =
  (f: Spread): Row =>
  ([x], a) =>
    f(x, dims(a), keepdim(a), correction(a));

/** Along one axis PyTorch gives the first extreme number and its position, and it the whole gradient. */
const extreme =
  (
    all: Reduction,
    position: (x: Tensor, dim: number, keepdim: boolean) => Tensor,
    ofTwo: (x: Tensor, y: Tensor) => Tensor,
  ): Row =>
  (inputs, a) => {
    const [x] = inputs;
    if (inputs.length === 2) return ofTwo(x, inputs[1]);
    if (!a.has(DIM)) return all(x);
    const dim = a.number(DIM);
    const indices = position(x, dim, true);
    const values = lg.gather(x, dim, indices);
    if (keepdim(a)) return { values, indices };
    return { values: lg.squeeze(values, dim), indices: lg.squeeze(indices, dim) };
  };

const position =
  (f: (x: Tensor, dim?: number | null, keepdim?: boolean) => Tensor): Row =>
  ([x], a) =>
    f(x, a.number(DIM, null), keepdim(a));

const norm: Row = ([x], a) => {
  // Over all numbers the Frobenius norm is the vector norm.
  const p = a.is('p', 'fro') ? 2 : a.number('p/ord', 2);
  return lg.norm(typed(x, a), dims(a), keepdim(a), p);
};

const sort: Row = ([x], a) => {
  // Ours is stable, which PyTorch's may be.
  a.without('stable');
  return lg.sort(x, a.number(DIM, -1), a.boolean('descending', false));
};

const softmax =
  (f: (x: Tensor, dim: number) => Tensor): Row =>
  ([x], a) =>
    f(typed(x, a), a.number(DIM));

export const reduce: Rows = {
  sum: reduction(lg.sum),
  mean: reduction(lg.mean),
  prod: reduction(lg.prod),
  amax: reduction(lg.amax),
  amin: reduction(lg.amin),
  max: extreme(lg.max, lg.argmax, lg.maximum),
  min: extreme(lg.min, lg.argmin, lg.minimum),
  argmax: position(lg.argmax),
  argmin: position(lg.argmin),
  all: reduction(lg.all),
  any: reduction(lg.any),
  count_nonzero: ([x], a) => lg.sum(lg.ne(x, 0), dims(a)),
  var: spread(lg.variance),
  std: spread(lg.std),
  var_mean: ([x], a) => {
    const [dim, keep] = [dims(a), keepdim(a)];
    return [lg.variance(x, dim, keep, correction(a)), lg.mean(x, dim, keep)];
  },
  std_mean: ([x], a) => {
    const [dim, keep] = [dims(a), keepdim(a)];
    return [lg.std(x, dim, keep, correction(a)), lg.mean(x, dim, keep)];
  },
  logsumexp: reduction(lg.logsumexp),
  norm,
  vector_norm: norm,
  linalg_vector_norm: norm,
  cumsum: ([x], a) => lg.cumsum(typed(x, a), a.number(DIM)),
  cumprod: ([x], a) => lg.cumprod(typed(x, a), a.number(DIM)),
  sort,
  msort: ([x]) => lg.sort(x, 0).values,
  argsort: ([x], a) => {
    a.without('stable');
    return lg.argsort(x, a.number(DIM, -1), a.boolean('descending', false));
  },
  topk: ([x], a) => {
    a.only('sorted', true);
    return lg.topk(x, a.number('k'), a.number(DIM, -1), a.boolean('largest', true));
  },

  softmax: softmax(lg.softmax),
  softmin: softmax((x, dim) => lg.softmax(lg.neg(x), dim)),
  log_softmax: softmax(lg.logSoftmax),
};
