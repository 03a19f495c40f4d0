import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  cat,
  defineOp,
  exp,
  GradientError,
  grad,
  type Kernels,
  mul,
  noGrad,
  reshape,
  sin,
  square,
  sum,
  type Tensor,
  tensor,
} from '../../ops/index.js';
import { near, raises } from './close.js';

// What an op saves for its gradient: how long it is kept, and what happens if it is changed meanwhile.

const leaf = (x: number | number[]): Tensor => tensor(x, { dtype: 'float64', requiresGrad: true });

test('backward lets the graph go; a second one through it says how to keep it', () => {
  const x = leaf(2);
  const y = mul(x, x);
  y.backward();
  raises(
    () => y.backward(),
    GradientError,
    'backward: the graph through mul was freed by an earlier backward; give that one { retainGraph: true } to go through it again',
  );
  near(x.grad, 4, 0);
});

test('that holds for a part of the graph shared with another result, too', () => {
  const x = leaf(2);
  const shared = exp(x);
  mul(shared, 2).backward();
  raises(
    () => mul(shared, 3).backward(),
    GradientError,
    /^backward: the graph through exp was freed/,
  );
});

test('retainGraph keeps it, as often as one likes', () => {
  const x = leaf(2);
  const y = mul(x, x);
  y.backward(undefined, { retainGraph: true });
  y.backward(undefined, { retainGraph: true });
  y.backward();
  near(x.grad, 12);
});

test('createGraph keeps it unless retainGraph says not to', () => {
  const x = leaf(2);
  const y = mul(x, x);
  grad(y, x, { createGraph: true });
  grad(y, x, { createGraph: true, retainGraph: false });
  raises(() => grad(y, x), GradientError, /was freed by an earlier backward/);
});

test('grad frees only what lay on the way to its inputs', () => {
  const [x, w] = [leaf(2), leaf(3)];
  const side = exp(w);
  const y = mul(square(x), side);
  grad(y, x);
  near(grad(mul(side, 2), w), 2 * Math.exp(3));
});

/** Collects garbage now. */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test('a freed graph lets its intermediate tensors go, though the result is still held', async () => {
  const x = leaf([1, 2]);
  const build = (): [Tensor, WeakRef<object>] => {
    const middle = exp(x);
    return [sum(mul(middle, middle)), new WeakRef(middle.storage)];
  };
  const [kept, saved] = build();
  const [freed, gone] = build();
  freed.backward();
  // A WeakRef holds its target until the current turn ends.
  await new Promise((resolve) => setTimeout(resolve));
  collect();
  assert.ok(saved.deref() !== undefined, 'before backward the op needs it');
  assert.is(gone.deref(), undefined);
  kept.backward();
});

test('what no gradient reads is let go while the graph stands', async () => {
  const x = leaf([1, 2]);
  const build = (): [Tensor, WeakRef<object>, WeakRef<object>] => {
    const [product, power] = [mul(x, x), exp(x)];
    const y = sum(add(product, power));
    return [y, new WeakRef(product.storage), new WeakRef(power.storage)];
  };
  const [y, gone, saved] = build();
  await new Promise((resolve) => setTimeout(resolve));
  collect();
  assert.is(gone.deref(), undefined);
  assert.ok(saved.deref() !== undefined, 'exp reads its result');
  y.backward();
  near(x.grad, [2 + Math.exp(1), 4 + Math.exp(2)]);
});

test('a vjp that reads what its op did not save throws, and names the op', () => {
  const wrong = defineOp({
    name: 'wrong',
    forward: (_k: Kernels, x: Tensor, y: Tensor) => mul(x, y),
    saves: [[0], ['y']],
    vjp: [(g, _y, _a, b) => mul(g, b), (g, _y, a) => mul(g, a)],
  });
  const [x, w] = [leaf([1, 2]), leaf([3, 4])];
  const message = /wrong: its vjp reads numbers that were not saved/;
  raises(
    () => sum(wrong(x, tensor([3, 4], { dtype: 'float64' }))).backward(),
    GradientError,
    message,
  );
  raises(
    () => sum(wrong(tensor([3, 4], { dtype: 'float64' }), w)).backward(),
    GradientError,
    message,
  );
  const seen: string[] = [];
  const shapes = defineOp({
    name: 'shapes',
    forward: (_k: Kernels, a: Tensor) => mul(a, 1),
    saves: [[]],
    vjp: [
      (g, y, a) => {
        for (const t of [y, a]) seen.push(`${t.dtype} ${t.shape} ${t.size} ${t.device.name}`);
        return g;
      },
    ],
  });
  sum(shapes(mul(x, 2))).backward();
  assert.equal(seen, ['float64 2 2 cpu', 'float64 2 2 cpu']);
});

