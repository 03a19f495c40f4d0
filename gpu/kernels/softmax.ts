import type { Kernels, Storage } from '../../core/kernels.js';
import type { GpuDevice } from '../device.js';
import { fold } from '../fold.js';
import { unravel } from '../source.js';
import type { GpuStorage } from '../storage.js';
import { rowStart } from './reduce.js';

/** The place in `[outer, inner]` of the row that number i of `[outer, n, inner]` is in, named `row`. */
const rowOf = (outer: number, n: number, inner: number): string =>
  `${unravel('i', [outer, n, inner], 'j')}\nconst row = j0 * ${inner} + j2;`;

export const softmaxKernels = (
  device: GpuDevice,
): Pick<Kernels, 'softmax' | 'logSoftmax' | 'softmaxGrad'> => {
  /** Along each row its maximum (0 if that is −∞), and the sum of exponentials less it. */
  const statistics = (x: Storage, outer: number, n: number, inner: number): GpuStorage[] => {
    const shift = device.kernels.reduce('amax', x, outer, n, inner) as GpuStorage;
    const sum = fold(device, {
      name: 'softmax',
      dtype: x.dtype,
      fn: 'sum',
      length: outer * inner,
      loops: [['k', n]],
      inputs: { x, shift },
      before: `${rowStart(outer, n, inner)}\nconst most = shift[row] < -3.4028234e38 ? 0 : shift[row];`,
      inside: (add) => add(`exponential(x[from + k * ${inner}] - most)`),
    });
    return [shift, sum];
  };

  const normalized =
    (name: string, value: string): Kernels['softmax'] =>
    (x, outer, n, inner) => {
      const [shift, sum] = statistics(x, outer, n, inner);
      const y = device.run({
        name,
        dtype: x.dtype,
        length: x.length,
        inputs: { x, shift, sum },
        body: `${rowOf(outer, n, inner)}
const most = shift[row] < -3.4028234e38 ? 0 : shift[row];
const total = sum[row];
return ${value};`,
      });
      device.free(shift);
      device.free(sum);
      return y;
    };

  return {
    // A row of −∞ has no mass to share.
    softmax: normalized('softmax', 'total == 0 ? 0 : exponential(x[i] - most) / total'),
    logSoftmax: normalized('logSoftmax', 'total == 0 ? x[i] : x[i] - most - logarithm(total)'),

    softmaxGrad(g, y, outer, n, inner) {
      const dot = fold(device, {
        name: 'softmaxGrad',
        dtype: g.dtype,
        fn: 'sum',
        length: outer * inner,
        loops: [['k', n]],
        inputs: { g, y },
        before: rowStart(outer, n, inner),
        inside: (add) => add(`g[from + k * ${inner}] * y[from + k * ${inner}]`),
      });
      const result = device.run({
        name: 'softmaxGrad',
        dtype: g.dtype,
        length: g.length,
        inputs: { g, y, dot },
        body: `${rowOf(outer, n, inner)}\nreturn y[i] * (g[i] - dot[row]);`,
      });
      device.free(dot);
      return result;
    },
  };
};
