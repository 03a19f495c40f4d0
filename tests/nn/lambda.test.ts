import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fromTimm, LambdaLayer, type LambdaLayerOptions } from '../../nn/index.js';
import {
  add,
  einsum,
  flip,
  grad,
  gradcheck,
  lambdaLayer,
  manualSeed,
  mul,
  ones,
  relativeEmbeddings,
  StateDictError,
  type Tensor,
  tensor,
  tril,
  zeros,
} from '../../ops/index.js';
import { normalsFrom } from '../normal.js';
import { throwing } from './throwing.js';

const normal = normalsFrom(3);

const float64 = (dim: number, options: LambdaLayerOptions): LambdaLayer =>
  new LambdaLayer(dim, { ...options, dtype: 'float64' });

const furthest = (a: Tensor, b: Tensor): number => {
  assert.equal(a.shape, b.shape);
  return Math.max(...a.sub(b).abs().reshape([-1]).data, 0);
};

test('maps that are not square, and sequences, keep their positions', () => {
  const maps = new LambdaLayer(8, { dimOut: 12, heads: 3, dimK: 4, r: 3 });
  assert.equal(maps.forward(ones([2, 8, 3, 5])).shape, [2, 12, 3, 5]);
  const rows = new LambdaLayer(8, { n: 7, sequence: true, dimK: 4, dimU: 2 });
  assert.equal(rows.forward(ones([2, 7, 8])).shape, [2, 7, 8]);
});

test('a table as a convolution and as embeddings of pairs are the same, local and global', () => {
  const grid = [3, 4];
  const [q, k, v] = [normal(2, 12, 2, 2), normal(2, 12, 2, 2), normal(2, 12, 3, 2)];
  for (const [rows, cols] of [
    [1, 1],
    [3, 3],
    [1, 7],
    [5, 7],
    [7, 9],
  ]) {
    const table = normal(rows, cols, 2, 2);
    const pairs = lambdaLayer(q, k, v, { embeddings: relativeEmbeddings(table, grid) });
    assert.ok(furthest(lambdaLayer(q, k, v, { embeddings: table, grid }), pairs) < 1e-12);
  }
});

test('a position lambda moves with its input', () => {
  manualSeed(0);
  const layer = float64(4, { r: 3, content: false, dimK: 3, heads: 2, norm: 'none' });
  const x = zeros([1, 4, 9, 9], { dtype: 'float64' });
  const [inner, moved] = [x.clone(), x.clone()];
  const patch = normal(4, 3, 3);
  for (let c = 0; c < 4; c++) {
    for (let i = 0; i < 9; i++) {
      const [row, col] = [Math.floor(i / 3), i % 3];
      inner.data[c * 81 + (row + 2) * 9 + col + 2] = patch.data[c * 9 + i];
      moved.data[c * 81 + (row + 4) * 9 + col + 3] = patch.data[c * 9 + i];
    }
  }
  const [a, b] = [layer.forward(inner), layer.forward(moved)];
  const cut = (t: Tensor, row: number, col: number): Tensor =>
    t.narrow(2, row, 5).narrow(3, col, 5);
  assert.ok(furthest(cut(a, 1, 1), cut(b, 3, 2)) < 1e-13);
});

test('without positions a permutation of the context changes nothing but the order', () => {
  manualSeed(1);
  const layer = float64(6, { position: false, sequence: true, dimK: 3, heads: 2 });
  const x = normal(2, 5, 6);
  assert.ok(furthest(flip(layer.forward(x), 1), layer.forward(flip(x, 1))) < 1e-12);
});

test('in a causal layer what comes later leaves everything before bit for bit as it was', () => {
  for (const scope of [{ r: 3 }, { n: 9 }, { position: false }]) {
    manualSeed(2);
    const layer = new LambdaLayer(8, { sequence: true, isCausal: true, dimK: 4, ...scope });
    const x = tensor(normal(2, 9, 8), { dtype: 'float32' });
    const other = x.clone();
    for (let b = 0; b < 2; b++) other.data.fill(100, (b * 9 + 5) * 8, (b + 1) * 9 * 8);
    const [a, c] = [layer.forward(x), layer.forward(other)].map((y) => y.narrow(1, 0, 5));
    assert.equal(a.toArray(), c.toArray());
    assert.ok(furthest(layer.forward(x).narrow(1, 5, 4), layer.forward(other).narrow(1, 5, 4)) > 0);
  }
});

test('the causal scan is the lower triangular mask, also with keys far apart', () => {
  const [q, v] = [normal(2, 7, 2, 3), normal(2, 7, 4, 2)];
  const mask = tril(ones([7, 7], { dtype: 'bool' }));
  for (const far of [1, 100]) {
    const k = mul(normal(2, 7, 3, 2), far);
    const [scan, product] = [{ isCausal: true }, { mask }].map((o) => lambdaLayer(q, k, v, o));
    assert.ok(furthest(scan, product) < 1e-12);
  }
});

