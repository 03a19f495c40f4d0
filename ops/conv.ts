import { ArgumentError, ShapeError } from '../core/errors.js';
import type { Convolution, Kernels } from '../core/kernels.js';
import { compose, defineOp } from '../core/op.js';
import { checkInteger, checkShape, formatShape, type Shape, show } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { checkDimensions, floatingOf, onlyTensor, optionsOf, promoted } from './arguments.js';
import { add } from './binary.js';
import { reshape, squeeze, unsqueeze } from './shape.js';

// Convolution is one trilinear form ⟨g, x ⋆ w⟩. Its three partial maps — the convolution by g, its
// transpose by x, the filter gradient by w — are three ops, and the vjp of each is the other two.

/** Σ over taps of x and w: the output. */
export const convolve = defineOp({
  name: 'convolve',
  forward: (k: Kernels, x: Tensor, w: Tensor, sizes: Convolution) =>
    new Tensor(k.conv(x.storage, w.storage, sizes), outputShape(x, sizes)),
  saves: [[1], [0]],
  vjp: [
    (g, _y, x, w, sizes): Tensor => convolveInput(g, w, sizes, x.shape),
    (g, _y, x, w, sizes): Tensor => convolveFilter(g, x, sizes, w.shape),
  ],
});

/** The transposed convolution: from the output's side back to `shape`, the input's. */
export const convolveInput = defineOp({
  name: 'convolveInput',
  forward: (k: Kernels, g: Tensor, w: Tensor, sizes: Convolution, shape: Shape) =>
    new Tensor(k.convInput(g.storage, w.storage, sizes), shape),
  saves: [[1], [0]],
  vjp: [
    (h, _y, _g, w, sizes): Tensor => convolve(h, w, sizes),
    (h, _y, g, w, sizes): Tensor => convolveFilter(g, h, sizes, w.shape),
  ],
});

/** Both sides given, the filter that pairs them; `shape` is the filter's. */
export const convolveFilter = defineOp({
  name: 'convolveFilter',
  forward: (k: Kernels, g: Tensor, x: Tensor, sizes: Convolution, shape: Shape) =>
    new Tensor(k.convFilter(g.storage, x.storage, sizes), shape),
  saves: [[1], [0]],
  vjp: [
    (v, _y, _g, x, sizes): Tensor => convolve(x, v, sizes),
    (v, _y, g, x, sizes): Tensor => convolveInput(g, v, sizes, x.shape),
  ],
});

const outputShape = (x: Tensor, { batch, groups, outChannels, output }: Convolution): number[] => [
  batch,
  groups * outChannels,
  ...output.slice(3 - (x.ndim - 2)),
];

/** One number for every spatial axis, or one each. */
export type PerAxis = number | readonly number[];

export interface ConvOptions {
  stride?: PerAxis;
  /** Zeros on both sides; `'same'` keeps the size (stride 1 only), `'valid'` is none. */
  padding?: PerAxis | 'same' | 'valid';
  dilation?: PerAxis;
  groups?: number;
}

export interface ConvTransposeOptions {
  stride?: PerAxis;
  padding?: PerAxis;
  /** Further numbers at the end of each axis of the result, fewer than its stride or dilation. */
  outputPadding?: PerAxis;
  dilation?: PerAxis;
  groups?: number;
}

/** A setting written out for each of `n` axes. */
export function perAxis(
  op: string,
  what: string,
  value: unknown,
  n: number,
  least: number,
): number[] {
  const list = Array.isArray(value) ? value : new Array<unknown>(n).fill(value);
  if (list.length !== n) {
    throw new ArgumentError(
      `${op}: expected ${n} numbers as ${what}, one a spatial axis, got ${show(value)}`,
    );
  }
  return list.map((x) => checkInteger(op, what, x, least));
}

/** Three spatial axes from fewer, the missing ones in front. */
export const three = (list: readonly number[], filler: number): number[] => [
  ...new Array<number>(3 - list.length).fill(filler),
  ...list,
];

