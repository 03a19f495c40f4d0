import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  MultiHeadAttention,
  type MultiHeadAttentionCall,
  type MultiHeadAttentionOptions,
  MultiheadAttention,
} from '../../nn/index.js';
import {
  ArgumentError,
  add,
  cat,
  chunk,
  DTypeError,
  full,
  gradcheck,
  linear,
  manualSeed,
  matmul,
  mul,
  ones,
  randn,
  type Shape,
  ShapeError,
  softmax,
  stack,
  type Tensor,
  tensor,
  transpose,
  tril,
  zeros,
} from '../../ops/index.js';
import { near, raises } from '../core/close.js';

const float64 = { dtype: 'float64' } as const;
const normal = (...shape: number[]): Tensor => randn(shape, float64);

/** An attention in float64 whose biases are not the zeros that they start as. */
function attention(
  embedDim: number,
  numHeads: number,
  options: MultiHeadAttentionOptions = {},
): MultiHeadAttention {
  const module = new MultiHeadAttention(embedDim, numHeads, { ...options, ...float64 });
  const state = module.stateDict();
  for (const name of ['in_proj_bias', 'out_proj.bias']) {
    if (name in state) state[name] = randn(state[name].shape, float64);
  }
  module.loadStateDict(state);
  return module;
}

const nearTo = (actual: unknown, expected: Tensor | null | undefined, tolerance = 1e-12): void =>
  near(actual, expected?.toArray() ?? [], tolerance);

/** Attention written out for one sequence, head by head; `bias` says what to add to a head's scores. */
function byHand(
  module: MultiHeadAttention,
  query: Tensor,
  key: Tensor,
  value: Tensor,
  bias: (head: number, scores: Tensor) => Tensor = (_, scores) => scores,
): [Tensor, Tensor] {
  const state = module.stateDict();
  const weights = state.in_proj_weight
    ? chunk(state.in_proj_weight, 3)
    : [state.q_proj_weight, state.k_proj_weight, state.v_proj_weight];
  const biases = state.in_proj_bias ? chunk(state.in_proj_bias, 3) : [null, null, null];
  let [q, k, v] = [query, key, value].map((x, i) => linear(x, weights[i], biases[i]));
  if (state.bias_k) {
    k = cat([k, state.bias_k.reshape([1, -1])]);
    v = cat([v, state.bias_v.reshape([1, -1])]);
  }
  if (module.addZeroAttn) {
    k = cat([k, zeros([1, module.embedDim], float64)]);
    v = cat([v, zeros([1, module.embedDim], float64)]);
  }
  const heads = Array.from({ length: module.numHeads }, (_, h) => {
    const [qh, kh, vh] = [q, k, v].map((x) => x.narrow(1, h * module.headDim, module.headDim));
    const scores = mul(matmul(qh, transpose(kh, 0, 1)), module.headDim ** -0.5);
    const w = softmax(bias(h, scores), -1);
    return { w, y: matmul(w, vh) };
  });
  const joined = cat(
    heads.map(({ y }) => y),
    1,
  );
  const output = linear(joined, state['out_proj.weight'], state['out_proj.bias']);
  return [output, stack(heads.map(({ w }) => w))];
}

const perHead: MultiHeadAttentionCall = { averageAttnWeights: false };

test('every head attends in its own part of the width, and the output projection joins them', () => {
  const cases: MultiHeadAttentionOptions[] = [
    {},
    { bias: false },
    { kdim: 5, vdim: 3 },
    { vdim: 3, bias: false },
    { addBiasKv: true },
    { addZeroAttn: true },
    { addBiasKv: true, addZeroAttn: true, kdim: 5 },
  ];
  for (const options of cases) {
    const module = attention(6, 3, options);
    const [q, k, v] = [normal(4, 6), normal(5, module.kdim), normal(5, module.vdim)];
    const [output, weights] = module.forward(q, k, v, perHead);
    const [expected, expectedWeights] = byHand(module, q, k, v);
    nearTo(output, expected);
    nearTo(weights, expectedWeights);
  }
});

test('a batch is its sequences one by one, with the sequence or with the batch first', () => {
  const module = attention(4, 2, { batchFirst: true });
  const sequenceFirst = new MultiheadAttention(4, 2, float64);
  sequenceFirst.loadStateDict(module.stateDict());
  const [q, k, v] = [normal(3, 2, 4), normal(3, 5, 4), normal(3, 5, 4)];
  const [output, weights] = module.forward(q, k, v, perHead);
  assert.equal(weights?.shape, [3, 2, 2, 5]);
  for (let i = 0; i < 3; i++) {
    const [y, w] = module.forward(q.select(0, i), k.select(0, i), v.select(0, i), perHead);
    nearTo(y, output.select(0, i));
    nearTo(w, weights?.select(0, i));
  }
  const swapped = [q, k, v].map((x) => transpose(x, 0, 1));
  const [output2, weights2] = sequenceFirst.forward(swapped[0], swapped[1], swapped[2], perHead);
  nearTo(transpose(output2, 0, 1), output);
  nearTo(weights2, weights);
});

