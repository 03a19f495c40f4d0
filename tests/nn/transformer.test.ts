import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  LayerNorm,
  type Module,
  MultiHeadAttention,
  TransformerDecoder,
  TransformerDecoderLayer,
  TransformerEncoder,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from '../../nn/index.js';
import {
  ArgumentError,
  add,
  cat,
  full,
  gelu,
  gradcheck,
  ones,
  randn,
  relu,
  ShapeError,
  square,
  type Tensor,
  tensor,
  transpose,
} from '../../ops/index.js';
import { near, raises } from '../core/close.js';

const float64 = { dtype: 'float64' } as const;
const normal = (...shape: number[]): Tensor => randn(shape, float64);

const small: TransformerLayerOptions = {
  dimFeedforward: 6,
  dropout: 0,
  batchFirst: true,
  dtype: 'float64',
};

/** The module with random numbers in the place of biases of 0 and scales of 1. */
function shaken<M extends Module>(module: M): M {
  const state = Object.entries(module.stateDict());
  module.loadStateDict(
    Object.fromEntries(state.map(([name, x]) => [name, randn(x.shape, float64)])),
  );
  return module;
}

const nearTo = (actual: Tensor, expected: Tensor): void => near(actual, expected.toArray());

/** The first `n` places of a sequence, batch first. */
const first = (x: Tensor, n: number): Tensor => x.narrow(1, 0, n);
/** The sequence with other random numbers from place `n` on. */
const changedFrom = (x: Tensor, n: number): Tensor =>
  cat([first(x, n), randn([x.shape[0], x.shape[1] - n, x.shape[2]], { dtype: x.dtype })], 1);

test('an encoder layer normalises after each step, or with normFirst before', () => {
  for (const normFirst of [false, true]) {
    const layer = shaken(new TransformerEncoderLayer(4, 2, { ...small, normFirst }));
    const { norm1, norm2, linear1, linear2 } = layer;
    const x = normal(2, 3, 4);
    const attend = (y: Tensor): Tensor => layer.selfAttn.forward(y, y, y)[0];
    const feed = (y: Tensor): Tensor => linear2.forward(relu(linear1.forward(y)));
    let expected: Tensor;
    if (normFirst) {
      const y = add(x, attend(norm1.forward(x)));
      expected = add(y, feed(norm2.forward(y)));
    } else {
      const y = norm1.forward(add(x, attend(x)));
      expected = norm2.forward(add(y, feed(y)));
    }
    nearTo(layer.forward(x), expected);
  }
});

test('a decoder layer attends to its target, then to the memory, then feeds forward', () => {
  for (const normFirst of [false, true]) {
    const layer = shaken(new TransformerDecoderLayer(4, 2, { ...small, normFirst }));
    const { norm1, norm2, norm3, linear1, linear2 } = layer;
    const [x, memory] = [normal(2, 3, 4), normal(2, 5, 4)];
    const attend = (y: Tensor): Tensor => layer.selfAttn.forward(y, y, y)[0];
    const cross = (y: Tensor): Tensor => layer.multiheadAttn.forward(y, memory, memory)[0];
    const feed = (y: Tensor): Tensor => linear2.forward(relu(linear1.forward(y)));
    let y = x;
    for (const [f, norm] of [
      [attend, norm1],
      [cross, norm2],
      [feed, norm3],
    ] as const) {
      y = normFirst ? add(y, f(norm.forward(y))) : norm.forward(add(y, f(y)));
    }
    nearTo(layer.forward(x, memory), y);
  }
});

test('the activation is relu, gelu or any function', () => {
  const relued = shaken(new TransformerEncoderLayer(4, 2, small));
  const x = normal(2, 3, 4);
  const withActivation = (activation: TransformerLayerOptions['activation'] & {}): Tensor => {
    const layer = new TransformerEncoderLayer(4, 2, { ...small, activation });
    layer.loadStateDict(relued.stateDict());
    return layer.forward(x);
  };
  assert.equal(withActivation('relu').data, relued.forward(x).data);
  assert.equal(withActivation('gelu').data, withActivation((y) => gelu(y)).data);
  assert.not.equal(withActivation('gelu').data, relued.forward(x).data);
  assert.not.equal(withActivation(square).data, relued.forward(x).data);
});

test('with the sequence first the numbers are those with the batch first', () => {
  const x = normal(2, 3, 4);
  const memory = normal(2, 5, 4);
  const swap = (y: Tensor): Tensor => transpose(y, 0, 1);
  const encoder = shaken(new TransformerEncoderLayer(4, 2, small));
  const encoder2 = new TransformerEncoderLayer(4, 2, { ...small, batchFirst: false });
  encoder2.loadStateDict(encoder.stateDict());
  nearTo(swap(encoder2.forward(swap(x))), encoder.forward(x));
  nearTo(encoder2.forward(x.select(0, 1)), encoder.forward(x).select(0, 1));
  const decoder = shaken(new TransformerDecoderLayer(4, 2, small));
  const decoder2 = new TransformerDecoderLayer(4, 2, { ...small, batchFirst: false });
  decoder2.loadStateDict(decoder.stateDict());
  nearTo(swap(decoder2.forward(swap(x), swap(memory))), decoder.forward(x, memory));
  assert.is(new TransformerEncoderLayer(4, 2).selfAttn.batchFirst, false);
});

