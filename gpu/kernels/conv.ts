import type { Convolution, Kernels, Storage } from '../../core/kernels.js';
import { sizeOf } from '../../core/shape.js';
import type { GpuDevice } from '../device.js';
import { type Factor, product } from '../product.js';
import { remainder, unravel } from '../source.js';

// The three maps of a convolution as products of matrices, groups being their batch and all images side by
// side in them. In each, one factor has the numbers that meet at a place, and zeros where there are none.

const AXES = [0, 1, 2] as const;

/** Source for each spatial axis, joined. */
const perAxis = (of: (axis: number) => string, between = '\n'): string =>
  AXES.map(of).join(between);

/** Names of the spatial indices called `name`, such as x0, x1, x2. */
const space = (name: string): string[] => AXES.map((axis) => `${name}${axis}`);

/** Statements that take the place `from` in a row-major array of these sizes apart into these names. */
function apart(from: string, sizes: readonly number[], names: readonly string[], tag: string) {
  const index = `${names.join('')}${tag}_`;
  const named = names.map((name, axis) => `const ${name}${tag} = ${index}${axis};`);
  return `${unravel(from, sizes, index)}\n${named.join('\n')}`;
}

/** The place of the spatial indices called `name` in a map of these sizes. */
const inMap = (name: string, [, h, w]: readonly number[], tag: string): string =>
  `(${name}0${tag} * ${h} + ${name}1${tag}) * ${w} + ${name}2${tag}`;

/** Numbers of x by tap (channel and kernel place) and by output (image and place), or the other way round. */
const patches = (x: Storage, sizes: Convolution, tapFirst: boolean): Factor => {
  const { batch, groups, inChannels, input, kernel, output, stride, dilation, padding } = sizes;
  return {
    inputs: { x },
    read: (group, first, second, value, tag) => {
      const [tap, place] = tapFirst ? [first, second] : [second, first];
      return `${apart(tap, [inChannels, ...kernel], ['c', ...space('k')], tag)}
${apart(place, [batch, ...output], ['b', ...space('o')], tag)}
${perAxis(
  (axis) =>
    `const x${axis}${tag} = o${axis}${tag} * ${stride[axis]} + k${axis}${tag} * ${dilation[axis]} - ${padding[axis]};`,
)}
if (${perAxis((axis) => `x${axis}${tag} >= 0 && x${axis}${tag} < ${input[axis]}`, ' && ')}) {
${value} = x[((b${tag} * ${groups} + ${group}) * ${inChannels} + c${tag}) * ${sizeOf(input)} + ${inMap('x', input, tag)}];
}`;
    },
  };
};

/** Numbers of g by tap (output channel and kernel place) and by input (image and place). */
const reached = (g: Storage, sizes: Convolution): Factor => {
  const { batch, groups, outChannels, input, kernel, output, stride, dilation, padding } = sizes;
  return {
    inputs: { g },
    // Tap k of output o meets input j where o·stride = j + padding − k·dilation.
    read: (group, tap, place, value, tag) =>
      `${apart(tap, [outChannels, ...kernel], ['c', ...space('k')], tag)}
${apart(place, [batch, ...input], ['b', ...space('j')], tag)}
${perAxis(
  (axis) =>
    `const d${axis}${tag} = j${axis}${tag} + ${padding[axis]} - k${axis}${tag} * ${dilation[axis]};`,
)}
if (${perAxis((axis) => `d${axis}${tag} >= 0 && ${remainder(`d${axis}${tag}`, stride[axis])} == 0`, ' && ')}) {
${perAxis((axis) => `const o${axis}${tag} = Math.floor(d${axis}${tag} / ${stride[axis]} + 0.5);`)}
if (${perAxis((axis) => `o${axis}${tag} < ${output[axis]}`, ' && ')}) {
${value} = g[((b${tag} * ${groups} + ${group}) * ${outChannels} + c${tag}) * ${sizeOf(output)} + ${inMap('o', output, tag)}];
}
}`,
  };
};

/** The row (channel) and column (image and place) of a number of a map `[batch, groups, channels, size]`. */
const locate =
  ({ batch, groups }: Convolution, channels: number, size: number) =>
  (at: string): string =>
    `${unravel(at, [batch, groups, channels, size], 'l')}
const b = l1;
const r = l2;
const c = l0 * ${size} + l3;`;

export const convKernels = (
  device: GpuDevice,
): Pick<Kernels, 'conv' | 'convInput' | 'convFilter'> => ({
  conv(x, w, sizes) {
    const { batch, groups, inChannels, outChannels, kernel, output } = sizes;
    const [taps, places] = [inChannels * sizeOf(kernel), sizeOf(output)];
    return product(device, {
      name: 'conv',
      dtype: x.dtype,
      batch: groups,
      rows: outChannels,
      inner: taps,
      cols: batch * places,
      left: {
        inputs: { w },
        read: (group, row, tap, value) =>
          `${value} = w[(${group} * ${outChannels} + ${row}) * ${taps} + ${tap}];`,
      },
      right: patches(x, sizes, true),
      length: batch * groups * outChannels * places,
      locate: locate(sizes, outChannels, places),
    });
  },

  convInput(g, w, sizes) {
    const { batch, groups, inChannels, outChannels, input, kernel } = sizes;
    const [taps, points] = [sizeOf(kernel), sizeOf(input)];
    return product(device, {
      name: 'convInput',
      dtype: g.dtype,
      batch: groups,
      rows: inChannels,
      inner: outChannels * taps,
      cols: batch * points,
      left: {
        inputs: { w },
        read: (group, row, tap, value, tag) => `${apart(tap, [outChannels, taps], ['c', 'k'], tag)}
${value} = w[((${group} * ${outChannels} + c${tag}) * ${inChannels} + ${row}) * ${taps} + k${tag}];`,
      },
      right: reached(g, sizes),
      length: batch * groups * inChannels * points,
      locate: locate(sizes, inChannels, points),
    });
  },

  convFilter(g, x, sizes) {
    const { batch, groups, inChannels, outChannels, kernel, output } = sizes;
    const [taps, places] = [inChannels * sizeOf(kernel), sizeOf(output)];
    return product(device, {
      name: 'convFilter',
      dtype: g.dtype,
      batch: groups,
      rows: outChannels,
      inner: batch * places,
      cols: taps,
      left: {
        inputs: { g },
        read: (group, row, place, value, tag) => `${apart(place, [batch, places], ['b', 'o'], tag)}
${value} = g[((b${tag} * ${groups} + ${group}) * ${outChannels} + ${row}) * ${places} + o${tag}];`,
      },
      right: patches(x, sizes, false),
      length: groups * outChannels * taps,
      locate: (at) => `${unravel(at, [groups, outChannels, taps], 'l')}
const b = l0;
const r = l1;
const c = l2;`,
    });
  },
});
