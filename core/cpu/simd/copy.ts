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
  return engine.result([x], length, (y, source) => {
    blockStarts(whole, AXES).forEach((from, i) => {
      engine.call('copy', source + 4 * from, y + 4 * i * block, ...planes, ...rows, ...cols);
    });
  });
}
