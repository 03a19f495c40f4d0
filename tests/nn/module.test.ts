import { inspect } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Adam, Buffer, Conv2d, Linear, Module, Parameter } from '../../nn/index.js';
import {
  ArgumentError,
  conv2d,
  DTypeError,
  GradientError,
  linear,
  manualSeed,
  ones,
  randn,
  relu,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from '../../ops/index.js';

class Attention extends Module {
  inProjWeight = new Parameter(zeros([6, 2]));
  outProj = new Linear(2, 2);

  forward(x: Tensor): Tensor {
    return this.outProj.forward(linear(x, this.inProjWeight));
  }
}

class Net extends Module {
  scale = new Parameter(ones([]));
  attention = new Attention();
  first = new Linear(3, 4);
  second = new Linear(4, 4, { bias: false });
  notes = 'nothing of the module’s';

  forward(x: Tensor): Tensor {
    return this.second.forward(relu(this.first.forward(x))).mul(this.scale);
  }
}

const names = [
  'scale',
  'attention.in_proj_weight',
  'attention.out_proj.weight',
  'attention.out_proj.bias',
  'first.weight',
  'first.bias',
  'second.weight',
];

test('parameters are found where they are assigned, under PyTorch’s names, own ones first', () => {
  const net = new Net();
  assert.equal(
    net.namedParameters().map(([name]) => name),
    names,
  );
  assert.equal(
    net.parameters(),
    net.namedParameters().map(([, p]) => p),
  );
  assert.ok(net.parameters().every((p) => p.requiresGrad && p.isLeaf));
});

test('a parameter that two modules share is one parameter, and has both names in the state dict', () => {
  const net = new Net();
  const tied = new Linear(4, 4, { bias: false });
  net.first = tied;
  net.second = tied;
  assert.is(net.parameters().filter((p) => p === tied.weight).length, 1);
  const state = net.stateDict();
  assert.is(state['first.weight'].storage, state['second.weight'].storage);
});

test('modules and parameters in arrays are found too, under PyTorch’s names', () => {
  class Stack extends Module {
    blocks = [new Linear(1, 1), new Linear(1, 1, { bias: false })];
    scales = [new Parameter(ones([]))];

    forward(x: Tensor): Tensor {
      return this.blocks.reduce((y, block) => block.forward(y), x).mul(this.scales[0]);
    }
  }
  assert.equal(Object.keys(new Stack().stateDict()), [
    'scales.0',
    'blocks.0.weight',
    'blocks.0.bias',
    'blocks.1.weight',
  ]);
  assert.match(String(new Stack()), 'blocks.1: Linear(1, 1, bias=false)');
});

test('a module that knows the one above it is still a finite tree', () => {
  class Child extends Module {
    parent: Module | null = null;
    weight = new Parameter(ones([1]));

    forward(): Tensor {
      return this.weight;
    }
  }
  class Parent extends Module {
    child = new Child();

    forward(): Tensor {
      return this.child.forward();
    }
  }
  const parent = new Parent();
  parent.child.parent = parent;
  assert.is(parent.parameters().length, 1);
  assert.equal(Object.keys(parent.stateDict()), ['child.weight']);
  assert.match(String(parent), 'parent: Parent(…)');
});

test('a state dict goes into another module and makes it compute the same', () => {
  manualSeed(1);
  const [a, b] = [new Net(), new Net()];
  const x = randn([5, 3]);
  assert.not.equal(a.forward(x).data, b.forward(x).data);
  b.loadStateDict(a.stateDict());
  assert.equal(a.forward(x).data, b.forward(x).data);
});

/** What a norm with running statistics has, its buffer assigned before its parameter. */
class Running extends Module {
  runningMean = new Buffer(zeros([2]));
  numBatchesTracked = new Buffer(tensor(0, { dtype: 'int32' }));
  weight = new Parameter(ones([2]));
  child = new Linear(2, 2, { bias: false });

  forward(x: Tensor): Tensor {
    return this.child.forward(x.sub(this.runningMean).mul(this.weight));
  }
}

test('buffers stand in the state dict after the parameters of their module, and are not parameters', () => {
  const module = new Running();
  assert.equal(Object.keys(module.stateDict()), [
    'weight',
    'running_mean',
    'num_batches_tracked',
    'child.weight',
  ]);
  assert.equal(
    module.namedBuffers().map(([name]) => name),
    ['running_mean', 'num_batches_tracked'],
  );
  assert.equal(module.buffers(), [module.runningMean, module.numBatchesTracked]);
  assert.equal(module.parameters(), [module.weight, module.child.weight]);
  assert.not.ok(module.runningMean.requiresGrad);
});

test('a state dict brings the buffers’ numbers along, each in its own dtype', () => {
  const [a, b] = [new Running(), new Running()];
  a.runningMean.copy_(tensor([3, 4]));
  a.numBatchesTracked.fill_(7);
  b.loadStateDict({ ...a.stateDict(), num_batches_tracked: tensor(7, { dtype: 'float64' }) });
  assert.equal(b.runningMean.toArray(), [3, 4]);
  assert.is(b.numBatchesTracked.item(), 7);
  assert.is(b.numBatchesTracked.dtype, 'int32');
});

test('a buffer shares the numbers of the tensor that it is made from, which must be one', () => {
  const x = zeros([2]);
  assert.is(new Buffer(x).storage, x.storage);
  const notATensor: unknown = [1, 2];
  assert.throws(
    () => new Buffer(notATensor as Tensor),
    (error: Error) =>
      error instanceof ArgumentError &&
      error.message === 'Buffer: expected a tensor as the data, got [1, 2]',
  );
});

test('modules have PyTorch’s names, and each stands once even if it is shared', () => {
  const net = new Net();
  net.second = net.first;
  assert.equal(net.namedModules(), [
    ['', net],
    ['attention', net.attention],
    ['attention.out_proj', net.attention.outProj],
    ['first', net.first],
  ]);
});

test('apply calls with children before parents, in the order of their assignment', () => {
  const net = new Net();
  const seen: Module[] = [];
  assert.is(
    net.apply((module) => {
      seen.push(module);
    }),
    net,
  );
  assert.equal(seen, [net.attention.outProj, net.attention, net.first, net.second, net]);
});

test('frozen parameters get no gradient until they are thawed', () => {
  const net = new Net();
  assert.is(net.first.requiresGrad_(false), net.first);
  net
    .forward(ones([1, 3]))
    .sum()
    .backward();
  assert.is(net.first.weight.grad, null);
  assert.not.equal(net.second.weight.grad, null);
  net.first.requiresGrad_();
  net
    .forward(ones([1, 3]))
    .sum()
    .backward();
  assert.not.equal(net.first.weight.grad, null);
});

test('to changes the dtype of the same parameters and buffers, whole numbers excepted', () => {
  const module = new Running();
  const { weight } = module;
  const numbers = module.child.weight.toArray();
  const optimizer = new Adam(module.parameters());
  module
    .forward(ones([1, 2]))
    .sum()
    .backward();
  assert.is(module.to('float64'), module);
  assert.is(module.weight, weight);
  assert.equal(module.child.weight.toArray(), numbers);
  assert.equal(
    Object.values(module.stateDict()).map((x) => x.dtype),
    ['float64', 'float64', 'int32', 'float64'],
  );
  assert.is(weight.grad?.dtype, 'float64');
  const y = module.forward(ones([1, 2], { dtype: 'float64' }));
  assert.is(y.dtype, 'float64');
  optimizer.zeroGrad();
  y.sum().backward();
  optimizer.step();
  assert.not.equal(module.child.weight.toArray(), numbers);
});

test('a module that is where it should be is left alone by to', () => {
  const module = new Running();
  const { storage } = module.weight;
  const y = module.forward(ones([1, 2])).sum();
  module.to('float32').to(module.weight.device);
  assert.is(module.weight.storage, storage);
  y.backward();
});

test('a graph that was recorded before to is refused, not computed with other numbers', () => {
  const module = new Running();
  const y = module.forward(ones([1, 2])).sum();
  module.to('float64');
  assert.throws(
    () => y.backward(),
    (error: Error) => error instanceof GradientError,
  );
});

test('to refuses dtypes that have no gradient', () => {
  assert.throws(
    () => new Running().to('int32'),
    (error: Error) =>
      error instanceof DTypeError &&
      error.message === 'to: expected float32 or float64 for a module, got int32',
  );
});

test('train and eval reach every module below', () => {
  const net = new Net();
  assert.is(net.eval(), net);
  assert.equal(
    net.modules().map((m) => m.training),
    [false, false, false, false, false],
  );
  net.train();
  assert.ok(net.modules().every((m) => m.training));
});

test('zeroGrad forgets the gradients of all parameters', () => {
  const net = new Net();
  net
    .forward(ones([1, 3]))
    .sum()
    .backward();
  assert.not.equal(net.first.weight.grad, null);
  net.zeroGrad();
  assert.ok(net.parameters().every((p) => p.grad === null));
});

test('a module prints as its name, its settings and what is below it', () => {
  const text = [
    'Net(',
    '  attention: Attention(',
    '    outProj: Linear(2, 2)',
    '  )',
    '  first: Linear(3, 4)',
    '  second: Linear(4, 4, bias=false)',
    ')',
  ].join('\n');
  assert.is(String(new Net()), text);
  assert.is(inspect(new Net()), text);
  assert.is(
    String(new Conv2d(4, 6, [3, 5], { stride: 2, padding: 'valid', groups: 2, bias: false })),
    'Conv2d(4, 6, [3, 5], stride=2, padding=valid, groups=2, bias=false)',
  );
});

class Scaled extends Module {
  readonly inner = new Linear(2, 2);

  constructor(readonly factor: number) {
    super();
  }

  forward(x: Tensor): Tensor {
    return this.inner.forward(x).mul(this.factor);
  }

  protected override describe(): string {
    return `factor=${this.factor}`;
  }
}

test('a module with modules below it prints its settings too, and alone in its heading', () => {
  const module = new Scaled(3);
  assert.is(String(module), ['Scaled(factor=3', '  inner: Linear(2, 2)', ')'].join('\n'));
  assert.is(module.heading(), 'Scaled(factor=3)');
  assert.is(new Net().heading(), 'Net()');
});

test('Linear is x·Wᵀ + b, over any leading axes', () => {
  const layer = new Linear(3, 2);
  const x = randn([4, 5, 3]);
  assert.equal(layer.forward(x).data, x.linear(layer.weight, layer.bias).data);
  assert.equal(layer.forward(x).shape, [4, 5, 2]);
});

test('Conv2d is conv2d with its options', () => {
  const options = { stride: 2, padding: 1, dilation: 2, groups: 2 };
  const layer = new Conv2d(4, 6, 3, options);
  const x = randn([2, 4, 9, 9]);
  assert.equal(layer.weight.shape, [6, 2, 3, 3]);
  assert.equal(layer.forward(x).data, conv2d(x, layer.weight, layer.bias, options).data);
});

test('layers start uniform in ±1/√fanIn, from the seed', () => {
  manualSeed(5);
  const layer = new Linear(100, 400);
  const conv = new Conv2d(4, 100, 5, { groups: 2 });
  for (const [{ weight, bias }, fanIn] of [[layer, 100] as const, [conv, 50] as const]) {
    const bound = 1 / Math.sqrt(fanIn);
    for (const p of [weight, bias ?? weight]) {
      assert.ok(p.abs().max().item() < bound);
      assert.ok(p.abs().max().item() > 0.95 * bound);
      // The standard error of a mean of n uniform numbers is bound / √(3n).
      assert.ok(Math.abs(p.mean().item()) < (4 * bound) / Math.sqrt(3 * p.size));
    }
  }
  manualSeed(5);
  assert.equal(new Linear(100, 400).weight.data, layer.weight.data);
});

test('layers refuse sizes, groups, dtypes and inputs that make no sense', () => {
  const throwing = (type: typeof ArgumentError, message: string) => (error: Error) =>
    error instanceof type && error.message === message;
  assert.throws(
    () => new Linear(0, 2),
    throwing(ArgumentError, 'Linear: expected an integer of at least 1 as inFeatures, got 0'),
  );
  assert.throws(
    () => new Conv2d(3, 4, 3, { groups: 2 }),
    throwing(ArgumentError, 'Conv2d: expected groups that divide the channels, got 2 for 3 and 4'),
  );
  assert.throws(
    () => new Linear(2, 2, { dtype: 'int32' }),
    throwing(DTypeError, 'Linear: expected float32 or float64, got int32'),
  );
  assert.throws(
    () => new Linear(2, 2).forward(ones([3])),
    throwing(ShapeError, 'linear: weight [2, 2] needs 2 features, x [3] has 3'),
  );
  assert.throws(
    () => new Parameter(tensor([1], { dtype: 'int32' })),
    throwing(DTypeError, 'requiresGrad_: expected float32 or float64, got int32'),
  );
});

test.run();
