import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CompiledKernel, Engine, Handle } from '../../gpu/facade.js';
import type { Health } from '../../gpu/health.js';
import { GpuDevice, gpu } from '../../gpu/index.js';
import { Linear } from '../../nn/index.js';
import {
  add,
  cat,
  conv2d,
  cpu,
  crossEntropy,
  DeviceError,
  DTypeError,
  detectAnomaly,
  dispose,
  einsum,
  layerNorm,
  lerp,
  matmul,
  mseLoss,
  ones,
  stack,
  sum,
  type Tensor,
  tanh,
  tensor,
} from '../../ops/index.js';

// What a device says when something is amiss: the op that was called, its shapes, and the adapter.

const device = await gpu({ mode: 'cpu' });

const on = (x: Tensor): Tensor => x.to(device);
const ramp = (n: number): Tensor => tensor(Float32Array.from({ length: n }, (_, i) => i - n / 2));

type Kind = typeof DeviceError | typeof DTypeError;

const says = (error: unknown, message: string, kind: Kind): void => {
  assert.instance(error, kind);
  assert.ok(`${error}`.includes(message), `expected “${message}”, got “${error}”`);
};

function failsWith(body: () => unknown, message: string, kind: Kind = DeviceError): void {
  let caught: unknown = null;
  try {
    body();
  } catch (error) {
    caught = error;
  }
  says(caught, message, kind);
}

const failsLater = async (read: Promise<unknown>, message: string): Promise<void> =>
  says(await read.catch((error: unknown) => error), message, DeviceError);

test('a kernel that does not compile says which, of what sizes and on what', () => {
  const x = on(ramp(5));
  const broken = { name: 'broken', dtype: 'float32', length: 4, body: 'return x[i] +;' } as const;
  assert.throws(
    () => device.run({ ...broken, inputs: { x: x.storage } }),
    (error: unknown) =>
      error instanceof DeviceError &&
      /gpu \(cpu, no GPU\): broken of 5 numbers to 4 failed/.test(error.message),
  );
  assert.equal(add(x, 1).toArray(), add(ramp(5), 1).toArray());
});

/** A device whose hardware is in the trouble that one says, once asked at that moment. */
function frailDevice(mode: 'cpu' | 'webgpu' = 'cpu') {
  const state = { trouble: null as string | null, moment: 'work' };
  const frail = new GpuDevice(device.engine as Engine, mode, 'frail', (moment) =>
    moment === state.moment ? state.trouble : null,
  );
  return { state, frail };
}

test('hardware that has gone is an error of the op that finds it out, and tensors on the CPU stay', () => {
  const { state, frail } = frailDevice();
  const [x, a, b] = [ramp(5), ramp(12).reshape([3, 4]), ramp(20).reshape([4, 5])].map((t) =>
    t.to(frail),
  );
  const why = 'failed: its memory is exhausted';
  state.trouble = 'its memory is exhausted';
  failsWith(() => tanh(x).data, `gpu (cpu, frail): tanh of [5] ${why}`);
  failsWith(() => matmul(a, b), `gpu (cpu, frail): matmul of [3, 4], [4, 5] ${why}`);
  failsWith(() => cat([a, a]), `gpu (cpu, frail): cat of [3, 4], [3, 4] ${why}`);
  failsWith(() => ramp(3).to(frail), `gpu (cpu, frail): toDevice of [3] ${why}`);
  failsWith(() => x.to('float64'), 'got float64 for cast of [5]', DTypeError);
  assert.is(sum(ramp(5)).item(), -2.5);
});

test('hardware that is found gone at a read is an error that names what was to be read', async () => {
  const { state, frail } = frailDevice();
  const y = matmul(
    ...([ramp(12).reshape([3, 4]), ramp(4)].map((t) => t.to(frail)) as [Tensor, Tensor]),
  );
  Object.assign(state, { trouble: 'the context was lost', moment: 'read' });
  const message = 'gpu (cpu, frail): reading matmul of [3, 4], [4] failed: the context was lost';
  failsWith(() => y.data, message);
  await failsLater(y.read(), message);
});

test('an error on the way back names the op whose gradient it was', () => {
  const { state, frail } = frailDevice();
  const w = ramp(12).reshape([3, 4]).to(frail).requiresGrad_();
  const [v, g] = [ramp(4).to(frail), ramp(3).to(frail)];
  const y = matmul(w, v);
  state.trouble = 'its memory is exhausted';
  failsWith(() => y.backward(g), '(backward through matmul) failed: its memory is exhausted');
});