test('a context that is not the queries’ own, and masks of examples of their own', () => {
  manualSeed(3);
  const layer = float64(4, { sequence: true, position: false, dimK: 2, heads: 2, norm: 'none' });
  const [x, context] = [normal(2, 3, 4), normal(2, 5, 4)];
  const mask = tensor(
    Uint8Array.from({ length: 30 }, (_, i) => Number(i % 5 !== i % 3)),
    {
      shape: [2, 3, 5],
    },
  );
  const together = layer.forward(x, { context, mask });
  for (const i of [0, 1]) {
    const one = { context: context.narrow(0, i, 1), mask: mask.select(0, i) };
    assert.ok(furthest(together.narrow(0, i, 1), layer.forward(x.narrow(0, i, 1), one)) < 1e-13);
  }
  const nothing = layer.forward(x, { context, mask: zeros([3, 5], { dtype: 'bool' }) });
  assert.equal(nothing.toArray(), zeros([2, 3, 4]).toArray());
});

test('a smaller query grid looks at a larger context through a table of its own', () => {
  const table = normal(1, 4, 2, 1);
  const [q, k, v] = [normal(1, 2, 1, 2), normal(1, 3, 2, 1), normal(1, 3, 2, 1)];
  const options = { embeddings: table, grid: [1, 2], contextGrid: [1, 3] };
  const pairs = relativeEmbeddings(table, [1, 2], [1, 3]);
  // E of query i and context j is the entry j − i + 1.
  assert.equal(pairs.select(0, 0).toArray(), table.select(0, 0).narrow(0, 1, 3).toArray());
  assert.equal(pairs.select(0, 1).toArray(), table.select(0, 0).narrow(0, 0, 3).toArray());
  assert.ok(
    furthest(lambdaLayer(q, k, v, options), lambdaLayer(q, k, v, { embeddings: pairs })) === 0,
  );
});

test('layers that share a table add up its gradients', () => {
  manualSeed(4);
  const first = float64(4, { n: 3, dimK: 2, heads: 2 });
  const second = float64(4, { relPosEmb: first.relPosEmb, dimK: 2, heads: 2 });
  assert.is(second.relPosEmb, first.relPosEmb);
  const x = normal(1, 4, 3, 3);
  const table = first.relPosEmb;
  if (table === null) throw new Error('there is no table');
  const [ga, gb] = [first, second].map((layer) => grad(layer.forward(x).square().sum(), table));
  const both = add(first.forward(x).square().sum(), second.forward(x).square().sum());
  assert.ok(furthest(grad(both, table), ga.add(gb)) < 1e-12);
});

test('weights begin with the deviations of the paper, and there is no bias', () => {
  manualSeed(5);
  const layer = new LambdaLayer(64, { dimK: 16, heads: 4, n: 12 });
  const deviation = (t: Tensor | null): number => t?.std().item() ?? NaN;
  assert.ok(Math.abs(deviation(layer.toQ.weight) * Math.sqrt(16 * 64) - 1) < 0.05);
  assert.ok(Math.abs(deviation(layer.toK.weight) * 8 - 1) < 0.1);
  assert.ok(Math.abs(deviation(layer.relPosEmb) - 1) < 0.05);
  assert.equal(
    layer.namedParameters().map(([name]) => name),
    [
      'rel_pos_emb',
      'to_q.weight',
      'to_k.weight',
      'to_v.weight',
      'norm_q.weight',
      'norm_q.bias',
      'norm_v.weight',
      'norm_v.bias',
    ],
  );
});

test('every gradient of a small layer is right', () => {
  manualSeed(6);
  for (const options of [
    { r: 3, dimU: 2 },
    { n: 2, positionBias: true },
    { r: 3, sequence: true, isCausal: true },
  ]) {
    const layer = float64(4, { dimK: 2, heads: 2, ...options });
    const x = options.sequence === true ? normal(2, 3, 4) : normal(2, 4, 2, 2);
    const result = gradcheck((t: Tensor) => layer.forward(t), [x]);
    assert.ok(result.compared > 0);
  }
});

