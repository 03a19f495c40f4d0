import type { TypedArray } from '../dtype.js';
import type { Storage, UpdateRule } from '../kernels.js';
import { owned } from './storage.js';

type UpdateLoop = (
  p: TypedArray,
  g: TypedArray,
  slots: readonly TypedArray[],
  settings: readonly number[],
) => void;

const updateLoops: Record<UpdateRule, UpdateLoop> = {
  descent(p, gradient, _slots, [lr, decay]) {
    for (let i = 0; i < p.length; i++) p[i] -= lr * (gradient[i] + decay * p[i]);
  },

  momentum(p, gradient, [velocity], [lr, decay, keep, take, ahead]) {
    for (let i = 0; i < p.length; i++) {
      const g = gradient[i] + decay * p[i];
      const v = keep * velocity[i] + take * g;
      velocity[i] = v;
      p[i] -= lr * (v + ahead * (g + keep * v - v));
    }
  },

  adam(p, gradient, [mean, square], [step, decay, b1, c1, b2, c2, scale, eps, shrink]) {
    for (let i = 0; i < p.length; i++) {
      const g = gradient[i] + decay * p[i];
      const m = b1 * mean[i] + c1 * g;
      const v = b2 * square[i] + c2 * g * g;
      mean[i] = m;
      square[i] = v;
      p[i] = shrink * p[i] - (step * m) / (scale * Math.sqrt(v) + eps);
    }
  },
};

export const updateKernels = {
  update(
    rule: UpdateRule,
    p: Storage,
    g: Storage,
    slots: readonly Storage[],
    settings: readonly number[],
  ): void {
    updateLoops[rule](owned(p), g.data, slots.map(owned), settings);
  },
};
