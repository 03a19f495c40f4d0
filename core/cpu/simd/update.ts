import type { Storage, UpdateRule } from '../../kernels.js';
import type { Engine } from './engine.js';

/** Changes p and the slots in place. */
export function applyUpdate(
  engine: Engine,
  rule: UpdateRule,
  p: Storage,
  g: Storage,
  slots: readonly Storage[],
  settings: readonly number[],
): void {
  engine.within(() => {
    const constants = engine.place(Float32Array.from(settings));
    const [parameter, gradient, ...kept] = [p, g, ...slots].map((x) => engine.source(x));
    engine.call(rule, parameter, parameter + 4 * p.length, gradient, constants, ...kept);
    engine.changed(p, parameter);
    slots.forEach((slot, i) => {
      engine.changed(slot, kept[i]);
    });
  });
}
