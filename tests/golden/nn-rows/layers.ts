import * as nn from '../../../nn/index.js';
import type { Arguments } from '../arguments.js';
import { type Applied, applied, dtype, ofOne, type Rows } from './applied.js';

/** A module of two inputs, such as a loss of input and target. */
const ofTwo = (module: nn.Bilinear | nn.Loss): Applied =>
  applied(module, (m, [x, y]) => m.forward(x, y));

/** Layers that are made without arguments. */
const plain = (Layer: new () => nn.Layer) => (): Applied => ofOne(new Layer());

/** Layers that are made of a probability, and compared in evaluation only. */
const dropout =
  (Layer: new (p: number) => nn.Layer) =>
  (a: Arguments): Applied =>
    ofOne(new Layer(a.number('p', 0.5)));

const reduction = (a: Arguments) => ({
  reduction: a.oneOf('reduction', ['mean', 'sum', 'none'], 'mean'),
});

/** PyTorch's layers as they are made here. */
export const layers: Rows = {
  Linear: (a) =>
    ofOne(
      new nn.Linear(a.number('in_features'), a.number('out_features'), {
        bias: a.boolean('bias', true),
        dtype,
      }),
    ),
  Bilinear: (a) =>
    ofTwo(
      new nn.Bilinear(
        a.number('in1_features'),
        a.number('in2_features'),
        a.number('out_features'),
        { bias: a.boolean('bias', true), dtype },
      ),
    ),
  Embedding: (a) => {
    a.only('norm_type', 2);
    a.only('scale_grad_by_freq', false);
    return ofOne(
      new nn.Embedding(a.number('num_embeddings'), a.number('embedding_dim'), {
        paddingIdx: a.number('padding_idx', null),
        maxNorm: a.number('max_norm', null),
        dtype,
      }),
    );
  },
  Identity: plain(nn.Identity),
  Flatten: (a) => ofOne(new nn.Flatten(a.number('start_dim', 1), a.number('end_dim', -1))),
  Dropout: dropout(nn.Dropout),
  Dropout1d: dropout(nn.Dropout1d),
  Dropout2d: dropout(nn.Dropout2d),
  Dropout3d: dropout(nn.Dropout3d),
  ReLU: plain(nn.ReLU),
  SELU: plain(nn.SELU),
  SiLU: plain(nn.SiLU),
  Mish: plain(nn.Mish),
  Tanh: plain(nn.Tanh),
  Sigmoid: plain(nn.Sigmoid),
  LogSigmoid: plain(nn.LogSigmoid),
  Softsign: plain(nn.Softsign),
  LeakyReLU: (a) => ofOne(new nn.LeakyReLU(a.number('negative_slope', 0.01))),
  ELU: (a) => ofOne(new nn.ELU(a.number('alpha', 1))),
  GELU: (a) => ofOne(new nn.GELU(a.oneOf('approximate', ['none', 'tanh'], 'none'))),
  Softplus: (a) => ofOne(new nn.Softplus(a.number('beta', 1), a.number('threshold', 20))),
  Hardtanh: (a) => ofOne(new nn.Hardtanh(a.number('min_val', -1), a.number('max_val', 1))),
  Softmax: (a) => ofOne(new nn.Softmax(a.number('dim'))),
  LogSoftmax: (a) => ofOne(new nn.LogSoftmax(a.number('dim'))),
  MSELoss: (a) => ofTwo(new nn.MSELoss(reduction(a))),
  L1Loss: (a) => ofTwo(new nn.L1Loss(reduction(a))),
  SmoothL1Loss: (a) => ofTwo(new nn.SmoothL1Loss({ ...reduction(a), beta: a.number('beta', 1) })),
  HuberLoss: (a) => ofTwo(new nn.HuberLoss({ ...reduction(a), delta: a.number('delta', 1) })),
  CrossEntropyLoss: (a) =>
    ofTwo(
      new nn.CrossEntropyLoss({
        ...reduction(a),
        ignoreIndex: a.number('ignore_index', -100),
        labelSmoothing: a.number('label_smoothing', 0),
      }),
    ),
  NLLLoss: (a) =>
    ofTwo(new nn.NLLLoss({ ...reduction(a), ignoreIndex: a.number('ignore_index', -100) })),
  BCELoss: (a) => ofTwo(new nn.BCELoss(reduction(a))),
  BCEWithLogitsLoss: (a) => ofTwo(new nn.BCEWithLogitsLoss(reduction(a))),
  KLDivLoss: (a) =>
    ofTwo(
      new nn.KLDivLoss({
        reduction: a.oneOf('reduction', ['mean', 'sum', 'none', 'batchmean'], 'mean'),
        logTarget: a.boolean('log_target', false),
      }),
    ),
  CosineSimilarity: (a) =>
    ofTwo(new nn.CosineSimilarity({ dim: a.number('dim', 1), eps: a.number('eps', 1e-8) })),
};
