import type { TypedArray } from '../dtype.js';
import type { Convolution, Storage } from '../kernels.js';
import { sizeOf } from '../shape.js';
import { dotProducts } from './gemm.js';
import { blank } from './storage.js';

// A convolution as a matrix product: each output position sees a row of `taps` numbers of x (one for
// each channel and kernel element), and all three partial maps are products with that matrix.

/** Calls `row` for every tap and every line of outputs along the last axis that lies inside x. */
function forEachLine(
  sizes: Convolution,
  row: (tap: number, position: number, x: number, first: number, last: number) => void,
): void {
  const { input, kernel, output, stride, dilation, padding } = sizes;
  let tap = 0;
  for (let channel = 0; channel < sizes.inChannels; channel++) {
    for (let kd = 0; kd < kernel[0]; kd++) {
      for (let kh = 0; kh < kernel[1]; kh++) {
        for (let kw = 0; kw < kernel[2]; kw++, tap++) {
          const shift = kw * dilation[2] - padding[2];
          // Output w reads input w·stride + shift: these are the w for which that is inside.
          const first = Math.max(0, Math.ceil(-shift / stride[2]));
          const last = Math.min(output[2], Math.ceil((input[2] - shift) / stride[2]));
          if (first >= last) continue;
          for (let od = 0; od < output[0]; od++) {
            const d = od * stride[0] + kd * dilation[0] - padding[0];
            if (d < 0 || d >= input[0]) continue;
            for (let oh = 0; oh < output[1]; oh++) {
              const h = oh * stride[1] + kh * dilation[1] - padding[1];
              if (h < 0 || h >= input[1]) continue;
              const line = ((channel * input[0] + d) * input[1] + h) * input[2] + shift;
              row(tap, (od * output[1] + oh) * output[2], line, first, last);
            }
          }
        }
      }
    }
  }
}

/** Lays out the taps of every position: tap t of position p at `p · perPosition + t · perTap`. */
function gatherTaps(
  x: TypedArray,
  base: number,
  sizes: Convolution,
  taps: Float64Array,
  perPosition: number,
  perTap: number,
): void {
  const step = sizes.stride[2];
  taps.fill(0);
  forEachLine(sizes, (tap, position, line, first, last) => {
    let to = tap * perTap + (position + first) * perPosition;
    let from = base + line + first * step;
    for (let w = first; w < last; w++, to += perPosition, from += step) taps[to] = x[from];
  });
}

/** The transpose of `gatherTaps`: adds every tap (position-major) to the number it was read from. */
function scatterTaps(taps: Float64Array, sizes: Convolution, count: number, x: Float64Array): void {
  const step = sizes.stride[2];
  x.fill(0);
  forEachLine(sizes, (tap, position, line, first, last) => {
    let from = tap + (position + first) * count;
    let to = line + first * step;
    for (let w = first; w < last; w++, from += count, to += step) x[to] += taps[from];
  });
}

/** 0, step, 2·step, … */
export function inOrder(count: number, step = 1): Int32Array {
  const offsets = new Int32Array(count);
  for (let i = 0; i < count; i++) offsets[i] = i * step;
  return offsets;
}

/** Copies a `[rows, cols]` matrix into double precision, transposed. */
function transposed(
  x: TypedArray,
  base: number,
  rows: number,
  cols: number,
  y: Float64Array,
): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) y[c * rows + r] = x[base + r * cols + c];
  }
}

/** How many numbers of each array belong to one image and group. */
export function partSizes(sizes: Convolution) {
  const taps = sizes.inChannels * sizeOf(sizes.kernel);
  const positions = sizeOf(sizes.output);
  return {
    taps,
    positions,
    x: sizes.inChannels * sizeOf(sizes.input),
    w: sizes.outChannels * taps,
    y: sizes.outChannels * positions,
    parts: sizes.batch * sizes.groups,
  };
}

export const convKernels = {
  conv(x: Storage, w: Storage, sizes: Convolution): Storage {
    const part = partSizes(sizes);
    const { taps, positions } = part;
    const y = blank(x, x.dtype, part.parts * part.y);
    const columns = new Float64Array(positions * taps);
    const weight = new Float64Array(part.w);
    const [rowsY, colsY] = [inOrder(sizes.outChannels, positions), inOrder(positions)];
    for (let g = 0; g < sizes.groups; g++) {
      weight.set(w.data.subarray(g * part.w, (g + 1) * part.w));
      for (let i = g; i < part.parts; i += sizes.groups) {
        gatherTaps(x.data, i * part.x, sizes, columns, taps, 1);
        dotProducts(weight, columns, taps, y.data, i * part.y, rowsY, colsY, 0, positions);
      }
    }
    return y;
  },

  convInput(g: Storage, w: Storage, sizes: Convolution): Storage {
    const part = partSizes(sizes);
    const { taps, positions } = part;
    const { outChannels } = sizes;
    const x = blank(g, g.dtype, part.parts * part.x);
    const gradient = new Float64Array(part.y);
    const weight = new Float64Array(part.w);
    const columns = new Float64Array(positions * taps);
    const image = new Float64Array(part.x);
    const [rowsY, colsY] = [inOrder(positions, taps), inOrder(taps)];
    for (let group = 0; group < sizes.groups; group++) {
      transposed(w.data, group * part.w, outChannels, taps, weight);
      for (let i = group; i < part.parts; i += sizes.groups) {
        transposed(g.data, i * part.y, outChannels, positions, gradient);
        dotProducts(gradient, weight, outChannels, columns, 0, rowsY, colsY, 0, taps);
        scatterTaps(columns, sizes, taps, image);
        x.data.set(image, i * part.x);
      }
    }
    return x;
  },

  convFilter(g: Storage, x: Storage, sizes: Convolution): Storage {
    const part = partSizes(sizes);
    const { taps, positions } = part;
    const w = blank(g, g.dtype, sizes.groups * part.w);
    const gradient = new Float64Array(part.y);
    const columns = new Float64Array(taps * positions);
    const partial = new Float64Array(part.w);
    const total = new Float64Array(part.w);
    const [rowsY, colsY] = [inOrder(sizes.outChannels, taps), inOrder(taps)];
    for (let group = 0; group < sizes.groups; group++) {
      total.fill(0);
      for (let i = group; i < part.parts; i += sizes.groups) {
        gradient.set(g.data.subarray(i * part.y, (i + 1) * part.y));
        gatherTaps(x.data, i * part.x, sizes, columns, 1, positions);
        dotProducts(gradient, columns, positions, partial, 0, rowsY, colsY, 0, taps);
        for (let j = 0; j < total.length; j++) total[j] += partial[j];
      }
      w.data.set(total, group * part.w);
    }
    return w;
  },
};