test('the sequence comes first unless said otherwise', () => {
  assert.is(new MultiHeadAttention(2, 1).batchFirst, false);
  const x = ones([3, 5, 2]);
  const [output, weights] = new MultiHeadAttention(2, 1).forward(x, x, x);
  assert.equal(output.shape, [3, 5, 2]);
  assert.equal(weights?.shape, [5, 3, 3]);
});

test('the weights are averaged over the heads, shown by head, or left out', () => {
  const module = attention(4, 2);
  const x = normal(3, 4);
  const [output, all] = module.forward(x, x, x, perHead);
  const [, average] = module.forward(x, x, x);
  nearTo(average, all?.mean(0));
  const [same, none] = module.forward(x, x, x, { needWeights: false });
  assert.is(none, null);
  assert.equal(same.data, output.data);
});

const blockedAt = (mask: Tensor) => (_: number, scores: Tensor) =>
  scores.maskedFill(mask, -Infinity);

test('where a mask is true there is no attention', () => {
  const module = attention(4, 2);
  const [q, k] = [normal(2, 4), normal(3, 4)];
  const mask = tensor([
    [true, false, false],
    [false, false, true],
  ]);
  const [output, weights] = module.forward(q, k, k, { attnMask: mask, ...perHead });
  const [expected, expectedWeights] = byHand(module, q, k, k, blockedAt(mask));
  nearTo(output, expected);
  nearTo(weights, expectedWeights);
  assert.is(weights?.data[0], 0);
});

test('a mask of numbers is added to the scores', () => {
  const module = attention(4, 2);
  const [q, k, mask] = [normal(2, 4), normal(3, 4), normal(2, 3)];
  const [output] = module.forward(q, k, k, { attnMask: mask });
  nearTo(output, byHand(module, q, k, k, (_, scores) => add(scores, mask))[0]);
});

test('a mask of three dimensions has the heads of one entry of the batch side by side', () => {
  const module = attention(4, 2, { batchFirst: true });
  const [q, k] = [normal(3, 2, 4), normal(3, 5, 4)];
  const mask = normal(6, 2, 5);
  const [output] = module.forward(q, k, k, { attnMask: mask });
  for (let i = 0; i < 3; i++) {
    const [x, y] = [q.select(0, i), k.select(0, i)];
    const own = (h: number, scores: Tensor): Tensor => add(scores, mask.select(0, 2 * i + h));
    nearTo(output.select(0, i), byHand(module, x, y, y, own)[0]);
  }
});

test('padded keys count for nothing, whatever stands there', () => {
  const module = attention(4, 2, { batchFirst: true });
  const q = normal(2, 3, 4);
  const long = normal(2, 5, 4);
  const short = long.narrow(1, 0, 3);
  const keyPaddingMask = tensor([
    [false, false, false, true, true],
    [false, false, false, true, true],
  ]);
  const [output] = module.forward(q, long, long, { keyPaddingMask });
  nearTo(output, module.forward(q, short, short)[0]);
  const [unbatched] = module.forward(q.select(0, 0), long.select(0, 0), long.select(0, 0), {
    keyPaddingMask: keyPaddingMask.select(0, 0),
  });
  nearTo(unbatched, output.select(0, 0));
});

test('masks act together', () => {
  const module = attention(4, 2);
  const x = normal(3, 4);
  const attnMask = tensor([
    [false, false, false],
    [true, false, false],
    [false, true, false],
  ]);
  const keyPaddingMask = tensor([false, false, true]);
  const all = tensor([
    [false, true, true],
    [true, false, true],
    [false, true, true],
  ]);
  const [output] = module.forward(x, x, x, { attnMask, keyPaddingMask, isCausal: true });
  nearTo(output, module.forward(x, x, x, { attnMask: all })[0]);
});

test('causal attention is the mask above the diagonal, with fewer or more keys too', () => {
  const module = attention(4, 2);
  for (const keys of [2, 4, 6]) {
    const [q, k] = [normal(4, 4), normal(keys, 4)];
    const attnMask = tril(ones([4, keys], { dtype: 'bool' })).logicalNot();
    const [output] = module.forward(q, k, k, { isCausal: true });
    assert.equal(output.data, module.forward(q, k, k, { attnMask })[0].data);
  }
});