test('layers start as PyTorch’s do, and have its names', () => {
  const layer = new TransformerDecoderLayer(4, 2);
  assert.is(layer.linear1.outFeatures, 2048);
  assert.equal(
    [layer.dropout, layer.dropout1, layer.dropout2, layer.dropout3].map(({ p }) => p),
    [0.1, 0.1, 0.1, 0.1],
  );
  assert.is(layer.selfAttn.dropout, 0.1);
  assert.is(layer.norm3.eps, 1e-5);
  assert.is(layer.normFirst, false);
  const bare = new TransformerDecoderLayer(4, 2, { bias: false });
  assert.equal(Object.keys(bare.stateDict()), [
    'self_attn.in_proj_weight',
    'self_attn.out_proj.weight',
    'linear1.weight',
    'linear2.weight',
    'norm1.weight',
    'norm2.weight',
    'multihead_attn.in_proj_weight',
    'multihead_attn.out_proj.weight',
    'norm3.weight',
  ]);
});

test('a stack goes through its layers in turn and then through the norm', () => {
  const encoder = shaken(
    new TransformerEncoder(() => new TransformerEncoderLayer(4, 2, small), 3, {
      norm: new LayerNorm(4, float64),
    }),
  );
  const [x, srcKeyPaddingMask] = [normal(2, 3, 4), full([2, 3], false)];
  srcKeyPaddingMask.data[2] = 1;
  const [a, b, c] = encoder.layers;
  const masks = { srcKeyPaddingMask, isCausal: true };
  const through = c.forward(b.forward(a.forward(x, masks), masks), masks);
  assert.equal(encoder.forward(x, masks).data, encoder.norm?.forward(through).data);
  const names = Object.keys(encoder.stateDict());
  assert.is(names.length, 3 * 12 + 2);
  assert.ok(names.includes('layers.2.self_attn.in_proj_weight') && names.includes('norm.bias'));

  const decoder = shaken(new TransformerDecoder(() => new TransformerDecoderLayer(4, 2, small), 2));
  const memory = normal(2, 5, 4);
  const [d, e] = decoder.layers;
  assert.is(decoder.norm, null);
  assert.equal(
    decoder.forward(x, memory, { tgtIsCausal: true }).data,
    e.forward(d.forward(x, memory, { tgtIsCausal: true }), memory, { tgtIsCausal: true }).data,
  );
});

test('the layers of a stack start with numbers of their own', () => {
  const places: number[] = [];
  const encoder = new TransformerEncoder((i) => {
    places.push(i);
    return new TransformerEncoderLayer(4, 2, small);
  }, 2);
  assert.equal(places, [0, 1]);
  const [a, b] = encoder.layers;
  assert.not.equal(a.linear1.weight.data, b.linear1.weight.data);
});

test('each mask of an encoder reaches its attention', () => {
  const layer = shaken(new TransformerEncoderLayer(4, 2, small));
  const x = normal(2, 3, 4);
  const later = tensor([
    [false, true, true],
    [false, false, true],
    [false, false, false],
  ]);
  nearTo(layer.forward(x, { isCausal: true }), layer.forward(x, { srcMask: later }));
  const last = tensor([false, false, true]).expand([2, 3]);
  nearTo(first(layer.forward(x, { srcKeyPaddingMask: last }), 2), layer.forward(first(x, 2)));
});

test('each mask of a decoder reaches its attention', () => {
  const layer = shaken(new TransformerDecoderLayer(4, 2, small));
  const [x, memory] = [normal(2, 3, 4), normal(2, 3, 4)];
  const later = tensor([
    [false, true, true],
    [false, false, true],
    [false, false, false],
  ]);
  const last = tensor([false, false, true]).expand([2, 3]);
  const plain = layer.forward(x, memory);
  const causal = layer.forward(x, memory, { tgtMask: later });
  assert.not.equal(causal.data, plain.data);
  nearTo(layer.forward(x, memory, { tgtIsCausal: true }), causal);
  const crossed = layer.forward(x, memory, { memoryMask: later });
  assert.not.equal(crossed.data, plain.data);
  nearTo(layer.forward(x, memory, { memoryIsCausal: true }), crossed);
  nearTo(
    layer.forward(x, memory, { memoryKeyPaddingMask: last }),
    layer.forward(x, first(memory, 2)),
  );
  nearTo(
    first(layer.forward(x, memory, { tgtKeyPaddingMask: last }), 2),
    layer.forward(first(x, 2), memory),
  );
});