test('the state dict of timm’s layer becomes one of this layer', () => {
  manualSeed(7);
  const options = { r: 3, heads: 2, dimK: 3, positionBias: true };
  const layer = float64(4, options);
  const own = layer.stateDict();
  const qkv = ['to_q.weight', 'to_k.weight', 'to_v.weight'].map((name) => own[name]);
  const rows = qkv.flatMap((t) => Array.from({ length: t.shape[0] }, (_, i) => t.narrow(0, i, 1)));
  const data = Float64Array.from(rows.flatMap((row) => [...row.data]));
  const timm = {
    'qkv.weight': tensor(data, { shape: [rows.length, 4, 1, 1] }),
    'conv_lambda.weight': own['pos_conv.weight'].permute([0, 1, 3, 4, 2]),
    'conv_lambda.bias': own['pos_conv.bias'],
    ...Object.fromEntries(Object.entries(own).filter(([name]) => name.startsWith('norm_'))),
  };
  const other = float64(4, options);
  other.loadStateDict(fromTimm(timm, 2, 3));
  const x = normal(2, 4, 3, 3);
  assert.is(furthest(layer.forward(x), other.forward(x)), 0);
  assert.throws(
    () => fromTimm({}, 2, 3),
    /^fromTimm: expected qkv.weight \[2·3 \+ 3 \+ v, c, 1, 1\], got none/,
  );
});

test('a bias of timm’s projection becomes part of the running means', () => {
  manualSeed(8);
  const layer = float64(4, { r: 3, heads: 2, dimK: 3 });
  const [bias, x] = [normal(11), normal(2, 4, 3, 3)];
  const timm = {
    'qkv.weight': normal(11, 4, 1, 1),
    'qkv.bias': bias,
    'norm_q.weight': normal(6),
    'norm_q.bias': normal(6),
    'norm_q.running_mean': normal(6),
    'norm_q.running_var': normal(6).square(),
    'norm_v.weight': normal(2),
    'norm_v.bias': normal(2),
    'norm_v.running_mean': normal(2),
    'norm_v.running_var': normal(2).square(),
    'conv_lambda.weight': normal(3, 1, 3, 3, 1),
  };
  layer.loadStateDict(fromTimm(timm, 2, 3), { strict: false });
  const projected = einsum(
    'od,bdn->bno',
    timm['qkv.weight'].reshape([11, 4]),
    x.reshape([2, 4, 9]),
  );
  const qkv = add(projected, bias);
  const normed = (of: 'q' | 'v', t: Tensor): Tensor =>
    t
      .sub(timm[`norm_${of}.running_mean`])
      .div(timm[`norm_${of}.running_var`].add(1e-5).sqrt())
      .mul(timm[`norm_${of}.weight`])
      .add(timm[`norm_${of}.bias`]);
  const q = normed('q', qkv.narrow(2, 0, 6)).reshape([2, 9, 2, 3]);
  const v = normed('v', qkv.narrow(2, 9, 2)).unsqueeze(3);
  const embeddings = timm['conv_lambda.weight'].permute([2, 3, 0, 1, 4]).reshape([3, 3, 3, 1]);
  const k = qkv.narrow(2, 6, 3).unsqueeze(3);
  const y = lambdaLayer(q, k, v, { embeddings, grid: [3, 3] }).reshape([2, 9, 4]);
  layer.eval();
  assert.ok(furthest(layer.forward(x), y.permute([0, 2, 1]).reshape([2, 4, 3, 3])) < 1e-12);
  const { 'norm_v.running_mean': _, ...without } = timm;
  assert.throws(
    () => fromTimm(without, 2, 3),
    throwing(StateDictError, 'fromTimm: expected norm_v.running_mean beside qkv.bias, got none'),
  );
  assert.throws(
    () => fromTimm({ ...timm, 'proj.weight': bias }, 2, 3),
    throwing(
      StateDictError,
      'fromTimm: expected qkv, norm_q, norm_v, conv_lambda and pos_emb, got proj.weight',
    ),
  );
  assert.throws(
    () => fromTimm({ ...timm, 'qkv.bias': normal(3) }, 2, 3),
    throwing(StateDictError, 'fromTimm: expected qkv.bias [11], got [3]'),
  );
});

test('what does not fit is refused with its sizes', () => {
  const wrong: [() => unknown, string][] = [
    [
      () => new LambdaLayer(6, { n: 3 }),
      'LambdaLayer: expected heads that divide dimOut, got 4 and 6',
    ],
    [() => new LambdaLayer(8, { r: 4 }), 'LambdaLayer: expected an odd r, got 4'],
    [
      () => new LambdaLayer(8),
      'LambdaLayer: expected r, or the positions n of a global scope, got null',
    ],
    [
      () => new LambdaLayer(8, { content: false, position: false }),
      'LambdaLayer: expected content or position, got neither',
    ],
    [
      () => new LambdaLayer(8, { r: 3, sequence: true, isCausal: true, norm: 'batch' }),
      'LambdaLayer: isCausal expects a sequence, and a norm other than batch, whose statistics over time would know the future',
    ],
    [
      () => new LambdaLayer(8, { r: 3 }).forward(ones([2, 3, 8])),
      'LambdaLayer: expected input [b, 8, h, w], got [2, 3, 8]',
    ],
  ];
  for (const [call, message] of wrong) {
    try {
      call();
    } catch (error) {
      assert.is((error as Error).message, message);
      continue;
    }
    assert.unreachable(message);
  }
});

test.run();
