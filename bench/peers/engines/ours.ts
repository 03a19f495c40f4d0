/** lambdagrad, as a user would write it. Argument: how many threads. */
import {
  add,
  conv2d,
  crossEntropy,
  grad,
  matmul,
  mean,
  mul,
  noGrad,
  randint,
  randn,
  relu,
  setThreads,
  softmax,
  square,
  sum,
  type Tensor,
  tanh,
  zeros,
} from 'lambdagrad';
import { type Run, type Setup, serve } from '../protocol.js';
import type { WorkName } from '../works.js';

const LEARNING_RATE = 0.01;

function product(n: number): Run {
  const [a, b] = [randn([n, n]), randn([n, n])];
  return () => matmul(a, b).data;
}

function fused(): Run {
  const [x, y, b] = [randn([2 ** 20]), randn([2 ** 20]), randn([1])];
  return () => tanh(add(mul(x, y), b)).data;
}

function ofMatrix(f: (x: Tensor) => Tensor): Run {
  const x = randn([1024, 1024]);
  return () => f(x).data;
}

function convolution(): Run {
  const [x, w] = [randn([8, 32, 32, 32]), randn([64, 32, 3, 3])];
  return () => conv2d(x, w, null, { padding: 1 }).data;
}

function convolutionGradients(): Run {
  const x = randn([8, 32, 32, 32]).requiresGrad_();
  const w = randn([64, 32, 3, 3]).requiresGrad_();
  return () => grad(sum(conv2d(x, w, null, { padding: 1 })), [x, w]).map((g) => g.data);
}

/** Steepest descent: p ← p − lr · ∂loss/∂p. */
function descend(parameters: readonly Tensor[], loss: () => Tensor): Run {
  return () => {
    const gradients = grad(loss(), parameters);
    noGrad(() => {
      parameters.forEach((p, i) => {
        p.sub_(mul(gradients[i], LEARNING_RATE));
      });
    });
  };
}

const weight = (rows: number, columns: number, scale: number): Tensor =>
  mul(randn([rows, columns]), scale).requiresGrad_();

const bias = (size: number): Tensor => zeros([size], { requiresGrad: true });

function perceptronStep(): Run {
  const [x, labels] = [randn([64, 784]), randint(0, 10, [64])];
  const [w1, w2, w3] = [weight(784, 256, 0.05), weight(256, 128, 0.05), weight(128, 10, 0.05)];
  const [b1, b2, b3] = [bias(256), bias(128), bias(10)];
  return descend([w1, b1, w2, b2, w3, b3], () => {
    const first = relu(add(matmul(x, w1), b1));
    const second = relu(add(matmul(first, w2), b2));
    return crossEntropy(add(matmul(second, w3), b3), labels);
  });
}

function attentionStep(): Run {
  const [batch, tokens, width, heads] = [4, 256, 128, 4];
  const depth = width / heads;
  const x = randn([batch, tokens, width]);
  const parameters = Array.from({ length: 4 }, () => weight(width, width, 0.1));
  const [wq, wk, wv, wo] = parameters;
  const split = (t: Tensor) => t.reshape([batch, tokens, heads, depth]).transpose(1, 2);
  return descend(parameters, () => {
    const [q, k, v] = [wq, wk, wv].map((w) => split(matmul(x, w)));
    const scores = mul(matmul(q, k.transpose(-1, -2)), 1 / Math.sqrt(depth));
    const mixed = matmul(softmax(scores, -1), v).transpose(1, 2).reshape(x.shape);
    return mean(square(matmul(mixed, wo)));
  });
}

function additions(): Run {
  const [x, y] = [randn([10]).requiresGrad_(), randn([10])];
  return () => {
    let z: Tensor = x;
    for (let i = 0; i < 1000; i++) z = add(z, y);
    return grad(sum(z), x).data;
  };
}

const works: Record<WorkName, Setup> = {
  'matmul 128': () => product(128),
  'matmul 256': () => product(256),
  'matmul 512': () => product(512),
  'matmul 1024': () => product(1024),
  'tanh(x*y+b)': fused,
  softmax: () => ofMatrix((x) => softmax(x, -1)),
  'sum 0': () => ofMatrix((x) => sum(x, 0)),
  'sum 1': () => ofMatrix((x) => sum(x, 1)),
  conv: convolution,
  'conv gradients': convolutionGradients,
  'MLP step': perceptronStep,
  'attention step': attentionStep,
  additions,
};

setThreads(Number(process.argv[2]));
await serve(works);
