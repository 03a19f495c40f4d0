import type { UpdateRule } from '../../kernels.js';
import { type Engine, roundUp } from './engine.js';
import { BLOCK, SHARE } from './map.js';

/** Changes p and the slots in place. */
export function applyUpdate(
  engine: Engine,
  rule: UpdateRule,
  p: Float32Array,
  g: Float32Array,
  slots: readonly Float32Array[],
  settings: readonly number[],
): void {
  const arrays = [p, g, ...slots];
  const room = Math.min(BLOCK, roundUp(p.length, 4));
  engine.within(() => {
    const constants = engine.place(Float32Array.from(settings));
    const address = engine.room(room * arrays.length);
    const { floats } = engine;
    const at = (i: number): number => address / 4 + i * room;
    for (let from = 0; from < p.length; from += BLOCK) {
      const n = Math.min(BLOCK, p.length - from);
      arrays.forEach((x, i) => {
        floats.set(x.subarray(from, from + n), at(i));
      });
      for (let i = 0; i < n; i += SHARE) {
        const end = address + 4 * Math.min(i + SHARE, n);
        engine.fork(rule, address + 4 * i, end, 4 * room, constants);
      }
      engine.join();
      arrays.forEach((x, i) => {
        if (x !== g) x.set(floats.subarray(at(i), at(i) + n), from);
      });
    }
  });
}
