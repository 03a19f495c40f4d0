/** lambdagrad, as a user would write it, on any of its devices. */
import {
  add,
  conv2d,
  crossEntropy,
  type Device,
  dispose,
  grad,
  matmul,
  mean,
  mul,
  narrow,
  relu,
  scope,
  softmax,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  valueAndGrad,
} from 'lambdagrad';
import { type Engine, type Formulas, HEADS, RATES } from '../engine.js';

const convolve = (x: Tensor, w: Tensor): Tensor => conv2d(x, w, null, { padding: 1 });

/** Steepest descent: p ← p − rate · ∂loss/∂p. */
function descend(parameters: Tensor[], rate: number, loss: (parameters: Tensor[]) => Tensor) {
  const gradients = grad(loss)(parameters);
  return parameters.map((p, i) => sub(p, mul(gradients[i], rate)));
}

const formulas: Formulas<Tensor> = {
  matmul: ([a, b]) => [matmul(a, b)],
  'tanh(x*y+b)': ([x, y, b]) => [tanh(add(mul(x, y), b))],
  softmax: ([x]) => [softmax(x, -1)],
  'sum 0': ([x]) => [sum(x, 0)],
  'sum 1': ([x]) => [sum(x, 1)],
  conv: ([x, w]) => [convolve(x, w)],
  'conv gradients': (data) => {
    const [value, gradients] = valueAndGrad(([x, w]: Tensor[]) => sum(convolve(x, w)))(data);
    return [value, ...gradients];
  },
  'MLP step': ([x, labels], parameters) =>
    descend(parameters, RATES['MLP step'], ([w1, b1, w2, b2, w3, b3]) => {
      const first = relu(add(matmul(x, w1), b1));
      const second = relu(add(matmul(first, w2), b2));
      return crossEntropy(add(matmul(second, w3), b3), labels);
    }),
  'attention step': ([x], parameters) => {
    const [batch, tokens, width] = x.shape;
    const depth = width / HEADS;
    const split = (t: Tensor) => t.reshape([batch, tokens, HEADS, depth]).transpose(1, 2);
    return descend(parameters, RATES['attention step'], ([wq, wk, wv, wo]) => {
      const [q, k, v] = [wq, wk, wv].map((w) => split(matmul(x, w)));
      const scores = mul(matmul(q, k.transpose(-1, -2)), 1 / Math.sqrt(depth));
      const mixed = matmul(softmax(scores, -1), v).transpose(1, 2).reshape(x.shape);
      return mean(square(matmul(mixed, wo)));
    });
  },
};

const first = (x: Tensor): Tensor => narrow(x.reshape([x.size]), 0, 0, 1);

const read = (tensors: readonly Tensor[]) =>
  Promise.all(tensors.map(async (x) => (await x.read()) as Float32Array));

export function ours(device: Device): Engine {
  return {
    async activate() {},
    prepare({ formula, parameters }, inputs) {
      const compute = formulas[formula];
      const moved = inputs.map((x) => x.to(device));
      const data = moved.slice(parameters);
      let learned = moved.slice(0, parameters);
      return {
        async run() {
          const { results, heads } = scope(() => {
            const results = compute(data, learned);
            return { results, heads: results.map(first) };
          });
          await read(heads);
          dispose(heads);
          dispose(parameters > 0 ? learned : results);
          if (parameters > 0) learned = results;
        },
        async whole() {
          const results = scope(() => compute(data, learned));
          const numbers = await read(results);
          dispose(results);
          return numbers;
        },
        free: () => dispose([data, learned]),
      };
    },
  };
}
