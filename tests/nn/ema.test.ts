import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Buffer, ExponentialMovingAverage, Linear, Module, Parameter } from '../../nn/index.js';
import {
  cpu,
  LambdagradError,
  manualSeed,
  noGrad,
  StateDictError,
  type Tensor,
  tensor,
} from '../../ops/index.js';
import { elsewhere } from './elsewhere.js';

class Scale extends Module {
  weight = new Parameter(tensor([1, 2], { dtype: 'float64' }));
  /** The same under a second name. */
  tied = this.weight;
  steps = new Buffer(tensor(0, { dtype: 'float64' }));

  forward(x: Tensor): Tensor {
    return x.mul(this.weight);
  }

  set(weight: number[], steps: number): void {
    noGrad(() => {
      this.weight.copy_(tensor(weight, { dtype: 'float64' }));
      this.steps.copy_(tensor(steps, { dtype: 'float64' }));
    });
  }
}

const refused = (
  call: () => unknown,
  message: string,
  kind: typeof LambdagradError = LambdagradError,
): void =>
  assert.throws(call, (error: Error) => {
    assert.is(error.message, message);
    return error instanceof kind;
  });

test('the average starts at the first weights and forgets; buffers are the last ones', () => {
  const module = new Scale();
  const average = new ExponentialMovingAverage(module, { decay: 0.75 });
  module.set([5, 6], 1);
  average.update();
  module.set([6, 3], 2);
  average.update();
  // 0.75·(0.75·1 + 0.25·5) + 0.25·6 and 0.75·(0.75·2 + 0.25·6) + 0.25·3
  const state = average.stateDict();
  assert.equal(state.weight.toArray(), [3, 3]);
  assert.equal(state.tied.toArray(), [3, 3]);
  assert.is(state.steps.item(), 2);
  assert.equal(module.weight.toArray(), [6, 3]);
});

test('apply puts the average into the module, restore the module’s own weights', () => {
  const module = new Scale();
  const average = new ExponentialMovingAverage(module, { decay: 0.5 });
  module.set([3, 4], 7);
  average.apply();
  assert.equal(module.weight.toArray(), [1, 2]);
  assert.is(module.steps.item(), 0);
  refused(
    () => average.apply(),
    "apply: expected the module's own weights, got the average; restore it",
  );
  refused(
    () => average.update(),
    "update: expected the module's own weights, got the average; restore it",
  );
  average.restore();
  assert.equal(module.weight.toArray(), [3, 4]);
  assert.is(module.steps.item(), 7);
  refused(
    () => average.restore(),
    'restore: expected an average that is applied, got one that is not',
  );
  average.update();
  assert.equal(average.stateDict().weight.toArray(), [2, 3]);
});

test('during gives what its body returns, and restores the weights even if it throws', () => {
  const module = new Scale();
  const average = new ExponentialMovingAverage(module);
  module.set([3, 4], 7);
  const x = tensor([1, 1], { dtype: 'float64' });
  assert.equal(average.during(() => module.forward(x)).toArray(), [1, 2]);
  assert.throws(() =>
    average.during(() => {
      throw new Error('out of data');
    }),
  );
  assert.equal(module.weight.toArray(), [3, 4]);
});

test('an average that is interrupted goes on bit for bit', () => {
  manualSeed(0);
  const module = new Linear(3, 2);
  const average = new ExponentialMovingAverage(module, { decay: 0.9 });
  const change = (i: number): void => {
    noGrad(() => module.parameters().map((p) => p.add_(Math.sin(i))));
  };
  change(1);
  average.update();
  const state = average.stateDict();
  const other = new ExponentialMovingAverage(module, { decay: 0.9 });
  other.loadStateDict(state);
  for (let i = 2; i < 9; i++) {
    change(i);
    average.update();
    other.update();
  }
  for (const [name, x] of Object.entries(average.stateDict())) {
    assert.equal(other.stateDict()[name].data, x.data);
    assert.not.equal(state[name].data, x.data);
  }
  const fresh = new Linear(3, 2);
  fresh.loadStateDict(average.stateDict());
  assert.equal(fresh.weight.data, average.stateDict().weight.data);
});

test('a module, a decay or a state that makes no sense is refused', () => {
  const module = new Linear(3, 2);
  const average = new ExponentialMovingAverage(module);
  assert.is(average.decay, 0.999);
  refused(
    () => new ExponentialMovingAverage(3 as never),
    'ExponentialMovingAverage: expected a module, got 3',
  );
  refused(
    () => new ExponentialMovingAverage(module, { decay: 1 }),
    'ExponentialMovingAverage: expected a number in [0, 1) as decay, got 1',
  );
  const { weight, bias } = average.stateDict();
  const unfit = (state: Record<string, Tensor>, message: string): void =>
    refused(() => average.loadStateDict(state), message, StateDictError);
  const op = 'ExponentialMovingAverage';
  unfit({ weight }, `${op}: expected a tensor of shape [2] as bias, got nothing`);
  unfit(
    { weight, bias, scale: bias },
    `${op}: expected nothing as scale, got a tensor of shape [2]`,
  );
  unfit(
    { weight: bias, bias },
    `${op}: expected a tensor of shape [2, 3] as weight, got a tensor of shape [2]`,
  );
});

test('an average goes on where its module is moved to, in the dtype that it is given', () => {
  const module = new Scale();
  const average = new ExponentialMovingAverage(module, { decay: 0.5 });
  module.to('float32').to(elsewhere);
  average.update();
  for (const x of Object.values(average.stateDict())) {
    assert.is(x.dtype, 'float32');
    assert.is(x.device, elsewhere);
  }
  noGrad(() => module.weight.fill_(5));
  average.update();
  assert.equal(
    average.during(() => module.weight.toArray()),
    [3, 3.5],
  );
  module.to(cpu).to('float64');
  average.loadStateDict(average.stateDict());
  average.update();
  assert.equal(average.stateDict().weight.toArray(), [4, 4.25]);
  assert.is(average.stateDict().weight.dtype, 'float64');
});

test('the average stays in the module until what was awaited is there', async () => {
  const model = new Linear(1, 1, { bias: false });
  const set = (w: number) => noGrad(() => model.weight.fill_(w));
  set(1);
  const average = new ExponentialMovingAverage(model, { decay: 0 });
  set(3);
  const seen = await average.during(async () => {
    await Promise.resolve();
    return model.weight.data[0];
  });
  assert.is(seen, 1);
  assert.is(model.weight.data[0], 3);
  const failing = average.during(() => Promise.reject(new Error('on purpose')));
  await failing.then(
    () => assert.unreachable(),
    () => {},
  );
  assert.is(model.weight.data[0], 3);
});

test.run();
