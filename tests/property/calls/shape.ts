import type { Tensor } from '../../../ops/index.js';
import type { Draw } from '../drawing.js';
import {
  axes,
  axis,
  integer,
  isTensor,
  list,
  need,
  oneOf,
  product,
  type Shapes,
  type Sizes,
  sizes,
} from '../rules.js';
import type { Call, Calls } from './call.js';

/** Ways to split n numbers into the sizes of a shape. */
function factored(d: Draw, n: number): number[] {
  const shape: number[] = [];
  let left = n;
  while (left > 1 && !d.once(4)) {
    const divisors = [1, 2, 3, 4].filter((k) => left % k === 0);
    const k = d.pick(...divisors);
    shape.push(k);
    left /= k;
  }
  return d.once(3) ? [...shape, left] : [left, ...shape];
}

const reshape = (x: unknown, shape: unknown): Shapes => {
  const { size } = isTensor(x);
  const target = list(shape).map((n) => integer(n, -1));
  const known = product(sizes(target.filter((n) => n !== -1)));
  const free = target.filter((n) => n === -1).length;
  need(free === 0 ? known === size : free === 1 && known > 0 && size % known === 0);
  return [target.map((n) => (n === -1 ? size / known : n))];
};

function joinedShape(tensors: unknown): { all: Tensor[]; first: Sizes } {
  const all = list(tensors).map(isTensor);
  need(all.length > 0);
  return { all, first: all[0].shape };
}

const cat = (tensors: unknown, dim: unknown = 0): Shapes => {
  const { all, first } = joinedShape(tensors);
  const at = axis(dim, first.length);
  need(all.every((t) => t.ndim === first.length));
  need(all.every((t) => t.shape.every((n, i) => i === at || n === first[i])));
  return [
    first.with(
      at,
      all.reduce((n, t) => n + t.shape[at], 0),
    ),
  ];
};

const stack = (tensors: unknown, dim: unknown = 0): Shapes => {
  const { all, first } = joinedShape(tensors);
  const at = axis(dim, first.length + 1);
  need(all.every((t) => t.ndim === first.length && t.shape.every((n, i) => n === first[i])));
  return [[...first.slice(0, at), all.length, ...first.slice(at)]];
};

/** Sizes of the pieces, each at most `size`, that fill n; one empty piece of nothing. */
function pieces(n: number, size: number): number[] {
  const found: number[] = [];
  for (let left = n; left > 0; left -= size) found.push(Math.min(size, left));
  return found.length === 0 ? [0] : found;
}

const split = (x: unknown, size: unknown, dim: unknown = 0): Shapes => {
  const { shape } = isTensor(x);
  const at = axis(dim, shape.length);
  const parts = typeof size === 'number' ? pieces(shape[at], integer(size, 1)) : sizes(size);
  need(parts.reduce((a, b) => a + b, 0) === shape[at]);
  return parts.map((n) => shape.with(at, n));
};

const chunk = (x: unknown, count: unknown, dim: unknown = 0): Shapes => {
  const { shape } = isTensor(x);
  const n = shape[axis(dim, shape.length)];
  return split(x, Math.max(1, Math.ceil(n / integer(count, 1))), dim);
};

const sameLength = (a: unknown, b: unknown): void => need([a].flat().length === [b].flat().length);

const oneAxis = (rule: (shape: Sizes, at: number) => Sizes, extra = 0): Call => ({
  args: (d) => {
    const x = d.tensor();
    return [x, d.axis(x.ndim + extra)];
  },
  rule: (x, dim) => [rule(isTensor(x).shape, axis(dim, isTensor(x).ndim + extra))],
});

