import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  AvgPool2d,
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  Conv2d,
  GroupNorm,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  LayerNorm,
  Linear,
  Module,
  RMSNorm,
  SGD,
} from '../../nn/index.js';
import {
  ArgumentError,
  batchNorm,
  cast,
  crossEntropy,
  type DType,
  DTypeError,
  flatten,
  grad,
  gradcheck,
  gradgradcheck,
  instanceNorm,
  manualSeed,
  randint,
  randn,
  relu,
  rmsNorm,
  ShapeError,
  type Tensor,
  tensor,
} from '../../ops/index.js';
import { compare } from '../golden/compare.js';
import { numberOf, read } from '../golden/format.js';
import { check } from '../golden/run.js';
import { asModule, opCases } from './as-module.js';
import { throwing } from './throwing.js';

const float64 = { dtype: 'float64' } as const;

/** Asserts that two tensors hold the same numbers, but for rounding. */
function close(a: Tensor | null, b: Tensor, tolerance = 1e-12): void {
  if (a === null) throw new Error('expected a tensor, got null');
  assert.equal(a.shape, b.shape);
  a.data.forEach((x, i) => {
    assert.ok(Math.abs(x - b.data[i]) <= tolerance, `${x} is not ${b.data[i]}`);
  });
}

// The other engine's numbers.

for (const c of opCases('norm', ['layer_norm'])) {
  test(`${c.name}: LayerNorm agrees with the other engine`, () => void check(asModule(c, {})));
}

for (const c of opCases('norm', ['group_norm'])) {
  const module = asModule(c, { num_channels: c.inputs[0].shape[1] });
  test(`${c.name}: GroupNorm agrees with the other engine`, () => void check(module));
}

for (const c of opCases('norm', ['instance_norm'])) {
  const module = asModule(c, { num_features: c.inputs[0].shape[1] }, 'InstanceNorm1d');
  test(`${c.name}: InstanceNorm1d agrees with the other engine`, () => void check(module));
}

for (const c of opCases('norm', ['batch_norm'])) {
  test(`${c.name}: BatchNorm1d agrees with the other engine, and so do its statistics`, () => {
    const { training, momentum = 0.1, ...rest } = c.args;
    const [before, variance] = ['running_mean', 'running_var'].map((name) =>
      tensor([rest[name] ?? rest[`${name}_before`]].flat().map(numberOf), float64),
    );
    const [x, weight, bias] = c.inputs.map(read);
    const layer = new BatchNorm1d(3, { momentum: numberOf(momentum), ...float64 });
    layer.train(training === true);
    const state = { ...layer.stateDict(), running_mean: before, running_var: variance };
    layer.loadStateDict({ ...state, weight, bias });
    const y = layer.forward(x.requiresGrad_());
    compare('output', y, c.outputs[0]);
    const [cotangent, expected] = [c.cotangents?.[0] ?? null, c.grads ?? []];
    if (cotangent === null) throw new Error('the case has no cotangent');
    const gs = grad(y, [x, ...layer.parameters()], { gradOutputs: read(cotangent) });
    assert.is(expected.length, gs.length);
    gs.forEach((g, i) => {
      const written = expected[i];
      if (written === null) throw new Error(`the case has no gradient ${i}`);
      compare(`gradient ${i}`, g, written, 'derivative');
    });
    const after = layer.stateDict();
    if (c.running_mean_after) compare('mean', after.running_mean, c.running_mean_after);
    else close(after.running_mean, before, 0);
    if (c.running_var_after) compare('variance', after.running_var, c.running_var_after);
    else close(after.running_var, variance, 0);
    assert.is(after.num_batches_tracked.item(), training === true ? 1 : 0);
  });
}

// Batch norm.

test('a batch norm starts with mean 0, variance 1, weight 1, bias 0 and no batches seen', () => {
  const state = new BatchNorm2d(2).stateDict();
  assert.equal(
    Object.entries(state).map(([name, x]) => [name, x.dtype, x.toArray()]),
    [
      ['weight', 'float32', [1, 1]],
      ['bias', 'float32', [0, 0]],
      ['running_mean', 'float32', [0, 0]],
      ['running_var', 'float32', [1, 1]],
      ['num_batches_tracked', 'int32', 0],
    ],
  );
});

test('running statistics are not trained', () => {
  const layer = new BatchNorm1d(2);
  assert.equal(
    layer.namedParameters().map(([name]) => name),
    ['weight', 'bias'],
  );
  layer
    .forward(randn([4, 2]))
    .sum()
    .backward();
  assert.not.ok(layer.runningMean?.requiresGrad);
  assert.not.ok(layer.runningVar?.requiresGrad);
});

