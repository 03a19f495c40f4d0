import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Adam, Linear, Lion, RMSprop, SGD } from '../../nn/index.js';
import {
  ArgumentError,
  type DType,
  manualSeed,
  mseLoss,
  randn,
  ShapeError,
  type Tensor,
  tensor,
} from '../../ops/index.js';
import { gradients, type Make, reference, throwing } from './optim-reference.js';

const half = new Array<number>(4).fill(0.5);

/** Where a parameter that starts at 1 stands after each step, with these gradients. */
function path(make: Make, gradients: readonly number[] = half, dtype: DType = 'float64'): number[] {
  const p = tensor([1], { dtype, requiresGrad: true });
  const optimizer = make([p]);
  return gradients.map((g) => {
    p.grad = tensor([g], { dtype });
    optimizer.step();
    return p.data[0];
  });
}

function near(actual: readonly number[], expected: readonly number[], tolerance = 1e-12): void {
  assert.is(actual.length, expected.length);
  actual.forEach((x, i) => {
    assert.ok(Math.abs(x - expected[i]) < tolerance, `step ${i}: ${x}, expected ${expected[i]}`);
  });
}

const refused = (call: () => unknown, message: string): void =>
  throwing(ArgumentError, call, message);

test('SGD without momentum goes lr·g a step', () => {
  near(
    path((p) => new SGD(p, { lr: 0.1 })),
    [0.95, 0.9, 0.85, 0.8],
  );
});

test('SGD’s velocity starts at the first gradient and then gathers (1 − dampening)·g', () => {
  // v: 0.5, 0.9·0.5 + 0.4 = 0.85, 0.9·0.85 + 0.4 = 1.165
  near(
    path((p) => new SGD(p, { lr: 0.1, momentum: 0.9, dampening: 0.2 }), half.slice(0, 3)),
    [0.95, 0.865, 0.7485],
  );
});

test('SGD with Nesterov’s momentum looks ahead along the velocity', () => {
  // v: 0.5, 0.95; direction g + 0.9·v: 0.95, 1.355
  near(
    path((p) => new SGD(p, { lr: 0.1, momentum: 0.9, nesterov: true }), half.slice(0, 2)),
    [0.905, 0.7695],
  );
});

test('weight decay adds to the gradient', () => {
  near(
    path((p) => new SGD(p, { lr: 0.1, weightDecay: 0.5 }), half.slice(0, 1)),
    [0.9],
  );
});

test('Adam’s steps are of size lr while the gradient stays the same', () => {
  // Bias-corrected, both means are exact from the first step on: m̂ = g and √v̂ = |g|.
  near(
    path((p) => new Adam(p, { lr: 0.1, eps: 0 })),
    [0.9, 0.8, 0.7, 0.6],
  );
});

for (const [name, make, expected] of reference) {
  test(`${name} goes where PyTorch’s goes`, () => {
    near(path(make, gradients), expected);
  });

  test(`${name} goes the same way in float32`, () => {
    near(path(make, gradients, 'float32'), expected, 2e-5);
  });
}

test('Lion goes lr along the sign of its mean, and shrinks p by lr·weightDecay', () => {
  // c: 0.05, −0.2 + 0.9·0.005, 0.1 − 0.9·0.01505
  const lion: Make = (p) => new Lion(p, { lr: 0.1, weightDecay: 0.5 });
  near(path(lion, [0.5, -2, 1]), [0.85, 0.85 * 0.95 + 0.1, (0.85 * 0.95 + 0.1) * 0.95 - 0.1]);
  // c: 5, −0.2 + 0.9·0.5, −0.2 + 0.9·0.475: the mean of the first outweighs the others
  near(
    path((p) => new Lion(p, { lr: 0.1 }), [50, -2, -2]),
    [0.9, 0.8, 0.7],
  );
});

