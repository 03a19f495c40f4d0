import { DeviceError } from '../../core/errors.js';
import type { Kernels, Storage, Window } from '../../core/kernels.js';
import { sizeOf } from '../../core/shape.js';
import type { GpuDevice } from '../device.js';
import { fold } from '../fold.js';
import { remainder, unravel } from '../source.js';
import type { GpuStorage } from '../storage.js';

/** Blocks that one thread adds up at most, where they are in order. */
const LONGEST = 2 ** 16;
/** Blocks to look through for each place, at most, where an index cannot be put in order first. */
const SEARCHED = 2 ** 14;

const AXES = [0, 1, 2] as const;

/** The windows by which `maxPoolIndex` found the places in an index: what lies where follows from them. */
const windows = new WeakMap<object, Window>();

/** An index in order: `list` has its positions by the place they point to, place t from `starts[t]` on. */
interface Ordered {
  readonly starts: Storage;
  readonly list: Storage;
}

export const gatherKernels = (
  device: GpuDevice,
): Pick<Kernels, 'take' | 'putAdd' | 'maxPoolIndex'> => {
  /** Adds at each place what the windows that cover it took from there. */
  function unpool(x: Storage, index: Storage, window: Window, length: number): Storage {
    const { images, input, kernel, output, stride, dilation, padding } = window;
    return fold(device, {
      name: 'putAdd',
      dtype: x.dtype,
      fn: 'sum',
      length,
      loops: AXES.map((axis) => [`k${axis}`, kernel[axis]] as const),
      inputs: { x, index },
      before: unravel('row', [images, ...input], 'j'),
      inside: (add) => `${AXES.map(
        (axis) =>
          `const d${axis} = j${axis + 1} + ${padding[axis]} - k${axis} * ${dilation[axis]};`,
      ).join('\n')}
if (${AXES.map((axis) => `d${axis} >= 0 && ${remainder(`d${axis}`, stride[axis])} == 0`).join(' && ')}) {
${AXES.map((axis) => `const o${axis} = Math.floor(d${axis} / ${stride[axis]} + 0.5);`).join('\n')}
if (${AXES.map((axis) => `o${axis} < ${output[axis]}`).join(' && ')}) {
const at = ((j0 * ${output[0]} + o0) * ${output[1]} + o1) * ${output[2]} + o2;
if (index[at] == row) ${add('x[at]')}
}
}`,
    });
  }

  /** The positions of an index by the place they point to, if its numbers are to be had at once and lie apart. */
  function ordered(index: GpuStorage, places: number): Ordered | null {
    if (index.mirror === null && !device.synchronous) return null;
    const at = index.data;
    const starts = new Int32Array(places + 1);
    for (const place of at) if (place >= 0) starts[place + 1]++;
    if (starts.some((count) => count > LONGEST)) return null;
    for (let place = 0; place < places; place++) starts[place + 1] += starts[place];
    const next = starts.slice();
    const list = new Int32Array(Math.max(1, starts[places]));
    at.forEach((place, j) => {
      if (place >= 0) list[next[place]++] = j;
    });
    return { starts: device.upload('int32', starts), list: device.upload('int32', list) };
  }

  return {
    take: (x, index, block) =>
      device.run({
        name: 'take',
        dtype: x.dtype,
        length: x.length === 0 ? 0 : index.length * block,
        inputs: { x, index },
        body: `${unravel('i', [index.length, block], 'j')}
const at = index[j0];
if (at < 0) { return 0; }
return x[at * ${block} + j1];`,
      }),

    putAdd(x, index, block, length) {
      if (x.length === 0 || length === 0) return device.kernels.full(x.dtype, length, 0);
      const window = windows.get((index as GpuStorage).cell);
      if (window !== undefined && block === 1) return unpool(x, index, window, length);
      const places = length / block;
      const order = ordered(index as GpuStorage, places);
      if (order !== null) {
        const { starts, list } = order;
        const y = device.run({
          name: 'putAdd',
          dtype: x.dtype,
          length,
          inputs: { x, starts, list },
          body: `${unravel('i', [places, block], 'j')}
const end = starts[j0 + 1];
let sum = 0;
for (let at = starts[j0]; at < end; at += 1) {
sum += x[list[at] * ${block} + j1];
}
return sum;`,
        });
        device.free(starts);
        device.free(list);
        return y;
      }
      if (index.length > SEARCHED) {
        throw new DeviceError(
          `${device.name}: expected at most ${SEARCHED} indices that were computed on the device, got ${index.length}; read() them and use them from the CPU`,
        );
      }
      return fold(device, {
        name: 'putAdd',
        dtype: x.dtype,
        fn: 'sum',
        length,
        loops: [['j', index.length]],
        inputs: { x, index },
        before: unravel('row', [places, block], 'p'),
        inside: (add) => `if (index[j] == p0) ${add(`x[j * ${block} + p1]`)}`,
      });
    },

    maxPoolIndex(x, window) {
      const { images, input, kernel, output, stride, dilation, padding } = window;
      const taps = AXES.reduceRight(
        (body, axis) => `for (let k${axis} = 0; k${axis} < ${kernel[axis]}; k${axis}++) {
const x${axis} = o${axis} * ${stride[axis]} + k${axis} * ${dilation[axis]} - ${padding[axis]};
if (x${axis} >= 0 && x${axis} < ${input[axis]}) {
${body}
}
}`,
        `const at = ((image * ${input[0]} + x0) * ${input[1]} + x1) * ${input[2]} + x2;
const v = x[at];
if (best < 0 || v > most || (isNumber(v) < 1 && isNumber(most) > 0)) {
best = at;
most = v;
}`,
      );
      const y = device.run({
        name: 'maxPoolIndex',
        dtype: 'int32',
        length: images * sizeOf(output),
        inputs: { x },
        body: `${unravel('i', [images, ...output], 'j')}
const image = j0;
${AXES.map((axis) => `const o${axis} = j${axis + 1};`).join('\n')}
let best = -1;
let most = 0;
${taps}
return best;`,
      });
      windows.set(y.cell, window);
      return y;
    },
  };
};