test('a tensor changed in place after an op saved it makes backward throw and name the op', () => {
  const [x, w] = [leaf(3), leaf(2)];
  const y = mul(x, w);
  noGrad(() => w.fill_(5));
  raises(
    () => y.backward(),
    GradientError,
    'backward: a tensor of shape [] that mul saved for its gradient was changed in place afterwards; change a clone() of it instead',
  );
});

test('so does a saved result, and a saved tensor seen through a reshape or detach', () => {
  const x = leaf([1, 2]);
  const y = exp(x);
  noGrad(() => y.fill_(0));
  raises(() => sum(y).backward(), GradientError, /that exp saved/);

  const z = square(x);
  noGrad(() => reshape(x, [2, 1]).fill_(0));
  raises(() => sum(z).backward(), GradientError, /that square saved/);

  const s = square(x);
  x.detach().fill_(0);
  raises(() => sum(s).backward(), GradientError, /that square saved/);
});

test('a change that the gradient does not read does no harm', () => {
  const [x, w] = [leaf([1, 2]), leaf([3, 4])];
  const y = sum(add(x, w));
  noGrad(() => w.fill_(0));
  y.backward();
  near(x.grad, [1, 1]);

  // By w the gradient reads x alone, which was not changed.
  const fixed = tensor([5, 6], { dtype: 'float64' });
  const z = sum(mul(fixed, w));
  noGrad(() => w.fill_(0));
  w.grad = null;
  z.backward();
  near(w.grad, [5, 6]);
});

test('a change before the op was applied is no change', () => {
  const w = leaf(2);
  noGrad(() => w.fill_(5));
  mul(w, w).backward();
  near(w.grad, 10);
});

test('a training loop may change its parameters in place after each backward', () => {
  const w = leaf([1, -2]);
  for (let step = 0; step < 3; step++) {
    w.grad = null;
    sum(square(w)).backward();
    noGrad(() => w.sub_(mul(w.grad ?? 0, 0.25)));
  }
  near(w, [1 / 8, -2 / 8]);
});

test('what an op of many tensors saved is watched as well', () => {
  const x = leaf([1, 2]);
  const y = square(cat([x, x]));
  noGrad(() => x.fill_(0));
  // cat copied the numbers, and its own gradient needs none of them.
  sum(y).backward();
  near(x.grad, [4, 8]);
});

test('a user’s op is watched like any other', () => {
  const cube = defineOp({
    name: 'cube',
    forward: (_k: Kernels, x: Tensor) => mul(x, mul(x, x)),
    vjp: [(g, _y, x) => mul(g, mul(3, mul(x, x)))],
  });
  const x = leaf(2);
  const y = cube(x);
  noGrad(() => x.fill_(0));
  raises(() => y.backward(), GradientError, /that cube saved/);
});

test('a second derivative notices a change made between the two backward passes', () => {
  const x = leaf(2);
  const g = grad(sin(x), x, { createGraph: true });
  noGrad(() => x.fill_(0));
  raises(() => g.backward(), GradientError, /that cos saved .* was changed in place afterwards/);
});

test('a tensor saved by the first pass and changed before it throws once only it is read', () => {
  const [x, w] = [leaf(3), leaf(2)];
  const y = mul(x, w);
  noGrad(() => w.fill_(5));
  near(grad(y, w, { retainGraph: true }), 3);
  raises(() => grad(y, x), GradientError, /that mul saved/);
});

test('the gradient by a tensor whose own graph was freed is there, but none below it', () => {
  const x = leaf(3);
  const h = square(x);
  h.backward();
  const y = mul(h, x);
  near(grad(y, h, { retainGraph: true }), 3);
  raises(
    () => grad(y, x, { retainGraph: true }),
    GradientError,
    /the graph through square was freed/,
  );
  raises(() => grad(y, [h, x]), GradientError, /the graph through square was freed/);
});

test('the gradient by a tensor in between leaves the graph below it whole', () => {
  const x = leaf(3);
  const h = square(x);
  near(grad(mul(h, 2), h), 2);
  near(grad(h, x), 6);
});

test.run();
