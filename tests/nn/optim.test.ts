import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Adam, Linear, type Optimizer, SGD } from '../../nn/index.js';
import { ArgumentError, manualSeed, mseLoss, randn, type Tensor, tensor } from '../../ops/index.js';

/** A parameter at 1 whose gradient is 0.5 at each step, and where it stands after each of them. */
function path(make: (p: Tensor) => Optimizer, steps = 4): number[] {
  const p = tensor([1], { dtype: 'float64', requiresGrad: true });
  const optimizer = make(p);
  return Array.from({ length: steps }, () => {
    p.grad = tensor([0.5], { dtype: 'float64' });
    optimizer.step();
    return p.data[0];
  });
}

function near(actual: readonly number[], expected: readonly number[]): void {
  assert.is(actual.length, expected.length);
  actual.forEach((x, i) => {
    assert.ok(Math.abs(x - expected[i]) < 1e-12, `step ${i}: ${x}, expected ${expected[i]}`);
  });
}

test('SGD without momentum goes lr·g a step', () => {
  near(
    path((p) => new SGD([p], { lr: 0.1 })),
    [0.95, 0.9, 0.85, 0.8],
  );
});

test('SGD’s velocity starts at the first gradient and then gathers (1 − dampening)·g', () => {
  // v: 0.5, 0.9·0.5 + 0.4 = 0.85, 0.9·0.85 + 0.4 = 1.165
  near(
    path((p) => new SGD([p], { lr: 0.1, momentum: 0.9, dampening: 0.2 }), 3),
    [0.95, 0.865, 0.7485],
  );
});

test('SGD with Nesterov’s momentum looks ahead along the velocity', () => {
  // v: 0.5, 0.95; direction g + 0.9·v: 0.95, 1.355
  near(
    path((p) => new SGD([p], { lr: 0.1, momentum: 0.9, nesterov: true }), 2),
    [0.905, 0.7695],
  );
});

test('weight decay adds to the gradient', () => {
  near(
    path((p) => new SGD([p], { lr: 0.1, weightDecay: 0.5 }), 1),
    [0.9],
  );
});

test('Adam’s steps are of size lr while the gradient stays the same', () => {
  // Bias-corrected, both means are exact from the first step on: m̂ = g and √v̂ = |g|.
  near(
    path((p) => new Adam([p], { lr: 0.1, eps: 0 })),
    [0.9, 0.8, 0.7, 0.6],
  );
});

test('Adam counts the steps of each parameter apart', () => {
  const [a, b] = [1, 1].map((x) => tensor([x], { dtype: 'float64', requiresGrad: true }));
  const optimizer = new Adam([a, b], { lr: 0.1, eps: 0 });
  a.grad = tensor([2], { dtype: 'float64' });
  optimizer.step();
  b.grad = tensor([2], { dtype: 'float64' });
  optimizer.step();
  near([a.data[0], b.data[0]], [0.8, 0.9]);
});

test('a parameter without a gradient stays as it is', () => {
  const layer = new Linear(2, 2);
  const before = layer.weight.data.slice();
  new Adam(layer.parameters()).step();
  assert.equal(layer.weight.data, before);
});

test('the learning rate may change between steps', () => {
  const p = tensor([1], { dtype: 'float64', requiresGrad: true });
  const optimizer = new SGD([p], { lr: 1 });
  optimizer.lr = 0.5;
  p.grad = tensor([1], { dtype: 'float64' });
  optimizer.step();
  assert.is(p.item(), 0.5);
});

test('both fit a line', () => {
  for (const make of [
    (ps: Tensor[]) => new SGD(ps, { lr: 0.1, momentum: 0.9 }),
    (ps: Tensor[]) => new Adam(ps, { lr: 0.05 }),
  ]) {
    manualSeed(0);
    const layer = new Linear(1, 1);
    const x = randn([64, 1]);
    const y = x.mul(3).sub(2);
    const optimizer = make(layer.parameters());
    for (let i = 0; i < 300; i++) {
      optimizer.zeroGrad();
      mseLoss(layer.forward(x), y).backward();
      optimizer.step();
    }
    assert.ok(Math.abs(layer.weight.item() - 3) < 1e-2);
    assert.ok(Math.abs((layer.bias?.item() ?? NaN) + 2) < 1e-2);
  }
});

test('settings and parameters that make no sense are refused', () => {
  const p = tensor([1], { requiresGrad: true });
  const refused = (make: () => unknown, message: string): void =>
    assert.throws(
      make,
      (error: Error) => error instanceof ArgumentError && error.message === message,
    );
  refused(() => new SGD([p], { lr: -1 }), 'SGD: expected a number in [0, Infinity) as lr, got -1');
  refused(
    () => new Adam([p], { lr: NaN }),
    'Adam: expected a number in [0, Infinity) as lr, got NaN',
  );
  refused(
    () => new Adam([p], { betas: [0.9, 1] }),
    'Adam: expected a number in [0, 1) as the second beta, got 1',
  );
  refused(
    () => new SGD([p], { nesterov: true }),
    'SGD: nesterov expects momentum > 0 and no dampening, got 0 and 0',
  );
  refused(() => new SGD([]), 'SGD: expected an array of at least one parameter, got []');
  refused(() => new SGD([p.mul(2)]), 'SGD: expected leaves that require grad, parameter 0 is none');
  refused(() => new SGD([p, p]), 'SGD: expected each parameter once, got one that stands twice');
  refused(
    () => new Adam([3 as never]),
    'Adam: expected leaves that require grad, parameter 0 is 3',
  );
  refused(
    () => new Adam([p], { betas: 0.9 as never }),
    'Adam: expected two numbers as betas, got 0.9',
  );
  refused(
    () => new Adam([p], { rate: 1 } as never),
    "Adam: expected options lr, betas, eps, weightDecay, got 'rate'",
  );
});

test.run();
