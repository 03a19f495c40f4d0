import type { Tensor } from '../../../ops/index.js';
import type { Draw } from '../drawing.js';
import {
  anyOption,
  broadcast,
  broadcastsTo,
  integer,
  isTensor,
  isVector,
  list,
  need,
  number,
  optionalTensor,
  options,
  product,
  type Shapes,
  type Sizes,
  truth,
} from '../rules.js';
import type { Call, Calls } from './call.js';

const eps = { eps: (x: unknown) => number(x) };

/** A norm over the last axes. */
const lastNorm = (affine: number): Call => ({
  args: (d) => {
    const x = d.float(d.shape(1, 4));
    const shape = x.shape.slice(d.int(0, x.ndim - 1));
    const vectors = Array.from({ length: affine }, () => d.pick(undefined, null, d.float(shape)));
    return [x, shape, ...vectors, { eps: 1e-3 }];
  },
  rule: (input, normalized, ...rest) => {
    const { shape } = isTensor(input);
    const last = list(normalized).map((n) => integer(n));
    need(last.length > 0 && last.length <= shape.length);
    const same = (s: Sizes): boolean =>
      s.length === last.length && s.every((n, i) => n === last[i]);
    need(same(shape.slice(shape.length - last.length)));
    for (const t of rest.slice(0, affine).map(optionalTensor)) if (t !== null) need(same(t.shape));
    options(rest[affine], eps);
    return [shape];
  },
  undefinedAt: 'a negative ε',
});

const channelNorm = (args: (d: Draw) => unknown[], rule: Call['rule']): Call => ({
  args,
  rule,
  undefinedAt: 'a negative ε',
});

const affine = (d: Draw, n: number): unknown => d.pick(undefined, null, d.float([n]));

const batchNorm = (
  input: unknown,
  mean: unknown,
  variance: unknown,
  weight: unknown,
  bias: unknown,
  given: unknown,
): Shapes => {
  const { shape } = isTensor(input);
  need(shape.length >= 2);
  for (const t of [mean, variance, weight, bias]) isVector(t, shape[1]);
  const running = [mean, variance].map(optionalTensor);
  for (const t of running) need(t === null || t.dtype === 'float32' || t.dtype === 'float64');
  const o = options(given, { ...eps, training: truth, momentum: (x) => number(x) });
  if (o.training === true) need(product(shape) / shape[1] > 1);
  else need(running.every((t) => t !== null));
  return [shape];
};

const attention = (query: unknown, key: unknown, value: unknown, given: unknown): Shapes => {
  const [q, k, v] = [query, key, value].map((t) => isTensor(t).shape);
  need([q, k, v].every((s) => s.length >= 2));
  need(q.at(-1) === k.at(-1) && k.at(-2) === v.at(-2));
  const batch = broadcast(q.slice(0, -2), k.slice(0, -2), v.slice(0, -2));
  const scores = [...batch, ...q.slice(-2, -1), ...k.slice(-2, -1)];
  options(given, {
    mask: (x) => {
      if (x === null) return;
      need(isTensor(x).dtype !== 'int32');
      broadcastsTo(isTensor(x).shape, scores);
    },
    isCausal: truth,
    dropout: (p) => number(p, 0, 1),
    scale: (x) => (x === null ? 1 : number(x)),
  });
  return [[...batch, ...q.slice(-2, -1), ...v.slice(-1)]];
};

const lambdaLayer = (queries: unknown, keys: unknown, values: unknown, given: unknown): Shapes => {
  const [q, k, v] = [queries, keys, values].map((t) => isTensor(t).shape);
  need([q, k, v].every((s) => s.length === 4));
  need(q[0] === k[0] && k[0] === v[0] && q[3] === k[2] && k[1] === v[1] && k[3] === v[3]);
  const o = options(given, {
    embeddings: anyOption,
    mask: anyOption,
    isCausal: truth,
    content: truth,
  });
  need(o.isCausal !== true || q[1] === k[1]);
  need(o.content !== false || (o.embeddings !== null && o.embeddings !== undefined));
  const [mask, e] = [optionalTensor(o.mask), optionalTensor(o.embeddings)];
  if (mask !== null) {
    const own = [q[1], k[1]];
    const fits = [own, [q[0], ...own], [q[0], 1, k[1]]].some(
      (s) => String(mask.shape) === String(s),
    );
    need(mask.dtype === 'bool' && fits);
  }
  if (e !== null) {
    const dense = String(e.shape) === String([q[1], k[1], k[2], k[3]]);
    const [r] = e.shape;
    const table = r % 2 === 1 && String(e.shape) === String([r, k[2], k[3]]);
    need(
      dense ||
        (table && q[1] === k[1]) ||
        String(e.shape) === String([q[1] + k[1] - 1, k[2], k[3]]),
    );
  }
  return [[q[0], q[1], q[2], v[2]]];
};