test('a centred RMSprop stays finite while the gradient stays the same', () => {
  const ps = path(
    (p) => new RMSprop(p, { alpha: 0.5, centered: true }),
    new Array(60).fill(0.3),
    'float32',
  );
  assert.ok(ps.every(Number.isFinite));
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

test('groups have settings of their own, and the rest in common', () => {
  const [a, b] = [1, 1].map((x) => tensor([x], { dtype: 'float64', requiresGrad: true }));
  const optimizer = new SGD([{ params: [a], lr: 0.5 }, { params: [b] }], {
    lr: 0.25,
    momentum: 0.5,
  });
  for (let i = 0; i < 2; i++) {
    for (const p of [a, b]) p.grad = tensor([1], { dtype: 'float64' });
    optimizer.step();
  }
  // The velocities are 1 and 1.5.
  assert.equal([a.item(), b.item()], [-0.25, 0.375]);
  assert.equal(optimizer.parameters, [a, b]);
  assert.equal(
    optimizer.groups.map(({ lr, momentum }) => [lr, momentum]),
    [
      [0.5, 0.5],
      [0.25, 0.5],
    ],
  );
});

test('lr is that of all groups, where they have one', () => {
  const [a, b] = [1, 1].map((x) => tensor([x], { requiresGrad: true }));
  const optimizer = new Adam([
    { params: [a], lr: 0.5 },
    { params: [b], lr: 0.1 },
  ]);
  refused(() => optimizer.lr, 'Adam: expected groups of one lr, got [0.5, 0.1]; read groups[i].lr');
  refused(() => {
    optimizer.lr = -1;
  }, 'Adam: expected a number in [0, Infinity) as lr, got -1');
  optimizer.lr = 0.2;
  assert.is(optimizer.lr, 0.2);
  assert.equal(
    optimizer.groups.map(({ lr }) => lr),
    [0.2, 0.2],
  );
});

test('a gradient of another shape is refused before anything changes', () => {
  const [a, b] = [1, 1].map(() => tensor([1, 2], { requiresGrad: true }));
  const optimizer = new SGD([a, b], { lr: 1 });
  a.grad = tensor([1, 1]);
  b.grad = tensor([1]);
  throwing(ShapeError, () => optimizer.step(), 'SGD: expected a gradient of shape [2], got [1]');
  assert.equal(a.toArray(), [1, 2]);
});

test('a gradient in float64 steps a parameter in float32', () => {
  for (const [, make] of reference) {
    const [p, q] = [0, 1].map(() => tensor([1, 2], { requiresGrad: true }));
    const [one, other] = [make([p]), make([q])];
    p.grad = tensor([0.5, -0.25]);
    q.grad = tensor([0.5, -0.25], { dtype: 'float64' });
    one.step();
    other.step();
    assert.equal(q.data, p.data);
  }
});

test('settings and parameters that make no sense are refused', () => {
  const p = tensor([1], { requiresGrad: true });
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
    () => new SGD([{ params: [] }]),
    'SGD: expected an array of at least one parameter, got []',
  );
  refused(
    () => new SGD([{ params: [p] }, { params: [p] }]),
    'SGD: expected each parameter once, got one that stands twice',
  );
  refused(
    () => new SGD([{ params: [p], nesterov: true }]),
    'SGD: nesterov expects momentum > 0 and no dampening, got 0 and 0',
  );
  refused(
    () => new SGD([{ params: [p], rate: 1 } as never]),
    "SGD: expected options lr, momentum, dampening, weightDecay, nesterov, params, got 'rate'",
  );
  refused(
    () => new RMSprop([p], { alpha: 1 }),
    'RMSprop: expected a number in [0, 1) as alpha, got 1',
  );
  refused(
    () => new RMSprop([p], { centered: 1 as never }),
    'RMSprop: expected true or false as centered, got 1',
  );
  refused(
    () => new Adam([p], { betas: 0.9 as never }),
    'Adam: expected two numbers as betas, got 0.9',
  );
  refused(
    () => new Adam([p], { rate: 1 } as never),
    "Adam: expected options lr, betas, eps, weightDecay, amsgrad, got 'rate'",
  );
});

test.run();
