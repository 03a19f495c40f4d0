import type { Contraction, Kernels, Loop, Storage } from '../../core/kernels.js';
import { stridesOf } from '../../core/shape.js';
import type { GpuDevice } from '../device.js';
import { type Factor, type Product, product } from '../product.js';
import { offset, unravel } from '../source.js';

const sizesOf = (loops: readonly Loop[]): number[] => loops.map(({ size }) => size);
const count = (loops: readonly Loop[]): number => loops.reduce((n, { size }) => n * size, 1);

/** A contraction as a product of matrices whose batch, rows, columns and inner steps are several loops each. */
function asProduct(a: Storage, b: Storage, contraction: Contraction): Product {
  const { batch, rows, cols, inner, length } = contraction;

  const factor = (of: 'a' | 'b', first: readonly Loop[], second: readonly Loop[]): Factor => ({
    inputs: of === 'a' ? { left: a } : { right: b },
    read: (matrix, one, two, value, tag) => {
      const groups = [
        { loops: batch, at: matrix, name: `m${tag}_` },
        { loops: first, at: one, name: `f${tag}_` },
        { loops: second, at: two, name: `s${tag}_` },
      ];
      const lines = groups.map(({ loops, at, name }) => unravel(at, sizesOf(loops), name));
      const places = groups.map(({ loops, name }) =>
        offset(
          name,
          loops.map((loop) => loop[of]),
          sizesOf(loops),
        ),
      );
      return `${lines.join('\n')}\n${value} = ${of === 'a' ? 'left' : 'right'}[${places.join(' + ')}];`;
    },
  });

  // The result is dense, so its loops in the order of their strides take its places apart.
  const outer = [batch, rows, cols].flatMap((loops, group) => {
    const strides = stridesOf(sizesOf(loops));
    return loops.map(({ size, y }, at) => ({ size, y, group, stride: strides[at] }));
  });
  const walked = outer.filter(({ size }) => size > 1).sort((one, other) => other.y - one.y);
  const sizes = walked.map(({ size }) => size);
  const index = (group: number): string =>
    offset(
      'j',
      walked.map((loop) => (loop.group === group ? loop.stride : 0)),
      sizes,
    );

  return {
    name: 'contract',
    dtype: a.dtype,
    batch: count(batch),
    rows: count(rows),
    cols: count(cols),
    inner: count(inner),
    left: factor('a', rows, inner),
    right: factor('b', inner, cols),
    length,
    locate: (at) => `${unravel(at, sizes, 'j')}
const b = ${index(0)};
const r = ${index(1)};
const c = ${index(2)};`,
  };
}

export const contractKernels = (device: GpuDevice): Pick<Kernels, 'contract'> => ({
  contract: (a, b, loops) => product(device, asProduct(a, b, loops)),
});
