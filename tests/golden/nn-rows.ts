import * as nn from '../../nn/index.js';
import type { Rows } from './nn-rows/applied.js';
import { attention } from './nn-rows/attention.js';
import { layers } from './nn-rows/layers.js';
import { recurrent } from './nn-rows/recurrent.js';
import { windows } from './nn-rows/windows.js';

export type { Applied } from './nn-rows/applied.js';
export { clippers, optimizers, schedulers } from './nn-rows/optim.js';

/** PyTorch's modules as they are made here. */
export const modules: Rows = { ...layers, ...windows, ...attention, ...recurrent };

/** What of the design `nn` does not export yet. A name that it does export belongs in a table above. */
const PLANNED = [
  ...['Bilinear', 'Conv1d', 'Conv3d', 'ConvTranspose1d', 'ConvTranspose2d', 'ConvTranspose3d'],
  ...['BatchNorm1d', 'BatchNorm2d', 'BatchNorm3d', 'LayerNorm', 'GroupNorm', 'RMSNorm'],
  ...['InstanceNorm1d', 'InstanceNorm2d', 'InstanceNorm3d', 'Embedding', 'Dropout', 'Flatten'],
  ...['MaxPool1d', 'MaxPool2d', 'MaxPool3d', 'AvgPool1d', 'AvgPool2d', 'AvgPool3d'],
  ...['AdaptiveAvgPool2d', 'ReLU', 'LeakyReLU', 'ELU', 'SELU', 'GELU', 'SiLU', 'Mish', 'Tanh'],
  ...['Sigmoid', 'LogSigmoid', 'Softmax', 'LogSoftmax', 'Softplus', 'Softsign', 'Hardtanh'],
  ...['MultiheadAttention', 'MultiHeadAttention', 'LambdaLayer', 'PositionalEncoding'],
  ...['TransformerEncoderLayer', 'TransformerDecoderLayer'],
  ...['TransformerEncoder', 'TransformerDecoder', 'RNN', 'LSTM', 'GRU'],
  ...['RNNCell', 'LSTMCell', 'GRUCell', 'MSELoss', 'CrossEntropyLoss'],
  ...['AdamW', 'RMSprop', 'Adagrad', 'Adadelta', 'NAdam', 'RAdam', 'Adamax'],
  ...['StepLR', 'MultiStepLR', 'ExponentialLR', 'CosineAnnealingLR', 'LambdaLR', 'LinearLR'],
  ...['OneCycleLR', 'ReduceLROnPlateau', 'clipGradNorm'],
];

/**
 * Why a case with this part of PyTorch's `nn` or `optim` cannot be run yet; null if it can, or if it
 * should: a name that is `exported`, or that nobody plans, and has no row is a failure.
 */
export function missing(
  name: string,
  table: Readonly<Record<string, unknown>>,
  exported: object = nn,
): string | null {
  const planned = PLANNED.includes(name) && !(name in exported) && !Object.hasOwn(table, name);
  return planned ? `nn has no ${name} yet` : null;
}

/** The row of `name`. Throws an error if the table has none. */
export function rowOf<T>(what: string, name: string, table: Readonly<Record<string, T>>): T {
  if (Object.hasOwn(table, name)) return table[name];
  throw new Error(`there is no row for the ${what} ${name}`);
}
