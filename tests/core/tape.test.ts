import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  batchNorm,
  conv2d,
  matmul,
  ones,
  randn,
  relu,
  savedBytes,
  scaledDotProductAttention,
  sin,
  tanh,
  tensor,
  zeros,
} from '../../ops/index.js';

test('each buffer that a graph keeps counts once, leaves that require grad do not', () => {
  const [x, w] = [ones([4, 3]), ones([3, 5]).requiresGrad_()];
  // The gradient by w reads x, and that of tanh its result.
  assert.is(savedBytes(matmul(x, w)), 4 * 12);
  const h = matmul(x, w);
  assert.is(savedBytes(tanh(h)), 4 * (12 + 20));
  assert.is(savedBytes([tanh(h), relu(h), sin(h)]), 4 * (12 + 20 + 20 + 20));
});

test('nothing is kept where nothing was recorded, and float64 counts double', () => {
  assert.is(savedBytes(ones([4])), 0);
  const x = tensor([1, 2], { dtype: 'float64', requiresGrad: true });
  assert.is(savedBytes(tanh(x)), 16);
});

test('a normalized layer keeps its input, and what its scale and its activation read', () => {
  const x = randn([2, 3, 4, 4]);
  const conv = randn([5, 3, 3, 3]).requiresGrad_();
  const [weight, bias] = [ones([5]), zeros([5])].map((p) => p.requiresGrad_());
  const maps = conv2d(x, conv, null, { padding: 1 });
  const y = relu(batchNorm(maps, null, null, weight, bias, { training: true }));
  const one = 4 * y.size;
  assert.is(savedBytes(y), 4 * x.size + 3 * one);
});

test('attention keeps its weights, and not the scores under them', () => {
  const [q, k, v] = [randn([7, 4]), randn([9, 4]), randn([9, 4])].map((t) => t.requiresGrad_());
  const y = scaledDotProductAttention(q, k, v, { scale: 1 });
  // Besides, the scaled queries, which the keys' gradient reads, and the scale itself.
  assert.is(savedBytes(y), 4 * (7 * 9 + 7 * 4 + 1));
});

test.run();
