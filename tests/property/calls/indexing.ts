import { type Selector, Tensor } from '../../../ops/index.js';
import type { Draw } from '../drawing.js';
import {
  axis,
  axisOrNone,
  broadcast,
  integer,
  isTensor,
  list,
  need,
  refuse,
  type Shapes,
  type Sizes,
} from '../rules.js';
import type { Call, Calls } from './call.js';

/** An int32 tensor of positions in n places, from either end. */
function positions(x: unknown, n: number): Tensor {
  const t = isTensor(x);
  need(t.dtype === 'int32' && t.data.every((i) => i >= -n && i < n));
  return t;
}

/** How many numbers a Python slice takes of n. */
function sliceLength(n: number, start: number | null, end: number | null, step: number): number {
  let count = 0;
  const [low, high] = step > 0 ? [0, n] : [-1, n - 1];
  const bound = (at: number | null, otherwise: number): number =>
    at === null ? otherwise : Math.min(high, Math.max(low, at < 0 ? at + n : at));
  const [from, to] = [bound(start, step > 0 ? 0 : n - 1), bound(end, step > 0 ? n : -1)];
  for (let i = from; step > 0 ? i < to : i > to; i += step) count++;
  return count;
}

const bound = (x: unknown): number | null => (x === null || x === undefined ? null : integer(x));

const slice = (
  x: unknown,
  dim: unknown,
  start: unknown,
  end: unknown,
  step: unknown = 1,
): Shapes => {
  const { shape } = isTensor(x);
  const at = axis(dim, shape.length);
  need(integer(step) !== 0);
  return [shape.with(at, sliceLength(shape[at], bound(start), bound(end), step as number))];
};

const narrow = (x: unknown, dim: unknown, start: unknown, length: unknown): Shapes => {
  const { shape } = isTensor(x);
  const at = axis(dim, shape.length);
  const n = shape[at];
  const from = integer(start) < 0 ? (start as number) + n : (start as number);
  need(from >= 0 && from + integer(length, 0) <= n);
  return [shape.with(at, length as number)];
};

/** Everywhere but along one axis, the index is no larger than the tensor. */
function fits(index: Tensor, shape: Sizes, at: number): void {
  need(index.ndim === shape.length);
  need(index.shape.every((n, i) => i === at || n <= shape[i]));
}

const gather = (x: unknown, dim: unknown, index: unknown): Shapes => {
  const { shape } = isTensor(x);
  const at = axisOrNone(dim, shape.length);
  const t = positions(index, shape[at] ?? 1);
  fits(t, shape, at);
  return [t.shape];
};

const scatterAdd = (x: unknown, dim: unknown, index: unknown, source: unknown): Shapes => {
  const [into, from] = [isTensor(x), isTensor(source)];
  need(into.dtype !== 'bool' || from.dtype !== 'bool');
  const at = axisOrNone(dim, into.ndim);
  const t = positions(index, into.shape[at] ?? 1);
  fits(t, into.shape, at);
  need(t.ndim === from.ndim && t.shape.every((n, i) => n <= from.shape[i]));
  return [into.shape];
};

function gatherArgs(d: Draw): [Tensor, number, Tensor] {
  const x = d.tensor(d.shape(1, 3));
  const dim = d.axis(x.ndim);
  const at = dim < 0 ? dim + x.ndim : dim;
  const n = x.shape[at];
  const shape = x.shape.map((size, i) => (i === at ? (n === 0 ? 0 : d.size()) : d.int(0, size)));
  return [x, dim, d.indices(shape, -n, n - 1)];
}

const embedding = (index: unknown, weight: unknown, padding: unknown): Shapes => {
  const table = isTensor(weight);
  need(table.ndim === 2);
  const [classes, width] = table.shape;
  if (padding !== null && padding !== undefined) integer(padding, -classes, classes - 1);
  return [[...positions(index, classes).shape, width]];
};

/** A selector of NumPy's, for an axis of size n. */
function selector(d: Draw, n: number, many: number): Selector {
  const kinds = n === 0 ? ['range'] : ['number', 'range', 'range', 'list', 'mask'];
  const kind = d.pick(...kinds);
  if (kind === 'number') return d.int(-n, n - 1);
  if (kind === 'list') return d.indices(d.pick([many], [1], [], [2, many]), -n, n - 1);
  if (kind === 'mask') return d.once(2) ? d.mask([n]) : d.indices([many], 0, n - 1);
  const text = (): string => d.pick('', String(d.int(-n - 1, n + 1)));
  const step = d.pick('', ':', ':1', ':2', ':-1', ':-2');
  return `${text()}:${text()}${step}`;
}

export function selectors(d: Draw, x: Tensor): Selector[] {
  const many = d.int(0, 3);
  const named = d.int(0, x.ndim);
  const front = d.int(0, named);
  const back = named - front;
  const list = [
    ...x.shape.slice(0, front).map((n) => selector(d, n, many)),
    ...(back > 0 || d.once(3) ? ['...'] : []),
    ...x.shape.slice(x.ndim - back).map((n) => selector(d, n, many)),
  ];
  return d.once(4) ? list.toSpliced(d.int(0, list.length), 0, null) : list;
}

