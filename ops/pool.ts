import { ArgumentError, ShapeError } from '../core/errors.js';
import type { Kernels, Window } from '../core/kernels.js';
import { compose, defineOp } from '../core/op.js';
import { checkBoolean, checkShape, formatShape, show, sizeOf } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { checkDimensions, floatingOf, onlyTensor, optionsOf } from './arguments.js';
import { div } from './binary.js';
import { conv3d, type PerAxis, perAxis, three } from './conv.js';
import { ones } from './create.js';
import { pad } from './pad.js';
import { reshape } from './shape.js';
import { indexOn, take } from './take.js';

export interface MaxPoolOptions {
  /** How far the window moves: its own size unless said otherwise. */
  stride?: PerAxis;
  padding?: PerAxis;
  dilation?: PerAxis;
  /** Round the number of places up, so that a last window may hang over the edge. */
  ceilMode?: boolean;
}

export interface AvgPoolOptions {
  stride?: PerAxis;
  padding?: PerAxis;
  ceilMode?: boolean;
  /** Whether padded zeros count in the mean. */
  countIncludePad?: boolean;
}

interface Geometry {
  /** `[b, c, …]`, or `[c, …]`. */
  x: Tensor;
  kernel: number[];
  stride: number[];
  padding: number[];
  dilation: number[];
  output: number[];
}

/** Checks an input [b, c, …] or [c, …] and a window over its spatial axes, and sizes the output. */
function geometry(
  op: string,
  n: number,
  input: Tensor,
  kernelSize: PerAxis,
  options: Required<MaxPoolOptions>,
): Geometry {
  const x = floatingOf(op, onlyTensor(op, 'the input', input));
  checkDimensions(op, 'the input', x, n + 1, n + 2);
  const inputSize = x.shape.slice(-n);
  const kernel = checkShape(op, perAxis(op, 'the kernel size', kernelSize, n, 1));
  const stride = perAxis(op, 'the stride', options.stride, n, 1);
  const padding = perAxis(op, 'the padding', options.padding, n, 0);
  const dilation = perAxis(op, 'the dilation', options.dilation, n, 1);
  if (padding.some((p, i) => p > kernel[i] / 2)) {
    throw new ArgumentError(
      `${op}: expected a padding of at most half the kernel ${show(kernel)}, got ${show(padding)}`,
    );
  }
  const round = checkBoolean(op, 'ceilMode', options.ceilMode) ? Math.ceil : Math.floor;
  const output = inputSize.map((size, i) => {
    const reach = dilation[i] * (kernel[i] - 1) + 1;
    const count = round((size + 2 * padding[i] - reach) / stride[i]) + 1;
    // A window must begin inside the input or its padding in front.
    return (count - 1) * stride[i] >= size + padding[i] ? count - 1 : count;
  });
  if (output.some((o) => o < 1)) {
    throw new ShapeError(
      `${op}: window ${formatShape(kernel)} is larger than the padded input ${formatShape(x.shape)}`,
    );
  }
  const reachesIn = (place: number, i: number): boolean => {
    const start = place * stride[i] - padding[i];
    const tap = Math.max(0, Math.ceil(-start / dilation[i]));
    return tap < kernel[i] && start + tap * dilation[i] < inputSize[i];
  };
  if (!output.every((places, i) => reachesIn(0, i) && reachesIn(places - 1, i))) {
    throw new ShapeError(
      `${op}: a window ${formatShape(kernel)} lies in the padding alone, input ${formatShape(x.shape)}`,
    );
  }
  return { x, kernel, stride, padding, dilation, output };
}

/** Where in the flat input each window's largest number lies. */
export const maxPoolIndex = defineOp({
  name: 'maxPoolIndex',
  forward: (k: Kernels, x: Tensor, window: Window) => {
    const index = k.maxPoolIndex(x.storage, window);
    return new Tensor(index, [index.length]);
  },
  vjp: [],
});

const maxPool = (n: 1 | 2 | 3) => {
  const op = `maxPool${n}d`;
  return compose(op, (input: Tensor, kernelSize: PerAxis, options: MaxPoolOptions = {}): Tensor => {
    const given = optionsOf(op, options, {
      stride: kernelSize,
      padding: 0,
      dilation: 1,
      ceilMode: false,
    } as Required<MaxPoolOptions>);
    const { x, kernel, stride, padding, dilation, output } = geometry(
      op,
      n,
      input,
      kernelSize,
      given,
    );
    const outer = x.shape.slice(0, -n);
    const index = maxPoolIndex(x.detach(), {
      images: sizeOf(outer),
      input: three(x.shape.slice(-n), 1),
      kernel: three(kernel, 1),
      output: three(output, 1),
      stride: three(stride, 1),
      dilation: three(dilation, 1),
      padding: three(padding, 0),
    });
    return take(x, index, 1, [...outer, ...output]);
  });
};

/** The largest number under each window: `[b, c, size]` → `[b, c, places]`, or both without b. */
export const maxPool1d = maxPool(1);
/** As `maxPool1d`, over two axes. */
export const maxPool2d = maxPool(2);
/** As `maxPool1d`, over three axes. */
export const maxPool3d = maxPool(3);

