import { sizeOf } from '../../shape.js';
import type { Engine } from './engine.js';

/** Numbers that one call copies. */
const SHARE = 2 ** 16;

/**
 * Puts images (`length` numbers at `source`, one channel each) into others of another size at `target`,
 * `before` numbers from the beginning of each axis; what does not fit is cut off.
 */
export function resized(
  engine: Engine,
  source: number,
  length: number,
  from: readonly number[],
  target: number,
  to: readonly number[],
  before: readonly number[],
): void {
  const [area, room] = [sizeOf(from), sizeOf(to)];
  const count = length / area;
  const [depth, rows, width] = from.map((n, i) => {
    const [first, at] = [Math.max(0, -before[i]), Math.max(0, before[i])];
    return { first, at, count: Math.max(0, Math.min(n - first, to[i] - at)) };
  });
  const some = Math.ceil(SHARE / area);
  for (let image = 0; image < count; image += some) {
    for (let d = 0; d < depth.count; d++) {
      const start = ((depth.first + d) * from[1] + rows.first) * from[2] + width.first;
      const place = ((depth.at + d) * to[1] + rows.at) * to[2] + width.at;
      engine.fork(
        'spread',
        source + 4 * (image * area + start),
        target + 4 * (image * room + place),
        Math.min(some, count - image),
        4 * area,
        4 * room,
        rows.count,
        4 * from[2],
        4 * to[2],
        4 * width.count,
      );
    }
  }
  engine.join();
}

/** The address of such images with zeros around them, or of the same ones if there are none. */
export function padded(
  engine: Engine,
  source: number,
  length: number,
  from: readonly number[],
  to: readonly number[],
  before: readonly number[],
): number {
  if (from.every((n, i) => n === to[i] && before[i] === 0)) return source;
  const count = (length / sizeOf(from)) * sizeOf(to);
  const target = engine.room(count);
  engine.floats.fill(0, target / 4, target / 4 + count);
  resized(engine, source, length, from, target, to, before);
  return target;
}
