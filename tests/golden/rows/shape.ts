import { sizeOf } from '../../../core/shape.js';
import type { PadMode, Selector, Tensor } from '../../../ops/index.js';
import * as lg from '../../../ops/index.js';
import type { Arguments } from '../arguments.js';
import { binary, type Row, type Rows, unary } from './row.js';

const SIZE = 'shape/size/sizes';
const reshape: Row = ([x], a) => lg.reshape(x, a.numbers(SIZE));
const expand: Row = ([x], a) => lg.expand(x, a.numbers(SIZE));
const cat: Row = (xs, a) => lg.cat(xs, a.number('dim/axis', 0));
const transpose: Row = ([x], a) => lg.transpose(x, a.number('dim0/axis0'), a.number('dim1/axis1'));
const repeat: Row = ([x], a) => lg.repeat(x, a.numbers('repeats/sizes'));

const split: Row = ([x], a) =>
  lg.split(x, a.numberOrList('split_size_or_sections/split_size/split_sizes'), a.number('dim', 0));

/** Without axes PyTorch rolls the tensor as if it were flat. */
const roll: Row = ([x], a) => {
  const shifts = a.numberOrList('shifts');
  const dims = a.numberOrList('dims/dim', null);
  return dims === null
    ? lg.reshape(lg.roll(lg.flatten(x), shifts, 0), x.shape)
    : lg.roll(x, shifts, dims);
};

/** Python's slices along several axes; a bound may be left open. */
const slice: Row = ([x], a) => {
  const starts = a.openList('starts/start');
  const ends = a.openList('ends/end');
  const steps = a.has('steps/step') ? a.openList('steps/step') : [];
  const dims = a.has('dims/dim') ? a.openList('dims/dim') : [];
  return starts.reduce<Tensor>(
    (t, start, i) => lg.slice(t, dims[i] ?? i, start, ends[i], steps[i] ?? 1),
    x,
  );
};

/** Windows of `size` along one axis, as a new last axis. */
const unfoldAxis = (x: Tensor, dim: number, size: number, step: number): Tensor => {
  const axis = dim < 0 ? dim + x.ndim : dim;
  const count = Math.floor((x.shape[axis] - size) / step) + 1;
  const last = [...x.shape.keys()].filter((i) => i !== axis);
  const windows = Array.from({ length: count }, (_, i) =>
    lg.permute(lg.narrow(x, axis, i * step, size), [...last, axis]),
  );
  return lg.stack(windows, axis);
};

/** Under this name PyTorch has both the columns of a convolution and a tensor's windows. */
const unfold: Row = ([x], a) => {
  if (!a.has('kernel_size')) {
    return unfoldAxis(x, a.number('dimension/dim'), a.number('size'), a.number('step'));
  }
  return lg.unfold(x, a.perAxis('kernel_size'), {
    stride: a.perAxis('stride', 1),
    padding: a.perAxis('padding', 0),
    dilation: a.perAxis('dilation', 1),
  });
};

/** Positions by tensors, one an axis, or a mask. */
const index: Row = ([x, ...selectors]) => lg.index(x, selectors);
const maskedSelect: Row = ([x, mask]) => lg.index(x, [mask] satisfies Selector[]);

const maskedFill: Row = (inputs, a) => {
  const [x, mask] = inputs;
  return lg.maskedFill(x, mask, inputs.length > 2 ? inputs[2] : a.number('value'));
};

const gather: Row = ([x, at], a) => {
  a.only('sparse_grad', false);
  return lg.gather(x, a.number('dim'), at);
};

const embedding: Row = ([at, weight], a) => {
  a.only('max_norm', null);
  a.only('scale_grad_by_freq', false);
  a.without('norm_type/sparse');
  return lg.embedding(at, weight, a.number('padding_idx', null));
};

const diagonal: Row = ([x], a) =>
  lg.diagonal(x, a.number('offset', 0), a.number('dim1', 0), a.number('dim2', 1));

const float64 = (a: Arguments) => ({ dtype: a.dtype('float64') });

