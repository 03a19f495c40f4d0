import type { Convolution, Storage } from '../../kernels.js';
import { Memo } from '../../memo.js';
import { sizeOf, stridesOf } from '../../shape.js';
import { inOrder, partSizes } from '../conv.js';
import { offsetsIn, type Product, REMEMBERED } from '../gemm.js';
import type { CpuStorage } from '../storage.js';
import type { Engine } from './engine.js';
import { Multiplication } from './gemm.js';
import { padded } from './padding.js';
import { convolveTiles, filterTiles, isTiled } from './winograd.js';

// An image with zeros around it is kept in the engine's memory; a tap of the kernel and a position of
// the output are then each one offset into it, and their sum is the number that they read. So all three
// partial maps of a convolution are products over tables of offsets, and no columns are laid out.

/** Every offset of the first table with every one of the second, the second's fastest. */
function sums(outer: Int32Array, inner: Int32Array): Int32Array {
  const table = new Int32Array(outer.length * inner.length);
  let at = 0;
  for (const base of outer) for (const offset of inner) table[at++] = base + offset;
  return table;
}

/** Offsets into an array of these sizes, of every combination of the places along its axes. */
function offsetsOf(sizes: readonly number[], places: readonly (readonly number[])[]): Int32Array {
  const strides = stridesOf(sizes);
  return places.reduce<Int32Array>(
    (table, along, axis) =>
      sums(
        table,
        Int32Array.from(along, (at) => at * strides[axis]),
      ),
    new Int32Array(1),
  );
}

const range = (count: number, step = 1, start = 0): number[] =>
  Array.from({ length: count }, (_, i) => start + i * step);

/** What `lay` makes of a convolution's sizes, made once for equal sizes. */
function remembered<T extends { readonly products: readonly Product[] }>(
  lay: (sizes: Convolution) => T,
): (sizes: Convolution) => T {
  const known = new Memo<string, T>(REMEMBERED, ({ products }) =>
    products.reduce((sum, product) => sum + offsetsIn(product), 0),
  );
  return (sizes) => known.get(Object.values(sizes).join('|'), () => lay(sizes));
}

/** The input as far as any window reaches, and where in it taps and positions lie. */
function windows(sizes: Convolution) {
  const { inChannels, kernel, output, stride, dilation } = sizes;
  const extent = output.map((o, i) => (o - 1) * stride[i] + (kernel[i] - 1) * dilation[i] + 1);
  return {
    extent,
    taps: offsetsOf(
      [inChannels, ...extent],
      [range(inChannels), ...kernel.map((k, i) => range(k, dilation[i]))],
    ),
    positions: offsetsOf(
      extent,
      output.map((o, i) => range(o, stride[i])),
    ),
  };
}

/** Addresses from `base` on, so many numbers apart: one for each part, or its group's. */
const addresses = (base: number, apart: number, parts: number, groups = parts): number[] =>
  range(parts).map((i) => base + 4 * apart * (i % groups));

/** The product of weights `[out, taps]` and taps `[taps, positions]`. */
const forward = remembered((sizes) => {
  const part = partSizes(sizes);
  const { extent, taps, positions } = windows(sizes);
  const product: Product = {
    rowsA: inOrder(sizes.outChannels, part.taps),
    rowsY: inOrder(sizes.outChannels, part.positions),
    colsB: positions,
    colsY: inOrder(part.positions),
    innerA: inOrder(part.taps),
    innerB: taps,
  };
  return { extent, products: [product] };
});

/** y[o, p] = Σₜ w[o, t] · x[p + t] for each image and group. */
export function convolve(engine: Engine, x: Storage, w: Storage, sizes: Convolution): CpuStorage {
  const { groups, inChannels, input, padding } = sizes;
  const part = partSizes(sizes);
  return engine.result([x, w], part.parts * part.y, (y, source, weight) => {
    if (isTiled(sizes) && convolveTiles(engine, sizes, [source, weight, y], false)) return;
    const { extent, products } = forward(sizes);
    const images = padded(engine, source, x.length, input, extent, padding);
    new Multiplication(engine, products[0]).run(
      addresses(weight, part.w, part.parts, groups),
      addresses(images, inChannels * sizeOf(extent), part.parts),
      y,
      inOrder(part.parts, part.y),
    );
  });
}

