import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  GradientError,
  grad,
  mul,
  ShapeError,
  square,
  sum,
  type Tensor,
  tensor,
} from '../../ops/index.js';
import { near, raises } from './close.js';

const leaf = (x: number | number[]): Tensor => tensor(x, { dtype: 'float64', requiresGrad: true });

test('a hook sees the whole gradient of its tensor, once', () => {
  const x = leaf(2);
  const seen: number[] = [];
  const y = square(x);
  y.registerHook((g) => {
    seen.push(g.item());
  });
  add(mul(y, 3), mul(y, 4)).backward();
  assert.equal(seen, [7]);
  near(x.grad, 28);
});

test('what a hook returns takes the gradient’s place, there and further down', () => {
  const x = leaf(2);
  const y = square(x);
  y.registerHook((g) => mul(g, 10));
  y.retainGrad();
  mul(y, 3).backward();
  near(y.grad, 30);
  near(x.grad, 120);
});

test('hooks run in the order they were registered, each on what the last one returned', () => {
  const x = leaf(1);
  x.registerHook((g) => add(g, 1));
  x.registerHook((g) => mul(g, 10));
  mul(x, 2).backward();
  near(x.grad, 30);
});

test('a hook on a leaf changes what is accumulated, in backward and in grad', () => {
  const x = leaf(1);
  x.registerHook((g) => mul(g, -1));
  mul(x, 2).backward();
  near(x.grad, -2);
  near(grad(mul(x, 2), x), -2);
});

test('a removed hook is not called', () => {
  const x = leaf(1);
  const remove = x.registerHook((g) => mul(g, 10));
  remove();
  remove();
  mul(x, 2).backward();
  near(x.grad, 2);
});

test('hooks may remove themselves, or register others, while they run', () => {
  const x = leaf(1);
  const calls: string[] = [];
  const remove = x.registerHook(() => {
    calls.push('first');
    remove();
    x.registerHook(() => {
      calls.push('second');
    });
  });
  const y = mul(x, 2);
  y.backward(undefined, { retainGraph: true });
  assert.equal(calls, ['first']);
  y.backward();
  assert.equal(calls, ['first', 'second']);
});

test('a hook on a tensor that the gradient does not reach is not called', () => {
  const [x, w] = [leaf(1), leaf(2)];
  const side = square(w);
  side.registerHook(() => {
    assert.unreachable();
  });
  grad(mul(square(x), side), x);
});

test('a hook may go backward through another graph', () => {
  const [x, w] = [leaf(3), leaf(2)];
  const other = square(w);
  const y = square(x);
  y.registerHook(() => {
    other.backward();
  });
  mul(y, x).backward();
  near(w.grad, 4);
  near(x.grad, 27);
});

test('what a hook computes is recorded when a graph of the gradients is asked for', () => {
  const x = leaf(3);
  const y = square(x);
  y.registerHook((g) => mul(g, x));
  const g = grad(y, x, { createGraph: true });
  near(g, 18);
  assert.is(g.requiresGrad, true);
  // 2x · x by x.
  near(grad(g, x), 12);
});

test('a hook that returns no gradient of the tensor’s shape is an error', () => {
  const x = leaf([1, 2]);
  const remove = x.registerHook((g) => sum(g));
  raises(
    () => sum(x).backward(),
    ShapeError,
    "backward: hook: expected a cotangent of the tensor's shape [2], got []",
  );
  remove();
  x.registerHook(() => 3 as never);
  raises(
    () => sum(x).backward(),
    ArgumentError,
    "backward: hook: expected a tensor as the tensor's cotangent, got 3",
  );
});

test('an error in a hook comes out of backward, and leaves recording and the graph as they were', () => {
  const x = leaf(2);
  const y = square(x);
  const remove = y.registerHook(() => {
    throw new RangeError('mine');
  });
  raises(() => y.backward(), RangeError, 'mine');
  remove();
  assert.is(mul(x, 2).requiresGrad, true);
  y.backward();
  near(x.grad, 4);
});

test('retainGrad keeps the gradient of a result; by default only leaves have one', () => {
  const x = leaf(2);
  const [y, z] = [square(x), square(x)];
  assert.is(y.retainGrad(), y);
  add(y, z).backward();
  near(y.grad, 1);
  assert.is(z.grad, null);
});

test('hooks and retainGrad need a tensor that requires grad', () => {
  const x = tensor(1);
  raises(
    () => x.registerHook((g) => g),
    GradientError,
    'registerHook: expected a tensor that requires grad, got one that does not',
  );
  raises(
    () => x.retainGrad(),
    GradientError,
    'retainGrad: expected a tensor that requires grad, got one that does not',
  );
});

test.run();