const expand: Call = {
  args: (d) => {
    const target = d.shape();
    const x = d.tensor(d.narrower(target));
    const shift = target.length - x.ndim;
    return [
      x,
      target.map((n, i) => (i >= shift && n === x.shape[i - shift] && d.once(3) ? -1 : n)),
    ];
  },
  rule: (x, shape) => {
    const from = isTensor(x).shape;
    const shift = list(shape).length - from.length;
    const target = list(shape).map((n, i) => (n === -1 && i >= shift ? from[i - shift] : n));
    need(shift >= 0);
    need(from.every((n, i) => n === 1 || n === target[i + shift]));
    return [sizes(target)];
  },
};

const pad: Call = {
  args: (d) => {
    const x = d.tensor();
    const padding = Array.from({ length: 2 * d.int(0, x.ndim) }, () => d.int(-1, 3));
    return d.once(2)
      ? [x, padding]
      : [x, padding.map(Math.abs), d.pick('constant', 'reflect', 'replicate', 'circular'), 0];
  },
  rule: (x, padding, mode = 'constant', value = 0) => {
    const { shape, dtype } = isTensor(x);
    const kind = oneOf(mode, 'constant', 'reflect', 'replicate', 'circular');
    need(typeof value === 'number');
    if (dtype === 'int32') integer(value, -(2 ** 31), 2 ** 31 - 1);
    const around = list(padding).map((n) => integer(n, kind === 'constant' ? -Infinity : 0));
    need(around.length % 2 === 0 && around.length <= 2 * shape.length);
    const result = [...shape];
    for (let i = 0; i < around.length; i += 2) {
      const at = shape.length - 1 - i / 2;
      const [before, after] = [around[i], around[i + 1]];
      const n = shape[at];
      const most = { constant: Infinity, reflect: n - 1, circular: n, replicate: n && Infinity }[
        kind
      ];
      need(before <= most && after <= most);
      result[at] = n + before + after;
      need(result[at] >= 0);
      sizes(result);
    }
    return [result];
  },
};

