import type { Kernels, Storage, Window } from '../../core/kernels.js';
import { sizeOf } from '../../core/shape.js';
import type { GpuDevice } from '../device.js';
import { fold } from '../fold.js';
import { quotient, remainder, unravel } from '../source.js';
import type { GpuStorage } from '../storage.js';

/** Blocks that one thread adds up in a row. Threads that run long are ended by some drivers, without a word. */
const LONGEST = 1024;
/** Where more are added up at one place, sums of so many neighbours are made first: a power of 2. */
const CHUNK = 128;

const AXES = [0, 1, 2] as const;

/** The windows by which `maxPoolIndex` found the places in an index: what lies where follows from them. */
const windows = new WeakMap<object, Window>();

/** An index in order: `list` has its positions by the place they point to, place t from `starts[t]` on. */
interface Ordered {
  readonly starts: Storage;
  readonly list: Storage;
  /** How many positions there are for one place, at most. */
  readonly most: number;
}

export const gatherKernels = (
  device: GpuDevice,
): Pick<Kernels, 'take' | 'putAdd' | 'maxPoolIndex'> => {
  /** Adds at each place what the windows that cover it took from there. */
  function unpool(x: Storage, index: Storage, window: Window, length: number): Storage {
    const { images, input, kernel, output, stride, dilation, padding } = window;
    // Window o begins at o·stride − padding: the last one that covers a place, and those just before it.
    const covering = AXES.map((axis) => {
      const reach = dilation[axis] * (kernel[axis] - 1) + 1;
      return Math.min(output[axis], Math.ceil(reach / stride[axis]));
    });
    const last = AXES.map((axis) => {
      const before = `const p${axis} = j${axis + 1} + ${padding[axis]};
const left${axis} = ${stride[axis] === 1 ? 0 : remainder(`p${axis}`, stride[axis])};`;
      const window = quotient(`p${axis}`, `left${axis}`, stride[axis]);
      return `${before}\nconst last${axis} = Math.min(${output[axis] - 1}, ${window});`;
    });
    return fold(device, {
      name: 'putAdd',
      dtype: x.dtype,
      fn: 'sum',
      length,
      loops: AXES.map((axis) => [`k${axis}`, covering[axis]] as const),
      inputs: { x, index },
      before: `${unravel('row', [images, ...input], 'j')}\n${last.join('\n')}`,
      inside: (add) => `${AXES.map((axis) => `const o${axis} = last${axis} - k${axis};`).join('\n')}
if (${AXES.map((axis) => `o${axis} >= 0`).join(' && ')}) {
const at = ((j0 * ${output[0]} + o0) * ${output[1]} + o1) * ${output[2]} + o2;
if (index[at] == row) ${add('x[at]')}
}`,
    });
  }

  /** The positions of an index by the place they point to: counted here, or where it is away sorted there. */
  function ordered(index: GpuStorage, places: number): Ordered {
    if (index.isAway) {
      const list = device.kernels.argsort(index, 1, index.length, 1, false);
      const halvings = Math.ceil(Math.log2(index.length)) + 1;
      const starts = device.run({
        name: 'putAdd',
        dtype: 'int32',
        length: places + 1,
        inputs: { index, list },
        body: `let low = 0;
let high = ${index.length};
for (let step = 0; step < ${halvings}; step++) {
if (low < high) {
const half = Math.floor((low + high) * 0.5);
const j = list[half];
if (index[j] < i) { low = half + 1; } else { high = half; }
}
}
return low;`,
      });
      return { starts, list, most: index.length };
    }
    const at = index.data;
    const starts = new Int32Array(places + 1);
    for (const place of at) if (place >= 0) starts[place + 1]++;
    const most = starts.reduce((a, b) => Math.max(a, b));
    for (let place = 0; place < places; place++) starts[place + 1] += starts[place];
    const next = starts.slice();
    const list = new Int32Array(Math.max(1, starts[places]));
    at.forEach((place, j) => {
      if (place >= 0) list[next[place]++] = j;
    });
    return { starts: device.upload('int32', starts), list: device.upload('int32', list), most };
  }

  /** Adds up blocks that lie in order: those of each place, or each `CHUNK` neighbours and then those. */
  function sumsByPlace(x: Storage, order: Ordered, block: number, length: number): Storage {
    const { starts, list, most } = order;
    const levels = [x];
    // A name for each row: gpu.js declares one of its own for a place read inside another twice.
    const added = (level: number, name: string, at: string): string =>
      `const ${name} = ${level === 0 ? `list[${at}]` : at};\nsum += x${level}[${name} * ${block} + j1];`;
    let rows = list.length;
    for (let left = most; left > LONGEST; left /= CHUNK) {
      const level = levels.length - 1;
      rows = Math.floor(rows / CHUNK);
      const read = { [`x${level}`]: levels[level] };
      levels.push(
        device.run({
          name: 'putAdd',
          dtype: x.dtype,
          length: rows * block,
          inputs: level === 0 ? { ...read, list } : read,
          body: `${unravel('i', [rows, block], 'j')}
let sum = 0;
for (let k = 0; k < ${CHUNK}; k++) { ${added(level, 'row', `j0 * ${CHUNK} + k`)} }
return sum;`,
        }),
      );
    }
    const loop = (level: number, name: string, from: string, to: string): string =>
      `for (let ${name} = ${from}; ${name} < ${to}; ${name} += 1) { ${added(level, `row_${name}`, name)} }`;
    const whole = (round: 'ceil' | 'floor', x: string): string =>
      `Math.${round}(${x} * ${1 / CHUNK}) * ${CHUNK}`;
    const edges = levels.slice(1).map(
      (_, level) => `const up${level} = Math.min(to${level}, ${whole('ceil', `from${level}`)});
const down${level} = Math.max(up${level}, ${whole('floor', `to${level}`)});
${loop(level, `head${level}`, `from${level}`, `up${level}`)}
${loop(level, `tail${level}`, `down${level}`, `to${level}`)}
const from${level + 1} = up${level} * ${1 / CHUNK};
const to${level + 1} = down${level} * ${1 / CHUNK};`,
    );
    const top = levels.length - 1;
    const y = device.run({
      name: 'putAdd',
      dtype: x.dtype,
      length,
      inputs: { ...Object.fromEntries(levels.map((of, level) => [`x${level}`, of])), starts, list },
      body: `${unravel('i', [length / block, block], 'j')}
const from0 = starts[j0];
const to0 = starts[j0 + 1];
let sum = 0;
${edges.join('\n')}
${loop(top, 'at', `from${top}`, `to${top}`)}
return sum;`,
    });
    for (const sums of levels.slice(1)) device.free(sums);
    return y;
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
      const order = ordered(index as GpuStorage, length / block);
      const y = sumsByPlace(x, order, block, length);
      device.free(order.starts);
      device.free(order.list);
      return y;
    },

    // The largest number under each window, and then where it lies first: NaN comes through as the largest.
    maxPoolIndex(x, window) {
      const { images, input, kernel, output, stride, dilation, padding } = window;
      const under = (inside: string): string =>
        `${AXES.map(
          (axis) =>
            `const x${axis} = j${axis + 1} * ${stride[axis]} + k${axis} * ${dilation[axis]} - ${padding[axis]};`,
        ).join('\n')}
if (${AXES.map((axis) => `x${axis} >= 0 && x${axis} < ${input[axis]}`).join(' && ')}) {
const at = ((j0 * ${input[0]} + x0) * ${input[1]} + x1) * ${input[2]} + x2;
${inside}
}`;
      const windowed = {
        name: 'maxPoolIndex',
        length: images * sizeOf(output),
        loops: AXES.map((axis) => [`k${axis}`, kernel[axis]] as const),
      };
      const before = unravel('row', [images, ...output], 'j');
      const most = fold(device, {
        ...windowed,
        dtype: x.dtype,
        fn: 'amax',
        inputs: { x },
        before,
        inside: (join) => under(join('x[at]')),
      });
      const y = fold(device, {
        ...windowed,
        dtype: 'int32',
        fn: 'amin',
        inputs: { x, most },
        before: `${before}\nconst largest = most[row];`,
        inside: (join) =>
          under(`const v = x[at];\nif (v == largest || isNumber(v) < 1) ${join('at')}`),
      });
      device.free(most);
      windows.set(y.cell, window);
      return y;
    },
  };
};
