/**
 * jax-js on its WebAssembly backend. Argument: `jit` or `eager`. Every use of an array consumes it;
 * `.ref` is one more use.
 */
import {
  blockUntilReady,
  defaultDevice,
  grad,
  init,
  type Array as JaxArray,
  jit,
  lax,
  nn,
  numpy as np,
  random,
  valueAndGrad,
} from '@jax-js/jax';
import { type Run, type Setup, serve } from '../protocol.js';
import type { WorkName } from '../works.js';

const LEARNING_RATE = 0.01;
const compiled = process.argv[2] === 'jit';

let seed = 0;
const normal = (shape: number[]): JaxArray => random.normal(random.key(seed++), shape);

/** Runs f on the inputs and reads what it gives. */
function timed(f: (...inputs: JaxArray[]) => JaxArray | JaxArray[], ...inputs: JaxArray[]): Run {
  const run = compiled ? jit(f) : f;
  return () =>
    Promise.all([run(...inputs.map((x) => x.ref))].flat().map((result) => result.data()));
}

const product = (n: number): Run => timed(np.matmul, normal([n, n]), normal([n, n]));

const ofMatrix = (f: (x: JaxArray) => JaxArray): Run => timed(f, normal([1024, 1024]));

function fused(): Run {
  const f = (x: JaxArray, y: JaxArray, b: JaxArray) => np.tanh(x.mul(y).add(b));
  return timed(f, normal([2 ** 20]), normal([2 ** 20]), normal([1]));
}

const convolve = (x: JaxArray, w: JaxArray) => lax.conv(x, w, [1, 1], 'SAME');

const convolution = (f: (x: JaxArray, w: JaxArray) => JaxArray | JaxArray[]): Run =>
  timed(f, normal([8, 32, 32, 32]), normal([64, 32, 3, 3]));

/** With the value, since a compiler drops whatever the gradients alone do not need. */
const convolutionGradients = valueAndGrad((x: JaxArray, w: JaxArray) => np.sum(convolve(x, w)), {
  argnums: [0, 1],
});

/** Steps of steepest descent on the loss of the parameters and the data. */
function descend(
  parameters: JaxArray[],
  loss: (parameters: JaxArray[], ...data: JaxArray[]) => JaxArray,
  ...data: JaxArray[]
): Run {
  const slope = grad(loss);
  const step = (ps: JaxArray[], ...rest: JaxArray[]): JaxArray[] => {
    const gradients = slope(
      ps.map((p) => p.ref),
      ...rest,
    );
    return ps.map((p, i) => p.sub(gradients[i].mul(LEARNING_RATE)));
  };
  const run = compiled ? jit(step) : step;
  let current = parameters;
  return async () => {
    current = run(current, ...data.map((x) => x.ref));
    await blockUntilReady(current);
  };
}

const weight = (rows: number, columns: number, scale: number): JaxArray =>
  normal([rows, columns]).mul(scale);

function perceptronStep(): Run {
  const labels = nn.oneHot(np.array(Int32Array.from({ length: 64 }, (_, i) => i % 10)), 10);
  const sizes = [784, 256, 128, 10];
  const parameters = [0, 1, 2].flatMap((i) => [
    weight(sizes[i], sizes[i + 1], 0.05),
    np.zeros([sizes[i + 1]]),
  ]);
  return descend(
    parameters,
    ([w1, b1, w2, b2, w3, b3], x, y) => {
      const first = nn.relu(np.matmul(x, w1).add(b1));
      const second = nn.relu(np.matmul(first, w2).add(b2));
      const scores = np.matmul(second, w3).add(b3);
      return np.mean(np.sum(nn.logSoftmax(scores).mul(y), 1)).neg();
    },
    normal([64, 784]),
    labels,
  );
}

function attentionStep(): Run {
  const [batch, tokens, width, heads] = [4, 256, 128, 4];
  const depth = width / heads;
  const parameters = Array.from({ length: 4 }, () => weight(width, width, 0.1));
  const split = (t: JaxArray) => t.reshape([batch, tokens, heads, depth]).transpose([0, 2, 1, 3]);
  return descend(
    parameters,
    ([wq, wk, wv, wo], x) => {
      const q = split(np.matmul(x.ref, wq));
      const k = split(np.matmul(x.ref, wk));
      const v = split(np.matmul(x, wv));
      const scores = np.matmul(q, k.transpose([0, 1, 3, 2])).mul(1 / Math.sqrt(depth));
      const mixed = np.matmul(nn.softmax(scores), v).transpose([0, 2, 1, 3]);
      return np.mean(np.square(np.matmul(mixed.reshape([batch, tokens, width]), wo)));
    },
    normal([batch, tokens, width]),
  );
}

function additions(): Run {
  const f = valueAndGrad((x: JaxArray, y: JaxArray) => {
    let z = x;
    for (let i = 0; i < 1000; i++) z = z.add(y.ref);
    y.dispose();
    return z.sum();
  });
  return timed((x, y) => f(x, y), normal([10]), normal([10]));
}

const works: Record<WorkName, Setup> = {
  'matmul 128': () => product(128),
  'matmul 256': () => product(256),
  'matmul 512': () => product(512),
  'matmul 1024': () => product(1024),
  'tanh(x*y+b)': fused,
  softmax: () => ofMatrix((x) => nn.softmax(x)),
  'sum 0': () => ofMatrix((x) => np.sum(x, 0)),
  'sum 1': () => ofMatrix((x) => np.sum(x, 1)),
  conv: () => convolution(convolve),
  'conv gradients': () => convolution((x, w) => convolutionGradients(x, w).flat()),
  'MLP step': perceptronStep,
  'attention step': attentionStep,
  additions,
};

await init('wasm');
defaultDevice('wasm');
await serve(works);