export const shapes: Calls = {
  reshape: {
    args: (d) => {
      const x = d.tensor();
      const target = factored(d, x.size);
      return [x, d.once(3) ? target.with(d.int(0, target.length - 1), -1) : target];
    },
    rule: reshape,
  },
  flatten: {
    args: (d) => {
      const x = d.tensor();
      return [x, d.pick(undefined, d.axis(x.ndim)), d.pick(undefined, d.axis(x.ndim))];
    },
    rule: (x, start = 0, end = -1) => {
      const { shape } = isTensor(x);
      const ndim = Math.max(1, shape.length);
      const [first, last] = [axis(start, ndim), axis(end, ndim)];
      need(first <= last);
      return [
        [...shape.slice(0, first), product(shape.slice(first, last + 1)), ...shape.slice(last + 1)],
      ];
    },
  },
  permute: {
    args: (d) => {
      const x = d.tensor();
      return [x, d.order(x.ndim).map((i) => (d.once(3) ? i - x.ndim : i))];
    },
    rule: (x, dims) => {
      const { shape } = isTensor(x);
      const order = axes(list(dims), shape.length);
      need(list(dims).length === shape.length);
      return [order.map((i) => shape[i])];
    },
  },
  transpose: {
    args: (d) => {
      const x = d.tensor();
      return [x, d.axis(x.ndim), d.axis(x.ndim)];
    },
    rule: (x, dim0, dim1) => {
      const { shape } = isTensor(x);
      const [a, b] = [axis(dim0, shape.length), axis(dim1, shape.length)];
      return [shape.with(a, shape[b]).with(b, shape[a])];
    },
  },
  squeeze: {
    args: (d) => {
      const x = d.tensor();
      return [x, d.dims(x.ndim)];
    },
    rule: (x, dims) => {
      const { shape } = isTensor(x);
      const dropped = axes(dims, shape.length);
      return [shape.filter((n, i) => !(n === 1 && dropped.includes(i)))];
    },
  },
  unsqueeze: oneAxis((shape, at) => [...shape.slice(0, at), 1, ...shape.slice(at)], 1),
  expand,
  cat: {
    args: (d) => {
      const shape = d.shape(1, 4);
      const at = d.int(0, shape.length - 1);
      const parts = Array.from({ length: d.int(1, 3) }, () => d.tensor(shape.with(at, d.size())));
      return [parts, d.once(2) ? at : at - shape.length];
    },
    rule: cat,
  },
  stack: {
    args: (d) => {
      const shape = d.shape(0, 3);
      return [
        Array.from({ length: d.int(1, 3) }, () => d.tensor(shape)),
        d.int(-shape.length - 1, shape.length),
      ];
    },
    rule: stack,
  },
  split: {
    args: (d) => {
      const x = d.tensor(d.shape(1, 3));
      const dim = d.axis(x.ndim);
      const n = x.shape.at(dim) ?? 0;
      const first = d.int(0, n);
      return [x, d.pick<unknown>(d.int(1, 3), [first, n - first]), dim];
    },
    rule: split,
  },
  chunk: {
    args: (d) => {
      const x = d.tensor(d.shape(1, 3));
      return [x, d.int(1, 4), d.axis(x.ndim)];
    },
    rule: chunk,
  },
  flip: {
    args: (d) => {
      const x = d.tensor();
      return [x, d.dims(x.ndim)];
    },
    rule: (x, dims) => {
      axes(dims, isTensor(x).ndim);
      return [isTensor(x).shape];
    },
  },
  roll: {
    args: (d) => {
      const x = d.tensor(d.shape(1, 4));
      const dims = d.axes(x.ndim);
      return d.once(2)
        ? [x, d.int(-5, 5), d.axis(x.ndim)]
        : [x, dims.map(() => d.int(-5, 5)), dims];
    },
    rule: (x, shifts, dims) => {
      const { shape } = isTensor(x);
      for (const s of [shifts].flat()) integer(s);
      for (const dim of [dims].flat()) axis(dim, shape.length);
      sameLength(shifts, dims);
      return [shape];
    },
  },
  repeat: {
    args: (d) => {
      const x = d.tensor(d.shape(0, 3));
      return [x, Array.from({ length: x.ndim + d.int(0, 1) }, () => d.int(0, 3))];
    },
    rule: (x, repeats) => {
      const { shape } = isTensor(x);
      const times = sizes(repeats);
      need(times.length >= shape.length);
      const shift = times.length - shape.length;
      return [sizes(times.map((n, i) => n * (shape[i - shift] ?? 1)))];
    },
  },
  pad,
  tensor: {
    args: (d) => {
      const nested = (shape: Sizes): unknown =>
        shape.length === 0
          ? d.pick<unknown>(1, -2.5, true)
          : Array.from({ length: shape[0] }, () => nested(shape.slice(1)));
      return [d.once(3) ? d.tensor() : nested(d.shape(0, 3)), {}];
    },
    rule: (data, given) => {
      need(given === undefined || isPlain(given));
      const shape = nestedShape(data);
      for (const [key, value] of Object.entries(given ?? {})) {
        need(key === 'shape');
        if (value !== undefined) need(product(sizes(value)) === product(shape));
        return [value === undefined ? shape : sizes(value)];
      }
      return [shape];
    },
  },
};

const isPlain = (x: unknown): x is object =>
  typeof x === 'object' && x !== null && Object.getPrototypeOf(x) === Object.prototype;

/** The shape of nested arrays whose rows are alike. */
function nestedShape(x: unknown): Sizes {
  if (typeof x === 'number' || typeof x === 'boolean') return [];
  if (!Array.isArray(x)) return isTensor(x).shape;
  const rows = x.map((row) => {
    need(typeof row === 'number' || typeof row === 'boolean' || Array.isArray(row));
    return nestedShape(row);
  });
  need(rows.every((row) => row.length === rows[0].length && row.every((n, i) => n === rows[0][i])));
  return [x.length, ...(rows[0] ?? [])];
}
