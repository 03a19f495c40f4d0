import { sizeOf } from '../../shape.js';
import type { Engine } from './engine.js';

/** Numbers that one call copies. */
const SHARE = 2 ** 15;

/** What of each axis is copied: from where, to where, and how much; nothing if windows reach zeros alone. */
const overlaps = (from: readonly number[], to: readonly number[], before: readonly number[]) =>
  from.map((n, i) => {
    const [first, at] = [Math.max(0, -before[i]), Math.min(Math.max(0, before[i]), to[i])];
    return { first, at, count: Math.max(0, Math.min(n - first, to[i] - at)) };
  });

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
  const [depth, rows, width] = overlaps(from, to, before);
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
  const [area, room] = [sizeOf(from), sizeOf(to)];
  const count = length / area;
  const target = engine.room(count * room);
  const [depth, rows, width] = overlaps(from, to, before);
  // Some planes of an image from `at` on, with so many lines of those from `first` on in them.
  const frame = (image: number, first: number, at: number, planes: number, lines: number): void => {
    const start = (first * from[1] + rows.first) * from[2] + width.first;
    engine.fork(
      'frame',
      source + 4 * (image * area + start),
      4 * from[1] * from[2],
      4 * from[2],
      target + 4 * (image * room + at * to[1] * to[2]),
      planes,
      lines === 0 ? to[1] : rows.at,
      lines,
      lines === 0 ? 0 : to[1] - rows.at - lines,
      4 * width.at,
      4 * width.count,
      4 * to[2],
    );
  };
  const end = depth.at + depth.count;
  if (from[0] === 1 && to[0] === 1 && depth.count === 1) {
    // Images of one plane follow each other as planes do.
    const some = Math.ceil(SHARE / room);
    for (let image = 0; image < count; image += some) {
      frame(image, 0, 0, Math.min(some, count - image), rows.count);
    }
  } else {
    for (let image = 0; image < count; image++) {
      frame(image, 0, 0, depth.at, 0);
      frame(image, depth.first, depth.at, depth.count, rows.count);
      frame(image, 0, end, to[0] - end, 0);
    }
  }
  engine.join();
  return target;
}
