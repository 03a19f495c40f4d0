/** jax-js on one of its backends. Every use of an array consumes it; `.ref` is one more use. */
import {
  type Device,
  defaultDevice,
  grad,
  init,
  type Array as JaxArray,
  jit,
  lax,
  nn,
  numpy as np,
  valueAndGrad,
} from '@jax-js/jax';
import { type Engine, type Formulas, HEADS, RATES } from '../engine.js';
import type { Formula } from '../works.js';

const convolve = (x: JaxArray, w: JaxArray): JaxArray => lax.conv(x, w, [1, 1], 'SAME');

/** Steepest descent: p ← p − rate · ∂loss/∂p. */
function descend(
  parameters: JaxArray[],
  rate: number,
  loss: (parameters: JaxArray[]) => JaxArray,
): JaxArray[] {
  const gradients = grad(loss)(parameters.map((p) => p.ref));
  return parameters.map((p, i) => p.sub(gradients[i].mul(rate)));
}

const formulas: Formulas<JaxArray> = {
  matmul: ([a, b]) => [np.matmul(a, b)],
  'tanh(x*y+b)': ([x, y, b]) => [np.tanh(x.mul(y).add(b))],
  softmax: ([x]) => [nn.softmax(x)],
  'sum 0': ([x]) => [np.sum(x, 0)],
  'sum 1': ([x]) => [np.sum(x, 1)],
  conv: ([x, w]) => [convolve(x, w)],
  'conv gradients': (data) => {
    const f = valueAndGrad(([x, w]: JaxArray[]) => np.sum(convolve(x, w)));
    const [value, gradients] = f(data);
    return [value, ...gradients];
  },
  'MLP step': ([x, labels], parameters) =>
    descend(parameters, RATES['MLP step'], ([w1, b1, w2, b2, w3, b3]) => {
      const first = nn.relu(np.matmul(x, w1).add(b1));
      const second = nn.relu(np.matmul(first, w2).add(b2));
      const scores = np.matmul(second, w3).add(b3);
      return np.mean(np.sum(nn.logSoftmax(scores).mul(labels), 1)).neg();
    }),
  'attention step': ([x], parameters) => {
    const [batch, tokens, width] = x.shape;
    const depth = width / HEADS;
    const split = (t: JaxArray) => t.reshape([batch, tokens, HEADS, depth]).transpose([0, 2, 1, 3]);
    return descend(parameters, RATES['attention step'], ([wq, wk, wv, wo]) => {
      const q = split(np.matmul(x.ref, wq));
      const k = split(np.matmul(x.ref, wk));
      const v = split(np.matmul(x, wv));
      const scores = np.matmul(q, k.transpose([0, 1, 3, 2])).mul(1 / Math.sqrt(depth));
      const mixed = np.matmul(nn.softmax(scores), v).transpose([0, 2, 1, 3]);
      return np.mean(np.square(np.matmul(mixed.reshape([batch, tokens, width]), wo)));
    });
  },
};

/** The data as it takes it, where that is not as lambdagrad does: labels one-hot. */
const inward: Partial<Record<Formula, (data: JaxArray[]) => JaxArray[]>> = {
  'MLP step': ([x, labels]) => [x, nn.oneHot(labels, 10)],
};

const first = (x: JaxArray): JaxArray => x.reshape([-1]).slice([0, 1]);

const another = (arrays: readonly JaxArray[]): JaxArray[] => arrays.map((x) => x.ref);

const dispose = (arrays: readonly JaxArray[]): void => {
  for (const x of arrays) x.dispose();
};

export async function jax(device: Device): Promise<Engine> {
  if (!(await init(device)).includes(device)) throw new Error(`jax-js could not start ${device}`);

  /** At once where it can be, since waiting costs it more than asking. */
  const read = (arrays: readonly JaxArray[]) =>
    Promise.all(
      arrays.map(async (x) => (device === 'webgl' ? x.dataSync() : await x.data()) as Float32Array),
    );

  return {
    async activate() {
      defaultDevice(device);
    },
    prepare({ formula, parameters }, inputs) {
      const compute = jit(formulas[formula]);
      const moved = inputs.map(({ data, shape }) =>
        np.array(data as Float32Array | Int32Array).reshape([...shape]),
      );
      const given = moved.slice(parameters);
      const data = inward[formula]?.(given) ?? given;
      let learned = moved.slice(0, parameters);
      return {
        async run() {
          const results = compute(another(data), another(learned));
          await read(another(results).map(first));
          dispose(parameters > 0 ? learned : results);
          if (parameters > 0) learned = results;
        },
        whole: () => read(compute(another(data), another(learned))),
        free: () => dispose([...data, ...learned]),
      };
    },
  };
}
