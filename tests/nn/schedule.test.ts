import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Adagrad,
  Adam,
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  ExponentialLR,
  LambdaLR,
  LinearLR,
  MultiStepLR,
  OneCycleLR,
  type Optimizer,
  ReduceLROnPlateau,
  type Schedule,
  type ScheduleState,
  SGD,
  StepLR,
  WarmUp,
} from '../../nn/index.js';
import { ArgumentError, StateDictError, tensor } from '../../ops/index.js';
import { throwing } from './optim-reference.js';

const parameter = () => tensor([1], { requiresGrad: true });

const sgd = (lr = 1) => new SGD([parameter()], { lr, momentum: 0.9 });

/** The rates that an optimiser uses in its first steps. */
function rates(optimizer: Optimizer, schedule: { step(): void }, steps: number): number[] {
  return Array.from({ length: steps }, () => {
    const { lr } = optimizer;
    optimizer.step();
    schedule.step();
    return lr;
  });
}

function near(actual: readonly number[], expected: readonly number[]): void {
  assert.is(actual.length, expected.length);
  actual.forEach((x, i) => {
    assert.ok(Math.abs(x - expected[i]) < 1e-12, `step ${i}: ${x}, expected ${expected[i]}`);
  });
}

type Make = (optimizer: Optimizer) => Schedule;

/** The rates used, of an optimiser whose own is 1; those of the last three are PyTorch 1.13’s. */
const table: [string, Make, number[]][] = [
  ['StepLR', (o) => new StepLR(o, 2, { gamma: 0.5 }), [1, 1, 0.5, 0.5, 0.25, 0.25]],
  ['StepLR by default', (o) => new StepLR(o, 2), [1, 1, 0.1, 0.1, 0.01]],
  [
    'MultiStepLR',
    (o) => new MultiStepLR(o, [4, 1, 4], { gamma: 0.5 }),
    [1, 0.5, 0.5, 0.5, 0.125, 0.125],
  ],
  ['ExponentialLR', (o) => new ExponentialLR(o, 0.5), [1, 0.5, 0.25, 0.125]],
  ['LinearLR', (o) => new LinearLR(o, { totalIters: 2 }), [1 / 3, 2 / 3, 1, 1]],
  [
    'LinearLR downwards',
    (o) => new LinearLR(o, { startFactor: 1, endFactor: 0.2, totalIters: 4 }),
    [1, 0.8, 0.6, 0.4, 0.2, 0.2],
  ],
  ['LambdaLR', (o) => new LambdaLR(o, (t) => 1 / (t + 2)), [1 / 2, 1 / 3, 1 / 4]],
  [
    'WarmUp',
    (o) => new WarmUp(new ExponentialLR(o, 0.5), 2, { startFactor: 0.5 }),
    [0.5, 0.75, 1, 0.5, 0.25],
  ],
  ['WarmUp by default', (o) => new WarmUp(new StepLR(o, 1), 4), [0, 0.25, 0.5, 0.75, 1, 0.1]],
  [
    'CosineAnnealingLR',
    (o) => new CosineAnnealingLR(o, 4, { etaMin: 0.2 }),
    [1, 0.8828427124746, 0.6, 0.3171572875254, 0.2, 0.3171572875254, 0.6, 0.8828427124746, 1],
  ],
  [
    'CosineAnnealingWarmRestarts',
    (o) => new CosineAnnealingWarmRestarts(o, 2, { tMult: 2, etaMin: 0.2 }),
    [1, 0.6, 1, 0.8828427124746, 0.6, 0.3171572875254, 1, 0.9695518130045, 0.8828427124746],
  ],
  [
    'OneCycleLR',
    (o) => new OneCycleLR(o, 2, 8),
    [
      ...[0.08, 1.638550209784, 1.943883554775, 1.6234913079, 1.111968028245],
      ...[0.5661219964174, 0.1532831876685, 8e-6],
    ],
  ],
];

for (const [name, make, expected] of table) {
  test(`${name} goes by its formula`, () => {
    const optimizer = sgd();
    near(rates(optimizer, make(optimizer), expected.length), expected);
  });

  test(`${name} that is interrupted goes on with the same rates`, () => {
    const optimizer = sgd(0.7);
    const schedule = make(optimizer);
    rates(optimizer, schedule, 2);
    const saved: ScheduleState = JSON.parse(JSON.stringify(schedule.stateDict()));
    const settings = optimizer.stateDict();
    const left = rates(optimizer, schedule, expected.length - 2);
    // Made on an optimiser that has its decayed rate already, as on one that has another.
    for (const start of [settings.groups[0].lr, 0.123]) {
      const other = sgd(start);
      other.loadStateDict(settings);
      const next = make(other);
      next.loadStateDict(saved);
      assert.equal(rates(other, next, expected.length - 2), left);
    }
  });
}

