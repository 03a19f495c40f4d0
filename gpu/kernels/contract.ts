import type { Kernels, Loop } from '../../core/kernels.js';
import type { GpuDevice } from '../device.js';
import { fold } from '../fold.js';
import { offset, unravel } from '../source.js';

const sizesOf = (loops: readonly Loop[]): number[] => loops.map(({ size }) => size);

/** The place in an array of the indices `${name}0`, `${name}1`, …. */
const place = (loops: readonly Loop[], of: 'a' | 'b', name: string): string =>
  offset(
    name,
    loops.map((loop) => loop[of]),
    sizesOf(loops),
  );

export const contractKernels = (device: GpuDevice): Pick<Kernels, 'contract'> => ({
  contract(a, b, { batch, rows, cols, inner, length }) {
    // The result is dense, so its loops in the order of their strides take its places apart.
    const outer = [...batch, ...rows, ...cols].filter(({ size }) => size > 1);
    outer.sort((one, other) => other.y - one.y);
    return fold(device, {
      name: 'contract',
      dtype: a.dtype,
      fn: 'sum',
      length,
      loops: inner.map(({ size }, at) => [`k${at}`, size] as const),
      inputs: { a, b },
      before: `${unravel('row', sizesOf(outer), 'j')}
const fromA = ${place(outer, 'a', 'j')};
const fromB = ${place(outer, 'b', 'j')};`,
      inside: (add) =>
        add(`a[fromA + ${place(inner, 'a', 'k')}] * b[fromB + ${place(inner, 'b', 'k')}]`),
    });
  },
});
