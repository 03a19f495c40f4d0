import { grad, lambdaLayer, sub } from '../../ops/index.js';
import { compare } from './compare.js';
import { type LambdaCase, read } from './format.js';

const INPUTS = ['queries', 'keys', 'values', 'embeddings', 'mask'];

/** The worst relative error of the lambda layer's output and gradients. */
export function checkLambda(c: LambdaCase): number {
  const unknown = Object.keys(c.inputs).filter((name) => !INPUTS.includes(name));
  if (unknown.length > 0) throw new Error(`the lambda layer takes no ${unknown.join(', ')}`);
  const inputs = Object.fromEntries(Object.entries(c.inputs).map(([name, x]) => [name, read(x)]));
  const wanted = Object.keys(c.inputs).filter((name) => name in c.grads && c.grads[name] !== null);
  const { queries, keys, values, embeddings = null, mask = null } = inputs;
  const xs = wanted.map((name) => inputs[name].requiresGrad_());
  const both = lambdaLayer(queries, keys, values, { embeddings, mask });
  // The position lambda is what the embeddings add to the content lambda.
  const y =
    c.name === 'position_only' ? sub(both, lambdaLayer(queries, keys, values, { mask })) : both;
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