test('the extra keys stay open to queries that may see no other', () => {
  const module = attention(4, 2, { addBiasKv: true, addZeroAttn: true });
  const x = normal(3, 4);
  const [, weights] = module.forward(x, x, x, {
    attnMask: full([3, 3], true),
    keyPaddingMask: full([3], true),
  });
  assert.equal(weights?.shape, [3, 5]);
  nearTo(weights?.narrow(1, 0, 3), zeros([3, 3], float64));
  nearTo(weights?.sum(1), ones([3], float64));
});

test('a query that may attend to nothing has weights of 0, and gradients without NaN', () => {
  const module = attention(4, 2);
  const x = normal(3, 4).requiresGrad_();
  const keyPaddingMask = full([3], true);
  const [output, weights] = module.forward(x, x, x, { keyPaddingMask });
  nearTo(weights, zeros([3, 3], float64), 0);
  nearTo(output.select(0, 1), module.outProj.bias, 0);
  output.sum().backward();
  nearTo(x.grad, zeros([3, 4], float64), 0);
});

test('what comes later does not change a bit of what causal attention gives before', () => {
  for (const dtype of ['float32', 'float64'] as const) {
    const module = new MultiHeadAttention(32, 4, { batchFirst: true, dtype });
    const x = randn([2, 40, 32], { dtype });
    const changed = cat([x.narrow(1, 0, 23), randn([2, 17, 32], { dtype })], 1);
    const [before, after] = [x, changed].map((y) => {
      return module.forward(y, y, y, { isCausal: true })[0];
    });
    assert.equal(before.narrow(1, 0, 23).data, after.narrow(1, 0, 23).data);
    assert.not.equal(before.narrow(1, 23, 17).data, after.narrow(1, 23, 17).data);
  }
});

test('in training weights are dropped or scaled up, and the output is made of what is left', () => {
  manualSeed(1);
  const module = attention(6, 2, { dropout: 0.25 });
  const [q, k] = [normal(20, 6), normal(30, 6)];
  const [output, weights] = module.forward(q, k, k, perHead);
  const [whole, kept] = module.eval().forward(q, k, k, perHead);
  nearTo(whole, byHand(module, q, k, k)[0]);
  let dropped = 0;
  const [after, before] = [weights?.data ?? [], kept?.data ?? []];
  for (let i = 0; i < after.length; i++) {
    if (after[i] === 0) dropped += 1;
    else assert.ok(Math.abs(after[i] - before[i] / 0.75) < 1e-12);
  }
  assert.is(after.length, 1200);
  assert.ok(dropped > 240 && dropped < 360, `${dropped} of 1200 dropped`);
  assert.not.equal(output.data, whole.data);
});

test('parameters have PyTorch’s names', () => {
  const names = (options: MultiHeadAttentionOptions): Record<string, Shape> =>
    Object.fromEntries(
      Object.entries(new MultiHeadAttention(4, 2, options).stateDict()).map(([name, x]) => [
        name,
        x.shape,
      ]),
    );
  assert.equal(names({}), {
    in_proj_weight: [12, 4],
    in_proj_bias: [12],
    'out_proj.weight': [4, 4],
    'out_proj.bias': [4],
  });
  assert.equal(names({ bias: false, kdim: 3, addBiasKv: true }), {
    q_proj_weight: [4, 4],
    k_proj_weight: [4, 3],
    v_proj_weight: [4, 4],
    bias_k: [1, 1, 4],
    bias_v: [1, 1, 4],
    'out_proj.weight': [4, 4],
  });
});

const largest = (x: Tensor): number => x.abs().max().item();

test('parameters start as PyTorch’s do', () => {
  manualSeed(2);
  const state = new MultiHeadAttention(64, 4, { addBiasKv: true, ...float64 }).stateDict();
  const within = (x: Tensor, bound: number): void => {
    assert.ok(largest(x) <= bound && largest(x) > 0.98 * bound, `${largest(x)} for ${bound}`);
  };
  within(state.in_proj_weight, Math.sqrt(6 / (4 * 64)));
  within(state['out_proj.weight'], 1 / Math.sqrt(64));
  assert.is(largest(state.in_proj_bias), 0);
  assert.is(largest(state['out_proj.bias']), 0);
  for (const x of [state.bias_k, state.bias_v]) {
    const deviation = Math.sqrt(x.square().mean().item()) * 8;
    assert.ok(deviation > 0.7 && deviation < 1.3, `${deviation} times 1/√64`);
  }
  const apart = new MultiHeadAttention(64, 4, { kdim: 32, vdim: 16, ...float64 }).stateDict();
  within(apart.q_proj_weight, Math.sqrt(6 / 128));
  within(apart.k_proj_weight, Math.sqrt(6 / 96));
  within(apart.v_proj_weight, Math.sqrt(6 / 80));
});