export const shape: Rows = {
  reshape,
  view: reshape,
  reshape_as: ([x, y]) => lg.reshape(x, y.shape),
  flatten: ([x], a) => lg.flatten(x, a.number('start_dim', 0), a.number('end_dim', -1)),
  ravel: unary((x) => lg.flatten(x)),
  permute: ([x], a) => lg.permute(x, a.numbers('dims')),
  transpose,
  swapaxes: transpose,
  swapdims: transpose,
  t: unary((x) => (x.ndim < 2 ? x : lg.transpose(x, 0, 1))),
  squeeze: ([x], a) => lg.squeeze(x, a.numberOrList('dim', null)),
  unsqueeze: ([x], a) => lg.unsqueeze(x, a.number('dim')),
  expand,
  broadcast_to: expand,
  expand_as: binary((x, y) => lg.expand(x, y.shape)),
  repeat,
  tile: ([x], a) => {
    const repeats = a.numbers('dims/reps');
    const ones = new Array<number>(Math.max(0, x.ndim - repeats.length)).fill(1);
    return lg.repeat(x, [...ones, ...repeats]);
  },
  cat,
  concat: cat,
  concatenate: cat,
  stack: (xs, a) => lg.stack(xs, a.number('dim', 0)),
  split,
  split_with_sizes: split,
  chunk: ([x], a) => lg.chunk(x, a.number('chunks'), a.number('dim', 0)),
  unbind: ([x], a) => {
    const dim = a.number('dim', 0);
    const count = x.shape[dim < 0 ? dim + x.ndim : dim];
    return Array.from({ length: count }, (_, i) => lg.select(x, dim, i));
  },
  pad: ([x], a) => {
    const modes: readonly PadMode[] = ['constant', 'reflect', 'replicate', 'circular'];
    return lg.pad(x, a.numbers('pad'), a.oneOf('mode', modes, 'constant'), a.number('value', 0));
  },
  flip: ([x], a) => lg.flip(x, a.numberOrList('dims')),
  fliplr: unary((x) => lg.flip(x, 1)),
  flipud: unary((x) => lg.flip(x, 0)),
  roll,

  slice,
  narrow: ([x], a) => lg.narrow(x, a.number('dim'), a.number('start'), a.number('length')),
  select: ([x], a) => lg.select(x, a.number('dim'), a.number('index')),
  index,
  take: ([x, at]) => lg.index(lg.flatten(x), [at]),
  masked_select: maskedSelect,
  masked_fill: maskedFill,
  index_select: ([x, at], a) => lg.indexSelect(x, a.number('dim'), at),
  gather,
  take_along_dim: ([x, at], a) => lg.gather(x, a.number('dim'), at),
  scatter_add: ([x, at, source], a) => lg.scatterAdd(x, a.number('dim'), at, source),
  embedding,
  one_hot: ([x], a) => {
    const classes = a.number('num_classes', -1);
    return lg.oneHot(x, classes === -1 ? undefined : classes, { dtype: 'int32' });
  },
  tril: ([x], a) => lg.tril(x, a.number('diagonal', 0)),
  triu: ([x], a) => lg.triu(x, a.number('diagonal', 0)),
  diagonal,
  diag: ([x], a) => lg.diagonal(x, a.number('diagonal', 0)),
  trace: unary(lg.trace),
  unfold,

  zeros: (_, a) => lg.zeros(a.numbers(SIZE), float64(a)),
  ones: (_, a) => lg.ones(a.numbers(SIZE), float64(a)),
  full: (_, a) => lg.full(a.numbers(SIZE), a.number('fill_value'), float64(a)),
  eye: (_, a) => {
    const n = a.number('n');
    return lg.eye(n, a.number('m', n), float64(a));
  },
  arange: (_, a) =>
    lg.arange(a.number('start', 0), a.number('end'), a.number('step', 1), float64(a)),
  linspace: (_, a) =>
    lg.linspace(a.number('start'), a.number('end'), a.number('steps'), float64(a)),
  zeros_like: unary((x) => lg.zerosLike(x)),
  ones_like: unary((x) => lg.onesLike(x)),
  full_like: ([x], a) => lg.fullLike(x, a.number('fill_value')),
  numel: unary((x) => lg.tensor(sizeOf(x.shape), { dtype: 'int32' })),
};
