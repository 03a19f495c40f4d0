import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { matmul, ones, relu, savedBytes, tanh, tensor } from '../../ops/index.js';

test('each buffer that a graph keeps counts once, leaves that require grad do not', () => {
  const [x, w] = [ones([4, 3]), ones([3, 5]).requiresGrad_()];
  assert.is(savedBytes(matmul(x, w)), 4 * (12 + 20));
  const h = matmul(x, w);
  // tanh keeps its input, which the product keeps as its result, and its own result.
  assert.is(savedBytes(tanh(h)), 4 * (12 + 20 + 20));
  assert.is(savedBytes([tanh(h), relu(h)]), 4 * (12 + 20 + 20 + 20));
});

test('nothing is kept where nothing was recorded, and float64 counts double', () => {
  assert.is(savedBytes(ones([4])), 0);
  const x = tensor([1, 2], { dtype: 'float64', requiresGrad: true });
  assert.is(savedBytes(tanh(x)), 16);
});

test.run();
