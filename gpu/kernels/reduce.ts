import type { Kernels, ReduceFn, ScanFn, Storage } from '../../core/kernels.js';
import type { GpuDevice } from '../device.js';
import { fold } from '../fold.js';
import { unravel } from '../source.js';
import type { GpuStorage } from '../storage.js';

/** Names `from`, the place in `[outer, n, inner]` where the row of number `row` of `[outer, inner]` begins. */
export const rowStart = (outer: number, n: number, inner: number): string =>
  `${unravel('row', [outer, inner], 'j')}\nconst from = j0 * ${n * inner} + j1;`;

/** How two neighbours join in a scan: u is the earlier one. */
const scans: Record<ScanFn, string> = {
  cumsum: 'u + v',
  cumprod: 'u * v',
  cummax: 'u > v ? u : (v >= u ? v : u + v)',
};

export const reduceKernels = (
  device: GpuDevice,
): Pick<Kernels, 'reduce' | 'argReduce' | 'scan' | 'recurrence'> => {
  const reduce = (fn: ReduceFn, x: Storage, outer: number, n: number, inner: number) =>
    fold(device, {
      name: fn,
      dtype: x.dtype,
      fn,
      length: outer * inner,
      loops: [['k', n]],
      inputs: { x },
      before: rowStart(outer, n, inner),
      inside: (join) => join(`x[from + k * ${inner}]`),
    });

  /** Places along `n`, named k, of each number of `[outer, n, inner]`. */
  const along = (outer: number, n: number, inner: number): string =>
    `${unravel('i', [outer, n, inner], 'j')}\nconst k = j1;`;

  return {
    reduce,

    argReduce(fn, x, outer, n, inner) {
      const best = reduce(fn === 'argmax' ? 'amax' : 'amin', x, outer, n, inner);
      const first = fold(device, {
        name: fn,
        dtype: 'int32',
        fn: 'amin',
        length: outer * inner,
        loops: [['k', n]],
        inputs: { x, best },
        before: `${rowStart(outer, n, inner)}\nconst b = best[row];`,
        inside: (join) =>
          `const u = x[from + k * ${inner}];
if (u == b || isNumber(u) < 1) ${join('k')}`,
      });
      device.free(best);
      return first;
    },

    // Each pass joins every number with the one `step` before it, which stands for `step` of them.
    scan(fn, x, outer, n, inner) {
      let y = device.kernels.cast(x, x.dtype);
      for (let step = 1; step < n; step *= 2) {
        const before = y;
        y = device.run({
          name: fn,
          dtype: x.dtype,
          length: x.length,
          inputs: { y },
          body: `${along(outer, n, inner)}
const v = y[i];
if (k < ${step}) { return v; }
const u = y[i - ${step * inner}];
return ${scans[fn]};`,
        });
        device.free(before);
      }
      return y;
    },

    // Affine maps y ↦ a·y + b joined as a scan: the later after the earlier is (a·a′, a·b′ + b).
    recurrence(a, b, outer, n, inner) {
      let [factor, term] = [a, b];
      const pass = (name: string, step: number, value: string, otherwise: string): GpuStorage =>
        device.run({
          name,
          dtype: a.dtype,
          length: a.length,
          inputs: { factor, term },
          body: `${along(outer, n, inner)}
if (k < ${step}) { return ${otherwise}; }
return ${value};`,
        });
      for (let step = 1; step < n; step *= 2) {
        const earlier = `i - ${step * inner}`;
        const next = pass('recurrence', step, `factor[i] * term[${earlier}] + term[i]`, 'term[i]');
        const both = pass('recurrence', step, `factor[i] * factor[${earlier}]`, 'factor[i]');
        for (const [old, given] of [
          [factor, a],
          [term, b],
        ] as const) {
          if (old !== given) device.free(old);
        }
        [factor, term] = [both, next];
      }
      if (factor !== a) device.free(factor);
      return term === b ? device.kernels.cast(b, b.dtype) : term;
    },
  };
};
