import type { Convolution } from '../../kernels.js';
import { sizeOf, stridesOf } from '../../shape.js';
import { inOrder, partSizes } from '../conv.js';
import type { Product } from '../gemm.js';
import type { Engine } from './engine.js';
import { Multiplication } from './gemm.js';

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

/** Images of one size with zeros around them, `before` in front along each axis; what does not fit is cut. */
class PaddedImages {
  readonly address: number;

  constructor(
    private readonly engine: Engine,
    private readonly channels: number,
    private readonly from: readonly number[],
    private readonly to: readonly number[],
    private readonly before: readonly number[],
    images = 1,
  ) {
    const length = images * channels * sizeOf(to);
    this.address = engine.room(length);
    engine.floats.fill(0, this.address / 4, this.address / 4 + length);
  }

  /** Copies the image that begins at x[base] to place `image`. */
  load(x: Float32Array, base: number, image = 0): void {
    const { from, to, before, channels } = this;
    const { floats } = this.engine;
    const start = this.address / 4 + image * channels * sizeOf(to);
    const [first, last] = [Math.max(0, -before[2]), Math.min(from[2], to[2] - before[2])];
    for (let c = 0; c < channels; c++) {
      for (let d = 0; d < from[0]; d++) {
        const td = d + before[0];
        if (td < 0 || td >= to[0]) continue;
        for (let h = 0; h < from[1]; h++) {
          const th = h + before[1];
          if (th < 0 || th >= to[1]) continue;
          const source = base + ((c * from[0] + d) * from[1] + h) * from[2];
          const target = start + ((c * to[0] + td) * to[1] + th) * to[2] + before[2];
          for (let w = first; w < last; w++) floats[target + w] = x[source + w];
        }
      }
    }
  }
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

/** y[o, p] = Σₜ w[o, t] · x[p + t] for each image and group. */
export function convolve(
  engine: Engine,
  x: Float32Array,
  w: Float32Array,
  y: Float32Array,
  sizes: Convolution,
): void {
  const part = partSizes(sizes);
  const { extent, taps, positions } = windows(sizes);
  engine.within(() => {
    const weight = engine.place(w);
    const image = new PaddedImages(engine, sizes.inChannels, sizes.input, extent, sizes.padding);
    const multiplication = new Multiplication(engine, {
      rowsA: inOrder(sizes.outChannels, part.taps),
      rowsY: inOrder(sizes.outChannels, part.positions),
      colsB: positions,
      colsY: inOrder(part.positions),
      innerA: inOrder(part.taps),
      innerB: taps,
    });
    for (let i = 0; i < part.parts; i++) {
      image.load(x, i * part.x);
      const filters = weight + 4 * (i % sizes.groups) * part.w;
      multiplication.run(filters, image.address, y, i * part.y);
    }
  });
}

/** w[o, t] = Σ g[o, p] · x[p + t] over positions p and images, for each group. */
export function convolveFilter(
  engine: Engine,
  g: Float32Array,
  x: Float32Array,
  w: Float32Array,
  sizes: Convolution,
): void {
  const { batch, groups, inChannels, outChannels } = sizes;
  const part = partSizes(sizes);
  const { extent, taps, positions } = windows(sizes);
  engine.within(() => {
    const gradient = engine.place(g);
    const images = new PaddedImages(engine, inChannels, sizes.input, extent, sizes.padding, batch);
    const multiplication = new Multiplication(engine, {
      rowsA: inOrder(outChannels, part.positions),
      rowsY: inOrder(outChannels, part.taps),
      colsB: taps,
      colsY: inOrder(part.taps),
      innerA: sums(inOrder(batch, groups * part.y), inOrder(part.positions)),
      innerB: sums(inOrder(batch, inChannels * sizeOf(extent)), positions),
    });
    for (let group = 0; group < groups; group++) {
      for (let i = 0; i < batch; i++) images.load(x, (i * groups + group) * part.x, i);
      multiplication.run(gradient + 4 * group * part.y, images.address, w, group * part.w);
    }
  });
}

/**
 * x[c, q] = Σ w[o, c, t] · g[o, p] over the positions p and taps t that read q, for each image and group:
 * p·stride + t·dilation − padding = q. With a stride, the q of one remainder meet the same taps, and each
 * remainder is a product of its own.
 */
export function convolveInput(
  engine: Engine,
  g: Float32Array,
  w: Float32Array,
  x: Float32Array,
  sizes: Convolution,
): void {
  const { groups, inChannels, outChannels, input, kernel, output, stride } = sizes;
  const part = partSizes(sizes);
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
  engine.within(() => {
    const weight = engine.place(w);
    const image = new PaddedImages(engine, outChannels, output, extent, before);
    const multiplications: Multiplication[] = [];
    for (const d of axes[0]) {
      for (const h of axes[1]) {
        for (const v of axes[2]) {
          const phase = [d, h, v];
          if (phase.some(({ count, taps }) => count * taps.length === 0)) continue;
          multiplications.push(
            new Multiplication(engine, {
              rowsA: inOrder(inChannels, sizeOf(kernel)),
              rowsY: inOrder(inChannels, sizeOf(input)),
              colsB: offsetsOf(
                extent,
                phase.map(({ count }) => range(count)),
              ),
              colsY: offsetsOf(
                input,
                phase.map(({ count, first }, i) => range(count, stride[i], first)),
              ),
              innerA: offsetsOf(
                [outChannels, inChannels, ...kernel],
                [range(outChannels), [0], ...phase.map(({ taps }) => taps)],
              ),
              innerB: offsetsOf(
                [outChannels, ...extent],
                [
                  range(outChannels),
                  ...phase.map(({ shifts }, i) => shifts.map((s) => s + before[i])),
                ],
              ),
            } satisfies Product),
          );
        }
      }
    }
    for (let i = 0; i < part.parts; i++) {
      image.load(g, i * part.y);
      const filters = weight + 4 * (i % groups) * part.w;
      for (const m of multiplications) m.run(filters, image.address, x, i * part.x);
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
