import type { Convolution, Kernels } from '../../core/kernels.js';
import { sizeOf } from '../../core/shape.js';
import type { GpuDevice } from '../device.js';
import { fold } from '../fold.js';
import { unravel } from '../source.js';

const AXES = [0, 1, 2] as const;

/** Source for each spatial axis, joined. */
const perAxis = (of: (axis: number) => string, between = '\n'): string =>
  AXES.map(of).join(between);

/** The place of the spatial indices named `${name}0`, … in a map of these sizes. */
const inMap = (name: string, [, h, w]: readonly number[]): string =>
  `(${name}0 * ${h} + ${name}1) * ${w} + ${name}2`;

/** Where output o meets input x by tap k of axis `axis`: o·stride + k·dilation − padding. */
const met = ({ stride, dilation, padding }: Convolution, axis: number): string =>
  `o${axis} * ${stride[axis]} + k${axis} * ${dilation[axis]} - ${padding[axis]}`;

const inside = (name: string, sizes: readonly number[]): string =>
  perAxis((axis) => `${name}${axis} >= 0 && ${name}${axis} < ${sizes[axis]}`, ' && ');

export const convKernels = (
  device: GpuDevice,
): Pick<Kernels, 'conv' | 'convInput' | 'convFilter'> => ({
  conv(x, w, sizes) {
    const { batch, groups, inChannels, outChannels, input, kernel, output } = sizes;
    const channels = groups * outChannels;
    return fold(device, {
      name: 'conv',
      dtype: x.dtype,
      fn: 'sum',
      length: batch * channels * sizeOf(output),
      loops: [['c', inChannels], ...AXES.map((axis) => [`k${axis}`, kernel[axis]] as const)],
      inputs: { x, w },
      before: `${unravel('row', [batch, groups, outChannels, ...output], 'j')}
${perAxis((axis) => `const o${axis} = j${axis + 3};`)}`,
      inside: (add) => `${perAxis((axis) => `const x${axis} = ${met(sizes, axis)};`)}
if (${inside('x', input)}) {
const atX = ((j0 * ${groups} + j1) * ${inChannels} + c) * ${sizeOf(input)} + ${inMap('x', input)};
const atW = ((j1 * ${outChannels} + j2) * ${inChannels} + c) * ${sizeOf(kernel)} + ${inMap('k', kernel)};
${add('x[atX] * w[atW]')}
}`,
    });
  },

  convInput(g, w, sizes) {
    const { batch, groups, inChannels, outChannels, input, kernel, output } = sizes;
    const { stride, dilation, padding } = sizes;
    return fold(device, {
      name: 'convInput',
      dtype: g.dtype,
      fn: 'sum',
      length: batch * groups * inChannels * sizeOf(input),
      loops: [['c', outChannels], ...AXES.map((axis) => [`k${axis}`, kernel[axis]] as const)],
      inputs: { g, w },
      before: unravel('row', [batch, groups, inChannels, ...input], 'j'),
      // Tap k of output o met this input if (input + padding − k·dilation) is o·stride.
      inside: (add) => `${perAxis(
        (axis) =>
          `const d${axis} = j${axis + 3} + ${padding[axis]} - k${axis} * ${dilation[axis]};`,
      )}
if (${perAxis((axis) => `d${axis} >= 0 && d${axis} % ${stride[axis]} == 0`, ' && ')}) {
${perAxis((axis) => `const o${axis} = Math.floor(d${axis} / ${stride[axis]} + 0.5);`)}
if (${perAxis((axis) => `o${axis} < ${output[axis]}`, ' && ')}) {
const atG = ((j0 * ${groups} + j1) * ${outChannels} + c) * ${sizeOf(output)} + ${inMap('o', output)};
const atW = ((j1 * ${outChannels} + c) * ${inChannels} + j2) * ${sizeOf(kernel)} + ${inMap('k', kernel)};
${add('g[atG] * w[atW]')}
}
}`,
    });
  },

  convFilter(g, x, sizes) {
    const { batch, groups, inChannels, outChannels, input, kernel, output } = sizes;
    return fold(device, {
      name: 'convFilter',
      dtype: g.dtype,
      fn: 'sum',
      length: groups * outChannels * inChannels * sizeOf(kernel),
      loops: [['b', batch], ...AXES.map((axis) => [`o${axis}`, output[axis]] as const)],
      inputs: { g, x },
      before: `${unravel('row', [groups, outChannels, inChannels, ...kernel], 'j')}
${perAxis((axis) => `const k${axis} = j${axis + 3};`)}`,
      inside: (add) => `${perAxis((axis) => `const x${axis} = ${met(sizes, axis)};`)}
if (${inside('x', input)}) {
const atX = ((b * ${groups} + j0) * ${inChannels} + j2) * ${sizeOf(input)} + ${inMap('x', input)};
const atG = ((b * ${groups} + j0) * ${outChannels} + j1) * ${sizeOf(output)} + ${inMap('o', output)};
${add('x[atX] * g[atG]')}
}`,
    });
  },
});
