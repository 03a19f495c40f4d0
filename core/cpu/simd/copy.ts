import type { Storage, View } from '../../kernels.js';
import { blockStarts, lengthOf, merged } from '../copy.js';
import type { CpuStorage } from '../storage.js';
import type { Engine } from './engine.js';
import { AXES, FEWEST } from './map.js';

/** Of more than so many times as many numbers, few are worth a way to the engine. */
const SHARE = 4;

/** Whether a view is worth the way to the engine. */
export const isWorthwhile = (x: Storage, view: View): boolean => {
  const length = lengthOf(view);
  return length >= FEWEST && x.length <= SHARE * length;
};

/** Numbers that one call copies. */
const PIECE = 2 ** 15;

/** The first axis that has more than one number, and how many of them are copied at a time. */
function outermost(axes: readonly (readonly number[])[], block: number) {
  const axis = axes.find(([size]) => size > 1) ?? axes[0];
  return [axis, Math.max(1, Math.floor((PIECE * axis[0]) / block))] as const;
}

/** Reads a strided view into a new storage. */
export function applyCopy(engine: Engine, x: Storage, view: View): CpuStorage {
  const whole = merged(view);
  const { shape, strides } = whole;
  const axis = (fromLast: number): [size: number, bytes: number] =>
    fromLast > shape.length
      ? [1, 0]
      : [shape[shape.length - fromLast], 4 * strides[shape.length - fromLast]];
  const [cols, rows, planes] = [1, 2, 3].map(axis);
  const block = cols[0] * rows[0] * planes[0];
  const length = lengthOf(view);
  const [split, each] = outermost([planes, rows, cols], block);
  const share = length < 2 * PIECE ? 'call' : 'fork';
  return engine.result([x], length, (y, source) => {
    blockStarts(whole, AXES).forEach((from, i) => {
      for (let at = 0; at < split[0]; at += each) {
        const axes = [planes, rows, cols].map((axis) =>
          axis === split ? [Math.min(each, split[0] - at), axis[1]] : axis,
        );
        const before = (block / split[0]) * at;
        const [start, to] = [source + 4 * from + split[1] * at, y + 4 * (i * block + before)];
        engine[share]('copy', start, to, ...axes.flat());
      }
    });
    engine.join();
  });
}