/** The shape of NumPy's x[…]. */
function indexed(x: unknown, given: unknown): Shapes {
  const { shape } = isTensor(x);
  const parts = list(given);
  const taken = parts.map((s) =>
    s === null || s === '...' ? 0 : s instanceof Tensor && s.dtype === 'bool' ? s.ndim : 1,
  );
  const rest = shape.length - taken.reduce((a, b) => a + b, 0);
  need(rest >= 0 && parts.filter((s) => s === '...').length <= 1);
  const full = parts.includes('...') ? parts : [...parts, '...'];
  const advanced = parts.some((s) => s instanceof Tensor);

  // 'axis' for a kept axis, and for each advanced index its own shape.
  const kept: (number | Sizes)[] = [];
  let at = 0;
  for (const s of full) {
    if (s === null) kept.push(1);
    else if (s === '...') for (let i = 0; i < rest; i++) kept.push(shape[at++]);
    else if (typeof s === 'string') kept.push(rangeLength(s, shape[at++]));
    else if (typeof s === 'number') {
      integer(s, -shape[at], shape[at++] - 1);
      if (advanced) kept.push([]);
    } else {
      const t = isTensor(s);
      if (t.dtype === 'bool') {
        need(t.shape.every((n, i) => n === shape[at + i]));
        at += t.ndim;
        kept.push([t.data.filter((v) => v !== 0).length]);
      } else kept.push(positions(t, shape[at++]).shape);
    }
  }
  return [arranged(kept)];
}

/** Advanced indices are broadcast; they stand where the first did if all are neighbours, else in front. */
function arranged(kept: readonly (number | Sizes)[]): number[] {
  const isAxis = (k: number | Sizes): k is number => typeof k === 'number';
  const lists = kept.filter((k): k is Sizes => !isAxis(k));
  if (lists.length === 0) return kept.filter(isAxis);
  const common = broadcast(...lists);
  const first = kept.findIndex((k) => !isAxis(k));
  const neighbours = kept.slice(first, first + lists.length).every((k) => !isAxis(k));
  const before = neighbours ? first : 0;
  const axes = kept.filter(isAxis);
  return [...axes.slice(0, before), ...common, ...axes.slice(before)];
}

function rangeLength(text: string, n: number): number {
  const parts = text.split(':');
  if (parts.length < 2 || parts.length > 3) return refuse();
  const [start, end, step] = parts.map((p) => {
    need(/^(-?\d+)?$/.test(p));
    return p === '' ? null : Number(p);
  });
  need(step !== 0);
  return sliceLength(n, start, end, step ?? 1);
}

const matrixBand: Call = {
  args: (d) => [d.tensor(d.shape(2, 4)), d.pick(undefined, d.int(-3, 3))],
  rule: (x, offset = 0) => {
    integer(offset);
    need(isTensor(x).ndim >= 2);
    return [isTensor(x).shape];
  },
};

export const indexing: Calls = {
  index: { args: (d) => ((x) => [x, selectors(d, x)])(d.tensor()), rule: indexed },
  slice: {
    args: (d) => {
      const x = d.tensor(d.shape(1, 4));
      const at = (): unknown => d.pick(undefined, null, d.int(-5, 5));
      return [x, d.axis(x.ndim), at(), at(), d.pick(undefined, 1, 2, -1, -2)];
    },
    rule: slice,
  },
  narrow: {
    args: (d) => {
      const x = d.tensor(d.shape(1, 4));
      const dim = d.axis(x.ndim);
      const n = x.shape.at(dim) ?? 0;
      const start = d.int(0, n);
      return [x, dim, start < n && d.once(2) ? start - n : start, d.int(0, n - start)];
    },
    rule: narrow,
  },
  select: {
    args: (d) => {
      const x = d.tensor(d.shape(1, 4));
      const dim = d.axis(x.ndim);
      const n = x.shape.at(dim) ?? 0;
      return [x, dim, d.int(-n, Math.max(0, n - 1))];
    },
    rule: (x, dim, at) => {
      const { shape } = isTensor(x);
      const along = axis(dim, shape.length);
      integer(at, -shape[along], shape[along] - 1);
      return [shape.toSpliced(along, 1)];
    },
  },
  diagonal: {
    args: (d) => {
      const x = d.tensor(d.shape(2, 4));
      const [a, b] = d.order(x.ndim);
      return [x, d.int(-3, 3), a, d.once(2) ? b : b - x.ndim];
    },
    rule: (x, offset = 0, dim1 = 0, dim2 = 1) => {
      const { shape } = isTensor(x);
      const [a, b] = [axis(dim1, shape.length), axis(dim2, shape.length)];
      need(a !== b);
      const [down, right] = [Math.max(0, -integer(offset)), Math.max(0, integer(offset))];
      const length = Math.max(0, Math.min(shape[a] - down, shape[b] - right));
      return [[...shape.filter((_, i) => i !== a && i !== b), length]];
    },
  },
  tril: matrixBand,
  triu: matrixBand,
  indexSelect: {
    args: (d) => {
      const x = d.tensor(d.shape(1, 4));
      const dim = d.axis(x.ndim);
      const n = x.shape.at(dim) ?? 0;
      return [x, dim, d.indices([n === 0 ? 0 : d.int(0, 4)], -n, n - 1)];
    },
    rule: (x, dim, index) => {
      const { shape } = isTensor(x);
      const at = axis(dim, shape.length);
      const t = positions(index, shape[at]);
      need(t.ndim <= 1);
      return [shape.with(at, t.size)];
    },
  },
  gather: { args: gatherArgs, rule: gather },
  scatterAdd: {
    args: (d) => {
      const [x, dim, index] = gatherArgs(d);
      return [x, dim, index, d.tensor(index.shape.map((n) => n + d.pick(0, 0, 1)))];
    },
    rule: scatterAdd,
  },
  embedding: {
    args: (d) => {
      const classes = d.int(1, 4);
      return [
        d.indices(d.shape(0, 3), -classes, classes - 1),
        d.tensor([classes, d.size()]),
        d.pick(undefined, null, d.int(-classes, classes - 1)),
      ];
    },
    rule: embedding,
  },
};
