import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Conv1d,
  Conv2d,
  Conv3d,
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
} from '../../nn/index.js';
import {
  ArgumentError,
  conv1d,
  conv2d,
  conv3d,
  convTranspose2d,
  DTypeError,
  gradcheck,
  manualSeed,
  pad,
  randn,
  ShapeError,
  tensor,
} from '../../ops/index.js';
import { check } from '../golden/run.js';
import { asModule, opCases } from './as-module.js';
import { throwing } from './throwing.js';

for (const c of [...opCases('conv', ['conv']), ...opCases('extra', ['conv'])]) {
  const [x, weight, bias] = c.inputs;
  const { groups = 1 } = c.args as { groups?: number };
  const transposed = c.op.includes('transpose');
  const module = asModule(c, {
    in_channels: x.shape[1],
    out_channels: transposed ? weight.shape[1] * groups : weight.shape[0],
    kernel_size: weight.shape.slice(2),
    bias: bias !== undefined,
  });
  test(`${c.name}: ${module.op} agrees with the other engine`, () => void check(module));
}

const float64 = { dtype: 'float64' } as const;

test('a convolution pads with its input’s own numbers, each axis by its own padding', () => {
  manualSeed(1);
  const x = randn([2, 2, 5, 6], float64);
  for (const paddingMode of ['reflect', 'replicate', 'circular'] as const) {
    const options = { stride: [2, 1], padding: [1, 3], groups: 2, ...float64 };
    const layer = new Conv2d(2, 4, [3, 2], { ...options, paddingMode });
    const padded = pad(x, [3, 3, 1, 1], paddingMode);
    const y = conv2d(padded, layer.weight, layer.bias, { stride: [2, 1], groups: 2 });
    assert.equal(layer.forward(x).data, y.data);
    assert.equal(layer.forward(x).shape, [2, 4, 3, 11]);
  }
});

test('padding ‘same’ keeps the size in every padding mode, with the odd number after the input', () => {
  const layer = new Conv1d(1, 1, 4, { padding: 'same', paddingMode: 'replicate', bias: false });
  layer.loadStateDict({ weight: tensor([[[1, 10, 100, 1000]]]) });
  // Replicated: 1, 1 2 3, 3 3.
  assert.equal(layer.forward(tensor([[[1, 2, 3]]])).toArray(), [[[3211, 3321, 3332]]]);
  const wide = new Conv3d(1, 1, [2, 3, 1], {
    padding: 'same',
    paddingMode: 'circular',
    dilation: [1, 2, 3],
  });
  const x = randn([1, 1, 3, 4, 2]);
  const padded = pad(x, [0, 0, 2, 2, 0, 1], 'circular');
  const y = conv3d(padded, wide.weight, wide.bias, { dilation: [1, 2, 3] });
  assert.equal(wide.forward(x).data, y.data);
  assert.equal(wide.forward(x).shape, x.shape);
});

test('padding ‘valid’ is none, in any padding mode', () => {
  const layer = new Conv1d(2, 3, 3, { padding: 'valid', paddingMode: 'reflect' });
  const x = randn([1, 2, 7]);
  assert.equal(layer.forward(x).data, conv1d(x, layer.weight, layer.bias).data);
});

test('gradients flow through padding in every mode, and through transposed convolutions', () => {
  manualSeed(2);
  for (const paddingMode of ['zeros', 'reflect', 'replicate', 'circular'] as const) {
    const layer = new Conv2d(2, 2, 2, { padding: 1, paddingMode, ...float64 });
    gradcheck((x) => layer.forward(x), [randn([1, 2, 3, 2], float64)]);
  }
  const up = new ConvTranspose2d(2, 2, 3, { stride: 2, outputPadding: 1, groups: 2, ...float64 });
  gradcheck((x) => up.forward(x), [randn([1, 2, 2, 3], float64)]);
});

