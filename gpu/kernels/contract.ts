import type { Contraction, Kernels, Loop, Storage } from '../../core/kernels.js';
import { stridesOf } from '../../core/shape.js';
import type { GpuDevice } from '../device.js';
import { fold } from '../fold.js';
import { type Factor, isWorthQuads, multiply, type Product } from '../product.js';
import { offset, unravel } from '../source.js';

const sizesOf = (loops: readonly Loop[]): number[] => loops.map(({ size }) => size);

/** The place in an array of the indices `${name}0`, `${name}1`, …. */
const place = (loops: readonly Loop[], of: 'a' | 'b', name: string): string =>
  offset(
    name,
    loops.map((loop) => loop[of]),
    sizesOf(loops),
  );

/** An index in row-major loops as statements that name each loop's own index. */
const indices = (loops: readonly Loop[], from: string, name: string): string =>
  unravel(from, sizesOf(loops), name);

/** A contraction as a product of matrices whose rows, columns and batch are several loops each. */
function asProduct(a: Storage, b: Storage, contraction: Contraction): Product {
  const { batch, rows, cols, inner, length } = contraction;
  const size = (loops: readonly Loop[]): number => loops.reduce((n, loop) => n * loop.size, 1);
  const factor = (of: 'a' | 'b', first: readonly Loop[], second: readonly Loop[]): Factor => ({
    inputs: of === 'a' ? { a } : { b },
    read: (at, one, two, value, tag) => {
      const names = ['m', 'f', 's'].map((name) => `${name}${tag}_`);
      const groups = [batch, first, second];
      const lines = [at, one, two].map((from, g) => indices(groups[g], from, names[g]));
      const places = groups.map((loops, g) => place(loops, of, names[g]));
      return `${lines.join('\n')}\n${value} = ${of}[${places.join(' + ')}];`;
    },
  });
  // Each loop of the result, by its stride there, with what it counts for in its own group.
  const outer = [batch, rows, cols].flatMap((loops, group) => {
    const strides = stridesOf(sizesOf(loops));
    return loops.map((loop, at) => ({ loop, group, stride: strides[at] }));
  });
  const kept = outer.filter(({ loop }) => loop.size > 1);
  kept.sort((one, other) => other.loop.y - one.loop.y);
  const index = (group: number): string =>
    ['0', ...kept.flatMap((of, at) => (of.group === group ? [`j${at} * ${of.stride}`] : []))].join(
      ' + ',
    );
  return {
    name: 'contract',
    dtype: a.dtype,
    ...{ batch: size(batch), rows: size(rows), cols: size(cols), inner: size(inner), length },
    left: factor('a', rows, inner),
    right: factor('b', inner, cols),
    locate: `${unravel(
      'i',
      kept.map(({ loop }) => loop.size),
      'j',
    )}
const b = ${index(0)};
const r = ${index(1)};
const c = ${index(2)};`,
  };
}

export const contractKernels = (device: GpuDevice): Pick<Kernels, 'contract'> => ({
  contract(a, b, loops) {
    const product = asProduct(a, b, loops);
    if (isWorthQuads(device, product)) return multiply(device, product);
    const { batch, rows, cols, inner, length } = loops;
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