test('warm restarts of equal periods start again from the rate', () => {
  const optimizer = sgd();
  const schedule = new CosineAnnealingWarmRestarts(optimizer, 2);
  near(rates(optimizer, schedule, 6), [1, 0.5, 1, 0.5, 1, 0.5]);
});

test('each group goes from its own rate', () => {
  const groups = [{ params: [parameter()], lr: 1 }, { params: [parameter()] }];
  const make = () => new SGD(groups, { lr: 0.5 });
  const after = (optimizer: Optimizer, schedule: Schedule): number[] => {
    schedule.step();
    return optimizer.groups.map(({ lr }) => lr);
  };
  const all = make();
  assert.equal(after(all, new ExponentialLR(all, 0.5)), [0.5, 0.25]);
  const each = make();
  assert.equal(after(each, new LambdaLR(each, [() => 2, (t) => t + 2])), [2, 1.5]);
  const cycle = make();
  const flat = { cycleMomentum: false, annealStrategy: 'linear', divFactor: 2 } as const;
  assert.equal(after(cycle, new OneCycleLR(cycle, [4, 2], 10, flat)), [3, 1.5]);
});

test('OneCycleLR moves the momentum against the rate', () => {
  const optimizer = sgd();
  const schedule = new OneCycleLR(optimizer, 2, 8);
  const momenta = Array.from({ length: 8 }, () => {
    const { momentum } = optimizer.groups[0];
    schedule.step();
    return momentum;
  });
  // PyTorch 1.13's numbers.
  near(momenta, [
    ...[0.95, 0.8688255099071, 0.8528058334846, 0.8688255099071, 0.8944017761948],
    ...[0.9216941869559, 0.9423362099614, 0.95],
  ]);
});

test('OneCycleLR of three phases moves Adam’s first beta, and the rate along lines', () => {
  const optimizer = new Adam([parameter()]);
  const schedule = new OneCycleLR(optimizer, 2, 10, {
    ...{ pctStart: 0.4, threePhase: true, annealStrategy: 'linear', divFactor: 4 },
    ...{ finalDivFactor: 10, baseMomentum: 0.5, maxMomentum: 0.9 },
  });
  const [lrs, betas]: number[][] = [[], []];
  for (let i = 0; i < 10; i++) {
    lrs.push(optimizer.lr);
    betas.push(optimizer.groups[0].betas[0]);
    schedule.step();
  }
  near(lrs, [0.5, 1, 1.5, 2, 1.5, 1, 0.5, 0.35, 0.2, 0.05]);
  const [third, twoThirds] = [0.5 + 0.4 / 3, 0.5 + 0.8 / 3];
  near(betas, [0.9, twoThirds, third, 0.5, third, twoThirds, 0.9, 0.9, 0.9, 0.9]);
  assert.is(optimizer.groups[0].betas[1], 0.999);
});

test('OneCycleLR ends with its last step', () => {
  const optimizer = sgd();
  const schedule = new OneCycleLR(optimizer, 2, 3, { divFactor: 2, finalDivFactor: 4 });
  for (let i = 0; i < 3; i++) schedule.step();
  near([optimizer.lr], [0.25]);
  refused(() => schedule.step(), 'OneCycleLR: expected at most 3 steps, got step 4');
});

test('ReduceLROnPlateau lowers the rate after so many metrics that are no better', () => {
  // PyTorch 1.13's rates.
  const optimizer = sgd();
  const schedule = new ReduceLROnPlateau(optimizer, { patience: 1, factor: 0.5, cooldown: 1 });
  const lrs = [5, 4, 4, 4, 4, 4, 4, 4, 3.99, 3, 2].map((metric) => {
    const { lr } = optimizer;
    schedule.step(metric);
    return lr;
  });
  assert.equal(lrs, [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25]);
});

test('ReduceLROnPlateau may look for larger metrics, by a difference, down to a lowest rate', () => {
  // PyTorch 1.13's rates.
  const optimizer = sgd();
  const schedule = new ReduceLROnPlateau(optimizer, {
    ...{ patience: 0, factor: 0.5, mode: 'max', threshold: 0.5, thresholdMode: 'abs', minLr: 0.1 },
  });
  const lrs = [1, 2, 2.5, 2.5, 4, NaN, 4.2, 5, 5, 5, 5].map((metric) => {
    const { lr } = optimizer;
    schedule.step(metric);
    return lr;
  });
  assert.equal(lrs, [1, 1, 1, 0.5, 0.25, 0.25, 0.125, 0.1, 0.1, 0.1, 0.1]);
});