export const layers: Calls = {
  layerNorm: lastNorm(2),
  rmsNorm: lastNorm(1),
  groupNorm: channelNorm(
    (d) => {
      const groups = d.int(1, 2);
      const channels = groups * d.int(1, 2);
      const x = d.float([d.size(), channels, ...d.shape(0, 2)]);
      return [x, groups, affine(d, channels), affine(d, channels), { eps: 1e-3 }];
    },
    (input, groups, weight, bias, given) => {
      const { shape } = isTensor(input);
      need(shape.length >= 2 && shape[1] % integer(groups, 1) === 0);
      for (const t of [weight, bias]) isVector(t, shape[1]);
      options(given, eps);
      return [shape];
    },
  ),
  instanceNorm: channelNorm(
    (d) => {
      const x = d.float(d.shape(3, 4));
      return [x, affine(d, x.shape[1]), affine(d, x.shape[1]), { eps: 1e-3 }];
    },
    (input, weight, bias, given) => {
      const { shape } = isTensor(input);
      need(shape.length >= 3);
      for (const t of [weight, bias]) isVector(t, shape[1]);
      options(given, eps);
      return [shape];
    },
  ),
  batchNorm: {
    args: (d) => {
      const x = d.float([d.int(2, 3), d.int(1, 3), ...d.shape(0, 2)]);
      const running = (): Tensor => d.tensor([x.shape[1]], 'float32');
      const training = d.pick(true, false);
      const kept = training && d.once(2) ? [null, undefined] : [running(), running()];
      return [
        x,
        ...kept,
        affine(d, x.shape[1]),
        affine(d, x.shape[1]),
        { training, eps: 1e-3, momentum: 0.1 },
      ];
    },
    rule: batchNorm,
    undefinedAt: 'a running variance below 0',
  },
  scaledDotProductAttention: {
    args: (d) => {
      const batch = d.shape(0, 2);
      const [n, m, width] = [d.size(), d.size(), d.int(1, 3)];
      return [
        d.float([...d.narrower(batch), n, width]),
        d.float([...d.narrower(batch), m, width]),
        d.float([...d.narrower(batch), m, d.size()]),
        { mask: d.pick(undefined, null, d.mask([n, m])), isCausal: d.pick(true, false) },
      ];
    },
    rule: attention,
    undefinedAt: 'queries of width 0 are scaled by 1/√0',
  },
  relativeEmbeddings: {
    args: (d) => {
      const [rows, cols, k, u] = Array.from({ length: 4 }, () => d.int(1, 3));
      return [d.float([2 * rows - 1, 2 * cols - 1, k, u]), [rows, cols]];
    },
    rule: (table, grid, context) => {
      const { shape } = isTensor(table);
      const [from, to] = [grid, context === undefined ? grid : context].map((g) =>
        list(g).map((n) => integer(n, 1)),
      );
      need(shape.length === 4 && from.length === 2 && to.length === 2);
      from.forEach((n, axis) => {
        const r = shape[axis];
        need(n === to[axis] ? r % 2 === 1 : r === n + to[axis] - 1);
      });
      const pairs = [from[0] * from[1], to[0] * to[1], shape[2], shape[3]];
      need(product(pairs) < 2 ** 31);
      return [pairs];
    },
  },
  lambdaLayer: {
    args: (d) => {
      const [b, n, h, k, u, v] = Array.from({ length: 6 }, () => d.int(1, 3));
      const m = d.once(2) ? n : d.int(1, 3);
      const masked = d.once(2);
      const table = n === m && d.once(2);
      return [
        d.float([b, n, h, k]),
        d.float([b, m, k, u]),
        d.float([b, m, v, u]),
        {
          mask: masked ? d.mask(d.pick([n, m], [b, n, m], [b, 1, m])) : null,
          isCausal: n === m && d.once(3),
          embeddings: d.pick(null, d.float(table ? [d.pick(1, 3), k, u] : [n, m, k, u])),
        },
      ];
    },
    rule: lambdaLayer,
  },
};