test('the weight of a transposed convolution is [in, out/groups, …kernel]', () => {
  const options = { stride: 2, padding: 1, outputPadding: [1, 0], groups: 2 };
  const layer = new ConvTranspose2d(4, 6, [3, 5], options);
  assert.equal(layer.weight.shape, [4, 3, 3, 5]);
  assert.equal(layer.bias?.shape, [6]);
  const x = randn([2, 4, 5, 4]);
  const y = layer.forward(x);
  assert.equal(y.data, convTranspose2d(x, layer.weight, layer.bias, options).data);
  assert.equal(y.shape, [2, 6, 10, 9]);
});

test('every convolution takes inputs of its own number of axes', () => {
  const x = [randn([1, 2, 4]), randn([1, 2, 4, 4]), randn([1, 2, 4, 4, 4])];
  [new Conv1d(2, 3, 3), new Conv2d(2, 3, 3), new Conv3d(2, 3, 3)].forEach((layer, i) => {
    assert.equal(layer.forward(x[i]).shape, [1, 3, 2, 2, 2].slice(0, i + 3));
  });
  const transposed = [
    new ConvTranspose1d(2, 3, 3),
    new ConvTranspose2d(2, 3, 3),
    new ConvTranspose3d(2, 3, 3),
  ];
  transposed.forEach((layer, i) => {
    assert.equal(layer.forward(x[i]).shape, [1, 3, 6, 6, 6].slice(0, i + 3));
  });
});

test('every convolution takes an input without a batch axis, in every padding mode', () => {
  manualSeed(4);
  const modes = ['zeros', 'reflect', 'replicate', 'circular'] as const;
  const layers = [
    ...modes.map((paddingMode) => new Conv1d(2, 3, 3, { padding: 1, paddingMode })),
    ...modes.map((paddingMode) => new Conv2d(2, 3, [2, 3], { padding: 'same', paddingMode })),
    ...modes.map(
      (paddingMode) => new Conv3d(2, 4, 2, { padding: [1, 0, 1], paddingMode, groups: 2 }),
    ),
    new ConvTranspose1d(2, 3, 3, { stride: 2, outputPadding: 1 }),
    new ConvTranspose2d(2, 3, 3),
    new ConvTranspose3d(2, 3, [1, 2, 3], { padding: 1 }),
  ];
  for (const layer of layers) {
    const x = randn([2, 4, 5, 3].slice(0, layer.weight.ndim - 1));
    const y = layer.forward(x);
    const whole = layer.forward(x.unsqueeze(0));
    assert.equal([1, ...y.shape], whole.shape);
    assert.equal(y.data, whole.data);
  }
});

test('filters start uniform in ±1/√fanIn, where fanIn is the weight’s sizes after the first', () => {
  manualSeed(3);
  const layers: [Conv3d | ConvTranspose1d, number][] = [
    [new Conv3d(4, 60, 3, { groups: 2 }), 54],
    [new ConvTranspose1d(100, 30, 5, { groups: 2 }), 75],
  ];
  for (const [{ weight, bias }, fanIn] of layers) {
    const bound = 1 / Math.sqrt(fanIn);
    assert.ok(weight.abs().max().item() <= bound);
    assert.ok(weight.abs().max().item() > 0.99 * bound);
    // The standard error of a mean of n uniform numbers is bound / √(3n).
    assert.ok(Math.abs(weight.mean().item()) < (4 * bound) / Math.sqrt(3 * weight.size));
    assert.ok(bias !== null && bias.abs().max().item() <= bound);
    assert.ok(bias !== null && bias.abs().max().item() > 0.8 * bound);
  }
});

test('parameters have the dtype asked for, and PyTorch’s names', () => {
  const layer = new ConvTranspose1d(1, 2, 3, float64);
  assert.equal(Object.keys(layer.stateDict()), ['weight', 'bias']);
  assert.ok(layer.parameters().every(({ dtype }) => dtype === 'float64'));
  assert.equal(Object.keys(new Conv3d(1, 2, 3, { bias: false }).stateDict()), ['weight']);
});

