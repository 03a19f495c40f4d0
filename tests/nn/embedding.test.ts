import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Embedding, SGD } from '../../nn/index.js';
import {
  ArgumentError,
  DTypeError,
  embedding,
  gradcheck,
  IndexError,
  manualSeed,
  ones,
  type Tensor,
  tensor,
} from '../../ops/index.js';
import { throwing } from './throwing.js';

const at = (...indices: number[]): Tensor => tensor(indices, { dtype: 'int32' });

test('Embedding looks up rows of its weight', () => {
  const layer = new Embedding(5, 3);
  const index = tensor(
    [
      [4, 0],
      [2, 2],
    ],
    { dtype: 'int32' },
  );
  assert.equal(layer.weight.shape, [5, 3]);
  assert.equal(layer.forward(index).shape, [2, 2, 3]);
  assert.equal(layer.forward(index).data, embedding(index, layer.weight).data);
});

test('an embedding starts with normal numbers of mean 0 and variance 1, from the seed', () => {
  manualSeed(1);
  const { weight } = new Embedding(100, 400);
  // The standard errors of the mean of n normal numbers and of their variance: 1/√n and √(2/n).
  assert.ok(Math.abs(weight.mean().item()) < 5 / Math.sqrt(weight.size));
  assert.ok(Math.abs(weight.variance().item() - 1) < 5 * Math.sqrt(2 / weight.size));
  manualSeed(1);
  assert.equal(new Embedding(100, 400).weight.data, weight.data);
});

test('the padding row starts as zeros and stays so, counted from either end', () => {
  for (const paddingIdx of [1, -3]) {
    const layer = new Embedding(4, 2, { paddingIdx });
    assert.is(layer.paddingIdx, 1);
    layer
      .forward(at(0, 1, 1, 3))
      .sum()
      .backward();
    assert.equal(layer.weight.grad?.toArray(), [
      [1, 1],
      [0, 0],
      [0, 0],
      [1, 1],
    ]);
    new SGD(layer.parameters(), { lr: 1 }).step();
    assert.equal(layer.forward(at(1)).toArray(), [[0, 0]]);
    assert.equal(layer.weight.data.filter((x) => x === 0).length, 2);
  }
});

test('rows that are looked up are cut to maxNorm, and no others', () => {
  const layer = new Embedding(4, 2, { maxNorm: 1, dtype: 'float64' });
  const weight = tensor(
    [
      [3, 4],
      [0.3, 0.4],
      [0, 2],
      [6, 8],
    ],
    { dtype: 'float64' },
  );
  layer.loadStateDict({ weight });
  const y = layer.forward(at(0, 1, -1, 0));
  const cut = [3 / 5, 4 / 5, 0.3, 0.4, 0, 2, 6 / 10, 8 / 10];
  // What is added to a length before it divides, lest that be 0, is 1e-7.
  cut.forEach((x, i) => {
    assert.ok(Math.abs(layer.weight.data[i] - x) < 2e-8);
  });
  assert.equal([...layer.weight.data.slice(2, 6)], [0.3, 0.4, 0, 2]);
  assert.equal(y.data, embedding(at(0, 1, 3, 0), layer.weight).data);
  y.sum().backward();
  assert.equal(layer.weight.grad?.toArray(), [
    [2, 2],
    [1, 1],
    [0, 0],
    [1, 1],
  ]);
});

test('Embedding’s gradient is the derivative', () => {
  const layer = new Embedding(4, 3, { dtype: 'float64' });
  const index = at(3, 0, 3);
  const { compared } = gradcheck((weight) => embedding(index, weight).square(), [layer.weight]);
  assert.ok(compared > 0);
});

test('an embedding prints its sizes and what is not usual', () => {
  assert.is(String(new Embedding(5, 3)), 'Embedding(5, 3)');
  assert.is(
    String(new Embedding(5, 3, { paddingIdx: 0, maxNorm: 2 })),
    'Embedding(5, 3, paddingIdx=0, maxNorm=2)',
  );
});

test('Embedding refuses sizes, rows and indices that make no sense', () => {
  assert.throws(
    () => new Embedding(0, 2),
    throwing(ArgumentError, 'Embedding: expected an integer of at least 1 as numEmbeddings, got 0'),
  );
  assert.throws(
    () => new Embedding(4, 2, { paddingIdx: 4 }),
    throwing(IndexError, 'Embedding: expected paddingIdx from -4 to 3, got 4'),
  );
  assert.throws(
    () => new Embedding(4, 2, { maxNorm: 0 }),
    throwing(ArgumentError, 'Embedding: expected maxNorm > 0, got 0'),
  );
  assert.throws(
    () => new Embedding(4, 2, { dtype: 'int32' }),
    throwing(DTypeError, 'Embedding: expected float32 or float64, got int32'),
  );
  assert.throws(
    () => new Embedding(4, 2).forward(at(4)),
    throwing(IndexError, 'embedding: expected indices from -4 to 3, got 4'),
  );
  assert.throws(
    () => new Embedding(4, 2, { maxNorm: 1 }).forward(at(4)),
    throwing(IndexError, 'Embedding: expected indices from -4 to 3, got 4'),
  );
  assert.throws(
    () => new Embedding(4, 2).forward(ones([2])),
    throwing(DTypeError, 'embedding: expected int32 as the index, got float32'),
  );
});

test.run();
