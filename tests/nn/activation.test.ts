import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as nn from '../../nn/index.js';
import * as lg from '../../ops/index.js';
import { ArgumentError, type Tensor } from '../../ops/index.js';
import { throwing } from './throwing.js';

type Row = [layer: nn.Activation, f: (x: Tensor) => Tensor, prints: string];

const rows: Row[] = [
  [new nn.ReLU(), lg.relu, 'ReLU()'],
  [new nn.SELU(), lg.selu, 'SELU()'],
  [new nn.SiLU(), lg.silu, 'SiLU()'],
  [new nn.Mish(), lg.mish, 'Mish()'],
  [new nn.Tanh(), lg.tanh, 'Tanh()'],
  [new nn.Sigmoid(), lg.sigmoid, 'Sigmoid()'],
  [new nn.LogSigmoid(), lg.logSigmoid, 'LogSigmoid()'],
  [new nn.Softsign(), lg.softsign, 'Softsign()'],
  [new nn.LeakyReLU(), (x) => lg.leakyRelu(x, 0.01), 'LeakyReLU(negativeSlope=0.01)'],
  [new nn.LeakyReLU(0.3), (x) => lg.leakyRelu(x, 0.3), 'LeakyReLU(negativeSlope=0.3)'],
  [new nn.ELU(), (x) => lg.elu(x, 1), 'ELU(alpha=1)'],
  [new nn.ELU(0.5), (x) => lg.elu(x, 0.5), 'ELU(alpha=0.5)'],
  [new nn.GELU(), (x) => lg.gelu(x, 'none'), 'GELU(approximate=none)'],
  [new nn.GELU('tanh'), (x) => lg.gelu(x, 'tanh'), 'GELU(approximate=tanh)'],
  [new nn.Softplus(), (x) => lg.softplus(x, 1, 20), 'Softplus(beta=1, threshold=20)'],
  [new nn.Softplus(2, 1), (x) => lg.softplus(x, 2, 1), 'Softplus(beta=2, threshold=1)'],
  [new nn.Hardtanh(), (x) => lg.hardtanh(x, -1, 1), 'Hardtanh(min=-1, max=1)'],
  [new nn.Hardtanh(0, 2), (x) => lg.hardtanh(x, 0, 2), 'Hardtanh(min=0, max=2)'],
  [new nn.Softmax(-1), (x) => lg.softmax(x, -1), 'Softmax(dim=-1)'],
  [new nn.Softmax(0), (x) => lg.softmax(x, 0), 'Softmax(dim=0)'],
  [new nn.LogSoftmax(1), (x) => lg.logSoftmax(x, 1), 'LogSoftmax(dim=1)'],
];

for (const [layer, f, prints] of rows) {
  test(`${prints} computes what its function does, and prints so`, () => {
    lg.manualSeed(1);
    const x = lg.randn([4, 5]).mul(3);
    const y = layer.forward(x);
    assert.equal(y.data, f(x).data);
    assert.equal(y.shape, [4, 5]);
    const g = lg.randn([4, 5]);
    const gradient = lg.grad((t: Tensor) => layer.forward(t).mul(g).sum())(x);
    assert.equal(gradient.data, lg.grad((t: Tensor) => f(t).mul(g).sum())(x).data);
    assert.is(String(layer), prints);
    assert.equal(layer.stateDict(), {});
  });
}

test('settings stand in the layer’s fields', () => {
  assert.is(new nn.LeakyReLU(0.3).negativeSlope, 0.3);
  assert.is(new nn.ELU(0.5).alpha, 0.5);
  assert.is(new nn.GELU('tanh').approximate, 'tanh');
  assert.is(new nn.Softplus(2, 1).threshold, 1);
  assert.is(new nn.Hardtanh(0, 2).max, 2);
  assert.is(new nn.Softmax(-1).dim, -1);
});

test('settings that make no sense are refused when the layer is made', () => {
  assert.throws(
    () => new nn.LeakyReLU(NaN),
    throwing(ArgumentError, 'LeakyReLU: expected a number as negativeSlope, got NaN'),
  );
  const wrong: unknown = 'erf';
  assert.throws(
    () => new nn.GELU(wrong as 'tanh'),
    throwing(ArgumentError, "GELU: expected 'none' or 'tanh' as approximate, got 'erf'"),
  );
  const nothing: unknown = undefined;
  assert.throws(
    () => new nn.Softmax(nothing as number),
    throwing(ArgumentError, 'Softmax: expected a number as dim, got undefined'),
  );
});

test.run();
