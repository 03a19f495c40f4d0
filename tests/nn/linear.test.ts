import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Bilinear, Identity } from '../../nn/index.js';
import { ArgumentError, DTypeError, gradcheck, manualSeed, randn } from '../../ops/index.js';
import { throwing } from './throwing.js';

test('Bilinear is x₁ᵀ·W·x₂ + b, over any leading axes', () => {
  manualSeed(1);
  const layer = new Bilinear(3, 4, 2, { dtype: 'float64' });
  const [x1, x2] = [randn([5, 6, 3], { dtype: 'float64' }), randn([5, 6, 4], { dtype: 'float64' })];
  const y = layer.forward(x1, x2);
  assert.equal(y.shape, [5, 6, 2]);
  const { weight, bias } = layer;
  for (const row of [0, 7, 29]) {
    for (const k of [0, 1]) {
      let sum = bias?.data[k] ?? NaN;
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j < 4; j++) {
          sum += x1.data[row * 3 + i] * weight.data[(k * 3 + i) * 4 + j] * x2.data[row * 4 + j];
        }
      }
      assert.ok(Math.abs(y.data[row * 2 + k] - sum) < 1e-14);
    }
  }
});

test('Bilinear’s gradient is the derivative, with and without a bias', () => {
  for (const bias of [true, false]) {
    const layer = new Bilinear(3, 2, 2, { bias, dtype: 'float64' });
    assert.is(layer.parameters().length, bias ? 2 : 1);
    const x = [randn([2, 3], { dtype: 'float64' }), randn([2, 2], { dtype: 'float64' })] as const;
    const { compared } = gradcheck((a, b) => layer.forward(a, b), [...x]);
    assert.ok(compared > 0);
  }
});

test('Bilinear starts uniform in ±1/√in1Features', () => {
  manualSeed(2);
  const { weight, bias } = new Bilinear(25, 40, 50);
  for (const p of [weight, bias ?? weight]) {
    assert.ok(p.abs().max().item() < 0.2);
    assert.ok(p.abs().max().item() > 0.9 * 0.2);
    // The standard error of a mean of n uniform numbers is bound / √(3n).
    assert.ok(Math.abs(p.mean().item()) < (5 * 0.2) / Math.sqrt(3 * p.size));
  }
});

test('Bilinear prints its sizes, and refuses those that make no sense', () => {
  assert.is(String(new Bilinear(3, 4, 2)), 'Bilinear(3, 4, 2)');
  assert.is(String(new Bilinear(3, 4, 2, { bias: false })), 'Bilinear(3, 4, 2, bias=false)');
  assert.throws(
    () => new Bilinear(3, 0, 2),
    throwing(ArgumentError, 'Bilinear: expected an integer of at least 1 as in2Features, got 0'),
  );
  assert.throws(
    () => new Bilinear(3, 4, 2, { dtype: 'bool' }),
    throwing(DTypeError, 'Bilinear: expected float32 or float64, got bool'),
  );
});

test('Identity gives back what it gets', () => {
  const x = randn([2]);
  assert.is(new Identity().forward(x), x);
});

test.run();
