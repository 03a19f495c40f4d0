import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Linear } from '../../nn/index.js';
import * as lg from '../../ops/index.js';
import {
  AnomalyError,
  ArgumentError,
  AxisError,
  add,
  cpu,
  type Device,
  DeviceError,
  DTypeError,
  detectAnomaly,
  EquationError,
  einsum,
  eq,
  expand,
  GradcheckError,
  GradientError,
  gather,
  gradcheck,
  IndexError,
  indexSelect,
  LambdagradError,
  log,
  matmul,
  mul,
  oneHot,
  reshape,
  ShapeError,
  StateDictError,
  sub,
  sum,
  Tensor,
  tensor,
  zeros,
} from '../../ops/index.js';
import { raises } from './close.js';

const classes = {
  LambdagradError,
  ShapeError,
  DTypeError,
  AxisError,
  EquationError,
  IndexError,
  ArgumentError,
  GradientError,
  GradcheckError,
  AnomalyError,
  DeviceError,
  StateDictError,
};

/** The same loops as the CPU's under another name, and numbers that this process may not read. */
const elsewhere: Device = {
  ...cpu,
  name: 'elsewhere',
  upload: (dtype, data) => ({
    device: elsewhere,
    dtype,
    length: data.length,
    version: 0,
    get data(): never {
      throw new DeviceError('data: expected a tensor on the CPU, got one elsewhere');
    },
  }),
};

test('every error class of the public face is here', () => {
  const exported = Object.keys(lg).filter((name) => name.endsWith('Error'));
  assert.equal(exported.sort(), Object.keys(classes).sort());
});

test('each has its own name, and is a LambdagradError and an Error', () => {
  for (const [name, kind] of Object.entries(classes)) {
    const error = new kind('message', { compared: 0, worst: null });
    assert.is(error.name, name);
    assert.is(error.message, 'message');
    assert.instance(error, kind);
    assert.instance(error, LambdagradError);
    assert.instance(error, Error);
    assert.is(String(error), `${name}: message`);
  }
});

test('a GradcheckError is a GradientError', () => {
  assert.instance(new GradcheckError('', { compared: 0, worst: null }), GradientError);
});

test('ShapeError: shapes that do not fit, with both of them', () => {
  raises(
    () => add(zeros([2, 3]), zeros([4, 3])),
    ShapeError,
    'add: shapes [2, 3] and [4, 3] do not broadcast: sizes 2 and 4 meet at axis -2',
  );
  raises(() => matmul(zeros([2, 3]), zeros([4, 5])), ShapeError, /\[2, 3\].*\[4, 5\]/);
  raises(
    () => reshape(zeros([2, 3]), [4]),
    ShapeError,
    'reshape: shape [2, 3] (6 numbers) does not fill [4]',
  );
  raises(() => expand(zeros([2, 3]), [2, 6]), ShapeError, /^expand: .*\[2, 3\].*\[2, 6\]/);
});

test('DTypeError: a dtype that the op is not defined for', () => {
  raises(
    () => sub(tensor([true]), tensor([false])),
    DTypeError,
    /^sub: expected numbers, got bool/,
  );
  raises(() => gather(tensor([1]), 0, tensor([0])), DTypeError, /^gather: expected int32/);
});

test('AxisError: an axis that is not there, or named twice', () => {
  raises(() => sum(zeros([2, 3]), 2), AxisError, 'sum: expected an axis (from -2 to 1), got 2');
  raises(() => sum(zeros([2, 3]), -3), AxisError, /got -3$/);
  raises(
    () => lg.transpose(tensor(1), 0, 0),
    AxisError,
    'transpose: expected an axis (a 0-d tensor has no axes), got 0',
  );
  raises(
    () => sum(zeros([2, 3]), [1, -1]),
    AxisError,
    'sum: expected each axis once, got [1, -1] for 2 dimensions',
  );
});

test('EquationError: an einsum equation that cannot be read', () => {
  raises(() => einsum('ij,jk->iq', zeros([2, 3]), zeros([3, 4])), EquationError, /^einsum: .*q/);
});