test('gradients agree with difference quotients, those of masks and of the extra keys too', () => {
  const module = attention(4, 2, { addBiasKv: true, addZeroAttn: true, batchFirst: true });
  const report = gradcheck(
    (q, k, v, attnMask, biasK, biasV) => {
      Object.assign(module, { biasK, biasV });
      return module.forward(q, k, v, { attnMask, isCausal: true });
    },
    [
      ...[normal(2, 2, 4), normal(2, 3, 4), normal(2, 3, 4)],
      ...[normal(4, 2, 3), normal(1, 1, 4), normal(1, 1, 4)],
    ],
  );
  assert.is(report.compared, 16 + 24 + 24 + 24 + 4 + 4);
});

test('settings that make no sense are refused', () => {
  raises(
    () => new MultiHeadAttention(8, 3),
    ArgumentError,
    'MultiHeadAttention: expected numHeads that divides embedDim, got 3 for 8',
  );
  raises(
    () => new MultiHeadAttention(8, 0),
    ArgumentError,
    'MultiHeadAttention: expected an integer of at least 1 as numHeads, got 0',
  );
  raises(
    () => new MultiHeadAttention(8, 2, { dropout: 2 }),
    ArgumentError,
    'MultiHeadAttention: expected a probability from 0 to 1, got 2',
  );
  raises(
    () => new MultiHeadAttention(8, 2, { dtype: 'int32' }),
    DTypeError,
    'MultiHeadAttention: expected float32 or float64, got int32',
  );
});

test('inputs that do not fit together are refused', () => {
  const module = new MultiHeadAttention(4, 2, { kdim: 3 });
  raises(
    () => module.forward(ones([2, 4]), ones([5, 4]), ones([5, 4])),
    ShapeError,
    'MultiHeadAttention: expected query [l, 4], key [s, 3] and value [s, 4], got [2, 4], [5, 4], [5, 4]',
  );
  raises(
    () => module.forward(ones([2, 1, 4]), ones([5, 2, 3]), ones([5, 2, 4])),
    ShapeError,
    'MultiHeadAttention: expected query [l, b, 4], key [s, b, 3] and value [s, b, 4], got [2, 1, 4], [5, 2, 3], [5, 2, 4]',
  );
  raises(
    () => module.forward(ones([2, 1, 4]), ones([5, 3]), ones([5, 4])),
    ShapeError,
    'MultiHeadAttention: expected query [l, b, 4], key [s, b, 3] and value [s, b, 4], got [2, 1, 4], [5, 3], [5, 4]',
  );
  const batchFirst = new MultiHeadAttention(4, 2, { batchFirst: true });
  raises(
    () => batchFirst.forward(ones([1, 2, 4]), ones([1, 5, 4]), ones([1, 6, 4])),
    ShapeError,
    'MultiHeadAttention: expected query [b, l, 4], key [b, s, 4] and value [b, s, 4], got [1, 2, 4], [1, 5, 4], [1, 6, 4]',
  );
  raises(
    () => module.forward(ones([4]), ones([5, 3]), ones([5, 4])),
    ShapeError,
    'MultiHeadAttention: expected 2 or 3 dimensions of the query, got shape [4]',
  );
});

test('masks that do not fit are refused', () => {
  const module = new MultiHeadAttention(4, 2, { batchFirst: true });
  const [q, k] = [ones([3, 2, 4]), ones([3, 5, 4])];
  const mask = (options: MultiHeadAttentionCall) => () => module.forward(q, k, k, options);
  raises(
    mask({ attnMask: full([5, 2], true) }),
    ShapeError,
    'MultiHeadAttention: expected attnMask of shape [2, 5] or [6, 2, 5], got [5, 2]',
  );
  raises(
    mask({ keyPaddingMask: full([5], true) }),
    ShapeError,
    'MultiHeadAttention: expected keyPaddingMask of shape [3, 5], got [5]',
  );
  raises(
    mask({ attnMask: ones([2, 5], { dtype: 'int32' }) }),
    DTypeError,
    'MultiHeadAttention: expected bool or float as attnMask, got int32',
  );
});

test.run();
