import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Linear, Sequential } from '../../nn/index.js';
import { cpu, LambdagradError, ones, StateDictError, tensor } from '../../ops/index.js';
import { elsewhere } from './elsewhere.js';

test('a state dict’s numbers take on the dtype of the parameter', () => {
  const layer = new Linear(2, 1, { bias: false });
  layer.loadStateDict({ weight: tensor([[1, 2]], { dtype: 'float64' }) });
  assert.is(layer.weight.dtype, 'float32');
  assert.equal(layer.weight.toArray(), [[1, 2]]);
});

test('a state dict’s numbers go to the device of the parameter', () => {
  const layer = new Linear(2, 1, { bias: false }).to(elsewhere);
  layer.loadStateDict({ weight: tensor([[1, 2]], { dtype: 'float64' }) });
  assert.is(layer.weight.device, elsewhere);
  assert.equal(layer.weight.toArray(), [[1, 2]]);
  const back = new Linear(2, 1, { bias: false, dtype: 'float64' });
  back.loadStateDict(layer.stateDict());
  assert.is(back.weight.device, cpu);
  assert.equal(back.weight.toArray(), [[1, 2]]);
});

test('a state dict that does not fit is refused, and nothing of it is copied', () => {
  const layer = new Linear(2, 1);
  const before = layer.weight.toArray();
  const weight = ones([1, 2]);
  assert.throws(
    () => layer.loadStateDict({ weight, extra: weight }),
    (error: Error) =>
      error instanceof StateDictError &&
      error.message ===
        'loadStateDict: expected tensors named weight, bias; missing: bias; unexpected: extra',
  );
  assert.throws(
    () => layer.loadStateDict({ weight, bias: ones([2]) }),
    (error: Error) =>
      error instanceof StateDictError &&
      error.message === 'loadStateDict: expected bias of shape [1], got [2]',
  );
  assert.equal(layer.weight.toArray(), before);
});

test('a state dict that fits is loaded with a report of no names', () => {
  const layer = new Linear(2, 1);
  const none = { missingKeys: [], unexpectedKeys: [] };
  assert.equal(layer.loadStateDict(new Linear(2, 1).stateDict()), none);
  assert.equal(layer.loadStateDict(new Linear(2, 1).stateDict(), { strict: false }), none);
});

test('loaded without strict, a state dict gives what it has, and both sides’ other names are told', () => {
  const [first, second] = [new Linear(3, 2), new Linear(2, 2, { bias: false })];
  const before = second.weight.toArray();
  const state = { 'first.bias': tensor([1, 2]), 'head.bias': ones([3]) };
  assert.equal(new Sequential({ first, second }).loadStateDict(state, { strict: false }), {
    missingKeys: ['first.weight', 'second.weight'],
    unexpectedKeys: ['head.bias'],
  });
  assert.equal(first.bias?.toArray(), [1, 2]);
  assert.equal(second.weight.toArray(), before);
});

test('without strict a shape that does not fit is refused all the same, and nothing is copied', () => {
  const layer = new Linear(2, 1);
  const before = layer.weight.toArray();
  const refused = (state: object, message: string, options: object = { strict: false }) =>
    assert.throws(
      () => layer.loadStateDict({ weight: ones([1, 2]), ...state }, options),
      (error: Error) => error instanceof LambdagradError && error.message === message,
    );
  refused({ bias: ones([2]) }, 'loadStateDict: expected bias of shape [1], got [2]');
  refused({ bias: [0] }, 'loadStateDict: expected bias of shape [1], got [0]');
  refused({ bias: undefined }, 'loadStateDict: expected bias of shape [1], got undefined');
  refused({}, 'loadStateDict: expected true or false as strict, got 1', { strict: 1 });
  refused({}, "loadStateDict: expected options strict, got 'strickt'", { strickt: true });
  assert.equal(layer.weight.toArray(), before);
});

test.run();
