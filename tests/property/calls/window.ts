import type { Draw } from '../drawing.js';
import {
  anyOption,
  integer,
  isTensor,
  isVector,
  need,
  number,
  oneOf,
  optional,
  options,
  perAxis,
  product,
  type Shapes,
  type Sizes,
  sizes,
  truth,
} from '../rules.js';
import type { Call, Calls } from './call.js';

type Spatial = 1 | 2 | 3;

/** A setting for n axes: one number for all, or one each. */
const setting = (d: Draw, n: number, least: number, most: number): unknown =>
  d.once(2) ? d.int(least, most) : Array.from({ length: n }, () => d.int(least, most));

/** Mostly a batch of some size; at times none, since the axis may be left out. */
const batch = (d: Draw): number[] => (d.once(4) ? [] : [d.size()]);

/** The axes in front of n spatial ones: a batch of channels, or channels alone. */
function outerOf(x: Sizes, n: Spatial): [outer: Sizes, channels: number] {
  need(x.length === n + 1 || x.length === n + 2);
  return [x.slice(0, -n - 1), x[x.length - n - 1]];
}

const conv = (n: Spatial): Call => ({
  args: (d) => {
    const groups = d.int(1, 2);
    const [inChannels, outChannels] = [d.int(1, 2), groups * d.int(1, 2)];
    const kernel = Array.from({ length: n }, () => d.int(1, 3));
    const size = kernel.map((k) => k + d.int(0, 2));
    return [
      d.float([...batch(d), groups * inChannels, ...size]),
      d.float([outChannels, inChannels, ...kernel]),
      d.pick(undefined, null, d.float([outChannels])),
      d.pick<object>(
        { groups, stride: setting(d, n, 1, 2), padding: setting(d, n, 0, 2) },
        { groups, padding: d.pick('same', 'valid'), dilation: setting(d, n, 1, 2) },
      ),
    ];
  },
  rule: (input, weight, bias, given) => {
    const [x, w] = [isTensor(input).shape, isTensor(weight).shape];
    const [outer, channels] = outerOf(x, n);
    need(w.length === n + 2 && w.slice(2).every((k) => k > 0));
    const o = options(given, {
      stride: anyOption,
      padding: anyOption,
      dilation: anyOption,
      groups: anyOption,
    });
    const groups = integer(optional(o.groups, 1), 1);
    need(channels === w[1] * groups && w[0] % groups === 0);
    const stride = perAxis(optional(o.stride, 1), n, 1);
    const dilation = perAxis(optional(o.dilation, 1), n, 1);
    const reach = w.slice(2).map((k, i) => dilation[i] * (k - 1));
    let around = reach.map(() => 0);
    if (o.padding === 'same') {
      need(stride.every((s) => s === 1));
      around = reach;
    } else if (o.padding !== 'valid') {
      around = perAxis(optional(o.padding, 0), n, 0).map((p) => 2 * p);
    }
    const size = x.slice(-n);
    const output = reach.map((r, i) => Math.floor((size[i] + around[i] - r - 1) / stride[i]) + 1);
    need(output.every((m) => m > 0));
    isVector(bias, w[0]);
    return [sizes([...outer, w[0], ...output])];
  },
});

