import * as nn from '../../../nn/index.js';
import type { Arguments } from '../arguments.js';
import { applied, dtype, type Rows } from './applied.js';

const sizes = (a: Arguments): [number, number] => [a.number('input_size'), a.number('hidden_size')];

const bias = (a: Arguments): boolean => a.boolean('bias', true);

const nonlinearity = (a: Arguments): nn.Nonlinearity =>
  a.oneOf('nonlinearity', ['tanh', 'relu'], 'tanh');

const options = (a: Arguments): nn.RecurrentOptions => ({
  numLayers: a.number('num_layers', 1),
  bias: bias(a),
  batchFirst: a.boolean('batch_first', false),
  dropout: a.number('dropout', 0),
  bidirectional: a.boolean('bidirectional', false),
  dtype,
});

/** PyTorch's recurrent networks as they are made here. */
export const recurrent: Rows = {
  RNNCell: (a) =>
    applied(
      new nn.RNNCell(...sizes(a), { nonlinearity: nonlinearity(a), bias: bias(a), dtype }),
      (m, [x, h]) => m.forward(x, h),
    ),
  LSTMCell: (a) =>
    applied(new nn.LSTMCell(...sizes(a), { bias: bias(a), dtype }), (m, [x, h, c]) =>
      m.forward(x, [h, c]),
    ),
  GRUCell: (a) =>
    applied(new nn.GRUCell(...sizes(a), { bias: bias(a), dtype }), (m, [x, h]) => m.forward(x, h)),
  RNN: (a) =>
    applied(
      new nn.RNN(...sizes(a), { ...options(a), nonlinearity: nonlinearity(a) }),
      (m, [x, h]) => m.forward(x, h),
    ),
  LSTM: (a) =>
    applied(
      new nn.LSTM(...sizes(a), { ...options(a), projSize: a.number('proj_size', 0) }),
      (m, [x, h, c]) => {
        const [output, state] = m.forward(x, h && [h, c]);
        return [output, ...state];
      },
    ),
  GRU: (a) => applied(new nn.GRU(...sizes(a), options(a)), (m, [x, h]) => m.forward(x, h)),
};
