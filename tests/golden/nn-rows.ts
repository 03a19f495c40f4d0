import * as nn from '../../nn/index.js';
import type { Tensor } from '../../ops/index.js';
import type { Arguments } from './arguments.js';
import type { Result } from './rows/row.js';

/** A module, and how it is applied to the case's inputs. */
export interface Applied {
  readonly module: nn.Module;
  readonly apply: (inputs: readonly Tensor[], a: Arguments) => Result;
}

export const applied = <M extends nn.Module>(
  module: M,
  apply: (module: M, inputs: readonly Tensor[], a: Arguments) => Result,
): Applied => ({ module, apply: (inputs, a) => apply(module, inputs, a) });

/** A module of one input. */
const ofOne = (module: nn.Module & { forward(x: Tensor): Tensor }): Applied =>
  applied(module, (m, [x]) => m.forward(x));

const dtype = 'float64';

/** PyTorch's modules as they are made here. */
export const modules: Readonly<Record<string, (a: Arguments) => Applied>> = {
  Linear: (a) =>
    ofOne(
      new nn.Linear(a.number('in_features'), a.number('out_features'), {
        bias: a.boolean('bias', true),
        dtype,
      }),
    ),
  Conv2d: (a) => {
    a.only('padding_mode', 'zeros');
    return ofOne(
      new nn.Conv2d(a.number('in_channels'), a.number('out_channels'), a.perAxis('kernel_size'), {
        stride: a.perAxis('stride', 1),
        padding: a.padding(),
        dilation: a.perAxis('dilation', 1),
        groups: a.number('groups', 1),
        bias: a.boolean('bias', true),
        dtype,
      }),
    );
  },
};

/** PyTorch's optimisers as they are made here. */
export const optimizers: Readonly<
  Record<string, (parameters: readonly Tensor[], a: Arguments) => nn.Optimizer & { lr: number }>
> = {
  SGD: (parameters, a) =>
    new nn.SGD(parameters, {
      lr: a.number('lr', 1e-3),
      momentum: a.number('momentum', 0),
      dampening: a.number('dampening', 0),
      weightDecay: a.number('weight_decay', 0),
      nesterov: a.boolean('nesterov', false),
    }),
  Adam: (parameters, a) => {
    a.only('amsgrad', false);
    const [beta1, beta2] = a.numbers('betas', [0.9, 0.999]);
    return new nn.Adam(parameters, {
      lr: a.number('lr', 1e-3),
      betas: [beta1, beta2],
      eps: a.number('eps', 1e-8),
      weightDecay: a.number('weight_decay', 0),
    });
  },
};

/** PyTorch's schedules of the learning rate as they are made here. */
export const schedulers: Readonly<
  Record<string, (optimizer: nn.Optimizer & { lr: number }, a: Arguments) => { step(): void }>
> = {};

/** What scales gradients down before a step. */
export const clippers: Readonly<
  Record<string, (parameters: readonly Tensor[], most: number) => void>
> = {};

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
