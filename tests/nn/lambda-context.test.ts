import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LambdaLayer, type LambdaLayerOptions } from '../../nn/index.js';
import {
  ArgumentError,
  add,
  einsum,
  grad,
  gradcheck,
  lambdaLayer,
  manualSeed,
  ones,
  permute,
  relativeEmbeddings,
  reshape,
  ShapeError,
  savedBytes,
  softmax,
  type Tensor,
  tensor,
} from '../../ops/index.js';
import { normalsFrom } from '../normal.js';
import { throwing } from './throwing.js';

const normal = normalsFrom(9);

const float64 = (dim: number, options: LambdaLayerOptions): LambdaLayer =>
  new LambdaLayer(dim, { dimK: 3, heads: 2, norm: 'none', ...options, dtype: 'float64' });

const furthest = (a: Tensor, b: Tensor): number => {
  assert.equal(a.shape, b.shape);
  return Math.max(...a.sub(b).abs().reshape([-1]).data, 0);
};

/** A map layer's output from its weights and explicit embeddings of pairs of positions. */
function dense(layer: LambdaLayer, x: Tensor, context: Tensor, embeddings: Tensor): Tensor {
  const rows = (weight: Tensor, t: Tensor): Tensor =>
    einsum('odxy,bdhw->bhwo', weight, t).reshape([t.shape[0], t.shape[2] * t.shape[3], -1]);
  const [b, , height, width] = x.shape;
  const q = reshape(rows(layer.toQ.weight, x), [b, height * width, 2, 3]);
  const [k, v] = [layer.toK, layer.toV].map(({ weight }) => rows(weight, context).unsqueeze(3));
  const y = reshape(lambdaLayer(q, k, v, { embeddings }), [b, height * width, -1]);
  return reshape(permute(y, [0, 2, 1]), [b, -1, height, width]);
}

/** What a layer is known to have. */
function present<T>(x: T | null | undefined): T {
  if (x === null || x === undefined) throw new Error('there is no table');
  return x;
}

test('queries look at a larger context of another width through a table of n + m − 1 offsets', () => {
  manualSeed(0);
  const layer = float64(4, { n: [2, 3], m: [4, 5], dimContext: 6 });
  const table = present(layer.relPosEmb);
  assert.equal(table.shape, [5, 7, 3, 1]);
  const [x, context] = [normal(2, 4, 2, 3), normal(2, 6, 4, 5)];
  // E of query (i, j) and context (s, t) is the table's entry (s − i + 1, t − j + 2).
  const data: number[] = [];
  for (const [i, j] of [0, 1].flatMap((row) => [0, 1, 2].map((col) => [row, col]))) {
    for (let s = 0; s < 4; s++) {
      for (let t = 0; t < 5; t++) {
        for (let d = 0; d < 3; d++) data.push(table.data[((s - i + 1) * 7 + t - j + 2) * 3 + d]);
      }
    }
  }
  const embeddings = tensor(data, { shape: [6, 20, 3, 1], dtype: 'float64' });
  const y = layer.forward(x, { context });
  assert.ok(furthest(y, dense(layer, x, context, embeddings)) < 1e-12);
  const { compared } = gradcheck(
    (a: Tensor, c: Tensor) => layer.forward(a, { context: c }),
    [x, context],
  );
  assert.ok(compared > 0);
});

test('sequences look at a longer context, and at one of their own length', () => {
  manualSeed(1);
  const layer = float64(4, { n: 3, m: 5, sequence: true });
  const table = present(layer.relPosEmb);
  assert.equal(table.shape, [1, 7, 3, 1]);
  const x = normal(2, 3, 4);
  for (const length of [5, 3]) {
    const context = normal(2, length, 4);
    const part = table.narrow(1, 0, length + 2);
    const embeddings = relativeEmbeddings(part, [1, 3], [1, length]);
    const [q, k, v] = [
      layer.toQ.forward(x),
      layer.toK.forward(context),
      layer.toV.forward(context),
    ];
    const y = lambdaLayer(q.reshape([2, 3, 2, 3]), k.unsqueeze(3), v.unsqueeze(3), { embeddings });
    assert.ok(furthest(layer.forward(x, { context }), y.reshape([2, 3, 4])) < 1e-12);
  }
});

test('a map smaller than n reads the offsets that it has, few pairs or many', () => {
  manualSeed(2);
  for (const [height, width] of [
    [3, 2],
    [20, 30], // 3 · 600² numbers in pairs: a convolution
  ]) {
    const layer = float64(4, { n: [20, 31] });
    const x = normal(1, 4, height, width);
    const middle = present(layer.relPosEmb)
      .narrow(0, 20 - height, 2 * height - 1)
      .narrow(1, 31 - width, 2 * width - 1);
    const embeddings = relativeEmbeddings(middle, [height, width]);
    assert.ok(furthest(layer.forward(x), dense(layer, x, x, embeddings)) < 1e-10);
  }
});

test('a local layer is a convolution on maps of any size: what it keeps grows as n', () => {
  manualSeed(3);
  const kept = (side: number): number => {
    const layer = new LambdaLayer(8, { r: 3, dimK: 16, heads: 2, norm: 'none' });
    return savedBytes(layer.forward(ones([1, 8, side, side])));
  };
  assert.ok(kept(4) / kept(2) < 4.1);
  assert.ok(kept(8) / kept(4) < 4.1);
  const layer = float64(4, { r: 5 });
  const x = normal(1, 4, 2, 3);
  const table = present(layer.posConv).forward();
  const y = dense(layer, x, x, relativeEmbeddings(table, [2, 3]));
  assert.ok(furthest(layer.forward(x), y) < 1e-12);
});