test('ReduceLROnPlateau starts from a first metric that is infinite or not a number', () => {
  for (const first of [Infinity, NaN]) {
    const optimizer = sgd();
    const schedule = new ReduceLROnPlateau(optimizer, { patience: 1, factor: 0.5 });
    for (const metric of [first, 3, 2, 1]) schedule.step(metric);
    assert.is(optimizer.lr, 1);
    assert.is(schedule.stateDict().best, 1);
  }
});

test('ReduceLROnPlateau that is interrupted goes on with the same rates', () => {
  const options = { patience: 1, factor: 0.5, cooldown: 2 };
  const metrics = [3, 3, 3, 3, 3, 2.9, 3, 3, 3, 3, 3, 3];
  for (let stop = 0; stop < metrics.length; stop++) {
    const optimizer = sgd(0.7);
    const schedule = new ReduceLROnPlateau(optimizer, options);
    for (const metric of metrics.slice(0, stop)) schedule.step(metric);
    const other = sgd();
    const next = new ReduceLROnPlateau(other, options);
    next.loadStateDict(JSON.parse(JSON.stringify(schedule.stateDict())));
    for (const metric of metrics.slice(stop)) {
      schedule.step(metric);
      next.step(metric);
      assert.is(other.lr, optimizer.lr);
    }
    assert.ok(optimizer.lr < 0.7);
  }
});

const refused = (call: () => unknown, message: string): void =>
  throwing(ArgumentError, call, message);

test('schedules that make no sense are refused', () => {
  const o = sgd();
  refused(() => new StepLR(null as never, 1), 'StepLR: expected an optimiser, got null');
  refused(() => new StepLR(o, 0), 'StepLR: expected an integer of at least 1 as stepSize, got 0');
  refused(
    () => new StepLR(o, 1, { gama: 1 } as never),
    "StepLR: expected options gamma, got 'gama'",
  );
  refused(
    () => new MultiStepLR(o, 3 as never),
    'MultiStepLR: expected an array of milestones, got 3',
  );
  refused(
    () => new MultiStepLR(o, [1, 2.5]),
    'MultiStepLR: expected an integer of at least 0 as a milestone, got 2.5',
  );
  refused(
    () => new ExponentialLR(o, -1),
    'ExponentialLR: expected a number in [0, Infinity) as gamma, got -1',
  );
  refused(() => new LambdaLR(o, [() => 1, () => 2]), 'LambdaLR: expected one function or 1, got 2');
  refused(() => new LambdaLR(o, () => NaN), 'LambdaLR: expected a number as the factor, got NaN');
  refused(
    () => new LambdaLR(o, 2 as never),
    'LambdaLR: expected a function from the steps to a factor, got 2',
  );
  refused(
    () => new OneCycleLR(new Adagrad([parameter()]), 1, 10),
    'OneCycleLR: expected an optimiser with momentum or betas, or cycleMomentum = false',
  );
  refused(
    () => new OneCycleLR(o, 1, 10, { annealStrategy: 'exp' as never }),
    "OneCycleLR: expected 'cos' or 'linear' as annealStrategy, got 'exp'",
  );
  refused(
    () => new WarmUp(o as never, 10),
    'WarmUp: expected a schedule of steps alone, such as StepLR, to come next, got an object of class SGD',
  );
  refused(
    () => new WarmUp(new ReduceLROnPlateau(o) as never, 10),
    'WarmUp: expected a schedule of steps alone, such as StepLR, to come next, got an object of class ReduceLROnPlateau',
  );
  refused(
    () => new WarmUp({} as never, 10),
    'WarmUp: expected a schedule of steps alone, such as StepLR, to come next, got an object',
  );
  refused(
    () => new ReduceLROnPlateau(o, { factor: 1 }),
    'ReduceLROnPlateau: expected a number in [0, 1) as factor, got 1',
  );
  refused(
    () => new ReduceLROnPlateau(o).step(tensor(1) as never),
    'ReduceLROnPlateau: expected a number as the metric, got a tensor of shape []',
  );
  assert.is(o.lr, 1);
});

test('a state of another number of groups is refused', () => {
  const step = new StepLR(sgd(), 1);
  throwing(
    StateDictError,
    () => step.loadStateDict({ steps: 1, initial: [1, 2] }),
    'StepLR: expected the rates of 1 groups, got [1, 2]',
  );
  throwing(
    StateDictError,
    () => new ReduceLROnPlateau(sgd()).loadStateDict({ best: 1, bad: 0, cooling: 0, rates: [] }),
    'ReduceLROnPlateau: expected the rates of 1 groups, got []',
  );
});

test.run();
