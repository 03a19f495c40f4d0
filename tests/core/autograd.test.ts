import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  DTypeError,
  defineOp,
  GradientError,
  grad,
  type Kernels,
  mul,
  pow,
  reshape,
  ShapeError,
  sin,
  sub,
  sum,
  type Tensor,
  tensor,
} from '../../ops/index.js';
import { near, raises } from './close.js';

const leaf = (x: number | number[] | number[][]): Tensor =>
  tensor(x, { dtype: 'float64', requiresGrad: true });
const plain = (x: number | number[] | number[][]): Tensor => tensor(x, { dtype: 'float64' });

/** x, unchanged, and a count of how often its vjp has run. */
function counted(): { op: (x: Tensor) => Tensor; visits: () => number } {
  let visits = 0;
  const op = defineOp({
    name: 'counted',
    forward: (_k: Kernels, x: Tensor) => x,
    vjp: [
      (g) => {
        visits++;
        return g;
      },
    ],
  });
  return { op, visits: () => visits };
}

test('backward leaves the gradient of a number in .grad of every leaf it depends on', () => {
  const [x, y, other] = [leaf([1, 2]), leaf([3, 4]), leaf(5)];
  sum(mul(x, y)).backward();
  near(x.grad, [3, 4]);
  near(y.grad, [1, 2]);
  assert.is(other.grad, null);
});

test('.grad has the dtype and shape of its leaf, and requires no grad itself', () => {
  const x = tensor([[1, 2]], { requiresGrad: true });
  sum(mul(x, tensor([[2], [3]], { dtype: 'float64' }))).backward();
  assert.is(x.grad?.dtype, 'float32');
  assert.is(x.grad?.requiresGrad, false);
  near(x.grad, [[5, 5]]);
});

test('a second backward adds to .grad; setting it to null starts over', () => {
  const x = leaf(3);
  mul(x, x).backward();
  mul(x, 5).backward();
  near(x.grad, 11);
  x.grad = null;
  mul(x, 5).backward();
  near(x.grad, 5);
});

test('a leaf itself goes backward with gradient one', () => {
  const x = leaf(3);
  x.backward();
  near(x.grad, 1);
});

test('a result of one number may have any rank', () => {
  const x = leaf([[3]]);
  mul(x, x).backward();
  near(x.grad, [[6]]);
});

test('a result of several numbers goes backward weighted by a cotangent of its shape', () => {
  const x = leaf([1, 2, 3]);
  mul(x, x).backward(plain([1, 10, 100]));
  near(x.grad, [2, 40, 600]);
});

test('without that cotangent, or with an unfitting one, backward says what it needs', () => {
  const y = mul(leaf([1, 2]), 2);
  raises(
    () => y.backward(),
    GradientError,
    'backward: expected an output of a single number, got shape [2]; pass a cotangent of that shape',
  );
  raises(
    () => y.backward(plain([1, 2, 3])),
    ShapeError,
    'backward: expected a cotangent of the output’s shape [2], got [3]'.replace('’', "'"),
  );
  raises(
    () => y.backward(tensor([1, 2])),
    DTypeError,
    "backward: expected a cotangent of the output's dtype float64, got float32",
  );
  raises(
    () => y.backward(1 as never),
    ArgumentError,
    "backward: expected a tensor as the output's cotangent, got 1",
  );
  y.backward(plain([1, 1]));
});

test('a tensor that nothing was recorded for does not go backward', () => {
  raises(
    () => plain(1).backward(),
    GradientError,
    'backward: expected an output that requires grad, got one that depends on no tensor that does',
  );
  raises(() => tensor(1, { dtype: 'int32' }).backward(), GradientError, /^backward: expected an/);
});

test('the same tensor as both operands gets both of its cotangents', () => {
  const x = leaf(3);
  mul(x, x).backward();
  near(x.grad, 6);
  near(grad(sub(x, x), x), 0);
  near(grad(pow(x, x), x), 27 * (Math.log(3) + 1));
});

