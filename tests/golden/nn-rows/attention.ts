import * as nn from '../../../nn/index.js';
import type { Tensor } from '../../../ops/index.js';
import type { Arguments } from '../arguments.js';
import { type Applied, applied, dtype, type Rows } from './applied.js';

/** Query, key and value; where the case has one input, it is all three. */
function attended(
  module: nn.MultiHeadAttention,
  inputs: readonly Tensor[],
  a: Arguments,
): readonly Tensor[] {
  const [query, key = query, value = key] = inputs;
  const [output, weights] = module.forward(query, key, value, {
    attnMask: a.tensor('attn_mask', query),
    keyPaddingMask: a.tensor('key_padding_mask', query),
    needWeights: a.boolean('need_weights', true),
    averageAttnWeights: a.boolean('average_attn_weights', true),
  });
  return weights === null ? [output] : [output, weights];
}

const multiHeadAttention = (a: Arguments): Applied =>
  applied(
    new nn.MultiHeadAttention(a.number('embed_dim'), a.number('num_heads'), {
      dropout: a.number('dropout', 0),
      bias: a.boolean('bias', true),
      addBiasKv: a.boolean('add_bias_kv', false),
      addZeroAttn: a.boolean('add_zero_attn', false),
      kdim: a.number('kdim', null),
      vdim: a.number('vdim', null),
      batchFirst: a.boolean('batch_first', false),
      dtype,
    }),
    attended,
  );

const layerOptions = (a: Arguments): nn.TransformerLayerOptions => ({
  dimFeedforward: a.number('dim_feedforward', 2048),
  dropout: a.number('dropout', 0.1),
  activation: a.oneOf('activation', ['relu', 'gelu'], 'relu'),
  layerNormEps: a.number('layer_norm_eps', 1e-5),
  batchFirst: a.boolean('batch_first', false),
  normFirst: a.boolean('norm_first', false),
  dtype,
});

/** PyTorch's attention and transformers as they are made here. */
export const attention: Rows = {
  MultiheadAttention: multiHeadAttention,
  TransformerEncoderLayer: (a) =>
    applied(
      new nn.TransformerEncoderLayer(a.number('d_model'), a.number('nhead'), layerOptions(a)),
      (layer, [src], b) =>
        layer.forward(src, {
          srcMask: b.tensor('src_mask', src),
          srcKeyPaddingMask: b.tensor('src_key_padding_mask', src),
        }),
    ),
  TransformerDecoderLayer: (a) =>
    applied(
      new nn.TransformerDecoderLayer(a.number('d_model'), a.number('nhead'), layerOptions(a)),
      (layer, [tgt, memory], b) =>
        layer.forward(tgt, memory, {
          tgtMask: b.tensor('tgt_mask', tgt),
          memoryMask: b.tensor('memory_mask', memory),
          tgtKeyPaddingMask: b.tensor('tgt_key_padding_mask', tgt),
          memoryKeyPaddingMask: b.tensor('memory_key_padding_mask', memory),
        }),
    ),
};
