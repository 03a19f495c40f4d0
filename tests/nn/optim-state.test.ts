import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Lion, SGD } from '../../nn/index.js';
import { ArgumentError, type DType, noGrad, StateDictError, tensor } from '../../ops/index.js';
import { type Make, reference, throwing } from './optim-reference.js';

/** Two parameters, the second of which has a gradient only in every other step. */
function training(make: Make, dtype: DType) {
  const parameters = [
    tensor([1, -2, 0.5], { dtype, requiresGrad: true }),
    tensor([[0.1], [3]], { dtype, requiresGrad: true }),
  ];
  const optimizer = make(parameters);
  const steps = (from: number, to: number): void => {
    for (let i = from; i < to; i++) {
      parameters[0].grad = tensor([Math.sin(i), Math.cos(3 * i), 0.1 * i], { dtype });
      parameters[1].grad = i % 2 === 0 ? null : tensor([[Math.sin(i)], [-2]], { dtype });
      optimizer.step();
    }
  };
  return { parameters, optimizer, steps };
}

const everyOptimizer: [string, Make][] = [
  ...reference.map(([name, make]): [string, Make] => [name, make]),
  ['Lion', (p) => new Lion(p)],
];

for (const [name, make] of everyOptimizer) {
  test(`${name} that is interrupted goes on bit for bit`, () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const whole = training(make, dtype);
      whole.steps(0, 20);
      const first = training(make, dtype);
      first.steps(0, 9);
      const state = first.optimizer.stateDict();
      const weights = first.parameters.map((p) => p.clone().detach());
      // The state is a copy, which neither the first run nor the second may change.
      first.steps(9, 12);
      for (let run = 0; run < 2; run++) {
        const second = training(make, dtype);
        second.steps(0, 3);
        noGrad(() => second.parameters.map((p, i) => p.copy_(weights[i])));
        second.optimizer.loadStateDict(state);
        second.steps(9, 20);
        second.parameters.forEach((p, i) => {
          assert.equal(p.data, whole.parameters[i].data);
        });
      }
    }
  });
}

test('a state dict tells steps, slots and settings, by the parameters’ order', () => {
  const [a, b, c] = [1, 1, 1].map((x) => tensor([x], { requiresGrad: true }));
  const make = () => new SGD([{ params: [a], lr: 0.5 }, { params: [b, c] }], { momentum: 0.5 });
  const optimizer = make();
  a.grad = tensor([2]);
  optimizer.step();
  const { states, groups } = optimizer.stateDict();
  const settings = { momentum: 0.5, dampening: 0, weightDecay: 0, nesterov: false };
  assert.equal(groups, [
    { ...settings, lr: 0.5, params: [0] },
    { ...settings, lr: 1e-3, params: [1, 2] },
  ]);
  assert.equal(states.slice(1), [null, null]);
  assert.is(states[0]?.step, 1);
  assert.equal(states[0]?.slots.velocity.toArray(), [2]);
  const other = make();
  other.lr = 0.1;
  other.loadStateDict({ states, groups });
  assert.equal(
    other.groups.map(({ lr }) => lr),
    [0.5, 1e-3],
  );
  assert.equal(other.parameters, [a, b, c]);
});

test('a state that is not the optimiser’s is refused, and nothing changes', () => {
  const p = tensor([1, 2], { requiresGrad: true });
  const optimizer = new SGD([p], { lr: 0.1, momentum: 0.5 });
  p.grad = tensor([1, 1]);
  optimizer.step();
  const before = optimizer.stateDict();
  const load = (state: unknown) => () => optimizer.loadStateDict(state as typeof before);
  const unfit = (call: () => unknown, message: string): void =>
    throwing(StateDictError, call, message);
  const refused = (call: () => unknown, message: string): void =>
    throwing(ArgumentError, call, message);
  const { states, groups } = before;
  unfit(load(null), 'SGD: expected { states, groups } to load, got null');
  unfit(
    load({ states: [null, null], groups: [{ ...groups[0], params: [0, 1] }] }),
    'SGD: expected groups of 1 parameters, got 2 and 2 states',
  );
  unfit(
    load({ states: [{ step: 1, slots: { velocity: tensor([1]) }, scalars: {} }], groups }),
    'SGD: expected velocity of parameter 0 of shape [2], got a tensor of shape [1]',
  );
  unfit(
    load({ states, groups: [{ ...groups[0], params: undefined }] }),
    'SGD: expected groups of 1 parameters, got 0 and 1 states',
  );
  unfit(
    load({ states: [{ step: 1 }], groups }),
    'SGD: expected slots by name for parameter 0, got undefined',
  );
  refused(
    load({ states: [{ step: 0.5, slots: {}, scalars: {} }], groups }),
    'SGD: expected an integer of at least 0 as the steps of parameter 0, got 0.5',
  );
  refused(
    load({ states, groups: [{ ...groups[0], lr: -1 }] }),
    'SGD: expected a number in [0, Infinity) as lr, got -1',
  );
  assert.equal(optimizer.stateDict().groups, groups);
  assert.equal(
    optimizer.stateDict().states[0]?.slots.velocity.data,
    states[0]?.slots.velocity.data,
  );
});

test.run();
