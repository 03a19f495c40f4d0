import { LambdaLayer } from '../../nn/index.js';
import { grad, lambdaLayer, type Tensor } from '../../ops/index.js';
import { compare } from './compare.js';
import { type LambdaCase, read } from './format.js';

const INPUTS = ['queries', 'keys', 'values', 'embeddings', 'mask'];

/** The layer that a case describes, with the case's weights. */
function layerOf(c: LambdaCase): { layer: LambdaLayer; x: Tensor } {
  const { dim, dim_out, dim_k, heads, dim_u, n, r } = c.args as Record<string, number | null>;
  const layer = new LambdaLayer(dim ?? 0, {
    dimOut: dim_out ?? 0,
    dimK: dim_k ?? 0,
    heads: heads ?? 0,
    dimU: dim_u ?? 0,
    n,
    r,
    positionBias: 'pos_conv.bias' in c.inputs,
    dtype: c.inputs.x.dtype === 'float32' ? 'float32' : 'float64',
  });
  const { x, ...weights } = Object.fromEntries(
    Object.entries(c.inputs).map(([name, written]) => [name, read(written)]),
  );
  layer.loadStateDict({ ...layer.stateDict(), ...weights });
  return { layer, x: x.requiresGrad_() };
}

/** The worst relative error of a layer's output and of the gradients by x and every weight. */
function checkLayer(c: LambdaCase): number {
  const { layer, x } = layerOf(c);
  const xs: Record<string, Tensor> = { x, ...Object.fromEntries(layer.namedParameters()) };
  const y = layer.forward(x);
  const names = Object.keys(c.grads);
  const gs = grad(
    y,
    names.map((name) => xs[name]),
    { gradOutputs: read(c.cotangent) },
  );
  const errors = names.map((name, i) => {
    const written = c.grads[name];
    if (written === null) throw new Error(`the layer's case has no gradient by ${name}`);
    return compare(`gradient by ${name}`, gs[i], written, 'derivative');
  });
  if (names.length !== Object.keys(xs).length) throw new Error(`gradients only by ${names}`);
  return Math.max(compare('output', y, c.output), ...errors);
}

/** The worst relative error of the lambda layer's output and gradients. */
export function checkLambda(c: LambdaCase): number {
  if (c.name === 'LambdaLayer') return checkLayer(c);
  const unknown = Object.keys(c.inputs).filter((name) => !INPUTS.includes(name));
  if (unknown.length > 0) throw new Error(`the lambda layer takes no ${unknown.join(', ')}`);
  const inputs = Object.fromEntries(Object.entries(c.inputs).map(([name, x]) => [name, read(x)]));
  const wanted = Object.keys(c.inputs).filter((name) => name in c.grads && c.grads[name] !== null);
  const { queries, keys, values, embeddings = null, mask = null } = inputs;
  const xs = wanted.map((name) => inputs[name].requiresGrad_());
  const content = c.name !== 'position_only';
  const y = lambdaLayer(queries, keys, values, { embeddings, mask, content });
  const gs = grad(y, xs, { gradOutputs: read(c.cotangent), allowUnused: true });
  const errors = [compare('output', y, c.output)];
  for (const [name, written] of Object.entries(c.grads)) {
    if (written === null) continue;
    const at = wanted.indexOf(name);
    if (at < 0) throw new Error(`the case has a gradient by ${name}, which is no input`);
    errors.push(compare(`gradient by ${name}`, gs[at], written, 'derivative'));
  }
  return Math.max(...errors);
}
