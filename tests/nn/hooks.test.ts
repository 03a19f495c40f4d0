import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Linear, Module } from '../../nn/index.js';
import { ArgumentError, ones, type Tensor, zeros } from '../../ops/index.js';

class Pair extends Module {
  first = new Linear(2, 3);
  second = new Linear(3, 1);

  forward(x: Tensor): Tensor {
    return this.second.forward(this.first.forward(x));
  }
}

test('a forward hook sees inputs and output wherever the forward is called', () => {
  const pair = new Pair();
  const seen: [Module, Tensor, Tensor][] = [];
  pair.first.registerForwardHook((module, [x], y) => {
    seen.push([module, x, y]);
  });
  const x = ones([4, 2]);
  pair.forward(x);
  const y = pair.first.forward(x);
  assert.is(seen.length, 2);
  assert.is(seen[0][0], pair.first);
  assert.is(seen[0][1], x);
  assert.equal(seen[0][2].shape, [4, 3]);
  assert.is(seen[1][2], y);
});

test('what hooks return takes the place of the inputs and of the output, in their order', () => {
  const { first } = new Pair();
  const x = ones([1, 2]);
  const [atZero, atOne] = [first.forward(zeros([1, 2])).toArray(), first.forward(x).toArray()];
  const removePre = first.registerForwardPreHook((_, [given]) => [given.mul(0)]);
  assert.equal(first.forward(x).toArray(), atZero);
  removePre();
  assert.equal(first.forward(x).toArray(), atOne);
  first.registerForwardHook((_module, _inputs, y) => y.mul(0).add(1));
  first.registerForwardHook((_module, _inputs, y) => y.mul(3));
  assert.equal(first.forward(x).toArray(), [[3, 3, 3]]);
});

test('gradients flow through what a hook returns', () => {
  const { first } = new Pair();
  first.registerForwardHook((_module, _inputs, y) => y.mul(2));
  first
    .forward(ones([1, 2]))
    .sum()
    .backward();
  assert.equal(first.weight.grad?.toArray(), [
    [2, 2],
    [2, 2],
    [2, 2],
  ]);
});

test('hooks are removed one by one, and the last leaves the module as it was', () => {
  const { first } = new Pair();
  let calls = 0;
  const hook = (): void => {
    calls++;
  };
  const removals = [
    first.registerForwardHook(hook),
    first.registerForwardHook(hook),
    first.registerForwardPreHook(hook),
  ];
  first.forward(ones([1, 2]));
  assert.is(calls, 3);
  removals[0]();
  removals[0]();
  first.forward(ones([1, 2]));
  assert.is(calls, 5);
  removals[1]();
  removals[2]();
  assert.not.ok(Object.hasOwn(first, 'forward'));
  first.forward(ones([1, 2]));
  assert.is(calls, 5);
});

test('a forward that is a property of the object is found again after the last hook', () => {
  class Arrow extends Module {
    override forward = (x: Tensor): Tensor => x.mul(2);
  }
  const arrow = new Arrow();
  const { forward } = arrow;
  const remove = arrow.registerForwardHook((_module, _inputs, y) => y.add(1));
  assert.equal(arrow.forward(ones([1])).toArray(), [3]);
  remove();
  assert.is(arrow.forward, forward);
});

test('a module with hooks has the parameters, names and string that it has without', () => {
  const [plain, hooked] = [new Pair(), new Pair()];
  hooked.registerForwardHook(() => {});
  hooked.first.registerForwardPreHook(() => {});
  assert.equal(Object.keys(hooked.stateDict()), Object.keys(plain.stateDict()));
  assert.is(String(hooked), String(plain));
});

test('a hook must be a function', () => {
  const notAFunction: unknown = 3;
  const { first } = new Pair();
  for (const name of ['registerForwardHook', 'registerForwardPreHook'] as const) {
    assert.throws(
      () => first[name](notAFunction as () => void),
      (error: Error) =>
        error instanceof ArgumentError &&
        error.message === `${name}: expected a function as the hook, got 3`,
    );
  }
});

test.run();