test('a shared sub-expression is visited once, with the sum of its cotangents', () => {
  const { op, visits } = counted();
  const x = leaf(2);
  const shared = op(mul(x, x));
  let y = shared;
  for (let i = 0; i < 10; i++) y = add(y, mul(y, shared));
  y.backward();
  assert.is(visits(), 1);
  // y = s (1 + s)¹⁰ with s = x².
  const s = 4;
  near(x.grad, ((1 + s) ** 10 + 10 * s * (1 + s) ** 9) * 4);
});

test('a diamond of diamonds costs one visit a node, not one a path', () => {
  const { op, visits } = counted();
  const x = leaf(1);
  let y = x;
  for (let i = 0; i < 60; i++) y = mul(op(add(y, y)), 0.5);
  y.backward();
  assert.is(visits(), 60);
  near(x.grad, 1);
});

test('a chain of 100,000 ops goes backward, each op visited once', () => {
  const { op, visits } = counted();
  const x = leaf(1);
  let y = x;
  for (let i = 0; i < 100_000; i++) y = op(y);
  y.backward();
  assert.is(visits(), 100_000);
  near(x.grad, 1);
});

test('grad gives the gradients of tensors, in the inputs’ order, and touches no .grad', () => {
  const [x, y] = [leaf(2), leaf(3)];
  const z = mul(mul(x, x), y);
  const [gy, gx] = grad(z, [y, x]);
  near(gy, 4);
  near(gx, 12);
  assert.is(x.grad, null);
  near(grad(mul(x, y), x), 3);
});

test('grad stops at inputs that an op made, and can give both ends of the graph', () => {
  const { op, visits } = counted();
  const x = leaf(2);
  const h = mul(op(x), 3);
  near(grad(mul(h, h), h, { retainGraph: true }), 12);
  assert.is(visits(), 0, 'the graph under the input is not walked');
  const [gx, gh] = grad(mul(h, h), [x, h]);
  near(gx, 36);
  near(gh, 12);
});

test('an output may be an input: its gradient is its own cotangent', () => {
  const x = leaf(2);
  const y = mul(x, 3);
  near(grad(y, y, { retainGraph: true }), 1);
  const [gy, gx] = grad(y, [y, x]);
  near(gy, 1);
  near(gx, 3);
  near(grad(x, x), 1);
});

test('the gradients of several outputs add up, each weighted by its cotangent', () => {
  const x = leaf([1, 2]);
  const g = grad([mul(x, x), sum(x)], x, { gradOutputs: [plain([1, 10]), plain(100)] });
  near(g, [102, 140]);
  const y = mul(leaf(1), 2);
  const z = leaf(3);
  near(grad([mul(z, z), mul(z, y)], z), 8);
});

test('the same output twice counts twice', () => {
  const x = leaf(2);
  const y = mul(x, x);
  near(grad([y, y], x), 8);
});

test('the same input twice gives its gradient twice', () => {
  const x = leaf(2);
  const [a, b] = grad(mul(x, x), [x, x]);
  near(a, 4);
  near(b, 4);
});

test('as many cotangents as outputs, each of a fitting shape, are needed', () => {
  const x = leaf([1, 2]);
  raises(
    () => grad([sum(x), sum(x)], x, { gradOutputs: [plain(1)] }),
    GradientError,
    'grad: expected 2 cotangents, one an output, got 1',
  );
  raises(
    () => grad(sum(x), x, { gradOutputs: plain([1]) }),
    ShapeError,
    "grad: expected a cotangent of the output's shape [], got [1]",
  );
  raises(
    () => grad(x, x, { gradOutputs: [undefined as never] }),
    ArgumentError,
    "grad: expected a tensor as the output's cotangent, got undefined",
  );
});

