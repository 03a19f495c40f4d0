import type { Tensor } from '../../../ops/index.js';
import {
  axis,
  broadcast,
  integer,
  isTensor,
  list,
  need,
  optionalTensor,
  type Shapes,
  type Sizes,
} from '../rules.js';
import type { Calls } from './call.js';

/** Two tensors, of which at least one holds numbers. */
function operands(a: unknown, b: unknown): [Sizes, Sizes] {
  const [x, y] = [isTensor(a), isTensor(b)];
  need(x.dtype !== 'bool' || y.dtype !== 'bool');
  return [x.shape, y.shape];
}

const matmul = (a: unknown, b: unknown): Shapes => {
  const [x, y] = operands(a, b);
  need(x.length > 0 && y.length > 0);
  need(x[x.length - 1] === y[Math.max(0, y.length - 2)]);
  const batch = broadcast(x.slice(0, -2), y.slice(0, -2));
  return [[...batch, ...x.slice(0, -1).slice(-1), ...(y.length > 1 ? y.slice(-1) : [])]];
};

const tensordot = (a: unknown, b: unknown, dims: unknown = 2): Shapes => {
  const [x, y] = operands(a, b);
  const [ofX, ofY] =
    typeof dims === 'number' ? facing(x, y, integer(dims, 0)) : list(dims).map((d) => list(d));
  need(typeof dims === 'number' || list(dims).length === 2);
  const [axesX, axesY] = [ofX.map((d) => axis(d, x.length)), ofY.map((d) => axis(d, y.length))];
  need(axesX.length === axesY.length);
  need(new Set(axesX).size === axesX.length && new Set(axesY).size === axesY.length);
  need(axesX.every((at, i) => x[at] === y[axesY[i]]));
  return [[...x.filter((_, i) => !axesX.includes(i)), ...y.filter((_, i) => !axesY.includes(i))]];
};

function facing(x: Sizes, y: Sizes, count: number): [number[], number[]] {
  need(count <= x.length && count <= y.length);
  const first = Array.from({ length: count }, (_, i) => i);
  return [first.map((i) => x.length - count + i), first];
}

const linear = (a: unknown, w: unknown, bias: unknown): Shapes => {
  const [x, weight] = operands(a, w);
  need(x.length > 0 && weight.length === 2 && weight[1] === x[x.length - 1]);
  const b = optionalTensor(bias);
  if (b !== null) need(b.ndim === 1 && b.size === weight[0]);
  return [x.with(-1, weight[0])];
};

/** An equation of plain letters, the only kind that the drawings here use. */
function einsum(equation: unknown, ...tensors: unknown[]): Sizes {
  need(typeof equation === 'string' && /^[a-z,]*(->[a-z]*)?$/.test(equation));
  const [left, right] = equation.split('->');
  const terms = left.split(',');
  need(terms.length === tensors.length);
  const all: Tensor[] = tensors.map(isTensor);
  const size = new Map<string, number>();
  terms.forEach((term, i) => {
    need(term.length === all[i].ndim);
    [...term].forEach((label, at) => {
      const n = all[i].shape[at];
      const known = size.get(label) ?? 1;
      need(
        term.indexOf(label) === at
          ? known === 1 || n === 1 || n === known
          : n === all[i].shape[term.indexOf(label)],
      );
      size.set(label, Math.max(known === 1 ? n : known, known === 1 ? 0 : known));
    });
  });
  const letters = terms.join('');
  const once = [...letters].filter((c) => letters.indexOf(c) === letters.lastIndexOf(c)).sort();
  const output = right === undefined ? once : [...right];
  need(new Set(output).size === output.length);
  need(output.every((c) => letters.includes(c)));
  return output.map((c) => size.get(c) ?? 1);
}

export const contractions: Calls = {
  matmul: {
    args: (d) => {
      const batch = d.shape(0, 2);
      const [n, k, m] = [d.size(), d.size(), d.size()];
      const a = d.once(4) ? [k] : [...d.narrower(batch), n, k];
      const b = d.once(4) ? [k] : [...d.narrower(batch), k, m];
      return [d.tensor(a), d.tensor(b)];
    },
    rule: matmul,
  },
  bmm: {
    args: (d) => {
      const [b, n, k, m] = [d.size(), d.size(), d.size(), d.size()];
      return [d.tensor([b, n, k]), d.tensor([b, k, m])];
    },
    rule: (a, b) => {
      const [x, y] = operands(a, b);
      need(x.length === 3 && y.length === 3 && x[0] === y[0] && x[2] === y[1]);
      return [[x[0], x[1], y[2]]];
    },
  },
  dot: {
    args: (d) => {
      const n = d.size();
      return [d.tensor([n]), d.tensor([n])];
    },
    rule: (a, b) => {
      const [x, y] = operands(a, b);
      need(x.length === 1 && y.length === 1 && x[0] === y[0]);
      return [[]];
    },
  },
  outer: {
    args: (d) => [d.tensor([d.size()]), d.tensor([d.size()])],
    rule: (a, b) => {
      const [x, y] = operands(a, b);
      need(x.length === 1 && y.length === 1);
      return [[x[0], y[0]]];
    },
  },
  tensordot: {
    args: (d) => {
      const shared = d.shape(0, 2);
      const count = shared.length;
      const a = d.tensor([...d.shape(0, 2), ...shared]);
      const b = d.tensor([...shared, ...d.shape(0, 2)]);
      const lists = [shared.map((_, i) => a.ndim - count + i), shared.map((_, i) => i)];
      return [a, b, d.pick<unknown>(count, lists)];
    },
    rule: tensordot,
  },
  linear: {
    args: (d) => {
      const [inner, out] = [d.size(), d.size()];
      return [
        d.tensor([...d.shape(0, 2), inner]),
        d.float([out, inner]),
        d.pick(undefined, null, d.float([out])),
      ];
    },
    rule: linear,
  },
  einsum: {
    args: (d) => {
      const sizes = new Map([...'abcd'].map((c) => [c, d.size()]));
      const terms = Array.from({ length: d.int(1, 3) }, () =>
        Array.from({ length: d.int(0, 3) }, () => d.pick(...'abcd')),
      );
      const present = [...new Set(terms.flat())];
      const output = d
        .order(present.length)
        .map((i) => present[i])
        .slice(d.int(0, 1));
      const arrow = d.once(2) ? '' : `->${output.join('')}`;
      const tensors = terms.map((term) =>
        d.tensor(
          term.map((c) => sizes.get(c) ?? 1),
          'float32',
        ),
      );
      return [`${terms.map((t) => t.join('')).join(',')}${arrow}`, ...tensors];
    },
    rule: (equation, ...tensors) => {
      const shape = einsum(equation, ...tensors);
      need(tensors.some((t) => isTensor(t).dtype !== 'bool'));
      return [shape];
    },
  },
};
