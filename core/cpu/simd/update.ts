import type { Storage, UpdateRule } from '../../kernels.js';
import type { Engine } from './engine.js';
import { inShares } from './map.js';

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
    inShares(engine, p.length, (from, to) => {
      const [start, end] = [parameter + 4 * from, parameter + 4 * to];
      const places = kept.map((at) => at + 4 * from);
      engine.fork(rule, start, end, gradient + 4 * from, constants, ...places);
    });
    engine.changed(p, parameter);
    slots.forEach((slot, i) => {
      engine.changed(slot, kept[i]);
    });
  });
}