/** Throws where input, weight and groups do not go together; the input may lack its batch axis. */
function checkChannels(
  op: string,
  x: Tensor,
  w: Tensor,
  groups: number,
  transposed: boolean,
): void {
  checkInteger(op, 'groups', groups, 1);
  const [channels, first] = [x.shape[x.ndim - w.ndim + 1], w.shape[0]];
  const wanted = transposed ? first : w.shape[1] * groups;
  if (channels !== wanted) {
    const needs = transposed
      ? `needs ${first} input channels`
      : `needs ${w.shape[1]} input channels per group`;
    const each = channels / (transposed ? 1 : groups);
    const has = Number.isInteger(each) ? each : `${channels} in all`;
    throw new ShapeError(
      `${op}: weight ${formatShape(w.shape)} ${needs}, input ${formatShape(x.shape)} has ${has} (groups = ${groups})`,
    );
  }
  if (first % groups !== 0) {
    throw new ShapeError(
      `${op}: weight ${formatShape(w.shape)} does not divide into ${groups} groups`,
    );
  }
}

/** The bias [channels] added along axis 1. */
function addBias(op: string, y: Tensor, bias: Tensor | null | undefined): Tensor {
  if (bias === null || bias === undefined) return y;
  const b = onlyTensor(op, 'the bias', bias);
  if (b.ndim !== 1 || b.size !== y.shape[1]) {
    throw new ShapeError(`${op}: expected a bias [${y.shape[1]}], got ${formatShape(b.shape)}`);
  }
  return add(y, reshape(b, [b.size, ...new Array<number>(y.ndim - 2).fill(1)]));
}

function operands(op: string, x: Tensor, w: Tensor, n: number): [Tensor, Tensor] {
  const t = onlyTensor(op, 'the input', x);
  const weight = onlyTensor(op, 'the weight', w);
  checkDimensions(op, 'the input', t, n + 1, n + 2);
  checkDimensions(op, 'the weight', weight, n + 2);
  const [a, b] = promoted([floatingOf(op, t), floatingOf(op, weight)]);
  if (b.shape.slice(2).every((size) => size > 0)) return [a, b];
  throw new ShapeError(
    `${op}: expected a kernel of at least one element, got ${formatShape(b.shape)}`,
  );
}

/** Applies `f` to a batch of `ndim` axes; x may lack the first of them, and then so does the result. */
const asBatch = (x: Tensor, ndim: number, f: (batch: Tensor) => Tensor): Tensor =>
  x.ndim === ndim ? f(x) : squeeze(f(unsqueeze(x, 0)), 0);

const convolution = (n: 1 | 2 | 3) => {
  const op = `conv${n}d`;
  return compose(
    op,
    (input: Tensor, weight: Tensor, bias?: Tensor | null, options: ConvOptions = {}): Tensor => {
      const [x, w] = operands(op, input, weight, n);
      const given = optionsOf(op, options, {
        stride: 1,
        padding: 0,
        dilation: 1,
        groups: 1,
      } as Required<ConvOptions>);
      checkChannels(op, x, w, given.groups, false);
      const stride = perAxis(op, 'the stride', given.stride, n, 1);
      const dilation = perAxis(op, 'the dilation', given.dilation, n, 1);
      const [size, kernel] = [x.shape.slice(-n), w.shape.slice(2)];
      const reach = kernel.map((k, i) => dilation[i] * (k - 1));
      const [before, after] = paddings(op, given.padding, reach, stride);
      const output = size.map(
        (s, i) => Math.floor((s + before[i] + after[i] - reach[i] - 1) / stride[i]) + 1,
      );
      if (output.some((o) => o < 1)) {
        throw new ShapeError(
          `${op}: kernel ${formatShape(kernel)} (dilation ${formatShape(dilation)}) is larger than the padded input ${formatShape(size.map((s, i) => s + before[i] + after[i]))}`,
        );
      }
      return asBatch(x, n + 2, (images) => {
        const [batch] = images.shape;
        checkShape(op, [batch, w.shape[0], ...output]);
        const y = convolve(images, w, {
          batch,
          groups: given.groups,
          inChannels: w.shape[1],
          outChannels: w.shape[0] / given.groups,
          input: three(size, 1),
          kernel: three(kernel, 1),
          output: three(output, 1),
          stride: three(stride, 1),
          dilation: three(dilation, 1),
          padding: three(before, 0),
        });
        return addBias(op, y, bias);
      });
    },
  );
};