/** Sums under the windows of each channel: a convolution with a filter of ones. */
function windowSums(x: Tensor, { kernel, stride, padding, output }: Geometry): Tensor {
  const [outer, inner] = [x.shape.slice(0, -kernel.length), x.shape.slice(-kernel.length)];
  const [size, window] = [three(inner, 1), three(kernel, 1)];
  const [step, before] = [three(stride, 1), three(padding, 0)];
  const places = three(output, 1);
  // The last window may hang over the edge: zeros after it make room, or what no window sees is cut.
  const after = places.map((o, i) => (o - 1) * step[i] + window[i] - size[i] - before[i]);
  const images = reshape(x, [sizeOf(outer), 1, ...size]);
  const around = [0, 1, 2].reverse().flatMap((i) => [before[i], after[i]]);
  const filter = ones([1, 1, ...window], { dtype: x.dtype, device: x.device });
  const sums = conv3d(pad(images, around), filter, null, { stride: step });
  return reshape(sums, [...outer, ...output]);
}

const avgPool = (n: 1 | 2 | 3) => {
  const op = `avgPool${n}d`;
  return compose(op, (input: Tensor, kernelSize: PerAxis, options: AvgPoolOptions = {}): Tensor => {
    const given = optionsOf(op, options, {
      stride: kernelSize,
      padding: 0,
      ceilMode: false,
      countIncludePad: true,
    } as Required<AvgPoolOptions>);
    const sizes = geometry(op, n, input, kernelSize, { ...given, dilation: 1 });
    const sums = windowSums(sizes.x, sizes);
    return div(sums, counts(sizes, checkBoolean(op, 'countIncludePad', given.countIncludePad)));
  });
};

/** How many numbers each window takes: never those that hang over the padding. */
function counts({ x, ...sizes }: Geometry, includePad: boolean): Tensor {
  const { padding, kernel, output } = sizes;
  const options = { dtype: x.dtype, device: x.device };
  const size = x.shape.slice(-kernel.length);
  if (!includePad) return windowSums(ones([1, ...size], options), { x, ...sizes });
  const padded = ones([1, ...size.map((s, i) => s + 2 * padding[i])], options);
  return windowSums(padded, { x, ...sizes, kernel, output, padding: padding.map(() => 0) });
}

/** The mean under each window: `[b, c, size]` → `[b, c, places]`, or both without b. */
export const avgPool1d = avgPool(1);
/** As `avgPool1d`, over two axes. */
export const avgPool2d = avgPool(2);
/** As `avgPool1d`, over three axes. */
export const avgPool3d = avgPool(3);

export interface UnfoldOptions {
  stride?: PerAxis;
  padding?: PerAxis;
  dilation?: PerAxis;
}

/**
 * The patches under a sliding window, as columns (im2col): input `[b, c, h, w]` →
 * `[b, c·kernel elements, places]`, zeros outside the input.
 */
export const unfold = compose(
  'unfold',
  (input: Tensor, kernelSize: PerAxis, options: UnfoldOptions = {}): Tensor => {
    const t = onlyTensor('unfold', 'the input', input);
    checkDimensions('unfold', 'the input', t, 4);
    const given = optionsOf('unfold', options, {
      stride: 1,
      padding: 0,
      dilation: 1,
    } as Required<UnfoldOptions>);
    const kernel = perAxis('unfold', 'the kernel size', kernelSize, 2, 1);
    const stride = perAxis('unfold', 'the stride', given.stride, 2, 1);
    const padding = perAxis('unfold', 'the padding', given.padding, 2, 0);
    const dilation = perAxis('unfold', 'the dilation', given.dilation, 2, 1);
    const [batch, channels, ...size] = t.shape;
    const places = size.map(
      (s, i) =>
        Math.floor((s + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1) / stride[i]) + 1,
    );
    if (places.some((p) => p < 1)) {
      throw new ShapeError(
        `unfold: window ${formatShape(kernel)} is larger than the padded input ${formatShape(t.shape)}`,
      );
    }
    const shape = checkShape('unfold', [batch, channels * sizeOf(kernel), sizeOf(places)]);
    const index = new Int32Array(sizeOf(shape));
    let at = 0;
    for (let image = 0; image < batch * channels; image++) {
      for (let kh = 0; kh < kernel[0]; kh++) {
        for (let kw = 0; kw < kernel[1]; kw++) {
          for (let oh = 0; oh < places[0]; oh++) {
            for (let ow = 0; ow < places[1]; ow++) {
              const h = oh * stride[0] + kh * dilation[0] - padding[0];
              const w = ow * stride[1] + kw * dilation[1] - padding[1];
              const inside = h >= 0 && h < size[0] && w >= 0 && w < size[1];
              index[at++] = inside ? (image * size[0] + h) * size[1] + w : -1;
            }
          }
        }
      }
    }
    return take(t, indexOn(t, index), 1, shape);
  },
);
