import type { AttentionOptions, Tensor } from '../../ops/index.js';
import * as lg from '../../ops/index.js';
import { bools, each, type Input, normal, type Samples, sample } from './sample.js';

const attend =
  (options: AttentionOptions = {}) =>
  (q: Tensor, k: Tensor, v: Tensor) =>
    lg.scaledDotProductAttention(q, k, v, options);

/** Two queries of width 2 to three keys with values of width 2. */
const qkv: Input[] = [normal(2, 2), normal(3, 2), normal(3, 2)];

const masked = (q: Tensor, k: Tensor, v: Tensor, mask: Tensor): Tensor =>
  lg.scaledDotProductAttention(q, k, v, { mask });

const mask = bools([true, false, true, true, true, false], 2, 3);
const emptyRow = bools([false, false, false, true, true, false], 2, 3);

export const attentionSamples: Samples = {
  scaledDotProductAttention: [
    sample('plain', attend(), ...qkv),
    ...each('', [{ isCausal: true }, { scale: 0.3 }, { dropout: 0.4 }], attend, ...qkv),
    sample(
      'a batch of heads',
      attend(),
      normal(1, 2, 1, 2),
      normal(1, 2, 2, 2),
      normal(1, 2, 2, 1),
    ),
    sample('keys for all batches', attend(), normal(2, 1, 2), normal(1, 2, 2), normal(2, 2)),
    sample('a query for all batches', attend(), normal(1, 2), normal(2, 2, 2), normal(2, 2, 1)),
    sample(
      'self-attention',
      (x) => lg.scaledDotProductAttention(x, x, x, { isCausal: true }),
      normal(3, 2),
    ),
    sample('a mask of bools', masked, ...qkv, mask),
    sample('a mask of numbers', masked, ...qkv, normal(2, 3)),
    sample('a mask for all queries', masked, ...qkv, normal(3)),
    sample(
      'a mask a head',
      masked,
      normal(2, 1, 2),
      normal(2, 2, 2),
      normal(2, 2, 1),
      normal(2, 1, 2),
    ),
    sample('a query that may attend to nothing', masked, ...qkv, emptyRow),
    sample(
      'a mask, causal too',
      (q, k, v, m) => attend({ mask: m, isCausal: true })(q, k, v),
      ...qkv,
      mask,
    ),
    sample('size 1', attend(), normal(1, 1), normal(1, 1), normal(1, 1)),
    sample('no queries', attend(), normal(0, 2), normal(3, 2), normal(3, 2)),
    sample('no keys', attend(), normal(2, 2), normal(0, 2), normal(0, 2)),
    sample('an empty batch', attend(), normal(0, 2, 2), normal(0, 3, 2), normal(0, 3, 1)),
  ],
};