/** Zeros before and after each axis. 'same' puts the odd one after, as PyTorch does. */
export function paddings(
  op: string,
  padding: Required<ConvOptions>['padding'],
  reach: readonly number[],
  stride: readonly number[],
): [number[], number[]] {
  const n = reach.length;
  if (padding === 'valid') return [reach.map(() => 0), reach.map(() => 0)];
  if (padding === 'same') {
    if (stride.some((s) => s !== 1)) {
      throw new ArgumentError(`${op}: padding 'same' expects a stride of 1, got ${show(stride)}`);
    }
    return [reach.map((r) => Math.floor(r / 2)), reach.map((r) => Math.ceil(r / 2))];
  }
  if (typeof padding === 'string') {
    throw new ArgumentError(
      `${op}: expected numbers, 'same' or 'valid' as padding, got ${show(padding)}`,
    );
  }
  const both = perAxis(op, 'the padding', padding, n, 0);
  return [both, both];
}

const transposedConvolution = (n: 1 | 2 | 3) => {
  const op = `convTranspose${n}d`;
  return compose(
    op,
    (
      input: Tensor,
      weight: Tensor,
      bias?: Tensor | null,
      options: ConvTransposeOptions = {},
    ): Tensor => {
      const [x, w] = operands(op, input, weight, n);
      const given = optionsOf(op, options, {
        stride: 1,
        padding: 0,
        outputPadding: 0,
        dilation: 1,
        groups: 1,
      } as Required<ConvTransposeOptions>);
      checkChannels(op, x, w, given.groups, true);
      const stride = perAxis(op, 'the stride', given.stride, n, 1);
      const dilation = perAxis(op, 'the dilation', given.dilation, n, 1);
      const padding = perAxis(op, 'the padding', given.padding, n, 0);
      const extra = perAxis(op, 'the output padding', given.outputPadding, n, 0);
      if (extra.some((e, i) => e >= Math.max(stride[i], dilation[i]))) {
        throw new ArgumentError(
          `${op}: expected an output padding below the stride ${show(stride)} or the dilation ${show(dilation)}, got ${show(extra)}`,
        );
      }
      const [size, kernel] = [x.shape.slice(-n), w.shape.slice(2)];
      const output = size.map(
        (s, i) =>
          (s - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernel[i] - 1) + extra[i] + 1,
      );
      if (output.some((o) => o < 1)) {
        throw new ShapeError(
          `${op}: input ${formatShape(x.shape)} gives an output of sizes ${formatShape(output)}`,
        );
      }
      return asBatch(x, n + 2, (images) => {
        const [batch] = images.shape;
        const shape = checkShape(op, [batch, w.shape[1] * given.groups, ...output]);
        const sizes = {
          batch,
          groups: given.groups,
          inChannels: w.shape[1],
          outChannels: w.shape[0] / given.groups,
          input: three(output, 1),
          kernel: three(kernel, 1),
          output: three(size, 1),
          stride: three(stride, 1),
          dilation: three(dilation, 1),
          padding: three(padding, 0),
        };
        return addBias(op, convolveInput(images, w, sizes, shape), bias);
      });
    },
  );
};

/**
 * Cross-correlation, as networks mean it: input `[b, c, …]` (or `[c, …]`, which gives `[out, …]`),
 * weight `[out, c/groups, …kernel]`, bias `[out]` or null. An output has
 * ⌊(size + 2·padding − dilation·(kernel − 1) − 1)/stride⌋ + 1 places an axis. Throws a `ShapeError`
 * when channels, groups or kernel do not fit.
 */
export const conv1d = convolution(1);
/** As `conv1d`, over two axes. */
export const conv2d = convolution(2);
/** As `conv1d`, over three axes. */
export const conv3d = convolution(3);

/**
 * The transpose of the convolution with the same settings: input `[b, c, …]` or `[c, …]`, weight
 * `[c, out/groups, …kernel]`, bias `[out]` or null. An output has (size − 1)·stride − 2·padding +
 * dilation·(kernel − 1) + outputPadding + 1 places an axis.
 */
export const convTranspose1d = transposedConvolution(1);
/** As `convTranspose1d`, over two axes. */
export const convTranspose2d = transposedConvolution(2);
/** As `convTranspose1d`, over three axes. */
export const convTranspose3d = transposedConvolution(3);
