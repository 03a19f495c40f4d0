import type { Kernels, UpdateRule } from '../../core/kernels.js';
import type { GpuDevice } from '../device.js';

/** A rule as expressions: what becomes of each slot and then of p, from p, g, the slots and the settings. */
interface Rule {
  readonly settings: readonly string[];
  readonly slots: Readonly<Record<string, string>>;
  readonly p: string;
}

const rules: Record<UpdateRule, Rule> = {
  descent: {
    settings: ['lr', 'decay'],
    slots: {},
    p: 'p[i] - lr * (g[i] + decay * p[i])',
  },
  momentum: {
    settings: ['lr', 'decay', 'kept', 'taken', 'ahead'],
    slots: { v: 'kept * v[i] + taken * (g[i] + decay * p[i])' },
    p: 'p[i] - lr * (v[i] + ahead * (g[i] + decay * p[i] + kept * v[i] - v[i]))',
  },
  adam: {
    settings: ['rate', 'decay', 'b1', 'c1', 'b2', 'c2', 'scale', 'eps', 'shrink'],
    slots: {
      m: 'b1 * m[i] + c1 * (g[i] + decay * p[i])',
      v: 'b2 * v[i] + c2 * (g[i] + decay * p[i]) * (g[i] + decay * p[i])',
    },
    p: 'shrink * p[i] - rate * m[i] / (scale * Math.sqrt(v[i]) + eps)',
  },
};

export const updateKernels = (device: GpuDevice): Pick<Kernels, 'update'> => ({
  update(name, p, g, slots, settings) {
    const rule = rules[name];
    const named = Object.fromEntries(Object.keys(rule.slots).map((slot, at) => [slot, slots[at]]));
    const numbers = Object.fromEntries(rule.settings.map((setting, at) => [setting, settings[at]]));
    // A kernel of one result for each slot, and for p with the new slots at last. Only what an expression
    // names is passed to it.
    const change = (slot: string, expression: string): void => {
      const all = { p, g, ...named };
      const used = <T>(from: Record<string, T>, mark: (key: string) => RegExp) =>
        Object.fromEntries(Object.entries(from).filter(([key]) => mark(key).test(expression)));
      device.runInto(all[slot as keyof typeof all], {
        name,
        dtype: p.dtype,
        length: p.length,
        inputs: used(all, (key) => new RegExp(`\\b${key}\\[`)),
        scalars: used(numbers, (key) => new RegExp(`\\b${key}\\b`)),
        body: `return ${expression};`,
      });
    };
    for (const [slot, expression] of Object.entries(rule.slots)) change(slot, expression);
    change('p', rule.p);
  },
});
