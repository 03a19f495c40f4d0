import * as nn from '../../../nn/index.js';
import { dtype, ofOne, type Rows } from './applied.js';

/** PyTorch's layers as they are made here. */
export const layers: Rows = {
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
