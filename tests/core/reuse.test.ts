import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cpu } from '../../core/cpu/index.js';
import type { Device, Storage } from '../../core/kernels.js';
import { Reuse, worthwhile } from '../../core/reuse.js';
import {
  add,
  defineOp,
  GradientError,
  grad,
  type Kernels,
  manualSeed,
  mul,
  randn,
  relu,
  reshape,
  sigmoid,
  sub,
  sum,
  type Tensor,
} from '../../ops/index.js';
import { raises } from './close.js';

const N = 2 * worthwhile.from;

test('what nobody holds is given back once, what is held or spared is not', () => {
  const back: Storage[] = [];
  const device: Device = { ...cpu, recycle: (x) => back.push(x) };
  const make = (length = N): Storage => ({
    ...cpu.kernels.full('float32', length, 0),
    device,
    length,
  });
  const reuse = new Reuse();
  const [cotangent, aside, shown, elsewhere, small] = [make(), make(), make(), make(), make(8)];
  reuse.recent.push(cotangent, aside, shown);
  for (const x of [cotangent, cotangent, elsewhere, small]) reuse.hold(x);
  reuse.spare(shown);
  reuse.settle();
  assert.equal(back, [aside]);
  for (const x of [cotangent, elsewhere, small]) reuse.drop(x);
  reuse.settle();
  assert.is(back.length, 1, 'one hold is left, and the others are not the pass’s own');
  reuse.drop(cotangent);
  reuse.settle();
  reuse.settle();
  assert.is(back.length, 2);
  assert.is(back[1], cotangent);
});

/** Cotangents that go on as they are, under another shape, to two inputs at once, and that are added up. */
function tangle(x: Tensor, w: Tensor): Tensor {
  const both = add(x, x);
  const left = relu(sub(both, w));
  const right = sigmoid(reshape(mul(left, x), [2, -1]));
  return sum(add(mul(reshape(left, [2, -1]), right), add(right, reshape(both, [2, -1]))));
}

test('gradients are those of a pass that gives nothing back', () => {
  manualSeed(3);
  for (let round = 0; round < 20; round++) {
    const [x, w] = [randn([N]).requiresGrad_(), randn([N]).requiresGrad_()];
    const kept = grad(tangle(x, w), [x, w], { createGraph: true }).map((g) => g.detach());
    const reused = grad(tangle(x, w), [x, w]);
    const expected = kept.map((g) => g.data.slice());
    // Later passes use the memory of earlier ones, and not that of what these have handed out.
    for (let i = 0; i < 3; i++) tangle(x, w).backward();
    reused.forEach((g, i) => {
      assert.equal(g.data, expected[i]);
    });
    assert.ok(
      x.grad?.data.every((g, i) => Math.abs(g - 3 * expected[0][i]) < 1e-4),
      'three passes add up',
    );
  }
});

test('what hooks, retained gradients and callers have is theirs', () => {
  const x = randn([N]).requiresGrad_();
  const middle = mul(x, 3).retainGrad();
  const seen: Tensor[] = [];
  const next = add(middle, 1);
  next.registerHook((g) => {
    seen.push(g);
  });
  const seed = randn([N]);
  const given = seed.data.slice();
  mul(next, 2).backward(seed);
  for (let i = 0; i < 3; i++) tangle(x, x).backward();
  assert.equal(seed.data, given);
  const doubled = given.map((g) => 2 * g);
  assert.equal(seen[0].data, doubled);
  assert.equal(middle.grad?.data, doubled);
});

/** An op whose vjp keeps its cotangent, and one that it has made. */
const hoarder = (kept: Tensor[], saves?: readonly (readonly 'y'[])[]) =>
  defineOp({
    name: 'hoarder',
    forward: (_k: Kernels, x: Tensor) => mul(x, 1),
    ...(saves === undefined ? {} : { saves }),
    vjp: [
      (g: Tensor) => {
        kept.push(g, mul(g, 5));
        return mul(g, 1);
      },
    ],
  });

test('the vjps of an op that does not say what it saves may keep what they like', () => {
  const x = randn([N]).requiresGrad_();
  const kept: Tensor[] = [];
  sum(mul(hoarder(kept)(x), 2)).backward();
  for (let i = 0; i < 3; i++) tangle(x, x).backward();
  assert.ok(kept[0].data.every((g) => g === 2));
  assert.ok(kept[1].data.every((g) => g === 10));
});

test('one that says so and keeps a cotangent all the same is told when that is read', () => {
  const x = randn([N]).requiresGrad_();
  const kept: Tensor[] = [];
  sum(mul(hoarder(kept, [[]])(x), 2)).backward();
  for (const g of kept) raises(() => g.data, GradientError, /its memory was used again/);
});

test('a pass goes back over arrays of its own', () => {
  const buffers = new Set<ArrayBufferLike>();
  const watched = defineOp({
    name: 'watched',
    forward: (_k: Kernels, t: Tensor) => mul(t, 1),
    saves: [[]],
    vjp: [
      (g) => {
        buffers.add(g.storage.data.buffer);
        return mul(g, 1);
      },
    ],
  });
  const x = randn([N]).requiresGrad_();
  let z: Tensor = x;
  for (let i = 0; i < 100; i++) z = watched(z);
  grad(z, x, { gradOutputs: randn([N]) });
  assert.ok(buffers.size < 5, `${buffers.size} arrays for 100 cotangents`);
});

test.run();
