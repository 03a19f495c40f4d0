import type { Kernels } from '../../core/kernels.js';
import type { GpuDevice } from '../device.js';
import { unravel } from '../source.js';

export const sortKernels = (device: GpuDevice): Pick<Kernels, 'argsort'> => ({
  // Merge sort. Each pass merges neighbouring runs of `width`: place k of a pair of runs finds, by halving,
  // how many of the first k come from the left run (Odeh et al. 2012, "Merge Path"); ties go left first.
  argsort(x, outer, n, inner, descending) {
    const comesFirst = (b: string, a: string): string =>
      descending
        ? `${b} > ${a} || isNumber(${b}) < isNumber(${a})`
        : `${b} < ${a} || isNumber(${b}) > isNumber(${a})`;
    const places = unravel('i', [outer, n, inner], 'j');
    const halvings = Math.ceil(Math.log2(Math.max(2, n))) + 1;
    let order = device.run({
      name: 'argsort',
      dtype: 'int32',
      length: x.length,
      inputs: { x },
      body: `${places}\nreturn j1;`,
    });
    for (let width = 1; width < n; width *= 2) {
      const before = order;
      order = device.run({
        name: 'argsort',
        dtype: 'int32',
        length: x.length,
        inputs: { x, order },
        scalars: { width, pairs: 1 / (2 * width) },
        body: `${places}
const from = j0 * ${n * inner} + j2;
const start = Math.floor(j1 * pairs) * 2 * width;
const k = j1 - start;
const left = Math.min(width, ${n} - start);
const right = Math.max(0, Math.min(width, ${n} - start - left));
const middle = start + left;
let low = Math.max(0, k - right);
let high = Math.min(k, left);
for (let step = 0; step < ${halvings}; step++) {
if (low < high) {
const half = Math.floor((low + high) * 0.5);
const r = order[from + (start + half) * ${inner}];
const s = order[from + (middle + k - 1 - half) * ${inner}];
const u = x[from + r * ${inner}];
const v = x[from + s * ${inner}];
if (${comesFirst('v', 'u')}) { high = half; } else { low = half + 1; }
}
}
const rest = k - low;
if (low >= left) { return order[from + (middle + rest) * ${inner}]; }
const a = order[from + (start + low) * ${inner}];
if (rest >= right) { return a; }
const b = order[from + (middle + rest) * ${inner}];
const p = x[from + a * ${inner}];
const q = x[from + b * ${inner}];
if (${comesFirst('q', 'p')}) { return b; }
return a;`,
      });
      device.free(before);
    }
    return order;
  },
});