const convTranspose = (n: Spatial): Call => ({
  args: (d) => {
    const groups = d.int(1, 2);
    const [inChannels, outChannels] = [groups * d.int(1, 2), d.int(1, 2)];
    const stride = Array.from({ length: n }, () => d.int(1, 3));
    return [
      d.float([...batch(d), inChannels, ...stride.map(() => d.int(1, 3))]),
      d.float([inChannels, outChannels, ...stride.map(() => d.int(1, 3))]),
      d.pick(undefined, null, d.float([groups * outChannels])),
      {
        groups,
        stride,
        padding: setting(d, n, 0, 1),
        outputPadding: stride.map((s) => d.int(0, s - 1)),
        dilation: setting(d, n, 1, 2),
      },
    ];
  },
  rule: (input, weight, bias, given) => {
    const [x, w] = [isTensor(input).shape, isTensor(weight).shape];
    const [outer, channels] = outerOf(x, n);
    need(w.length === n + 2 && w.slice(2).every((k) => k > 0));
    const o = options(given, {
      stride: anyOption,
      padding: anyOption,
      outputPadding: anyOption,
      dilation: anyOption,
      groups: anyOption,
    });
    const groups = integer(optional(o.groups, 1), 1);
    need(channels === w[0] && w[0] % groups === 0);
    const stride = perAxis(optional(o.stride, 1), n, 1);
    const dilation = perAxis(optional(o.dilation, 1), n, 1);
    const padding = perAxis(optional(o.padding, 0), n, 0);
    const extra = perAxis(optional(o.outputPadding, 0), n, 0);
    need(extra.every((e, i) => e < stride[i] || e < dilation[i]));
    const size = x.slice(-n);
    const output = padding.map(
      (p, i) => (size[i] - 1) * stride[i] - 2 * p + dilation[i] * (w[i + 2] - 1) + extra[i] + 1,
    );
    need(output.every((m) => m > 0));
    isVector(bias, w[1] * groups);
    return [sizes([...outer, w[1] * groups, ...output])];
  },
});

const pool = (n: Spatial, kind: 'max' | 'avg'): Call => ({
  args: (d) => {
    const kernel = Array.from({ length: n }, () => d.int(1, 3));
    const size = kernel.map((k) => k + d.int(0, 3));
    return [
      d.float([...batch(d), d.int(1, 2), ...size]),
      d.once(3) ? kernel : Math.min(...kernel),
      {
        stride: d.pick(undefined, setting(d, n, 1, 3)),
        padding: d.pick(undefined, 0, Math.floor(Math.min(...kernel) / 2)),
        ceilMode: d.pick(true, false),
        ...(kind === 'max' ? {} : { countIncludePad: d.pick(true, false) }),
      },
    ];
  },
  rule: (input, kernelSize, given) => {
    const x = isTensor(input).shape;
    const [outer, channels] = outerOf(x, n);
    const size = x.slice(-n);
    const checks = { stride: anyOption, padding: anyOption, ceilMode: truth };
    const o =
      kind === 'max'
        ? options(given, { ...checks, dilation: anyOption })
        : options(given, { ...checks, countIncludePad: truth });
    const kernel = perAxis(kernelSize, n, 1);
    const stride = perAxis(optional(o.stride, kernelSize), n, 1);
    const padding = perAxis(optional(o.padding, 0), n, 0);
    const dilation = perAxis(optional('dilation' in o ? o.dilation : undefined, 1), n, 1);
    need(padding.every((p, i) => 2 * p <= kernel[i]));
    sizes(kernel);
    const output = kernel.map((k, i) =>
      places(size[i], k, stride[i], padding[i], dilation[i], o.ceilMode === true),
    );
    return [[...outer, channels, ...output]];
  },
});

/** Counts the windows by walking over them: each begins before the padding at the end, and sees the input. */
function places(
  size: number,
  kernel: number,
  stride: number,
  padding: number,
  dilation: number,
  ceilMode: boolean,
): number {
  const reach = dilation * (kernel - 1);
  const sees = (start: number): boolean => {
    for (let k = 0; k < kernel; k++) {
      const at = start + k * dilation;
      if (at >= 0 && at < size) return true;
      if (at >= size) return false;
    }
    return false;
  };
  let count = 0;
  for (let start = -padding; start < size; start += stride) {
    if (start + reach >= size + padding) {
      // One window may hang over the end: the first that does.
      const hangs = ceilMode && start + reach - stride < size + padding - 1;
      if (!hangs) break;
    }
    need(sees(start));
    count++;
  }
  need(count > 0);
  return count;
}

