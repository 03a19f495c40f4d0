import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  grad,
  type LambdaOptions,
  lambdaLayer,
  logicalAnd,
  ones,
  relativeEmbeddings,
  savedBytes,
  type Tensor,
  tensor,
  tril,
  zeros,
} from '../../ops/index.js';
import { normalsFrom } from '../normal.js';

const normal = normalsFrom(5);

const bools = (shape: number[], truth: (i: number) => boolean): Tensor => {
  const length = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Uint8Array.from({ length }, (_, i) => Number(truth(i))),
    { shape, dtype: 'bool' },
  );
};

const furthest = (a: Tensor, b: Tensor): number => {
  assert.equal(a.shape, b.shape);
  return Math.max(...a.sub(b).abs().reshape([-1]).data, 0);
};

type Numbers = number[][][][];

const weights = {
  softmax: (keys: readonly number[]): number[] => {
    const most = Math.max(...keys);
    const exps = keys.map((x) => Math.exp(x - most));
    return exps.map((x) => x / exps.reduce((a, b) => a + b, 0));
  },
  l2: (keys: readonly number[]): number[] => keys.map((x) => x / Math.hypot(...keys)),
  none: (keys: readonly number[]): number[] => [...keys],
};

/** The content's output by its definition, query by query, over the context that `seen` says. */
function defined(
  [q, k, v]: readonly Tensor[],
  how: keyof typeof weights,
  seen: (b: number, n: number, m: number) => boolean,
): Tensor {
  const [queries, keys, values] = [q, k, v].map((t) => t.toArray() as Numbers);
  const positions = Array.from({ length: k.shape[1] }, (_, m) => m);
  const y = queries.map((example, b) =>
    example.map((heads, n) => {
      const own = positions.filter((m) => seen(b, n, m));
      const lambda = (d: number, e: number): number => {
        let sum = 0;
        for (let u = 0; u < k.shape[3]; u++) {
          const normal = weights[how](own.map((m) => keys[b][m][d][u]));
          own.forEach((m, i) => {
            sum += normal[i] * values[b][m][e][u];
          });
        }
        return sum;
      };
      return heads.map((query) =>
        Array.from({ length: v.shape[2] }, (_, e) =>
          query.reduce((sum, x, d) => sum + x * lambda(d, e), 0),
        ),
      );
    }),
  );
  return tensor(y.flat(3), { shape: [...q.shape.slice(0, 3), v.shape[2]], dtype: 'float64' });
}

const [B, N] = [2, 5];
const pairs = bools([N, N], (i) => i % 3 !== 0 && i < 20); // the last query has no context
const own = bools([B, N, N], (i) => i % 4 !== 1);
const padding = bools([B, 1, N], (i) => i !== 0 && i !== 3 && i !== 9);
const masks = { pairs, own, padding };

test('keys are normalised over each query’s own context, whatever the mask and the normalisation', () => {
  const qkv = [normal(B, N, 2, 3), normal(B, N, 3, 2), normal(B, N, 2, 2)];
  for (const normalization of ['softmax', 'l2', 'none'] as const) {
    for (const mask of [null, pairs, own, padding]) {
      for (const isCausal of [false, true]) {
        const full = (mask ?? ones([1, 1, 1], { dtype: 'bool' })).expand([B, N, N]).toArray();
        const seen = (b: number, n: number, m: number): boolean =>
          (full as boolean[][][])[b][n][m] && (!isCausal || m <= n);
        const y = lambdaLayer(qkv[0], qkv[1], qkv[2], { mask, isCausal, normalization });
        assert.ok(furthest(y, defined(qkv, normalization, seen)) < 1e-12);
      }
    }
  }
});

test('contexts whose keys are hundreds apart are each as exact as alone, in float32', () => {
  const [q, v] = [normal(1, 3, 1, 2), normal(1, 6, 2, 1)];
  const offsets = tensor([-300, -300, 0, 0, 300, 300], { shape: [1, 6, 1, 1], dtype: 'float64' });
  const k = normal(1, 6, 2, 1).add(offsets);
  const mask = bools([3, 6], (i) => Math.floor((i % 6) / 2) === Math.floor(i / 6));
  const [q32, k32, v32] = [q, k, v].map((t) => tensor(t, { dtype: 'float32' }));
  const y = tensor(lambdaLayer(q32, k32, v32, { mask }), { dtype: 'float64' });
  const wanted = defined([q, k, v], 'softmax', (_b, n, m) => Math.floor(m / 2) === n);
  assert.ok(furthest(y, wanted) < 1e-4);
});

/** Random float32 queries, keys and values, and others that differ at context positions `at`. */
function changed(at: readonly number[], key: number): [Tensor[], Tensor[]] {
  const qkv = [normal(B, N, 2, 3), normal(B, N, 3, 1), normal(B, N, 4, 1)].map((t) =>
    tensor(t, { dtype: 'float32' }),
  );
  const other = qkv.map((t) => t.clone());
  for (const b of [0, 1]) {
    for (const m of at) {
      other[1].data.fill(key, (b * N + m) * 3, (b * N + m + 1) * 3);
      other[2].data.fill(-77, (b * N + m) * 4, (b * N + m + 1) * 4);
    }
  }
  return [qkv, other];
}

