import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Dropout, Dropout1d, Dropout2d, Dropout3d, Module } from '../../nn/index.js';
import {
  ArgumentError,
  manualSeed,
  ones,
  type Shape,
  ShapeError,
  type Tensor,
} from '../../ops/index.js';
import { throwing } from './throwing.js';

/** n draws that come true with probability p: the share has the standard error √(p(1 − p)/n). */
function assertShare(share: number, p: number, n: number): void {
  assert.ok(Math.abs(share - p) < 5 * Math.sqrt((p * (1 - p)) / n), `${share}, not ${p}`);
}

test('in training, numbers are dropped with probability p and the others scaled to make up', () => {
  manualSeed(1);
  const layer = new Dropout(0.3);
  const { data } = layer.forward(ones([100, 100]));
  const dropped = data.filter((x) => x === 0).length;
  assertShare(dropped / 10000, 0.3, 10000);
  assert.ok(data.every((x) => x === 0 || x === Math.fround(1 / 0.7)));
  assert.not.equal(layer.forward(ones([100, 100])).data, data);
});

test('in evaluation, dropout gives back x itself', () => {
  for (const layer of [new Dropout(), new Dropout1d(), new Dropout2d(), new Dropout3d()]) {
    const x = ones([2, 3, 4, 5].slice(0, layer instanceof Dropout1d ? 3 : 4));
    assert.is(layer.eval().forward(x), x);
    assert.is.not(layer.train().forward(x), x);
  }
});

test('a parent’s train and eval reach its dropout', () => {
  class Net extends Module {
    dropout = new Dropout(1);

    forward(x: Tensor): Tensor {
      return this.dropout.forward(x);
    }
  }
  const net = new Net();
  assert.equal(net.forward(ones([2])).toArray(), [0, 0]);
  assert.equal(
    net
      .eval()
      .forward(ones([2]))
      .toArray(),
    [1, 1],
  );
});

test('the gradient of dropout is the mask that it drew', () => {
  const x = ones([50]).requiresGrad_();
  const y = new Dropout(0.5).forward(x);
  y.sum().backward();
  assert.equal(x.grad?.data, y.data);
});

test('the others of its family drop whole channels of each example', () => {
  manualSeed(2);
  const cases: [Dropout, Shape][] = [
    [new Dropout1d(0.3), [5]],
    [new Dropout2d(0.3), [3, 2]],
    [new Dropout3d(0.3), [3, 2, 2]],
  ];
  for (const [layer, inside] of cases) {
    const y = layer.forward(ones([20, 50, ...inside])).reshape([1000, -1]);
    const least = y.amin(1).data;
    assert.equal(y.amax(1).data, least);
    assert.ok(least.every((x) => x === 0 || x === Math.fround(1 / 0.7)));
    assertShare(least.filter((x) => x === 0).length / 1000, 0.3, 1000);
    assert.equal(layer.forward(ones([4, ...inside])).shape, [4, ...inside]);
  }
});

test('dropout prints its probability, and refuses what is none', () => {
  assert.is(String(new Dropout(0.1)), 'Dropout(p=0.1)');
  assert.is(String(new Dropout2d()), 'Dropout2d(p=0.5)');
  assert.throws(
    () => new Dropout1d(1.5),
    throwing(ArgumentError, 'Dropout1d: expected a probability from 0 to 1, got 1.5'),
  );
});

test('dropout of channels refuses inputs without them', () => {
  assert.throws(
    () => new Dropout2d().forward(ones([2, 3])),
    throwing(ShapeError, 'Dropout2d: expected 3 or 4 dimensions of x, got shape [2, 3]'),
  );
});

test.run();
