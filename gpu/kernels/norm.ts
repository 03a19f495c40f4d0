import type { Kernels, Storage } from '../../core/kernels.js';
import type { GpuDevice } from '../device.js';
import { fold } from '../fold.js';
import { unravel } from '../source.js';
import type { GpuStorage } from '../storage.js';

/** The group of number i of `[outer, n, inner]`, named `group`. */
const groupOf = (outer: number, n: number, inner: number): string =>
  `${unravel('i', [outer, n, inner], 'j')}\nconst group = j1;`;

export const normKernels = (
  device: GpuDevice,
): Pick<Kernels, 'moments' | 'standardize' | 'standardizeGrad'> => {
  /** Σ over outer and inner, for each of n groups, of `term` at place `at`. */
  const sumOf = (
    term: string,
    inputs: Readonly<Record<string, Storage>>,
    dtype: Storage['dtype'],
    [outer, n, inner]: readonly [number, number, number],
  ): GpuStorage =>
    fold(device, {
      name: 'moments',
      dtype,
      fn: 'sum',
      length: n,
      loops: [
        ['o', outer],
        ['k', inner],
      ],
      inputs,
      inside: (add) => `const at = o * ${n * inner} + row * ${inner} + k;\n${add(term)}`,
    });

  type Sizes = readonly [outer: number, n: number, inner: number];

  const momentsOf = (x: Storage, sizes: Sizes): [sum: GpuStorage, squares: GpuStorage] => {
    const count = sizes[0] * sizes[2];
    const sum = sumOf('x[at]', { x }, x.dtype, sizes);
    const term = `(x[at] - sum[row] / ${count}) * (x[at] - sum[row] / ${count})`;
    return [sum, sumOf(term, { x, sum }, x.dtype, sizes)];
  };

  return {
    moments(x, outer, n, inner) {
      const [sum, squares] = momentsOf(x, [outer, n, inner]);
      const y = device.run({
        name: 'moments',
        dtype: x.dtype,
        length: 2 * n,
        inputs: { sum, squares },
        scalars: { count: outer * inner },
        body: `if (i < ${n}) { return sum[i] / count; }\nreturn squares[i - ${n}] / count;`,
      });
      device.free(sum);
      device.free(squares);
      return y;
    },

    standardize(x, outer, n, inner, eps) {
      const [sum, squares] = momentsOf(x, [outer, n, inner]);
      const y = device.run({
        name: 'standardize',
        dtype: x.dtype,
        length: x.length,
        inputs: { x, sum, squares },
        scalars: { eps },
        body: `${groupOf(outer, n, inner)}
return (x[i] - sum[group] / ${outer * inner}) / Math.sqrt(squares[group] / ${outer * inner} + eps);`,
      });
      device.free(sum);
      device.free(squares);
      return y;
    },

    standardizeGrad(g, x, outer, n, inner, eps) {
      const sizes: Sizes = [outer, n, inner];
      const count = outer * inner;
      const [sum, squares] = momentsOf(x, sizes);
      const sumG = sumOf('g[at]', { g }, g.dtype, sizes);
      const slope = sumOf(`g[at] * (x[at] - sum[row] / ${count})`, { g, x, sum }, g.dtype, sizes);
      const y = device.run({
        name: 'standardizeGrad',
        dtype: g.dtype,
        length: g.length,
        inputs: { g, x, sum, squares, sumG, slope },
        scalars: { eps },
        body: `${groupOf(outer, n, inner)}
const scale = 1 / Math.sqrt(squares[group] / ${count} + eps);
const z = (x[i] - sum[group] / ${count}) * scale;
return (g[i] - sumG[group] / ${count} - z * scale * slope[group] / ${count}) * scale;`,
      });
      for (const part of [sum, squares, sumG, slope]) device.free(part);
      return y;
    },
  };
};