const unfold = (input: unknown, kernelSize: unknown, given: unknown): Shapes => {
  const x = isTensor(input).shape;
  need(x.length === 4);
  const o = options(given, { stride: anyOption, padding: anyOption, dilation: anyOption });
  const kernel = perAxis(kernelSize, 2, 1);
  const stride = perAxis(optional(o.stride, 1), 2, 1);
  const padding = perAxis(optional(o.padding, 0), 2, 0);
  const dilation = perAxis(optional(o.dilation, 1), 2, 1);
  const output = kernel.map(
    (k, i) => Math.floor((x[i + 2] + 2 * padding[i] - dilation[i] * (k - 1) - 1) / stride[i]) + 1,
  );
  need(output.every((m) => m > 0));
  return [sizes([x[0], x[1] * product(kernel), product(output)])];
};

const adaptivePool = (n: Spatial): Call => ({
  args: (d) => {
    const target = setting(d, n, 1, 4);
    return [
      d.tensor([...batch(d), d.int(1, 2), ...Array.from({ length: n }, () => d.int(1, 5))]),
      Array.isArray(target) && d.once(2) ? target.with(-1, null) : target,
    ];
  },
  rule: (input, target) => {
    const x = isTensor(input).shape;
    const [outer, channels] = outerOf(x, n);
    const size = x.slice(-n);
    need(size.every((s) => s > 0));
    const list = Array.isArray(target) ? target : size.map(() => target);
    need(list.length === n);
    return [
      sizes([...outer, channels, ...list.map((m, i) => (m === null ? size[i] : integer(m, 1)))]),
    ];
  },
});

const images = (input: unknown): Sizes => {
  const { shape } = isTensor(input);
  need(shape.length === 4 && shape[2] > 0 && shape[3] > 0);
  return shape;
};

const interpolate = (input: unknown, given: unknown): Shapes => {
  const x = images(input);
  need(given !== undefined);
  const o = options(given, {
    size: anyOption,
    scaleFactor: anyOption,
    mode: (mode) => oneOf(mode, 'nearest', 'bilinear'),
    alignCorners: truth,
  });
  const [size, factor] = [optional(o.size, null), optional(o.scaleFactor, null)];
  need((size === null) !== (factor === null));
  if (size !== null) return [sizes([x[0], x[1], ...perAxis(size, 2, 1)])];
  const factors = Array.isArray(factor) ? factor : [factor, factor];
  need(factors.length === 2);
  return [
    sizes([x[0], x[1], ...factors.map((f, i) => integer(Math.floor(x[i + 2] * number(f)), 1))]),
  ];
};

export const windows: Calls = {
  conv1d: conv(1),
  conv2d: conv(2),
  conv3d: conv(3),
  convTranspose1d: convTranspose(1),
  convTranspose2d: convTranspose(2),
  convTranspose3d: convTranspose(3),
  maxPool1d: pool(1, 'max'),
  maxPool2d: pool(2, 'max'),
  maxPool3d: pool(3, 'max'),
  avgPool1d: pool(1, 'avg'),
  avgPool2d: pool(2, 'avg'),
  avgPool3d: pool(3, 'avg'),
  unfold: {
    args: (d) => [
      d.tensor([d.size(), d.int(1, 2), d.int(3, 5), d.int(3, 5)]),
      setting(d, 2, 1, 2),
      { stride: setting(d, 2, 1, 2), padding: setting(d, 2, 0, 1), dilation: setting(d, 2, 1, 2) },
    ],
    rule: unfold,
  },
  adaptiveMaxPool1d: adaptivePool(1),
  adaptiveMaxPool2d: adaptivePool(2),
  adaptiveMaxPool3d: adaptivePool(3),
  adaptiveAvgPool1d: adaptivePool(1),
  adaptiveAvgPool2d: adaptivePool(2),
  adaptiveAvgPool3d: adaptivePool(3),
  interpolate: {
    args: (d) => [
      d.tensor([d.size(), 1, d.int(2, 4), d.int(2, 4)]),
      {
        ...d.pick<object>(
          { size: setting(d, 2, 1, 5) },
          { scaleFactor: d.pick<unknown>(0.5, [1.5, 2]) },
        ),
        mode: d.pick('nearest', 'bilinear'),
        alignCorners: d.pick(true, false),
      },
    ],
    rule: interpolate,
  },
};