test('padding and masks in a causal layer let nothing of the future through', () => {
  const padding = tensor([true, true, false, true, true, false], { shape: [1, 1, 6] });
  for (const mask of [padding, padding.expand([1, 6, 6])]) {
    for (const options of [{ r: 3 }, { n: 6 }, { position: false, normalization: 'l2' } as const]) {
      manualSeed(4);
      const layer = new LambdaLayer(4, {
        sequence: true,
        isCausal: true,
        dimK: 3,
        heads: 2,
        ...options,
      });
      const x = tensor(normal(1, 6, 4), { dtype: 'float32' });
      const other = x.clone();
      other.data.fill(5000, 16);
      const [a, b] = [x, other].map((t) => layer.forward(t, { mask }).narrow(1, 0, 4));
      assert.equal(a.toArray(), b.toArray());
      assert.ok(a.abs().sum().item() > 0);
    }
  }
});

test('layers that share a local table add up its gradients', () => {
  manualSeed(5);
  const first = float64(4, { r: 3 });
  const second = float64(4, { posConv: first.posConv });
  assert.is(second.posConv, first.posConv);
  const weight = present(first.posConv).weight;
  const x = normal(1, 4, 3, 3);
  const losses = (): Tensor[] => [first, second].map((layer) => layer.forward(x).square().sum());
  const [a, b] = losses().map((loss) => grad(loss, weight));
  assert.ok(
    furthest(
      grad(
        losses().reduce((x, y) => add(x, y)),
        weight,
      ),
      add(a, b),
    ) < 1e-12,
  );
  assert.match(second.toString(), /^LambdaLayer\(4, .* local\n.*posConv: PositionTable\(3×3, k=/s);
});

test('queries under softmax are averages over key depth', () => {
  manualSeed(6);
  const layer = float64(4, { n: 3, queryNormalization: 'softmax', sequence: true });
  const x = normal(2, 3, 4);
  const q = softmax(layer.toQ.forward(x).reshape([2, 3, 2, 3]), -1);
  const [k, v] = [layer.toK, layer.toV].map((projection) => projection.forward(x).unsqueeze(3));
  const embeddings = relativeEmbeddings(present(layer.relPosEmb), [1, 3]);
  const y = lambdaLayer(q, k, v, { embeddings }).reshape([2, 3, 4]);
  assert.ok(furthest(layer.forward(x), y) < 1e-12);
});

test('a layer and what it is given must fit together, and errors say how', () => {
  const global = new LambdaLayer(8, { n: 4 });
  const rows = new LambdaLayer(8, { n: 4, sequence: true });
  const wrong: [() => unknown, typeof ShapeError | typeof ArgumentError, string][] = [
    [
      () => global.forward(ones([1, 8, 4, 5])),
      ShapeError,
      'LambdaLayer: expected an input of at most [4, 4] positions, as the layer was made for, got [4, 5]',
    ],
    [
      () => rows.forward(ones([1, 5, 8])),
      ShapeError,
      'LambdaLayer: expected an input of at most [1, 4] positions, as the layer was made for, got [1, 5]',
    ],
    [
      () => global.forward(ones([1, 8, 4, 4]), { context: ones([1, 8, 9, 9]) }),
      ShapeError,
      'LambdaLayer: expected a context of at most [4, 4] positions, as the layer was made for, got [9, 9]',
    ],
    [
      () => new LambdaLayer(8, { relPosEmb: rows.relPosEmb }).forward(ones([1, 8, 4, 4])),
      ShapeError,
      'LambdaLayer: expected an input of at most [1, 4] positions, as the layer was made for, got [4, 4]',
    ],
    [
      () => new LambdaLayer(8, { relPosEmb: rows.relPosEmb, n: 4 }),
      ShapeError,
      'LambdaLayer: expected relPosEmb [7, 7, 16, 1], got [1, 7, 16, 1]',
    ],
    [
      () => new LambdaLayer(8, { posConv: new LambdaLayer(8, { r: 3 }).posConv, dimK: 8 }),
      ShapeError,
      'LambdaLayer: expected a posConv of weight [8, 1, 1, 3, 3], got [16, 1, 1, 3, 3]',
    ],
    [
      () =>
        new LambdaLayer(8, { r: 3 }).forward(ones([1, 8, 4, 4]), { context: ones([1, 8, 2, 2]) }),
      ShapeError,
      "LambdaLayer: expected a context of the input's positions [4, 4] for a local scope, got [2, 2]",
    ],
    [
      () => global.forward(ones([2, 8, 4, 4]), { context: ones([3, 8, 4, 4]) }),
      ShapeError,
      "LambdaLayer: expected a context of the input's batch 2, got input [2, 8, 4, 4] and context [3, 8, 4, 4]",
    ],
    [
      () => global.forward(ones([2, 8, 4, 4]), { context: ones([2, 6, 4, 4]) }),
      ShapeError,
      'LambdaLayer: expected context [b, 8, h, w], got [2, 6, 4, 4]',
    ],
    [
      () => new LambdaLayer(8, { n: 3, m: 0 }),
      ArgumentError,
      'LambdaLayer: expected positions m, got 0',
    ],
    [
      // @ts-expect-error: no such normalisation
      () => new LambdaLayer(8, { n: 3, normalization: 'sfotmax' }),
      ArgumentError,
      "LambdaLayer: expected 'softmax' or 'l2' or 'none' as normalization, got 'sfotmax'",
    ],
    [
      // @ts-expect-error: no such normalisation
      () => new LambdaLayer(8, { n: 3, queryNormalization: 'l2' }),
      ArgumentError,
      "LambdaLayer: expected 'softmax' or 'none' as queryNormalization, got 'l2'",
    ],
  ];
  for (const [call, type, message] of wrong) assert.throws(call, throwing(type, message));
});

test.run();
