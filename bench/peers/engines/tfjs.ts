/**
 * TensorFlow.js on its WebAssembly backend (one thread: in Node it has no more). The whole package is
 * imported rather than its core, since the core alone lacks some gradients.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { type Run, type Setup, serve } from '../protocol.js';
import type { WorkName } from '../works.js';

const LEARNING_RATE = 0.01;

const normal = <R extends tf.Rank>(shape: tf.ShapeMap[R]) => tf.randomNormal<R>(shape);

/** Runs f, reads what it gives, and lets go of all that was made on the way. */
const timed =
  (f: () => tf.Tensor | tf.Tensor[]): Run =>
  () =>
    tf.tidy(() => {
      for (const result of [f()].flat()) result.dataSync();
    });

function product(n: number): Run {
  const [a, b] = [normal<tf.Rank.R2>([n, n]), normal<tf.Rank.R2>([n, n])];
  return timed(() => tf.matMul(a, b));
}

function fused(): Run {
  const [x, y, b] = [normal([2 ** 20]), normal([2 ** 20]), normal([1])];
  return timed(() => tf.tanh(tf.add(tf.mul(x, y), b)));
}

function ofMatrix(f: (x: tf.Tensor) => tf.Tensor): Run {
  const x = normal([1024, 1024]);
  return timed(() => f(x));
}

/** Its layout is channels last, the one that it computes in. */
function convolution(f: (x: tf.Tensor4D, w: tf.Tensor4D) => tf.Tensor | tf.Tensor[]): Run {
  const [x, w] = [normal<tf.Rank.R4>([8, 32, 32, 32]), normal<tf.Rank.R4>([3, 3, 32, 64])];
  return timed(() => f(x, w));
}

const convolve = (x: tf.Tensor4D, w: tf.Tensor4D) => tf.conv2d(x, w, 1, 'same');
const convolutionGradients = tf.grads((x, w) =>
  tf.sum(convolve(x as tf.Tensor4D, w as tf.Tensor4D)),
);

function descend(parameters: tf.Variable[], loss: () => tf.Scalar): Run {
  const step = (): void => {
    const { grads } = tf.variableGrads(loss, parameters);
    for (const p of parameters) p.assign(tf.sub(p, tf.mul(grads[p.name], LEARNING_RATE)));
  };
  return () => tf.tidy(step);
}

const weight = (rows: number, columns: number, scale: number) =>
  tf.variable(tf.mul(normal<tf.Rank.R2>([rows, columns]), scale));

function perceptronStep(): Run {
  const x = normal<tf.Rank.R2>([64, 784]);
  const labels = tf.oneHot(tf.randomUniform<tf.Rank.R1>([64], 0, 10, 'int32'), 10);
  const [w1, w2, w3] = [weight(784, 256, 0.05), weight(256, 128, 0.05), weight(128, 10, 0.05)];
  const [b1, b2, b3] = [256, 128, 10].map((size) => tf.variable(tf.zeros([size])));
  return descend([w1, b1, w2, b2, w3, b3], () => {
    const first = tf.relu(tf.add(tf.matMul(x, w1), b1));
    const second = tf.relu(tf.add(tf.matMul(first, w2), b2));
    return tf.losses.softmaxCrossEntropy(labels, tf.add(tf.matMul(second, w3), b3));
  });
}

function attentionStep(): Run {
  const [batch, tokens, width, heads] = [4, 256, 128, 4];
  const depth = width / heads;
  const x = normal<tf.Rank.R2>([batch * tokens, width]);
  const parameters = Array.from({ length: 4 }, () => weight(width, width, 0.1));
  const [wq, wk, wv, wo] = parameters;
  const split = (t: tf.Tensor) =>
    tf.transpose(tf.reshape(t, [batch, tokens, heads, depth]), [0, 2, 1, 3]);
  return descend(parameters, () => {
    const [q, k, v] = [wq, wk, wv].map((w) => split(tf.matMul(x, w)));
    const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(depth));
    const mixed = tf.transpose(tf.matMul(tf.softmax(scores), v), [0, 2, 1, 3]);
    const output = tf.matMul(tf.reshape(mixed, [batch * tokens, width]), wo);
    return tf.mean<tf.Scalar>(tf.square(output));
  });
}

function additions(): Run {
  const [x, y] = [normal([10]), normal([10])];
  const gradient = tf.grad((x: tf.Tensor) => {
    let z = x;
    for (let i = 0; i < 1000; i++) z = tf.add(z, y);
    return tf.sum(z);
  });
  return timed(() => gradient(x));
}

const works: Record<WorkName, Setup> = {
  'matmul 128': () => product(128),
  'matmul 256': () => product(256),
  'matmul 512': () => product(512),
  'matmul 1024': () => product(1024),
  'tanh(x*y+b)': fused,
  softmax: () => ofMatrix((x) => tf.softmax(x)),
  'sum 0': () => ofMatrix((x) => tf.sum(x, 0)),
  'sum 1': () => ofMatrix((x) => tf.sum(x, 1)),
  conv: () => convolution(convolve),
  'conv gradients': () => convolution((x, w) => convolutionGradients([x, w])),
  'MLP step': perceptronStep,
  'attention step': attentionStep,
  additions,
};

const binaries = dirname(fileURLToPath(import.meta.resolve('@tensorflow/tfjs-backend-wasm')));
setWasmPaths(`${binaries}/`);
if (!(await tf.setBackend('wasm'))) throw new Error('tfjs could not start its wasm backend');
await serve(works);