test('what comes later does not change a bit of what causal layers give before', () => {
  for (const dtype of ['float32', 'float64'] as const) {
    for (const normFirst of [false, true]) {
      const options = { dimFeedforward: 64, dropout: 0, batchFirst: true, normFirst, dtype };
      const encoder = new TransformerEncoder(() => new TransformerEncoderLayer(32, 4, options), 2);
      const x = randn([2, 40, 32], { dtype });
      const [a, b] = [x, changedFrom(x, 23)].map((y) => encoder.forward(y, { isCausal: true }));
      assert.equal(first(a, 23).data, first(b, 23).data);
      assert.not.equal(a.data, b.data);

      const decoder = new TransformerDecoderLayer(32, 4, options);
      const memory = randn([2, 7, 32], { dtype });
      const [c, d] = [x, changedFrom(x, 23)].map((y) =>
        decoder.forward(y, memory, { tgtIsCausal: true }),
      );
      assert.equal(first(c, 23).data, first(d, 23).data);
      assert.not.equal(c.data, d.data);
    }
  }
});

test('dropout acts in training only', () => {
  const layer = new TransformerEncoderLayer(8, 2, { ...small, dropout: 0.5 });
  const without = new TransformerEncoderLayer(8, 2, small);
  without.loadStateDict(layer.stateDict());
  const x = normal(2, 3, 8);
  assert.not.equal(layer.forward(x).data, layer.forward(x).data);
  layer.eval();
  assert.equal(layer.forward(x).data, without.forward(x).data);
});

test('gradients agree with difference quotients', () => {
  for (const normFirst of [false, true]) {
    const options = { ...small, normFirst, activation: 'gelu' } as const;
    const encoder = shaken(new TransformerEncoderLayer(4, 2, options));
    gradcheck((x) => encoder.forward(x, { isCausal: true }), [normal(2, 3, 4)]);
    const decoder = shaken(new TransformerDecoderLayer(4, 2, options));
    gradcheck(
      (x, memory) => decoder.forward(x, memory, { tgtIsCausal: true }),
      [normal(2, 2, 4), normal(2, 3, 4)],
    );
  }
});

test('attention prints its width, its heads and the settings that are not the defaults', () => {
  assert.is(new MultiHeadAttention(4, 2).heading(), 'MultiHeadAttention(4, 2)');
  assert.is(
    new MultiHeadAttention(4, 2, { bias: false, batchFirst: true, kdim: 4, vdim: 5 }).heading(),
    'MultiHeadAttention(4, 2, bias=false, vdim=5, batchFirst=true)',
  );
  assert.is(
    new MultiHeadAttention(4, 2, { dropout: 0.1, addBiasKv: true, addZeroAttn: true }).heading(),
    'MultiHeadAttention(4, 2, dropout=0.1, addBiasKv=true, addZeroAttn=true)',
  );
});

test('layers print their width, their heads and the settings that are not the defaults', () => {
  const double = new TransformerEncoderLayer(4, 2, { dtype: 'float64' });
  assert.is(double.heading(), 'TransformerEncoderLayer(4, 2)');
  const options = { dimFeedforward: 8, activation: 'gelu', batchFirst: true } as const;
  assert.is(
    new TransformerDecoderLayer(4, 2, { ...options, normFirst: true }).heading(),
    'TransformerDecoderLayer(4, 2, dimFeedforward=8, activation=gelu, batchFirst=true, normFirst=true)',
  );
  const softer = (x: Tensor): Tensor => x.tanh();
  assert.is(
    new TransformerEncoderLayer(4, 2, { activation: softer }).heading(),
    'TransformerEncoderLayer(4, 2, activation=softer)',
  );
});

test('what makes no sense is refused', () => {
  raises(
    () => new TransformerEncoderLayer(6, 4),
    ArgumentError,
    'MultiHeadAttention: expected numHeads that divides embedDim, got 4 for 6',
  );
  raises(
    () => new TransformerDecoderLayer(4, 2, { dimFeedforward: 0 }),
    ArgumentError,
    'TransformerDecoderLayer: expected an integer of at least 1 as dimFeedforward, got 0',
  );
  const swish = { activation: 'swish' } as TransformerLayerOptions & object;
  raises(
    () => new TransformerEncoderLayer(4, 2, swish),
    ArgumentError,
    "TransformerEncoderLayer: expected 'relu' or 'gelu' as the activation, got 'swish'",
  );
  raises(
    () => new TransformerEncoder(() => new TransformerEncoderLayer(4, 2, small), 0),
    ArgumentError,
    'TransformerEncoder: expected an integer of at least 1 as numLayers, got 0',
  );
  raises(
    () =>
      new TransformerEncoderLayer(4, 2).forward(ones([2, 3, 4]), { srcMask: full([3, 3], true) }),
    ShapeError,
    'MultiHeadAttention: expected attnMask of shape [2, 2] or [6, 2, 2], got [3, 3]',
  );
});

test.run();