test('IndexError: an index outside its dimension', () => {
  const three = tensor([3], { dtype: 'int32' });
  raises(() => indexSelect(zeros([3]), 0, three), IndexError, /^indexSelect: .*3/);
  raises(() => oneHot(three, 3), IndexError, 'oneHot: expected classes from 0 to 2, got 3');
});

test('ArgumentError: what is no tensor, and an option that the function does not know', () => {
  raises(() => mul('2' as never, 1), ArgumentError, "mul: expected a tensor or a number, got '2'");
  raises(() => reshape(3 as never, [1]), ArgumentError, 'reshape: expected a tensor as x, got 3');
  raises(() => lg.dropout(tensor([1]), 2), ArgumentError, /^dropout: .* got 2$/);
});

test('GradientError: a gradient that there is none of', () => {
  raises(() => tensor(1).backward(), GradientError, /^backward: expected an output that requires/);
});

test('GradcheckError: a gradient that the numbers deny', () => {
  raises(
    () => gradcheck((x) => mul(x, x.detach()), [tensor([1, 2])]),
    GradcheckError,
    /^gradcheck: /,
  );
});

test('AnomalyError: the first NaN, where it was made', () => {
  raises(() => detectAnomaly(() => log(tensor(-1))), AnomalyError, /^log: made NaN/);
});

test('DeviceError: tensors of two devices in one op, as operands or as an index', () => {
  const there = tensor([1, 2], { device: elsewhere });
  const message = (op: string): string =>
    `${op}: expected all tensors on elsewhere, got one on cpu; move it with .to(device)`;
  raises(() => mul(there, tensor([1, 2])), DeviceError, message('mul'));
  raises(() => eq(there, tensor([1, 2])), DeviceError, message('eq'));
  raises(
    () => there.copy_(tensor([1, 2])),
    DeviceError,
    'copy_: expected the source on elsewhere, got one on cpu; move it with .to(device)',
  );
  const condition = tensor([true, false]);
  raises(() => lg.where(condition, there, there), DeviceError, /^where: expected all tensors on/);
});

test('DeviceError: numbers that are elsewhere, and a device that is none', () => {
  const there = tensor([1, 2], { device: elsewhere });
  raises(() => there.toArray(), DeviceError, /^data: expected a tensor on the CPU/);
  raises(() => there.item(), ShapeError, /^item: /);
  raises(
    () => tensor([1]).to('gpu' as never),
    DeviceError,
    "to: expected a dtype or a device, got 'gpu'",
  );
  raises(
    () => tensor([1], { device: 'gpu' as never }),
    DeviceError,
    "tensor: expected a device such as cpu, got 'gpu'",
  );
});

test('a tensor elsewhere prints its shape and device instead of its numbers', () => {
  const there = tensor([[1, 2]], { device: elsewhere, requiresGrad: true });
  assert.is(String(there), 'tensor(shape=[1, 2], device=elsewhere, requiresGrad=true)');
  assert.instance(there, Tensor);
});

test('StateDictError: names or shapes that are not the module’s', () => {
  const layer = new Linear(2, 1);
  raises(
    () => layer.loadStateDict({ weight: zeros([1, 2]) }),
    StateDictError,
    /^loadStateDict: .*missing: bias; unexpected: none$/,
  );
  raises(
    () => layer.loadStateDict({ weight: zeros([2, 2]), bias: zeros([1]) }),
    StateDictError,
    'loadStateDict: expected weight of shape [1, 2], got [2, 2]',
  );
});

test('an op throws before it has computed anything', () => {
  let ran = false;
  const noisy = lg.defineOp({
    name: 'noisy',
    forward: (_k: lg.Kernels, x: Tensor) => {
      ran = true;
      return mul(x, 1);
    },
    vjp: [(g) => g],
  });
  raises(() => noisy(1 as never), ArgumentError, 'noisy: expected a tensor as argument 1, got 1');
  assert.is(ran, false);
});

test.run();
