import type { Tensor } from '../../ops/index.js';
import * as lg from '../../ops/index.js';
import { bools, type Input, normal, type Samples, sample } from './sample.js';

/** Queries `[b, n, h, k]`, keys `[b, m, k, u]` and values `[b, m, v, u]`. */
const qkv = (
  b: number,
  n: number,
  h: number,
  k: number,
  m: number,
  v: number,
  u: number,
): Input[] => [normal(b, n, h, k), normal(b, m, k, u), normal(b, m, v, u)];

const plain = (q: Tensor, k: Tensor, v: Tensor): Tensor => lg.lambdaLayer(q, k, v);
const embedded = (q: Tensor, k: Tensor, v: Tensor, embeddings: Tensor): Tensor =>
  lg.lambdaLayer(q, k, v, { embeddings });
const masked = (q: Tensor, k: Tensor, v: Tensor, mask: Tensor): Tensor =>
  lg.lambdaLayer(q, k, v, { mask });

const withOptions =
  (options: lg.LambdaOptions) =>
  (q: Tensor, k: Tensor, v: Tensor, mask: Tensor): Tensor =>
    lg.lambdaLayer(q, k, v, { ...options, mask });

const causal = (q: Tensor, k: Tensor, v: Tensor): Tensor =>
  lg.lambdaLayer(q, k, v, { isCausal: true });

const mask = bools([true, false, true, true, true, false], 2, 3);
const padding = bools([true, false, true, false, false, false], 2, 1, 3);
const emptyRow = bools([false, false, false, true, true, false], 2, 3);

export const lambdaSamples: Samples = {
  lambdaLayer: [
    sample('content alone', plain, ...qkv(1, 2, 2, 2, 3, 1, 1)),
    sample('a batch with intra-depth', plain, ...qkv(2, 1, 1, 2, 2, 2, 2)),
    sample('an embedding a pair', embedded, ...qkv(1, 2, 2, 2, 3, 1, 1), normal(2, 3, 2, 1)),
    sample(
      'an embedding a pair, intra-depth',
      embedded,
      ...qkv(1, 1, 2, 2, 2, 2, 2),
      normal(1, 2, 2, 2),
    ),
    sample('a table of offsets', embedded, ...qkv(1, 3, 1, 2, 3, 1, 1), normal(3, 2, 1)),
    sample('a table longer than needed', embedded, ...qkv(1, 2, 1, 2, 2, 1, 1), normal(5, 2, 1)),
    sample('a table, intra-depth', embedded, ...qkv(2, 2, 1, 1, 2, 2, 2), normal(3, 1, 2)),
    sample('a table of one offset', embedded, ...qkv(1, 2, 1, 2, 2, 1, 1), normal(1, 2, 1)),
    sample('a mask', masked, ...qkv(1, 2, 1, 2, 3, 2, 1), mask),
    sample('a query without a context', masked, ...qkv(1, 2, 1, 2, 3, 1, 2), emptyRow),
    sample(
      'a mask and embeddings',
      (q, k, v, embeddings, m) => lg.lambdaLayer(q, k, v, { embeddings, mask: m }),
      ...qkv(1, 2, 1, 2, 3, 1, 1),
      normal(2, 3, 2, 1),
      emptyRow,
    ),
    sample('a padded context', masked, ...qkv(2, 2, 1, 2, 3, 2, 1), padding),
    sample(
      'a padded causal context',
      withOptions({ isCausal: true }),
      ...qkv(2, 3, 1, 2, 3, 1, 2),
      padding,
    ),
    sample(
      'a masked causal context',
      withOptions({ isCausal: true }),
      ...qkv(1, 3, 1, 2, 3, 2, 1),
      bools([true, true, true, false, true, true, true, false, true], 3, 3),
    ),
    sample(
      'keys of unit length in each context',
      withOptions({ normalization: 'l2' }),
      ...qkv(1, 2, 1, 2, 3, 1, 1),
      mask,
    ),
    sample(
      'keys as they are in each context',
      withOptions({ normalization: 'none' }),
      ...qkv(1, 2, 1, 2, 3, 1, 1),
      emptyRow,
    ),
    sample('a causal context', causal, ...qkv(2, 3, 1, 2, 3, 2, 1)),
    sample('a causal context, intra-depth', causal, ...qkv(1, 3, 2, 2, 3, 1, 2)),
    sample(
      'a causal context and a table',
      (q, k, v, embeddings) => lg.lambdaLayer(q, k, v, { embeddings, isCausal: true }),
      ...qkv(1, 3, 1, 2, 3, 2, 1),
      normal(3, 2, 1),
    ),
    sample(
      'a causal context and a table over a grid',
      (q, k, v, embeddings) =>
        lg.lambdaLayer(q, k, v, { embeddings, grid: [2, 2], isCausal: true }),
      ...qkv(1, 4, 1, 2, 4, 1, 1),
      normal(3, 3, 2, 1),
    ),
    sample(
      'a table over a grid',
      (q, k, v, embeddings) => lg.lambdaLayer(q, k, v, { embeddings, grid: [2, 3] }),
      ...qkv(1, 6, 1, 2, 6, 2, 1),
      normal(3, 5, 2, 1),
    ),
    sample(
      'a table between grids',
      (q, k, v, embeddings) =>
        lg.lambdaLayer(q, k, v, { embeddings, grid: [1, 2], contextGrid: [2, 2] }),
      ...qkv(1, 2, 1, 2, 4, 1, 1),
      normal(2, 3, 2, 1),
    ),
    sample(
      'position alone',
      (q, k, v, embeddings) => lg.lambdaLayer(q, k, v, { embeddings, content: false }),
      ...qkv(1, 2, 2, 2, 3, 1, 1).slice(0, 1),
      () => lg.ones([1, 3, 2, 1], { dtype: 'float64' }),
      normal(1, 3, 1, 1),
      normal(2, 3, 2, 1),
    ),
    sample(
      'keys of unit length',
      (q, k, v) => lg.lambdaLayer(q, k, v, { normalization: 'l2' }),
      ...qkv(1, 2, 1, 2, 3, 1, 1),
    ),
    sample(
      'keys as they are',
      (q, k, v) => lg.lambdaLayer(q, k, v, { normalization: 'none' }),
      ...qkv(1, 2, 1, 2, 3, 1, 1),
    ),
    sample('size 1', plain, ...qkv(1, 1, 1, 1, 1, 1, 1)),
    sample('size 0', plain, ...qkv(0, 2, 1, 2, 2, 1, 1)),
    sample('no context', plain, ...qkv(1, 2, 1, 2, 0, 1, 1)),
  ],
  relativeEmbeddings: [
    sample('a sequence', (t) => lg.relativeEmbeddings(t, [1, 3]), normal(1, 3, 2, 1)),
    sample('a grid', (t) => lg.relativeEmbeddings(t, [2, 2]), normal(3, 3, 1, 2)),
    sample('a longer context', (t) => lg.relativeEmbeddings(t, [1, 2], [1, 3]), normal(1, 4, 2, 1)),
    sample('size 0', (t) => lg.relativeEmbeddings(t, [1, 2]), normal(1, 3, 0, 1)),
  ],
};
