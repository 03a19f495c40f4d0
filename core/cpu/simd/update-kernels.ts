import type { UpdateRule } from '../../kernels.js';
import { type Code, f32x4, i32, type Local, type ModuleBuilder } from './assembler.js';
import { VECTOR } from './layout.js';

type Vector = Code<'v128'>;

const { add, sub, mul, div, sqrt } = f32x4;

/** A step as formulas: from p, g and the slots to what p and the slots become, given the settings. */
type Formula = (
  keep: (v: Vector) => Local<'v128'>,
  p: Vector,
  g: Vector,
  slots: readonly Vector[],
  settings: readonly Vector[],
) => Vector[];

/** The rules, each as in `update.ts` beside the loops, with how many settings it has. */
const rules: Record<UpdateRule, { slots: number; settings: number; formula: Formula }> = {
  descent: {
    slots: 0,
    settings: 2,
    formula: (_keep, p, g, _slots, [lr, decay]) => [sub(p, mul(lr, add(g, mul(decay, p))))],
  },
  momentum: {
    slots: 1,
    settings: 5,
    formula: (keep, p, gradient, [velocity], [lr, decay, kept, take, ahead]) => {
      const g = keep(add(gradient, mul(decay, p)));
      const v = keep(add(mul(kept, velocity), mul(take, g)));
      const further = mul(ahead, sub(add(g, mul(kept, v)), v));
      return [sub(p, mul(lr, add(v, further))), v];
    },
  },
  adam: {
    slots: 2,
    settings: 9,
    formula: (
      keep,
      p,
      gradient,
      [mean, square],
      [step, decay, b1, c1, b2, c2, scale, eps, shrink],
    ) => {
      const g = keep(add(gradient, mul(decay, p)));
      const m = keep(add(mul(b1, mean), mul(c1, g)));
      const v = keep(add(mul(b2, square), mul(c2, mul(g, g))));
      return [sub(mul(shrink, p), div(mul(step, m), add(mul(scale, sqrt(v)), eps))), m, v];
    },
  },
};

/** The kernels of optimisers: p from p to `end`, its gradient, the settings and, one by one, the slots. */
export function defineUpdates(module: ModuleBuilder): void {
  for (const [name, { slots, settings, formula }] of Object.entries(rules)) {
    const names = ['m', 'v'].slice(0, slots);
    const others = Object.fromEntries(names.map((slot) => [slot, 'i32'] as const));
    const parameters = { p: 'i32', end: 'i32', g: 'i32', settings: 'i32', ...others } as const;
    module.function(name, parameters, (locals, f) => {
      const { p, end, g, settings: at, ...kept } = locals;
      const constants = Array.from({ length: settings }, (_, i) =>
        f.let(f32x4.loadSplat(at, 4 * i)),
      );
      const places: Local<'i32'>[] = [p, ...Object.values<Local<'i32'>>(kept)];
      f.count(p, end, VECTOR, () => {
        const [x, ...others] = places.map((place) => f.let(f32x4.load(place)));
        const results = formula((v) => f.let(v), x, f.let(f32x4.load(g)), others, constants);
        results.forEach((result, i) => {
          f.do(f32x4.store(places[i], result));
        });
        for (const place of [g, ...places.slice(1)])
          f.set(place, i32.add(place, i32.const(VECTOR)));
      });
    });
  }
}
