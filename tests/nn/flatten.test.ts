import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Flatten, Unflatten } from '../../nn/index.js';
import { ArgumentError, AxisError, randn, ShapeError } from '../../ops/index.js';
import { throwing } from './throwing.js';

test('Flatten joins all axes but the batch, or those that it is told', () => {
  const x = randn([2, 3, 4, 5]);
  assert.equal(new Flatten().forward(x).shape, [2, 60]);
  assert.equal(new Flatten(0, 2).forward(x).shape, [24, 5]);
  assert.equal(new Flatten(-2).forward(x).shape, [2, 3, 20]);
  assert.equal(new Flatten().forward(x).data, x.data);
});

test('Unflatten undoes Flatten', () => {
  const x = randn([2, 3, 4]);
  const y = new Unflatten(1, [3, 4]).forward(new Flatten().forward(x));
  assert.equal(y.toArray(), x.toArray());
  assert.equal(new Unflatten(-1, [2, 2]).forward(x).shape, [2, 3, 2, 2]);
});

test('Flatten and Unflatten print their settings', () => {
  assert.is(String(new Flatten()), 'Flatten(1, -1)');
  assert.is(String(new Unflatten(1, [3, 4])), 'Unflatten(1, [3, 4])');
});

test('axes and sizes that do not fit are refused', () => {
  assert.throws(
    () => new Flatten(0.5),
    throwing(ArgumentError, 'Flatten: expected an integer as startDim, got 0.5'),
  );
  assert.throws(
    () => new Flatten(2, 1).forward(randn([2, 3, 4])),
    throwing(AxisError, 'flatten: startDim 2 comes after endDim 1'),
  );
  assert.throws(
    () => new Unflatten(1, [-3, 4]),
    throwing(ShapeError, 'Unflatten: expected a shape of whole numbers ≥ 0, got [-3, 4]'),
  );
  assert.throws(
    () => new Unflatten(2, [3, 4]).forward(randn([2, 12])),
    throwing(AxisError, 'Unflatten: expected an axis (from -2 to 1), got 2'),
  );
  assert.throws(
    () => new Unflatten(1, [3, 5]).forward(randn([2, 12])),
    throwing(ShapeError, 'Unflatten: expected sizes that make up 12, got [3, 5]'),
  );
});

test.run();
