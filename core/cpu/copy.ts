import type { TypedArray } from '../dtype.js';
import type { Storage, View } from '../kernels.js';
import { beside, blank } from './storage.js';

/** The axes of a view with neighbours merged where one stride serves both, and size 1 left out. */
export function merged({ shape, strides, offset }: View): View {
  const sizes: number[] = [];
  const steps: number[] = [];
  for (let axis = 0; axis < shape.length; axis++) {
    if (shape[axis] === 1) continue;
    const last = sizes.length - 1;
    if (last >= 0 && steps[last] === strides[axis] * shape[axis]) {
      sizes[last] *= shape[axis];
      steps[last] = strides[axis];
    } else {
      sizes.push(shape[axis]);
      steps.push(strides[axis]);
    }
  }
  return sizes.length === 0
    ? { shape: [1], strides: [1], offset }
    : { shape: sizes, strides: steps, offset };
}

/** Where each row (along the last axis) of a view begins. */
function rowStarts({ shape, strides, offset }: View): Int32Array {
  let count = 1;
  for (let axis = 0; axis < shape.length - 1; axis++) count *= shape[axis];
  const starts = new Int32Array(count).fill(offset);
  let repeat = count;
  for (let axis = 0; axis < shape.length - 1; axis++) {
    repeat /= shape[axis];
    for (let i = 0; i < count; i++)
      starts[i] += (Math.floor(i / repeat) % shape[axis]) * strides[axis];
  }
  return starts;
}

function readRow(x: TypedArray, from: number, step: number, y: TypedArray, at: number, n: number) {
  for (let i = 0; i < n; i++, from += step) y[at + i] = x[from];
}

function writeRow(x: TypedArray, at: number, y: TypedArray, to: number, step: number, n: number) {
  for (let i = 0; i < n; i++, to += step) y[to] = x[at + i];
}

/** Where each block of a view begins: what its last `axes` axes span, or all if it has no more. */
export const blockStarts = ({ shape, strides, offset }: View, axes: number): Int32Array =>
  rowStarts({
    shape: [...shape.slice(0, -axes), 1],
    strides: [...strides.slice(0, -axes), 0],
    offset,
  });

export const lengthOf = (view: View): number => view.shape.reduce((a, b) => a * b, 1);

export const copyKernels = {
  copy(x: Storage, view: View): Storage {
    const y = blank(x, x.dtype, lengthOf(view));
    if (y.length === 0) return y;
    const { shape, strides, offset } = merged(view);
    const [n, step] = [shape[shape.length - 1], strides[strides.length - 1]];
    const starts = rowStarts({ shape, strides, offset });
    for (let row = 0; row < starts.length; row++)
      readRow(x.data, starts[row], step, y.data, row * n, n);
    return y;
  },

  place(x: Storage, view: View, length: number, value: number): Storage {
    const y = beside(x, x.dtype, length);
    if (value !== 0) y.data.fill(value);
    if (x.length === 0) return y;
    const { shape, strides, offset } = merged(view);
    const [n, step] = [shape[shape.length - 1], strides[strides.length - 1]];
    const starts = rowStarts({ shape, strides, offset });
    for (let row = 0; row < starts.length; row++)
      writeRow(x.data, row * n, y.data, starts[row], step, n);
    return y;
  },

  concat(parts: readonly Storage[], outer: number, inners: readonly number[]): Storage {
    const width = inners.reduce((a, b) => a + b, 0);
    const y = blank(parts[0], parts[0].dtype, outer * width);
    let column = 0;
    parts.forEach(({ data }, p) => {
      const inner = inners[p];
      for (let o = 0; o < outer; o++) {
        y.data.set(data.subarray(o * inner, (o + 1) * inner), o * width + column);
      }
      column += inner;
    });
    return y;
  },
};