test('what comes later leaves earlier outputs bit for bit as they were, under every mask', () => {
  for (const mask of [null, ...Object.values(masks)]) {
    for (const key of [200, 1e30]) {
      for (const normalization of ['softmax', 'l2', 'none'] as const) {
        const table = tensor(normal(3, 3, 1), { dtype: 'float32' });
        for (const embeddings of [null, table]) {
          const options = { mask, isCausal: true, embeddings, normalization };
          const [a, b] = changed([3, 4], normalization === 'softmax' ? key : 200).map(([q, k, v]) =>
            lambdaLayer(q, k, v, options).narrow(1, 0, 3).toArray(),
          );
          assert.equal(a, b);
        }
      }
    }
  }
});

test('what a mask hides from every query leaves all outputs bit for bit as they were', () => {
  const visible = (shape: number[]): Tensor => bools(shape, (i) => ![1, 4].includes(i % N));
  for (const mask of [visible([N, N]), visible([B, N, N]), visible([B, 1, N])]) {
    const table = tensor(normal(3, 3, 1), { dtype: 'float32' });
    for (const embeddings of [null, table]) {
      const [a, b] = changed([1, 4], 200).map(([q, k, v]) =>
        lambdaLayer(q, k, v, { mask, embeddings }),
      );
      assert.equal(a.toArray(), b.toArray());
      assert.ok(Math.min(...a.abs().reshape([-1]).data) > 0);
    }
  }
});

test('a context that is empty gives zeros, and gradients that are numbers', () => {
  for (const normalization of ['softmax', 'l2', 'none'] as const) {
    for (const shape of [
      [N, N],
      [B, N, N],
      [B, 1, N],
    ]) {
      for (const isCausal of [false, true]) {
        const qkv = [normal(B, N, 2, 3), normal(B, N, 3, 1), normal(B, N, 4, 1)];
        const [q, k, v] = qkv.map((t) => t.requiresGrad_());
        const embeddings = normal(3, 3, 1).requiresGrad_();
        const mask = zeros(shape, { dtype: 'bool' });
        const y = lambdaLayer(q, k, v, { mask, isCausal, normalization, embeddings });
        assert.ok(y.reshape([-1]).data.every((x) => x === 0));
        for (const g of grad(y.sum(), [q, k, v, embeddings])) {
          assert.ok(g.reshape([-1]).data.every((x) => x === 0));
        }
      }
    }
  }
});

test('a padded causal context is a mask of pairs, and its table a convolution', () => {
  const [q, k, v] = [normal(B, N, 2, 3), normal(B, N, 3, 1), normal(B, N, 4, 1)];
  const embeddings = normal(5, 3, 1);
  const full = logicalAnd(padding, tril(ones([N, N], { dtype: 'bool' })));
  assert.equal(full.shape, [B, N, N]);
  const scan = lambdaLayer(q, k, v, { embeddings, mask: padding, isCausal: true });
  assert.ok(furthest(scan, lambdaLayer(q, k, v, { embeddings, mask: full })) < 1e-12);
});

test('a causal table over a grid leaves out what comes later, row after row, bit for bit', () => {
  const [q, k, v] = [normal(1, 12, 1, 2), normal(1, 12, 2, 1), normal(1, 12, 2, 1)];
  const table = normal(3, 5, 2, 1);
  const embeddings = relativeEmbeddings(table, [3, 4]);
  const slid = lambdaLayer(q, k, v, { embeddings: table, grid: [3, 4], isCausal: true });
  assert.ok(furthest(slid, lambdaLayer(q, k, v, { embeddings, isCausal: true })) < 1e-12);

  // So many channels that a convolution of maps would be by tiles, which round together.
  const [query, key, value, channels] = [
    normal(1, 36, 1, 16),
    normal(1, 36, 16, 16),
    normal(1, 36, 2, 16),
    normal(3, 3, 16, 16),
  ].map((t) => tensor(t, { dtype: 'float32' }));
  const options = { embeddings: channels, grid: [6, 6], isCausal: true };
  const other = value.clone();
  other.data.fill(1e4, 20 * 32);
  const [a, b] = [value, other].map((x) => lambdaLayer(query, key, x, options).narrow(1, 0, 20));
  assert.equal(a.toArray(), b.toArray());
});

test('scans and convolutions keep memory as n, masks of pairs less than n·m·k·v', () => {
  const kept = (n: number, options: LambdaOptions): number => {
    const [q, k, v] = [normal(1, n, 2, 8), normal(1, n, 8, 1), normal(1, n, 8, 1)];
    return savedBytes(lambdaLayer(q, k.requiresGrad_(), v.requiresGrad_(), options));
  };
  const embeddings = normal(3, 8, 1).requiresGrad_();
  const linear = (n: number): LambdaOptions[] => [
    { embeddings },
    { embeddings, isCausal: true },
    { embeddings, isCausal: true, mask: ones([1, 1, n], { dtype: 'bool' }) },
  ];
  linear(64).forEach((options, i) => {
    assert.ok(kept(64, options) < 4.5 * kept(16, linear(16)[i]));
  });
  const mask = tril(ones([64, 64], { dtype: 'bool' }));
  assert.ok(kept(64, { mask }) < (8 * 64 * 64 * 8 * 8) / 4);
});

test.run();