test('momentum is the share of a batch in the running statistics, whose variance is unbiased', () => {
  const layer = new BatchNorm1d(1, { momentum: 0.25, ...float64 });
  layer.forward(tensor([[1], [3]], float64));
  close(layer.runningMean, tensor([0.5], float64));
  close(layer.runningVar, tensor([0.75 * 1 + 0.25 * 2], float64));
  layer.forward(tensor([[5], [5]], float64));
  close(layer.runningMean, tensor([0.75 * 0.5 + 0.25 * 5], float64));
  close(layer.runningVar, tensor([0.75 * 1.25], float64));
  assert.is(layer.numBatchesTracked?.item(), 2);
});

test('without momentum the running statistics are the mean over all batches so far', () => {
  manualSeed(1);
  const layer = new BatchNorm2d(3, { momentum: null, ...float64 });
  const batches = [1, 2, 3].map(() => randn([2, 3, 4, 5], float64));
  for (const x of batches) layer.forward(x);
  const mean = (f: (x: Tensor) => Tensor) =>
    batches.reduce((sum, x) => sum.add(f(x)), tensor([0, 0, 0], float64)).div(3);
  close(
    layer.runningMean,
    mean((x) => x.mean([0, 2, 3])),
  );
  close(
    layer.runningVar,
    mean((x) => x.var([0, 2, 3])),
  );
  assert.is(layer.numBatchesTracked?.item(), 3);
});

test('the mean over all batches goes on where a state dict left it', () => {
  const [a, b] = [1, 2].map(() => new BatchNorm1d(1, { momentum: null, ...float64 }));
  a.forward(tensor([[1], [3]], float64));
  b.loadStateDict(a.stateDict());
  b.forward(tensor([[4], [8]], float64));
  close(b.runningMean, tensor([4], float64));
  close(b.runningVar, tensor([5], float64));
});

test('evaluation uses the running statistics and leaves them alone', () => {
  manualSeed(2);
  const layer = new BatchNorm3d(2, float64);
  layer.forward(randn([2, 2, 3, 2, 2], float64));
  const before = Object.values(layer.eval().stateDict()).map((x) => x.clone());
  const x = randn([1, 2, 1, 1, 1], float64);
  const { weight, bias, runningMean, runningVar } = layer;
  close(layer.forward(x), batchNorm(x, runningMean, runningVar, weight, bias), 0);
  Object.values(layer.stateDict()).forEach((after, i) => {
    close(after, before[i], 0);
  });
});

test('a batch norm without running statistics uses the batch’s in evaluation too', () => {
  manualSeed(3);
  const layer = new BatchNorm1d(2, { trackRunningStats: false, affine: false });
  assert.equal(layer.stateDict(), {});
  const x = randn([8, 2]);
  const y = layer.forward(x);
  close(layer.eval().forward(x), y, 0);
  close(y.mean(0), tensor([0, 0]), 1e-6);
  close(y.var(0, false, 0), tensor([1, 1]), 1e-4);
});

test('a forward that fails counts no batch', () => {
  const layer = new BatchNorm1d(2);
  assert.throws(
    () => layer.forward(randn([1, 2])),
    throwing(
      ShapeError,
      'batchNorm: expected more than one number a channel in training, got input [1, 2]',
    ),
  );
  assert.is(layer.numBatchesTracked?.item(), 0);
});

// Instance norm.

test('an instance norm learns and keeps nothing unless told to', () => {
  assert.equal(new InstanceNorm2d(3).stateDict(), {});
  const layer = new InstanceNorm3d(3, { affine: true, trackRunningStats: true });
  assert.equal(Object.keys(layer.stateDict()), [
    'weight',
    'bias',
    'running_mean',
    'running_var',
    'num_batches_tracked',
  ]);
});

test('an instance norm’s running statistics follow the mean over the examples of theirs', () => {
  manualSeed(4);
  const options = { affine: true, trackRunningStats: true, momentum: 0.3, ...float64 };
  const layer = new InstanceNorm2d(2, options);
  layer.loadStateDict({
    ...layer.stateDict(),
    weight: tensor([2, -1], float64),
    bias: tensor([1, 3], float64),
  });
  const x = randn([3, 2, 4, 2], float64);
  const { weight, bias, runningMean, runningVar } = layer;
  close(layer.forward(x), instanceNorm(x, weight, bias), 0);
  close(runningMean, x.mean([2, 3]).mean(0).mul(0.3));
  close(runningVar, x.var([2, 3]).mean(0).mul(0.3).add(0.7));
  close(
    layer.eval().forward(x),
    x
      .sub(runningMean?.reshape([2, 1, 1]) ?? 0)
      .div(runningVar?.add(1e-5).sqrt().reshape([2, 1, 1]) ?? 0)
      .mul(weight?.reshape([2, 1, 1]) ?? 0)
      .add(bias?.reshape([2, 1, 1]) ?? 0),
  );
});

