import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type GpuDevice, gpu } from '../../gpu/index.js';
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  accuracy,
  BatchNorm1d,
  DataLoader,
  ExponentialMovingAverage,
  evaluate,
  fit,
  Linear,
  Lion,
  NAdam,
  type Optimizer,
  RAdam,
  ReLU,
  RMSprop,
  Sequential,
  SGD,
  TensorDataset,
} from '../../nn/index.js';
import {
  ArgumentError,
  add,
  cpu,
  crossEntropy,
  type Device,
  DeviceError,
  DTypeError,
  dispose,
  gather,
  manualSeed,
  matmul,
  mul,
  noGrad,
  randint,
  randn,
  scope,
  sort,
  sum,
  type Tensor,
  tanh,
  tensor,
} from '../../ops/index.js';

// What is particular about tensors on a GPU, in the mode that needs none: what is computed when, and when
// its memory goes. That the numbers are right is the sweep's business.

const device = await gpu({ mode: 'cpu' });

/** How many kernels `body` has run. */
function launches(body: () => void): number {
  const before = device.launches;
  body();
  return device.launches - before;
}

const on = (x: Tensor): Tensor => x.to(device);
const ramp = (n: number, scale = 1): Tensor =>
  tensor(Float32Array.from({ length: n }, (_, i) => scale * (i - n / 2)));

const close = (a: Tensor, b: Tensor, bound = 1e-5): void => {
  assert.equal(a.shape, b.shape);
  a.data.forEach((value, i) => {
    assert.ok(
      Math.abs(value - b.data[i]) <= bound * Math.max(1, Math.abs(b.data[i])),
      `${value} is not ${b.data[i]}`,
    );
  });
};

test('a chain of elementwise operations runs as one kernel', () => {
  const [x, y] = [on(ramp(10, 0.1)), on(ramp(10))];
  let z = x;
  const count = launches(() => {
    z = tanh(add(mul(x, y), 0.5));
    z.data;
  });
  assert.is(count, 1);
  close(z, tanh(add(mul(x.to(cpu), y.to(cpu)), 0.5)));
});

test('a chain goes on through operands that are repeated', () => {
  const [x, row] = [on(ramp(12, 0.1)).reshape([3, 4]), on(ramp(4))];
  let z = x;
  const count = launches(() => {
    z = mul(add(tanh(x), row), row);
    z.data;
  });
  assert.is(count, 1);
  const [x0, row0] = [x.to(cpu), row.to(cpu)];
  close(z, mul(add(tanh(x0), row0), row0));
});

test('numbers that two chains need are computed for themselves', () => {
  const x = on(ramp(10, 0.1));
  const y = mul(x, x);
  const [a, b] = [add(y, 1), add(y, 2)];
  const count = launches(() => {
    a.data;
    b.data;
  });
  // y was taken into the first chain and computed for the second.
  assert.is(count, 3 - 1);
  close(b, add(mul(x.to(cpu), x.to(cpu)), 2));
});

test('a chain longer than one kernel takes is cut', () => {
  const xs = Array.from({ length: 20 }, (_, i) => on(ramp(8, i)));
  const total = xs.reduce((a, b) => add(a, b));
  close(
    total,
    xs.map((x) => x.to(cpu)).reduce((a, b) => add(a, b)),
  );
});

test('an operation written down before an in-place change reads the numbers from before it', () => {
  const x = on(ramp(6));
  const before = mul(x, 10);
  noGrad(() => x.add_(100));
  close(before, mul(ramp(6), 10));
  close(x, add(ramp(6), 100));
});

test('a scope frees what was made in it, but for what it returns', () => {
  const [x, y] = [on(ramp(20)), on(ramp(20))];
  const arrays = device.live.arrays;
  let inside = x;
  const kept = scope(() => {
    inside = matmul(x.reshape([4, 5]), y.reshape([5, 4]));
    inside.data;
    return { sum: sum(inside) };
  });
  kept.sum.data;
  assert.is(device.live.arrays, arrays + 1);
  assert.throws(() => inside.data, /expected a tensor that is still there/);
  dispose(kept);
  assert.is(device.live.arrays, arrays);
});

test('a scope that throws frees what was made in it', () => {
  const x = on(ramp(20));
  const arrays = device.live.arrays;
  assert.throws(() =>
    scope(() => {
      matmul(x.reshape([4, 5]), x.reshape([5, 4])).data;
      throw new Error('on purpose');
    }),
  );
  assert.is(device.live.arrays, arrays);
});

test('gradients outlive the scope that they were computed in, until they are taken away', () => {
  const w = on(ramp(5)).requiresGrad_();
  const arrays = device.live.arrays;
  const step = (): void =>
    scope(() => {
      w.grad = null;
      sum(mul(w, w)).backward();
      (w.grad as Tensor | null)?.data;
    });
  step();
  close(w.grad as Tensor, mul(ramp(5), 2));
  assert.is(device.live.arrays, arrays + 1);
  step();
  assert.is(device.live.arrays, arrays + 1);
});

const optimizers: Record<string, (model: Sequential) => Optimizer> = {
  SGD: (m) => new SGD(m.parameters(), { lr: 0.1, momentum: 0.9, nesterov: true }),
  Adam: (m) => new Adam(m.parameters(), { lr: 0.01 }),
  AMSGrad: (m) => new AdamW(m.parameters(), { lr: 0.01, amsgrad: true }),
  RMSprop: (m) => new RMSprop(m.parameters(), { lr: 0.01, momentum: 0.5, centered: true }),
  Adagrad: (m) => new Adagrad(m.parameters(), { lr: 0.1 }),
  Adadelta: (m) => new Adadelta(m.parameters()),
  Adamax: (m) => new Adamax(m.parameters()),
  NAdam: (m) => new NAdam(m.parameters()),
  RAdam: (m) => new RAdam(m.parameters()),
  Lion: (m) => new Lion(m.parameters()),
};