/** The product of gradients `[out, positions]` and taps `[positions, taps]`, over the batch. */
const filter = remembered((sizes) => {
  const { batch, groups, inChannels, outChannels } = sizes;
  const part = partSizes(sizes);
  const { extent, taps, positions } = windows(sizes);
  const image = inChannels * sizeOf(extent);
  const product: Product = {
    rowsA: inOrder(outChannels, part.positions),
    rowsY: inOrder(outChannels, part.taps),
    colsB: taps,
    colsY: inOrder(part.taps),
    innerA: sums(inOrder(batch, groups * part.y), inOrder(part.positions)),
    innerB: sums(inOrder(batch, groups * image), positions),
  };
  return { extent, image, products: [product] };
});

/** w[o, t] = Σ g[o, p] · x[p + t] over positions p and images, for each group. */
export function convolveFilter(
  engine: Engine,
  g: Storage,
  x: Storage,
  sizes: Convolution,
): CpuStorage {
  const { groups, input, padding } = sizes;
  const part = partSizes(sizes);
  return engine.result([g, x], groups * part.w, (w, gradient, source) => {
    if (isTiled(sizes) && filterTiles(engine, sizes, [gradient, source, w])) return;
    const { extent, image, products } = filter(sizes);
    const images = padded(engine, source, x.length, input, extent, padding);
    new Multiplication(engine, products[0]).run(
      addresses(gradient, part.y, groups),
      addresses(images, image, groups),
      w,
      inOrder(groups, part.w),
    );
  });
}

/** One product for each remainder by the stride that some tap meets. */
const transposed = remembered((sizes) => {
  const { inChannels, outChannels, input, kernel, output, stride } = sizes;
  const axes = [0, 1, 2].map((axis) => remainders(sizes, axis));
  const before = axes.map((list) =>
    Math.max(0, ...list.flatMap(({ shifts }) => shifts.map((s) => -s))),
  );
  const extent = axes.map((list, axis) =>
    Math.max(
      output[axis],
      ...list.flatMap(({ count, shifts }) => shifts.map((s) => before[axis] + s + count)),
    ),
  );
  const phases = axes[0].flatMap((d) => axes[1].flatMap((h) => axes[2].map((w) => [d, h, w])));
  const busy = phases.filter((phase) => phase.every(({ count, taps }) => count * taps.length > 0));
  const products = busy.map((phase): Product => {
    const places = phase.map(({ count }) => range(count));
    const results = phase.map(({ count, first }, i) => range(count, stride[i], first));
    const shifts = phase.map((along, i) => along.shifts.map((s) => s + before[i]));
    const taps = phase.map((along) => along.taps);
    return {
      rowsA: inOrder(inChannels, sizeOf(kernel)),
      rowsY: inOrder(inChannels, sizeOf(input)),
      colsB: offsetsOf(extent, places),
      colsY: offsetsOf(input, results),
      innerA: offsetsOf([outChannels, inChannels, ...kernel], [range(outChannels), [0], ...taps]),
      innerB: offsetsOf([outChannels, ...extent], [range(outChannels), ...shifts]),
    };
  });
  return { before, extent, products, hasGaps: busy.length < phases.length };
});

/**
 * x[c, q] = Σ w[o, c, t] · g[o, p] over the positions p and taps t that read q, for each image and group:
 * p·stride + t·dilation − padding = q. With a stride, the q of one remainder meet the same taps, and each
 * remainder is a product of its own.
 */
export function convolveInput(
  engine: Engine,
  g: Storage,
  w: Storage,
  sizes: Convolution,
): CpuStorage {
  const { groups, outChannels, output } = sizes;
  const part = partSizes(sizes);
  const length = part.parts * part.x;
  return engine.result([g, w], length, (x, source, weight) => {
    if (isTiled(sizes) && convolveTiles(engine, sizes, [source, weight, x], true)) return;
    const { before, extent, products, hasGaps } = transposed(sizes);
    if (hasGaps) engine.floats.fill(0, x / 4, x / 4 + length);
    const filters = addresses(weight, part.w, part.parts, groups);
    const gradient = padded(engine, source, g.length, output, extent, before);
    const images = addresses(gradient, outChannels * sizeOf(extent), part.parts);
    for (const product of products) {
      new Multiplication(engine, product).run(filters, images, x, inOrder(part.parts, part.x));
    }
  });
}

/** The input's places along one axis by their remainder, the taps that meet them, and from how far. */
function remainders({ input, kernel, stride, dilation, padding }: Convolution, axis: number) {
  return range(Math.min(stride[axis], input[axis])).map((first) => {
    const reach = (tap: number): number => first + padding[axis] - tap * dilation[axis];
    const taps = range(kernel[axis]).filter((tap) => reach(tap) % stride[axis] === 0);
    return {
      first,
      count: Math.ceil((input[axis] - first) / stride[axis]),
      taps,
      shifts: taps.map((tap) => reach(tap) / stride[axis]),
    };
  });
}
