import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GRU, GRUCell, LSTM, LSTMCell, RNN, RNNCell } from '../../nn/index.js';
import {
  ArgumentError,
  DTypeError,
  manualSeed,
  noGrad,
  randn,
  ShapeError,
  tensor,
  zeros,
} from '../../ops/index.js';
import { secondDevice } from './elsewhere.js';

function throws(f: () => unknown, type: new (message: string) => Error, message: string): void {
  assert.throws(f, (e: unknown) => {
    assert.instance(e, type);
    if (e instanceof Error) assert.is(e.message, message);
    return true;
  });
}

test('each direction of a layer takes one matrix product for all inputs and one a step, whatever its gates', () => {
  let products = 0;
  const device = secondDevice((kernel) => {
    if (kernel === 'contract') products++;
  });
  const options = { numLayers: 2, bidirectional: true };
  for (const network of [new RNN(3, 4, options), new LSTM(3, 4, options), new GRU(3, 4, options)]) {
    network.to(device);
    products = 0;
    network.forward(zeros([7, 2, 3], { device }));
    assert.is(products, 2 * 2 * (1 + 7));
  }
});

test('every parameter starts uniform in ±1/√hiddenSize, in the dtype asked for', () => {
  manualSeed(1);
  const modules = [
    new RNN(3, 25, { numLayers: 2, bidirectional: true }),
    new LSTM(3, 25, { projSize: 9 }),
    new GRU(3, 25),
    new RNNCell(3, 25),
    new LSTMCell(3, 25),
    new GRUCell(3, 25),
  ];
  for (const [name, p] of modules.flatMap((m) => m.namedParameters())) {
    assert.is(p.dtype, 'float32');
    const largest = Math.max(...Array.from(p.data, Math.abs));
    assert.ok(largest <= 0.2 && largest > 0.15, `${name}: ${largest}`);
  }
  assert.ok(new GRU(3, 4, { dtype: 'float64' }).parameters().every((p) => p.dtype === 'float64'));
});

test('without a bias there are weights alone, under PyTorch’s names and in its order', () => {
  const names = (module: RNN | LSTM | GRU | RNNCell): string[] =>
    module.namedParameters().map(([name]) => name);
  assert.equal(names(new RNNCell(3, 4, { bias: false })), ['weight_ih', 'weight_hh']);
  assert.equal(names(new GRU(3, 4, { bias: false, bidirectional: true })), [
    'weight_ih_l0',
    'weight_hh_l0',
    'weight_ih_l0_reverse',
    'weight_hh_l0_reverse',
  ]);
  assert.equal(names(new LSTM(3, 4, { projSize: 2 })), [
    'weight_ih_l0',
    'weight_hh_l0',
    'bias_ih_l0',
    'bias_hh_l0',
    'weight_hr_l0',
  ]);
  const [bare, biased] = [new GRU(3, 4, { bias: false }), new GRU(3, 4)];
  noGrad(() => {
    for (const p of [biased.biasIhL0, biased.biasHhL0]) p?.zero_();
    biased.weightIhL0.copy_(bare.weightIhL0);
    biased.weightHhL0.copy_(bare.weightHhL0);
  });
  const x = randn([5, 2, 3]);
  assert.equal(bare.forward(x)[0].toArray(), biased.forward(x)[0].toArray());
});

test('a module shows its sizes and what is not the default', () => {
  assert.is(`${new RNNCell(3, 4, { bias: false })}`, 'RNNCell(3, 4, bias=false)');
  assert.is(`${new RNNCell(3, 4, { nonlinearity: 'relu' })}`, 'RNNCell(3, 4, nonlinearity=relu)');
  assert.is(`${new GRU(3, 4)}`, 'GRU(3, 4)');
  assert.is(`${new RNN(3, 4, { nonlinearity: 'relu' })}`, 'RNN(3, 4, nonlinearity=relu)');
  assert.is(
    `${new LSTM(3, 4, { numLayers: 2, batchFirst: true, bidirectional: true, projSize: 2 })}`,
    'LSTM(3, 4, numLayers=2, batchFirst=true, bidirectional=true, projSize=2)',
  );
  assert.is(
    `${new GRU(3, 4, { bias: false, dropout: 0.5 })}`,
    'GRU(3, 4, bias=false, dropout=0.5)',
  );
});

test('what does not fit is told at once', () => {
  const cell = new LSTMCell(3, 4);
  const gru = new GRU(3, 4, { batchFirst: true });
  const network = new LSTM(3, 4);
  const x = zeros([5, 2, 3]);
  throws(
    () => new GRU(3, 0),
    ArgumentError,
    'GRU: expected an integer of at least 1 as hiddenSize, got 0',
  );
  throws(
    () => new LSTM(3, 0),
    ArgumentError,
    'LSTM: expected an integer of at least 1 as hiddenSize, got 0',
  );
  throws(
    () => new LSTM(3, 4, { projSize: 4 }),
    ArgumentError,
    'LSTM: expected a projSize below hiddenSize, 4, got 4',
  );
  throws(
    () => new RNN(3, 4, { dropout: 2 }),
    ArgumentError,
    'RNN: expected a probability from 0 to 1, got 2',
  );
  throws(
    () => new GRUCell(3, 4, { dtype: 'int32' }),
    DTypeError,
    'GRUCell: expected float32 or float64, got int32',
  );
  // @ts-expect-error Only tanh and relu exist.
  const unknown = (): RNN => new RNN(3, 4, { nonlinearity: 'sigmoid' });
  throws(
    unknown,
    ArgumentError,
    "RNN: expected 'tanh' or 'relu' as the nonlinearity, got 'sigmoid'",
  );
  throws(
    () => cell.forward(zeros([2, 4])),
    ShapeError,
    'LSTMCell: expected an input [batch, 3] or [3], got [2, 4]',
  );
  throws(
    () => cell.forward(zeros([2, 3]), [zeros([2, 4]), zeros([1, 4])]),
    ShapeError,
    'LSTMCell: expected a cell state of shape [2, 4], got [1, 4]',
  );
  throws(
    () => gru.forward(zeros([2, 5, 4])),
    ShapeError,
    'GRU: expected an input [batch, steps, 3] of at least one step, got [2, 5, 4]',
  );
  throws(
    () => network.forward(zeros([0, 2, 3])),
    ShapeError,
    'LSTM: expected an input [steps, batch, 3] of at least one step, got [0, 2, 3]',
  );
  throws(
    () => network.forward(zeros([3])),
    ShapeError,
    'LSTM: expected 2 or 3 dimensions of the input, got shape [3]',
  );
  throws(
    () => gru.forward(zeros([2, 5, 3]), zeros([2, 1, 4])),
    ShapeError,
    'GRU: expected a hidden state of shape [1, 2, 4], got [2, 1, 4]',
  );
  // @ts-expect-error The state of an LSTM is two tensors.
  const half = (): unknown => network.forward(x, zeros([1, 2, 4]));
  throws(
    half,
    ArgumentError,
    'LSTM: expected [h, c] as the state, got a tensor of shape [1, 2, 4]',
  );
  for (const lengths of [[3], [0, 5], [6, 1], [1.5, 2]]) {
    throws(
      () => network.forward(x, null, { lengths }),
      ArgumentError,
      `LSTM: expected 2 lengths, from 1 to 5 each, got [${lengths.join(', ')}]`,
    );
  }
  throws(
    () => network.forward(x, null, { lengths: tensor([1, 2]) }),
    DTypeError,
    'LSTM: expected int32 as the lengths, got float32',
  );
});

test.run();