test('an instance norm without momentum keeps its first statistics', () => {
  const layer = new InstanceNorm1d(1, { momentum: null, trackRunningStats: true });
  layer.forward(tensor([[[1, 3]]]));
  assert.equal(layer.runningMean?.toArray(), [0]);
  assert.equal(layer.runningVar?.toArray(), [1]);
});

// Norms without statistics.

test('LayerNorm scales by its weight and shifts by its bias, if it has them', () => {
  const x = tensor([[1, 3]], float64);
  const layer = new LayerNorm(2, { eps: 0, ...float64 });
  close(layer.forward(x), tensor([[-1, 1]], float64));
  layer.loadStateDict({ weight: tensor([2, 3]), bias: tensor([0, 10]) });
  close(layer.forward(x), tensor([[-2, 13]], float64));
  assert.equal(Object.keys(new LayerNorm([2, 3], { bias: false }).stateDict()), ['weight']);
  assert.equal(new LayerNorm(2, { elementwiseAffine: false }).stateDict(), {});
});

test('RMSNorm’s eps is the gap after 1 of the input’s dtype unless said otherwise', () => {
  const layer = new RMSNorm(2, { elementwiseAffine: false });
  for (const [dtype, eps] of [['float64', 2 ** -52] as const, ['float32', 2 ** -23] as const]) {
    const x = tensor([[1e-9, 0]], { dtype });
    close(layer.forward(x), rmsNorm(x, [2], null, { eps }), 0);
  }
  const y = new RMSNorm([2], { eps: 0.5, ...float64 }).forward(tensor([[1, 0]], float64));
  close(y, tensor([[1, 0]], float64));
});

test('gradients flow through every norm, twice, and through the statistics of the batch', () => {
  manualSeed(5);
  const x = randn([2, 4, 3], float64);
  const layers = [
    new BatchNorm1d(4, float64),
    new InstanceNorm1d(4, { trackRunningStats: true, ...float64 }),
    new GroupNorm(2, 4, float64),
    new LayerNorm([4, 3], float64),
    new RMSNorm(3, float64),
  ];
  for (const layer of layers) {
    gradcheck((v) => layer.forward(v), [x]);
    gradgradcheck((v) => layer.forward(v), [x]);
  }
  const batchNorm = new BatchNorm1d(4, float64).eval();
  gradcheck((v) => batchNorm.forward(v), [x]);
});

// Float32, which has its own kernels.

class Classifier extends Module {
  conv: Conv2d;
  batchNorm: BatchNorm2d;
  pool = new AvgPool2d(2);
  second: Conv2d;
  groupNorm: GroupNorm;
  hidden: Linear;
  layerNorm: LayerNorm;
  output: Linear;

  constructor(dtype: DType) {
    super();
    this.conv = new Conv2d(1, 8, 3, { padding: 1, dtype });
    this.batchNorm = new BatchNorm2d(8, { dtype });
    this.second = new Conv2d(8, 8, 3, { padding: 1, paddingMode: 'circular', dtype });
    this.groupNorm = new GroupNorm(2, 8, { dtype });
    this.hidden = new Linear(128, 32, { dtype });
    this.layerNorm = new LayerNorm(32, { dtype });
    this.output = new Linear(32, 4, { dtype });
  }

  forward(x: Tensor): Tensor {
    const first = this.pool.forward(relu(this.batchNorm.forward(this.conv.forward(x))));
    const second = relu(this.groupNorm.forward(this.second.forward(first)));
    const hidden = this.hidden.forward(flatten(second, 1));
    return this.output.forward(relu(this.layerNorm.forward(hidden)));
  }
}

