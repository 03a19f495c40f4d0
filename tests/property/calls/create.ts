import { type DType, Tensor } from '../../../ops/index.js';
import type { Draw } from '../drawing.js';
import { integer, isTensor, need, oneOf, options, type Shapes, sizes, truth } from '../rules.js';
import type { Call, Calls } from './call.js';

const dtypes = ['float32', 'float64', 'int32', 'bool'] as const;

/** What every creation function takes last. */
function creation(given: unknown, otherwise: DType): DType {
  const { dtype, requiresGrad } = options(given, {
    dtype: (x) => oneOf(x, ...dtypes),
    requiresGrad: truth,
    device: (x) => need(x === undefined),
  });
  const kept = (dtype ?? otherwise) as DType;
  need(!requiresGrad || isReal(kept));
  return kept;
}

const isReal = (dtype: DType): boolean => dtype === 'float32' || dtype === 'float64';

const given = (d: Draw): object =>
  d.pick<object>({}, { dtype: d.dtype() }, { dtype: 'float64', requiresGrad: true });

const real = (d: Draw): object => d.pick<object>({}, { dtype: 'float64' });

const filled: Call = {
  args: (d) => [d.shape(), given(d)],
  rule: (shape, o) => {
    creation(o, 'float32');
    return [sizes(shape)];
  },
};

const random: Call = {
  args: (d) => [d.shape(), real(d)],
  rule: (shape, o) => {
    need(isReal(creation(o, 'float32')));
    return [sizes(shape)];
  },
};

/** A number that the dtype can hold. */
function fits(value: unknown, dtype: DType): void {
  if (typeof value === 'boolean') return;
  need(typeof value === 'number');
  if (dtype === 'int32') need(value > -(2 ** 31) - 1 && value < 2 ** 31);
}

const full = (shape: unknown, value: unknown, o: unknown): Shapes => {
  fits(value, creation(o, typeof value === 'boolean' ? 'bool' : 'float32'));
  return [sizes(shape)];
};

const like = (call: Call): Call => ({
  args: (d) => [d.tensor(), d.once(2) ? real(d) : {}],
  rule: (x, o) => {
    const { shape, dtype } = isTensor(x);
    if (call === random) need(isReal(creation(o, dtype)));
    creation(o, dtype);
    return [shape];
  },
});

const finite = (x: unknown): number => {
  need(typeof x === 'number' && Number.isFinite(x));
  return x;
};

const arange = (start: unknown, end: unknown, step: unknown = 1, o?: unknown): Shapes => {
  const [first, last] = end === undefined ? [0, finite(start)] : [finite(start), finite(end)];
  need(finite(step) !== 0 && (last - first) / finite(step) >= 0);
  const dtype = creation(o, 'float32');
  const shape = sizes([Math.ceil((last - first) / finite(step))]);
  for (const i of [0, shape[0] - 1])
    if (i < shape[0] && i >= 0) fits(first + i * finite(step), dtype);
  return [shape];
};

const count = (x: unknown): number => integer(x, 0, 2 ** 31 - 1);

export const creations: Calls = {
  zeros: filled,
  ones: filled,
  empty: filled,
  rand: random,
  randn: random,
  full: {
    args: (d) => [d.shape(), d.pick<unknown>(0, 2.5, true), given(d)],
    rule: full,
    undefinedAt: 'the number given may be NaN',
  },
  zerosLike: like(filled),
  onesLike: like(filled),
  emptyLike: like(filled),
  randLike: { ...like(random), args: (d) => [d.tensor(d.shape(), 'float32'), real(d)] },
  randnLike: { ...like(random), args: (d) => [d.tensor(d.shape(), 'float32'), real(d)] },
  fullLike: {
    args: (d) => [d.tensor(), d.pick<unknown>(0, 2.5, true), {}],
    rule: (x, value, o) => {
      fits(value, creation(o, isTensor(x).dtype));
      return [isTensor(x).shape];
    },
    undefinedAt: 'the number given may be NaN',
  },
  arange: {
    args: (d) => {
      const step = d.pick(undefined, 1, 0.5, -1, 2);
      const [a, b] = [d.int(-4, 4), d.int(-4, 4)];
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      return (step ?? 1) > 0 ? [low, high, step, {}] : [high, low, step, {}];
    },
    rule: arange,
  },
  linspace: {
    args: (d) => [d.int(-4, 4), d.int(-4, 4), d.int(0, 5), given(d)],
    rule: (start, end, steps, o) => {
      const dtype = creation(o, 'float32');
      const shape = sizes([integer(steps, 0)]);
      if (shape[0] > 0) fits(finite(start), dtype);
      if (shape[0] > 1) fits(finite(end), dtype);
      finite(start);
      finite(end);
      return [shape];
    },
  },
  eye: {
    args: (d) => [d.int(0, 4), d.pick(undefined, d.int(0, 4)), given(d)],
    rule: (n, m, o) => {
      creation(o, 'float32');
      return [sizes([integer(n, 0), m === undefined ? integer(n, 0) : integer(m, 0)])];
    },
  },
  randint: {
    args: (d) => [d.int(-3, 0), d.int(1, 5), d.shape(), given(d)],
    rule: (low, high, shape, o) => {
      const dtype = creation(o, 'int32');
      integer(high, integer(low) + 1);
      fits(low, dtype);
      fits((high as number) - 1, dtype);
      return [sizes(shape)];
    },
  },
  randperm: {
    args: (d) => [d.int(0, 6), given(d)],
    rule: (n, o) => {
      creation(o, 'int32');
      return [[count(n)]];
    },
  },
  oneHot: {
    args: (d) => [d.indices(d.shape(0, 3), 0, 3), d.pick(undefined, 4, 5), given(d)],
    rule: (index, classes, o) => {
      const t = isTensor(index);
      need(t instanceof Tensor && t.dtype === 'int32');
      const width = classes === undefined ? Math.max(0, ...t.data.map((c) => c + 1)) : classes;
      need(t.data.every((c) => c >= 0 && c < integer(width, 1)));
      creation(o, 'float32');
      return [sizes([...t.shape, integer(width, 1)])];
    },
  },
};
