import { formatShape } from '../core/shape.js';
import { StateDictError, sub, type Tensor, unsqueeze } from '../ops/index.js';
import type { StateDict } from './module.js';

/**
 * The state dict of timm's `LambdaLayer` (`qkv.weight`, `norm_q.*`, `norm_v.*`, and `conv_lambda.*` or
 * `pos_emb`) as one of a `LambdaLayer` with `dimU` 1: the rows of `qkv` are queries, keys and values one
 * after another; a local table has value depth as its last axis there, and no intra-depth. Load it into a
 * layer with `positionBias` where there is a `conv_lambda.bias`. A `qkv.bias` becomes part of the running
 * means. Throws a `StateDictError`, also for names that are none of these.
 */
export function fromTimm(state: Readonly<StateDict>, heads: number, dimK: number): StateDict {
  const { 'qkv.weight': qkv, 'qkv.bias': bias, ...others } = state;
  if (qkv === undefined || qkv.ndim !== 4 || qkv.shape[0] <= (heads + 1) * dimK) {
    throw new StateDictError(
      `fromTimm: expected qkv.weight [${heads}·${dimK} + ${dimK} + v, c, 1, 1], got ${qkv === undefined ? 'none' : formatShape(qkv.shape)}`,
    );
  }
  const [ofQ, ofK, ofV] = [
    [0, heads * dimK],
    [heads * dimK, dimK],
    [(heads + 1) * dimK, qkv.shape[0] - (heads + 1) * dimK],
  ];
  const result: StateDict = {
    'to_q.weight': qkv.narrow(0, ofQ[0], ofQ[1]),
    'to_k.weight': qkv.narrow(0, ofK[0], ofK[1]),
    'to_v.weight': qkv.narrow(0, ofV[0], ofV[1]),
  };
  for (const [name, x] of Object.entries(others)) {
    if (/^norm_[qv]\./.test(name)) result[name] = x;
    else if (name === 'conv_lambda.weight') result['pos_conv.weight'] = x.permute([0, 1, 4, 2, 3]);
    else if (name === 'conv_lambda.bias') result['pos_conv.bias'] = x;
    else if (name === 'pos_emb') result.rel_pos_emb = unsqueeze(x, 3);
    else {
      throw new StateDictError(
        `fromTimm: expected qkv, norm_q, norm_v, conv_lambda and pos_emb, got ${name}`,
      );
    }
  }
  if (bias === undefined) return result;
  if (bias.ndim !== 1 || bias.shape[0] !== qkv.shape[0]) {
    throw new StateDictError(
      `fromTimm: expected qkv.bias [${qkv.shape[0]}], got ${formatShape(bias.shape)}`,
    );
  }
  // Batch norm takes a channel's constant away again, as softmax over positions does for the keys.
  for (const [name, [from, length]] of [
    ['norm_q.running_mean', ofQ],
    ['norm_v.running_mean', ofV],
  ] as const) {
    const mean: Tensor | undefined = result[name];
    if (mean === undefined) {
      throw new StateDictError(`fromTimm: expected ${name} beside qkv.bias, got none`);
    }
    result[name] = sub(mean, bias.narrow(0, from, length));
  }
  return result;
}
