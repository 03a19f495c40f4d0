import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { onRoute, routeBetween } from '../../core/route.js';
import { add, exp, grad, mul, randn, type Tensor, tensor, vjp } from '../../ops/index.js';

const leaf = (): Tensor => tensor([1, 2, 3], { requiresGrad: true });

test('each stop comes after all that it was made from', () => {
  const x = leaf();
  const made = [x];
  for (let i = 0; i < 40; i++) {
    made.push(mul(add(made[(7 * i) % made.length], made[(3 * i) % made.length]), made[i]));
  }
  const { stops } = routeBetween([made[20], made[40], made[10]]);
  assert.is(new Set(stops.map(({ node }) => node)).size, stops.length);
  for (const [at, stop] of stops.entries()) {
    assert.is(stop.at, at);
    for (const input of stop.inputs) assert.ok(onRoute(input) && input.at < at);
  }
});

test('what leads to no target is beside the route', () => {
  const [x, z] = [leaf(), leaf()];
  const [left, right] = [exp(x), exp(z)];
  const y = mul(left, right);
  const { starts, stops } = routeBetween([y], [x]);
  assert.equal(
    stops.map(({ node }) => node === x.node || node === left.node || node === y.node),
    [true, true, true],
  );
  assert.equal(starts[0].inputs.map(onRoute), [true, false]);
});

test('a route ends at its only target', () => {
  const x = leaf();
  const middle = exp(x);
  const { stops } = routeBetween([exp(middle)], [middle]);
  assert.is(stops.length, 2);
  assert.is(stops[0].node, middle.node);
  assert.equal(stops[0].inputs, []);
});

test('a route tells whether its outputs depend on leaves that are no targets', () => {
  const [x, z] = [leaf(), leaf()];
  const middle = exp(x);
  assert.not(routeBetween([mul(x, x)], [x]).dependsOnOthers);
  assert.not(routeBetween([mul(x, z)], [x, z]).dependsOnOthers);
  assert.ok(routeBetween([mul(x, z)], [x]).dependsOnOthers);
  assert.ok(routeBetween([exp(middle)], [middle]).dependsOnOthers);
  assert.not(routeBetween([mul(x, tensor([1, 2, 3]))], [x]).dependsOnOthers);
});

test('outputs that do not require grad are no starts', () => {
  const x = leaf();
  const y = exp(x);
  const { starts } = routeBetween([tensor(1), y, tensor([2])], [x]);
  assert.equal(
    starts.map(({ node }) => node),
    [y.node],
  );
});

test('an output under another one gets its own cotangent and what comes through the other', () => {
  const x = leaf();
  const y = mul(x, 2);
  const z = mul(y, 3);
  const ones = tensor([1, 1, 1]);
  for (const outputs of [
    [y, z],
    [z, y],
    [z, y, z],
  ]) {
    const g = grad(outputs, x, { gradOutputs: outputs.map(() => ones), retainGraph: true });
    const expected = outputs.reduce((sum, output) => sum + (output === y ? 2 : 6), 0);
    assert.equal(g.toArray(), [expected, expected, expected]);
  }
});

test('a pullback gives the same cotangents each time it goes its route', () => {
  const [x, weight] = [randn([3]), randn([3], { requiresGrad: true })];
  const [, pullback] = vjp((a: Tensor) => mul(exp(a), mul(weight, a)), x);
  const first = pullback(tensor([1, -2, 3]))[0].toArray();
  pullback(tensor([5, 5, 5]));
  assert.equal(pullback(tensor([1, -2, 3]))[0].toArray(), first);
});

test.run();