test('a convolution prints its channels, its kernel and the settings that are not the defaults', () => {
  assert.is(String(new Conv1d(1, 2, 3, { stride: 1, ...float64 })), 'Conv1d(1, 2, [3])');
  assert.is(
    String(new Conv2d(2, 4, [3, 5], { stride: [2, 1], padding: 'valid', paddingMode: 'reflect' })),
    'Conv2d(2, 4, [3, 5], stride=[2, 1], padding=valid, paddingMode=reflect)',
  );
  assert.is(
    String(
      new ConvTranspose2d(2, 4, 3, {
        stride: 2,
        outputPadding: 1,
        bias: false,
        paddingMode: 'zeros',
      }),
    ),
    'ConvTranspose2d(2, 4, [3, 3], stride=2, outputPadding=1, bias=false)',
  );
});

test('settings that make no sense are refused when the layer is made', () => {
  const refused = (make: () => unknown, message: string) =>
    assert.throws(make, throwing(ArgumentError, message));
  refused(
    () => new Conv1d(0, 2, 3),
    'Conv1d: expected an integer of at least 1 as inChannels, got 0',
  );
  refused(
    () => new Conv2d(1, 2, [3, 3, 3]),
    'Conv2d: expected 2 numbers as the kernel size, one a spatial axis, got [3, 3, 3]',
  );
  refused(
    () => new Conv2d(1, 2, 3, { stride: 0 }),
    'Conv2d: expected an integer of at least 1 as the stride, got 0',
  );
  refused(
    () => new Conv3d(1, 2, 3, { dilation: [1, 1] }),
    'Conv3d: expected 3 numbers as the dilation, one a spatial axis, got [1, 1]',
  );
  refused(
    () => new Conv2d(1, 2, 3, { padding: -1 }),
    'Conv2d: expected an integer of at least 0 as the padding, got -1',
  );
  refused(
    () => new Conv2d(1, 2, 3, { padding: 'same', stride: 2 }),
    "Conv2d: padding 'same' expects a stride of 1, got [2, 2]",
  );
  refused(
    () => new Conv2d(1, 2, 3, { paddingMode: 'constant' as 'zeros' }),
    "Conv2d: expected 'zeros' or 'reflect' or 'replicate' or 'circular' as the padding mode, got 'constant'",
  );
  refused(
    () => new ConvTranspose2d(3, 4, 3, { groups: 2 }),
    'ConvTranspose2d: expected groups that divide the channels, got 2 for 3 and 4',
  );
  refused(
    () => new ConvTranspose1d(1, 2, 3, { outputPadding: [0, 1] }),
    'ConvTranspose1d: expected 1 numbers as the output padding, one a spatial axis, got [0, 1]',
  );
  refused(
    () => new ConvTranspose1d(1, 2, 3, { paddingMode: 'reflect' } as object),
    "ConvTranspose1d: expected 'zeros' as the padding mode, got 'reflect'",
  );
  assert.throws(
    () => new Conv2d(1, 2, 3, { dtype: 'int32' }),
    throwing(DTypeError, 'Conv2d: expected float32 or float64, got int32'),
  );
});

test('an input that does not fit is refused', () => {
  const layer = new Conv2d(3, 2, 3, { padding: 1, paddingMode: 'circular' });
  assert.throws(
    () => layer.forward(randn([4, 4])),
    throwing(ShapeError, 'Conv2d: expected 3 or 4 dimensions of the input, got shape [4, 4]'),
  );
  assert.throws(
    () => new ConvTranspose1d(2, 2, 3).forward(randn([1, 3, 4])),
    throwing(
      ShapeError,
      'convTranspose1d: weight [2, 2, 3] needs 2 input channels, input [1, 3, 4] has 3 (groups = 1)',
    ),
  );
});

test.run();
