import { DeviceError } from '../../core/errors.js';
import type { Kernels, Storage, View } from '../../core/kernels.js';
import { sizeOf, stridesOf } from '../../core/shape.js';
import type { GpuDevice } from '../device.js';
import { literal, offset, quotient, remainder, unravel } from '../source.js';

/** Parts that one kernel joins: a kernel in webgpu reads at most seven arrays. */
const PARTS = 6;

/** Statements that return `missing` for a place i outside the view, else name its indices j0, j1, …. */
function locate({ shape, strides, offset: from }: View, device: GpuDevice): string {
  const axes = shape.map((_, axis) => axis).filter((axis) => shape[axis] > 1);
  axes.sort((a, b) => Math.abs(strides[b]) - Math.abs(strides[a]));
  // An axis that is walked backwards is counted from its other end.
  const first = axes.reduce(
    (at, axis) => at + Math.min(0, strides[axis] * (shape[axis] - 1)),
    from,
  );
  let reach = 1;
  for (const axis of axes.toReversed()) {
    const step = Math.abs(strides[axis]);
    if (step < reach) {
      throw new DeviceError(`${device.name}: expected a view that writes each place once`);
    }
    reach += step * (shape[axis] - 1);
  }
  const lines = [`const r0 = i - ${literal(first)};`, 'if (r0 < 0) { return missing; }'];
  let rest = 'r0';
  axes.forEach((axis, depth) => {
    const step = Math.abs(strides[axis]);
    const next = `r${depth + 1}`;
    lines.push(
      `const ${next} = ${step === 1 ? 0 : remainder(rest, step)};`,
      `const q${axis} = ${quotient(rest, next, step)};`,
      `if (q${axis} >= ${shape[axis]}) { return missing; }`,
      `const j${axis} = ${strides[axis] < 0 ? `${shape[axis] - 1} - q${axis}` : `q${axis}`};`,
    );
    rest = next;
  });
  lines.push(`if (${rest} > 0) { return missing; }`);
  return lines.join('\n');
}

export const copyKernels = (device: GpuDevice): Pick<Kernels, 'copy' | 'place' | 'concat'> => {
  const concat = (parts: readonly Storage[], outer: number, inners: readonly number[]): Storage => {
    const kept = parts.flatMap((part, p) =>
      part.length === 0 ? [] : [{ part, inner: inners[p] }],
    );
    if (kept.length > PARTS) {
      // Groups are joined first, and then what came of them.
      const groups: Storage[] = [];
      const widths: number[] = [];
      for (let at = 0; at < kept.length; at += PARTS) {
        const group = kept.slice(at, at + PARTS);
        const sizes = group.map(({ inner }) => inner);
        groups.push(
          concat(
            group.map(({ part }) => part),
            outer,
            sizes,
          ),
        );
        widths.push(sizes.reduce((a, b) => a + b, 0));
      }
      const whole = concat(groups, outer, widths);
      for (const group of groups) device.free(group);
      return whole;
    }
    const width = kept.reduce((sum, { inner }) => sum + inner, 0);
    let column = 0;
    const branches = kept.map(({ inner }, p) => {
      const start = column;
      column += inner;
      return `if (j1 < ${column}) { return part${p}[j0 * ${inner} + j1 - ${start}]; }`;
    });
    return device.run({
      name: 'concat',
      dtype: parts[0].dtype,
      length: outer * width,
      inputs: Object.fromEntries(kept.map(({ part }, p) => [`part${p}`, part])),
      body: `${unravel('i', [outer, width], 'j')}\n${branches.join('\n')}\nreturn 0;`,
    });
  };

  return {
    copy: (x, { shape, strides, offset: from }) =>
      device.run({
        name: 'copy',
        dtype: x.dtype,
        length: sizeOf(shape),
        inputs: { x },
        body: `${unravel('i', shape, 'j')}\nreturn x[${offset('j', strides, shape, from)}];`,
      }),

    place(x, view, length, value) {
      if (x.length === 0) return device.kernels.full(x.dtype, length, value);
      const strides = stridesOf(view.shape);
      return device.run({
        name: 'place',
        dtype: x.dtype,
        length,
        inputs: { x },
        scalars: { missing: value },
        body: `${locate(view, device)}\nreturn x[${offset('j', strides, view.shape)}];`,
      });
    },

    concat,
  };
};