test('an input that the outputs do not depend on is an error, or zeros with allowUnused', () => {
  const [x, unused] = [leaf(2), leaf([3, 4])];
  raises(
    () => grad(mul(x, x), [x, unused]),
    GradientError,
    'grad: the outputs do not depend on input 1, of shape [2]; { allowUnused: true } gives zeros',
  );
  const [gx, gu] = grad(mul(x, x), [x, unused], { allowUnused: true });
  near(gx, 4);
  near(gu, [0, 0]);
});

test('inputs must be tensors that require grad', () => {
  const x = leaf(2);
  raises(
    () => grad(mul(x, x), [x, plain(1)]),
    GradientError,
    'grad: expected inputs that require grad, input 1 does not',
  );
  raises(
    () => grad(mul(x, x), 3 as never),
    ArgumentError,
    'grad: expected a tensor or an array of tensors as inputs, got 3',
  );
  raises(() => grad('y' as never, x), ArgumentError, /as outputs, got 'y'$/);
});

test('createGraph makes gradients that have gradients, of every order', () => {
  const x = leaf(2);
  let y = pow(x, 5);
  for (const expected of [5 * 16, 20 * 8, 60 * 4, 120 * 2, 120]) {
    y = grad(y, x, { createGraph: true });
    near(y, expected);
  }
  near(grad(y, x, { allowUnused: true }), 0);
});

test('backward with createGraph gives a .grad that goes backward again', () => {
  const x = leaf(2);
  pow(x, 3).backward(undefined, { createGraph: true });
  near(x.grad, 12);
  const first = x.grad;
  x.grad = null;
  first?.backward();
  near(x.grad, 12);
});

test('the gradient of a gradient by its cotangent is the derivative the other way', () => {
  const x = leaf([1, 2]);
  const u = leaf([1, 1]);
  const g = grad(mul(x, x), x, { gradOutputs: u, createGraph: true });
  near(grad(g, u, { gradOutputs: plain([5, 7]) }), [10, 28]);
});

test('without createGraph the cotangent is outside the graph', () => {
  const x = leaf(2);
  const u = leaf(1);
  assert.is(grad(mul(x, x), x, { gradOutputs: u }).requiresGrad, false);
  const y = mul(x, x);
  y.registerHook((g) => {
    assert.is(g.requiresGrad, false);
  });
  y.backward(u);
  near(x.grad, 4);
});

test('a gradient penalty: the loss may contain gradients', () => {
  const w = leaf(0.5);
  const x = leaf(2);
  const g = grad(sin(mul(w, x)), x, { createGraph: true });
  mul(g, g).backward();
  // d/dw (w cos wx)² = 2 w cos wx (cos wx − w x sin wx), at w x = 1.
  near(w.grad, 2 * 0.5 * Math.cos(1) * (Math.cos(1) - Math.sin(1)));
});

test('gradients of size-0 tensors are of size 0', () => {
  const x = tensor([[], []], { requiresGrad: true });
  sum(mul(x, 2)).backward();
  assert.equal(x.grad?.shape, [2, 0]);
});

test('NaN and infinity pass through as they are', () => {
  const x = leaf([NaN, Infinity, 1]);
  sum(mul(x, x)).backward();
  near(x.grad, [NaN, Infinity, 2]);
});

test('each gradient is the leaf’s own: changing one in place changes no other', () => {
  const [a, b] = [leaf([1, 2]), leaf([3, 4])];
  const g = plain([1, 1]);
  add(a, b).backward(g);
  a.grad?.fill_(9);
  near(b.grad, [1, 1]);
  near(g, [1, 1]);
  const [ga, gb] = grad(reshape(add(a, b), [2]), [a, b], { gradOutputs: g });
  ga.fill_(9);
  near(gb, [1, 1]);
  near(g, [1, 1]);
  const [first, second] = grad(sum(a), [a, a]);
  first.fill_(9);
  near(second, [1, 1]);
});

test('changing .grad in place does not reach what retainGrad kept of it', () => {
  const x = leaf([1, 2]);
  const y = add(x, 0).retainGrad();
  sum(y).backward();
  x.grad?.fill_(9);
  near(y.grad, [1, 1]);
});

test.run();