for (const [name, make] of Object.entries(optimizers)) {
  test(`${name} gives the CPU's losses on a device, whose memory stays flat`, async () => {
    // One of its own, so that what earlier tests left to the garbage collector is not counted.
    const fresh = await gpu({ mode: 'cpu' });
    const train = async (place: Device): Promise<number[]> => {
      manualSeed(3);
      const model = new Sequential(
        new Linear(4, 8),
        new BatchNorm1d(8),
        new ReLU(),
        new Linear(8, 3),
      );
      const data = new TensorDataset(randn([24, 4]), randint(0, 3, [24]));
      const arrays: number[] = [];
      const history = await fit(model.to(place), new DataLoader(data, { batchSize: 8 }), {
        loss: crossEntropy,
        metrics: { accuracy },
        optimizer: make(model),
        clipNorm: 1,
        epochs: 5,
        seed: 1,
        onEpoch: () => void arrays.push(fresh.live.arrays),
      });
      assert.is(arrays[4], arrays[2]);
      return history.get('loss');
    };
    const [here, there] = [await train(cpu), await train(fresh)];
    await fresh.destroy();
    here.forEach((loss, epoch) => {
      assert.ok(Math.abs(loss - there[epoch]) < 1e-4, `${there} is not ${here}`);
    });
  });
}

test('evaluate and an average of weights leave nothing behind on a device', async () => {
  const fresh = await gpu({ mode: 'cpu' });
  manualSeed(0);
  const model = new Sequential(new Linear(4, 3)).to(fresh);
  const average = new ExponentialMovingAverage(model);
  const loader = new DataLoader(new TensorDataset(randn([9, 4]), randint(0, 3, [9])), {
    batchSize: 3,
  });
  const once = async (): Promise<number> => {
    scope(() => average.update());
    await average.during(() => evaluate(model, loader, { loss: crossEntropy }));
    return fresh.live.arrays;
  };
  await once();
  assert.is(await once(), await once());
  await fresh.destroy();
});

test('sorted numbers and their gradients need no look at the indices', async () => {
  const x = on(tensor([3, 1, 2])).requiresGrad_();
  const { values } = sort(x);
  sum(mul(values, on(tensor([1, 10, 100])))).backward();
  assert.equal([...(await values.read())], [1, 2, 3]);
  assert.equal([...(await (x.grad as Tensor).read())], [100, 1, 10]);
});

test('indices that were uploaded are checked as on the CPU', () => {
  const x = on(ramp(5));
  assert.throws(
    () => gather(x, 0, on(tensor([7], { dtype: 'int32' }))),
    /expected indices from -5 to 4, got 7/,
  );
});

test('what a GPU cannot do is refused, by the call that asked for it', async () => {
  const x = on(ramp(5));
  assert.throws(
    () => x.to('float64'),
    (error: unknown) => error instanceof DTypeError && /got float64/.test(error.message),
  );
  assert.throws(
    () => add(x, ramp(5)),
    (error: unknown) =>
      error instanceof DeviceError && /move it with \.to\(device\)/.test(error.message),
  );
  assert.throws(
    () => device.constant('float32', 2 ** 24 + 1, 0),
    (error: unknown) => error instanceof DeviceError && /at most 16777216/.test(error.message),
  );
  await gpu({ mode: 'cpu', engine: class {} }).then(
    () => assert.unreachable(),
    (error: unknown) =>
      assert.match(String(error), /ArgumentError: gpu: expected the class GPU of gpu.js/),
  );
  for (const [mode, missing] of [
    ['webgl2', /expected a browser with WebGL 2 for mode 'webgl2'/],
    ['webgl', /expected a browser with WebGL for mode 'webgl'/],
    ['headlessgl', /expected Node with the package gl/],
  ] as const) {
    await gpu({ mode }).then(
      () => assert.unreachable(),
      (error: unknown) => {
        assert.instance(error, DeviceError);
        assert.match(String(error), missing);
      },
    );
  }
});

test('numbers of a freed tensor are refused, those that the host has a copy of too', () => {
  const index = on(tensor([3, 1, 2], { dtype: 'int32' }));
  assert.equal([...index.data], [3, 1, 2]);
  dispose(index);
  assert.throws(() => index.data, /expected a tensor that is still there/);
});

test('a device that was destroyed says so to what still uses it', async () => {
  const gone = await gpu({ mode: 'cpu' });
  const x = ramp(5).to(gone);
  await gone.destroy();
  for (const use of [() => tanh(x).data, () => x.data, () => ramp(3).to(gone)]) {
    assert.throws(
      use,
      (error: unknown) =>
        error instanceof DeviceError && /the device was destroyed/.test(error.message),
    );
  }
  dispose(x);
});

test('dispose says so when it is given something in which it looks for no tensors', () => {
  for (const tree of [new Linear(2, 3), null, 5]) {
    assert.throws(
      () => dispose(tree),
      (error: unknown) => error instanceof ArgumentError && /dispose: expected/.test(error.message),
    );
  }
  const [x, y] = [on(ramp(3)), on(ramp(4))];
  const { live } = x.device as GpuDevice;
  const { arrays } = live;
  dispose({ x, more: [new Map([['y', y]])] });
  assert.is(live.arrays, arrays - 2);
});

test.after(() => device.destroy());
test.run();