test('a network with norms trains in float32 as in float64, to 1e-4 of the loss at each step', () => {
  manualSeed(6);
  const single = new Classifier('float32');
  const double = new Classifier('float64');
  double.loadStateDict(single.stateDict());
  const x = randn([32, 1, 8, 8]);
  const target = randint(0, 4, [32]);
  const [losses, expected] = [single, double].map((net) => {
    const optimizer = new SGD(net.parameters(), { lr: 0.02, momentum: 0.9 });
    const input = cast(x, net.output.weight.dtype);
    return Array.from({ length: 30 }, () => {
      optimizer.zeroGrad();
      const loss = crossEntropy(net.forward(input), target);
      loss.backward();
      optimizer.step();
      return loss.item();
    });
  });
  losses.forEach((loss, i) => {
    assert.ok(Math.abs(loss - expected[i]) < 1e-4, `step ${i}: ${loss} is not ${expected[i]}`);
  });
  assert.ok(losses[29] < losses[0] / 4, `the loss went from ${losses[0]} to ${losses[29]} only`);
  const [a, b] = [single, double].map((net) => net.eval().stateDict());
  close(a['batch_norm.running_mean'], b['batch_norm.running_mean'], 1e-4);
  close(a['batch_norm.running_var'], b['batch_norm.running_var'], 1e-4);
});

// Errors and printing.

test('settings that make no sense are refused when the norm is made', () => {
  const refused = (make: () => unknown, message: string) =>
    assert.throws(make, throwing(ArgumentError, message));
  refused(
    () => new BatchNorm2d(0),
    'BatchNorm2d: expected an integer of at least 1 as numFeatures, got 0',
  );
  refused(
    () => new BatchNorm1d(2, { momentum: NaN }),
    'BatchNorm1d: expected a number as momentum, got NaN',
  );
  refused(
    () => new InstanceNorm1d(2, { bias: false } as object),
    "InstanceNorm1d: expected options eps, momentum, affine, trackRunningStats, dtype, got 'bias'",
  );
  refused(
    () => new GroupNorm(3, 4),
    'GroupNorm: expected groups that divide the channels, got 3 for 4',
  );
  refused(
    () => new LayerNorm(2, { elementwiseAffine: 0 } as object),
    'LayerNorm: expected true or false as elementwiseAffine, got 0',
  );
  assert.throws(
    () => new LayerNorm([]),
    throwing(ShapeError, 'LayerNorm: expected at least one size as normalizedShape, got []'),
  );
  assert.throws(
    () => new RMSNorm([2, -1]),
    throwing(ShapeError, 'RMSNorm: expected a shape of whole numbers ≥ 0, got [2, -1]'),
  );
  assert.throws(
    () => new BatchNorm3d(2, { affine: false, dtype: 'int32' }),
    throwing(DTypeError, 'BatchNorm3d: expected float32 or float64, got int32'),
  );
});

test('an input of other dimensions or channels is refused', () => {
  const refused = (forward: () => unknown, message: string) =>
    assert.throws(forward, throwing(ShapeError, message));
  refused(
    () => new BatchNorm2d(3).forward(randn([2, 4, 5, 5])),
    'BatchNorm2d: expected 3 channels, got input [2, 4, 5, 5]',
  );
  refused(
    () => new BatchNorm1d(3).forward(randn([3])),
    'BatchNorm1d: expected 2 or 3 dimensions of the input, got shape [3]',
  );
  refused(
    () => new InstanceNorm2d(3).forward(randn([2, 3, 5])),
    'InstanceNorm2d: expected 4 dimensions of the input, got shape [2, 3, 5]',
  );
  refused(
    () => new InstanceNorm2d(3).forward(randn([2, 3, 1, 1])),
    'InstanceNorm2d: expected more than one number a channel, got input [2, 3, 1, 1]',
  );
  refused(
    () => new GroupNorm(1, 3).forward(randn([2, 4])),
    'groupNorm: expected a weight [4], got [3]',
  );
  refused(
    () => new LayerNorm(3).forward(randn([2, 4])),
    'layerNorm: expected an input ending in [3], got [2, 4]',
  );
});

test('a norm prints its sizes and the settings that are not the defaults', () => {
  assert.is(String(new BatchNorm2d(8)), 'BatchNorm2d(8)');
  assert.is(
    String(new BatchNorm1d(8, { momentum: null, affine: false, ...float64 })),
    'BatchNorm1d(8, momentum=null, affine=false)',
  );
  assert.is(
    String(new InstanceNorm1d(8, { trackRunningStats: true })),
    'InstanceNorm1d(8, trackRunningStats=true)',
  );
  assert.is(String(new GroupNorm(2, 8, { eps: 0.1 })), 'GroupNorm(2, 8, eps=0.1)');
  assert.is(String(new LayerNorm(4)), 'LayerNorm([4])');
  assert.is(String(new LayerNorm([2, 4], { bias: false })), 'LayerNorm([2, 4], bias=false)');
  assert.is(
    String(new LayerNorm(4, { elementwiseAffine: false })),
    'LayerNorm([4], elementwiseAffine=false)',
  );
  assert.is(String(new RMSNorm(4, { eps: 1e-6 })), 'RMSNorm([4], eps=0.000001)');
});

test.run();