test('tensors of two devices are an error of the op that the user called, on the device of the first', () => {
  const [here, there] = [ramp(12).reshape([3, 4]), on(ramp(12)).reshape([3, 4])];
  const image = (x: Tensor): Tensor => x.reshape([1, 1, 3, 4]);
  const layer = new Linear(4, 2);
  const calls: Record<string, () => unknown> = {
    add: () => add(there, here),
    linear: () => layer.forward(there),
    matmul: () => matmul(there, here.reshape([4, 3])),
    einsum: () => einsum('ij,ij->', there, here),
    conv2d: () => conv2d(image(there), image(here)),
    mseLoss: () => mseLoss(there, here),
    lerp: () => lerp(there, here, 0.5),
    layerNorm: () => layerNorm(there, [4], ones([4])),
    stack: () => stack([there, here]),
    crossEntropy: () => crossEntropy(there, tensor([0, 1, 2], { dtype: 'int32' })),
  };
  for (const [op, call] of Object.entries(calls)) {
    failsWith(call, `${op}: expected all tensors on gpu (cpu, no GPU), got one on cpu`);
  }
  failsWith(
    () => mseLoss(here, there),
    'mseLoss: expected all tensors on cpu, got one on gpu (cpu',
  );
});

test('who wants numbers at once where there are none is named, and what to do', () => {
  const { frail } = frailDevice('webgpu');
  const numbers = ramp(5).to(frail);
  const x = sum(numbers);
  const why = 'expected numbers that can be read at once, got those of sum of [5]';
  const calls: Record<string, () => unknown> = {
    item: () => x.item(),
    toArray: () => x.toArray(),
    data: () => x.data,
    tensor: () => tensor(x),
    toDevice: () => x.to(cpu),
    detectAnomaly: () => detectAnomaly(() => sum(numbers)),
  };
  for (const [name, call] of Object.entries(calls)) failsWith(call, `${name}: ${why}`);
  failsWith(() => x.item(), 'await x.read()');
});

test('whole numbers come back as they were uploaded, and a look at them changes nothing', async () => {
  const x = on(tensor([2147483647, 1], { dtype: 'int32' }));
  assert.equal([...(await x.read())], [2147483647, 1]);
  x.data[1] = 7;
  (await x.read())[1] = 8;
  assert.equal([...x.data], [2147483647, 1]);
});

/** An engine whose kernels give this, and say that they ran in this mode. */
const engineThat = (
  gives: Handle | Promise<Handle>,
  mode: string,
  fallbackReason: string | null = null,
): Engine => ({
  createKernel: (): CompiledKernel =>
    Object.assign(() => gives, {
      destroy: () => {},
      kernel: { constructor: { mode }, fallbackReason },
    }),
  addFunction: () => null,
  destroy: () => {},
});

test('a kernel that falls back to the processor is an error, not a result', () => {
  const moved = (mode: string, reason: string | null) => () => {
    const engine = engineThat(new Float32Array(5), mode, reason);
    ramp(5).to(new GpuDevice(engine, 'headlessgl', 'frail', () => null));
  };
  const got = "toDevice of [5] failed: expected mode 'headlessgl' to run, got";
  failsWith(moved('cpu', 'too many textures'), `${got} cpu: too many textures`);
  failsWith(moved('cpu', null), `${got} cpu`);
  failsWith(moved('gpu', null), 'expected numbers on the GPU, got an array');
});

/** A device with numbers that take a moment to be read, or cannot be. */
function slowDevice(read: () => Float32Array, health: Health = () => null): GpuDevice {
  const toArray = async (): Promise<Float32Array> => {
    await new Promise((resume) => setTimeout(resume, 5));
    return read();
  };
  const engine = engineThat(Promise.resolve({ toArray, delete: () => {} }), 'webgpu');
  return new GpuDevice(engine, 'webgpu', 'slow', health);
}

test('a device ends after the reads that are under way', async () => {
  let gone = false;
  const slow = slowDevice(() => new Float32Array(gone ? 0 : 5));
  const numbers = ramp(5).to(slow).read();
  await slow.destroy();
  gone = true;
  assert.is((await numbers).length, 5);
});

test('a read that fails without a word fails with what the hardware says, which is said once', async () => {
  let trouble: string | null = null;
  const slow = slowDevice(
    () => {
      trouble = 'its memory is exhausted';
      throw new DOMException('', 'OperationError');
    },
    () => {
      const said = trouble;
      trouble = null;
      return said;
    },
  );
  const x = ramp(5).to(slow);
  await failsLater(x.read(), 'reading toDevice of [5] failed: its memory is exhausted');
  assert.is(trouble, null);
  const mute = slowDevice(() => {
    throw new DOMException('', 'OperationError');
  });
  await failsLater(ramp(5).to(mute).read(), 'failed: OperationError');
});

test('an elementwise operation that failed says why each time, and holds nothing', () => {
  const { state, frail } = frailDevice();
  const x = ramp(5).to(frail);
  const y = tanh(x);
  state.trouble = 'its memory is exhausted';
  for (let time = 0; time < 2; time++) {
    failsWith(() => y.data, 'tanh of [5] failed: its memory is exhausted');
  }
  dispose({ x, y });
  assert.is(frail.live.arrays, 0);
});

test.after(() => device.destroy());
test.run();
