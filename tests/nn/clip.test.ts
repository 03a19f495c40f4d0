import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { clipGradNorm, clipGradValue, Linear } from '../../nn/index.js';
import { ArgumentError, GradientError, type Tensor, tensor } from '../../ops/index.js';

function withGradient(gradient: number[], dtype: 'float32' | 'float64' = 'float64'): Tensor {
  const p = tensor(gradient, { dtype, requiresGrad: true });
  p.grad = tensor(gradient, { dtype });
  return p;
}

function near(x: Tensor | null, expected: readonly number[]): void {
  assert.is.not(x, null);
  const actual = [...(x?.data ?? [])];
  assert.is(actual.length, expected.length);
  actual.forEach((value, i) => {
    assert.ok(Math.abs(value - expected[i]) < 1e-6, `${actual}, expected ${expected}`);
  });
}

test('gradients are scaled together, so that their norm is the largest allowed', () => {
  const [a, b] = [withGradient([3, 0]), withGradient([-4])];
  near(clipGradNorm([a, b], 1), [5]);
  near(a.grad, [0.6, 0]);
  near(b.grad, [-0.8]);
});

test('gradients of a smaller norm stay as they are', () => {
  const [a, b] = [withGradient([3, 0]), withGradient([-4])];
  near(clipGradNorm([a, b], 6), [5]);
  assert.equal([a.grad?.toArray(), b.grad?.toArray()], [[3, 0], [-4]]);
});

test('the norm may be any p-norm, or the largest', () => {
  for (const [normType, total] of [
    [1, 7],
    [3, 91 ** (1 / 3)],
    [Infinity, 4],
  ]) {
    const [a, b] = [withGradient([3, 0]), withGradient([-4])];
    near(clipGradNorm([a, b], 1, { normType }), [total]);
    near(a.grad, [3 / total, 0]);
    near(b.grad, [-4 / total]);
  }
});

test('a parameter alone, one without a gradient and none at all are taken too', () => {
  const a = withGradient([3, 4]);
  near(clipGradNorm(a, 1), [5]);
  near(a.grad, [0.6, 0.8]);
  const layer = new Linear(2, 2);
  near(clipGradNorm([...layer.parameters(), withGradient([2])], 1), [2]);
  assert.is(layer.weight.grad, null);
  near(clipGradNorm(layer.parameters(), 1), [0]);
  near(clipGradNorm([], 1), [0]);
});

test('each gradient keeps its dtype', () => {
  const [a, b] = [withGradient([3], 'float32'), withGradient([4])];
  assert.is(clipGradNorm([a, b], 1).dtype, 'float64');
  assert.equal([a.grad?.dtype, b.grad?.dtype], ['float32', 'float64']);
  near(a.grad, [0.6]);
  near(b.grad, [0.8]);
});

test('clipping changes no other tensor, though it shares the gradient’s numbers', () => {
  const given = tensor([3, 4], { dtype: 'float64' });
  const p = tensor([1, 1], { dtype: 'float64', requiresGrad: true });
  p.grad = given;
  clipGradNorm([p], 1);
  clipGradValue([p], 0.1);
  near(p.grad, [0.1, 0.1]);
  assert.equal(given.toArray(), [3, 4]);
});

test('a norm that is not finite throws if it should, and else leaves its mark', () => {
  const a = withGradient([NaN, 1]);
  assert.throws(
    () => clipGradNorm([a], 1, { errorIfNonfinite: true }),
    (error: Error) =>
      error instanceof GradientError &&
      error.message === 'clipGradNorm: expected a finite norm, got NaN',
  );
  assert.is(a.grad?.data[1], 1);
  assert.ok(Number.isNaN(clipGradNorm([a], 1).item()));
  assert.ok(Number.isNaN(a.grad?.data[1]));
});

test('clipGradValue holds every number between the bounds', () => {
  const [a, b] = [withGradient([3, -0.5]), withGradient([-4])];
  clipGradValue([a, b], 1);
  assert.equal([a.grad?.toArray(), b.grad?.toArray()], [[1, -0.5], [-1]]);
});

test('bounds and parameters that make no sense are refused', () => {
  const refused = (call: () => unknown, message: string): void =>
    assert.throws(call, (error: Error) => {
      assert.is(error.message, message);
      return error instanceof ArgumentError;
    });
  const a = withGradient([1]);
  refused(
    () => clipGradNorm([a], -1),
    'clipGradNorm: expected a number of at least 0 as maxNorm, got -1',
  );
  refused(() => clipGradNorm([a], NaN), 'clipGradNorm: expected a number as maxNorm, got NaN');
  refused(
    () => clipGradNorm([a], 1, { norm: 1 } as never),
    "clipGradNorm: expected options normType, errorIfNonfinite, got 'norm'",
  );
  refused(() => clipGradNorm([3 as never], 1), 'clipGradNorm: expected parameters, got [3]');
  refused(
    () => clipGradValue([a], -1),
    'clipGradValue: expected a number of at least 0 as clipValue, got -1',
  );
});

test.run();
