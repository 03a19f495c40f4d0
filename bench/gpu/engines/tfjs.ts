/** TensorFlow.js on one of its backends for GPUs. */
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { type Engine, type Formulas, HEADS, RATES } from '../engine.js';
import type { Formula } from '../works.js';

const convolve = (x: tf.Tensor, w: tf.Tensor): tf.Tensor =>
  tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same');

/** Steepest descent: p ← p − rate · ∂loss/∂p. */
function descend(
  parameters: tf.Tensor[],
  rate: number,
  loss: (...parameters: tf.Tensor[]) => tf.Tensor,
): tf.Tensor[] {
  const gradients = tf.grads(loss)(parameters);
  return parameters.map((p, i) => tf.sub(p, tf.mul(gradients[i], rate)));
}

const formulas: Formulas<tf.Tensor> = {
  matmul: ([a, b]) => [tf.matMul(a, b)],
  'tanh(x*y+b)': ([x, y, b]) => [tf.tanh(tf.add(tf.mul(x, y), b))],
  softmax: ([x]) => [tf.softmax(x)],
  'sum 0': ([x]) => [tf.sum(x, 0)],
  'sum 1': ([x]) => [tf.sum(x, 1)],
  conv: ([x, w]) => [convolve(x, w)],
  'conv gradients': (data) => {
    const { value, grads } = tf.valueAndGrads((x, w) => tf.sum(convolve(x, w)))(data);
    return [value, ...grads];
  },
  'MLP step': ([x, labels], parameters) =>
    descend(parameters, RATES['MLP step'], (w1, b1, w2, b2, w3, b3) => {
      const first = tf.relu(tf.add(tf.matMul(x, w1), b1));
      const second = tf.relu(tf.add(tf.matMul(first, w2), b2));
      return tf.losses.softmaxCrossEntropy(labels, tf.add(tf.matMul(second, w3), b3));
    }),
  'attention step': ([x], parameters) => {
    const [batch, tokens, width] = x.shape;
    const depth = width / HEADS;
    const rows = tf.reshape(x, [batch * tokens, width]);
    const split = (t: tf.Tensor) =>
      tf.transpose(tf.reshape(t, [batch, tokens, HEADS, depth]), [0, 2, 1, 3]);
    return descend(parameters, RATES['attention step'], (wq, wk, wv, wo) => {
      const [q, k, v] = [wq, wk, wv].map((w) => split(tf.matMul(rows, w)));
      const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(depth));
      const mixed = tf.transpose(tf.matMul(tf.softmax(scores), v), [0, 2, 1, 3]);
      return tf.mean(tf.square(tf.matMul(tf.reshape(mixed, [batch * tokens, width]), wo)));
    });
  },
};

/** The data as it takes it, where that is not as lambdagrad does: channels last, labels one-hot. */
const inward: Partial<Record<Formula, (data: tf.Tensor[]) => tf.Tensor[]>> = {
  conv: (data) => channelsLast(data),
  'conv gradients': (data) => channelsLast(data),
  'MLP step': ([x, labels]) => [x, tf.oneHot(tf.cast(labels, 'int32'), 10)],
};

/** The results back in lambdagrad's layout. */
const outward: Partial<Record<Formula, (results: tf.Tensor[]) => tf.Tensor[]>> = {
  conv: ([y]) => [tf.transpose(y, [0, 3, 1, 2])],
  'conv gradients': ([value, gx, gw]) => [
    value,
    tf.transpose(gx, [0, 3, 1, 2]),
    tf.transpose(gw, [3, 2, 0, 1]),
  ],
};

const channelsLast = ([x, w]: tf.Tensor[]): tf.Tensor[] => [
  tf.transpose(x, [0, 2, 3, 1]),
  tf.transpose(w, [2, 3, 1, 0]),
];

const first = (x: tf.Tensor): tf.Tensor =>
  x.rank === 0
    ? x
    : tf.slice(
        x,
        x.shape.map(() => 0),
        x.shape.map(() => 1),
      );

export async function tfjs(backend: 'webgl' | 'webgpu'): Promise<Engine> {
  const activate = async (): Promise<void> => {
    if (!(await tf.setBackend(backend)))
      throw new Error(`tfjs could not start its ${backend} backend`);
  };
  await activate();

  /** At once where it can be, since waiting costs it more than asking. */
  const read = (tensors: readonly tf.Tensor[]) =>
    Promise.all(
      tensors.map(
        async (x) => (backend === 'webgl' ? x.dataSync() : await x.data()) as Float32Array,
      ),
    );

  return {
    activate,
    prepare({ formula, parameters }, inputs) {
      const compute = formulas[formula];
      const { data, initial } = tf.tidy(() => {
        const moved = inputs.map((x) => tf.tensor(x.data as Float32Array, [...x.shape]));
        const data = moved.slice(parameters);
        return { data: inward[formula]?.(data) ?? data, initial: moved.slice(0, parameters) };
      });
      let learned = initial;
      return {
        async run() {
          const { results, heads } = tf.tidy(() => {
            const results = compute(data, learned);
            return { results, heads: results.map(first) };
          });
          await read(heads);
          tf.dispose(heads);
          tf.dispose(parameters > 0 ? learned : results);
          if (parameters > 0) learned = results;
        },
        async whole() {
          const results = tf.tidy(() => {
            const results = compute(data, learned);
            return outward[formula]?.(results) ?? results;
          });
          const numbers = await read(results);
          tf.dispose(results);
          return numbers;
        },
        free: () => tf.dispose([...data, ...learned]),
      };
    },
  };
}
