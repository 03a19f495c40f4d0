import { ArgumentError, AxisError, ShapeError } from '../core/errors.js';
import { compose, defineOp, defineVariadicOp } from '../core/op.js';
import {
  axesOf,
  axisOf,
  checkInteger,
  checkShape,
  type Dims,
  formatShape,
  type Shape,
  sameShape,
  show,
  sizeOf,
  stridesOf,
} from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { onlyTensor, promoted } from './arguments.js';
import { expand } from './broadcast.js';
import { narrow } from './slice.js';

/** `shape` with a single −1 replaced by whatever makes it hold `size` numbers. */
function inferred(shape: Shape, x: Tensor): number[] {
  const fail = (): never => {
    throw new ShapeError(
      `reshape: shape ${formatShape(x.shape)} (${x.size} numbers) does not fill ${show(shape)}`,
    );
  };
  if (!Array.isArray(shape)) return checkShape('reshape', shape);
  const known = shape.filter((n) => n !== -1);
  if (known.length === shape.length) {
    const target = checkShape('reshape', shape);
    return sizeOf(target) === x.size ? target : fail();
  }
  const rest = x.size / sizeOf(checkShape('reshape', known));
  if (known.length !== shape.length - 1 || !Number.isInteger(rest)) fail();
  return shape.map((n) => (n === -1 ? rest : n));
}

/** The same numbers in row-major order under another shape, one size of which may be −1. */
export const reshape = defineOp({
  name: 'reshape',
  check: (x: Tensor, shape: Shape): [Tensor, number[]] => {
    const t = onlyTensor('reshape', 'x', x);
    return [t, inferred(shape, t)];
  },
  forward: (_k, x, shape) => new Tensor(x.storage, shape),
  saves: [[]],
  vjp: [(g, _y, x): Tensor => reshape(g, x.shape)],
});

/** Joins the axes from `startDim` to `endDim` into one. A 0-d tensor becomes `[1]`. */
export const flatten = compose('flatten', (x: Tensor, startDim = 0, endDim = -1): Tensor => {
  const t = onlyTensor('flatten', 'x', x);
  const first = axisOf('flatten', startDim, Math.max(t.ndim, 1));
  const last = axisOf('flatten', endDim, Math.max(t.ndim, 1));
  if (first > last) {
    throw new AxisError(`flatten: startDim ${startDim} comes after endDim ${endDim}`);
  }
  const joined = sizeOf(t.shape.slice(first, last + 1));
  return reshape(t, [...t.shape.slice(0, first), joined, ...t.shape.slice(last + 1)]);
});

/** Axis i of the result is axis `dims[i]` of x. */
export const permute = defineOp({
  name: 'permute',
  check: (x: Tensor, dims: readonly number[]): [Tensor, number[]] => {
    const t = onlyTensor('permute', 'x', x);
    const axes = Array.isArray(dims) ? dims.map((d) => axisOf('permute', d, t.ndim)) : [];
    if (Array.isArray(dims) && axes.length === t.ndim && new Set(axes).size === t.ndim) {
      return [t, axes];
    }
    throw new AxisError(
      `permute: expected each of the ${t.ndim} axes of ${formatShape(t.shape)} once, got ${show(dims)}`,
    );
  },
  forward: (k, x, axes) => {
    if (axes.every((axis, i) => axis === i)) return x;
    const strides = stridesOf(x.shape);
    const shape = axes.map((axis) => x.shape[axis]);
    const view = { shape, strides: axes.map((axis) => strides[axis]), offset: 0 };
    return new Tensor(k.copy(x.storage, view), shape);
  },
  saves: [[]],
  vjp: [(g, _y, _x, axes): Tensor => permute(g, inverse(axes))],
});

function inverse(axes: readonly number[]): number[] {
  const result = new Array<number>(axes.length);
  axes.forEach((axis, i) => {
    result[axis] = i;
  });
  return result;
}

/** Swaps two axes. */
export const transpose = compose('transpose', (x: Tensor, dim0: number, dim1: number) => {
  const t = onlyTensor('transpose', 'x', x);
  const [a, b] = [axisOf('transpose', dim0, t.ndim), axisOf('transpose', dim1, t.ndim)];
  return permute(
    t,
    t.shape.map((_, i) => (i === a ? b : i === b ? a : i)),
  );
});

/** Drops the axes `dim` that have size 1 (all such axes if none is given). */
export const squeeze = compose('squeeze', (x: Tensor, dim?: Dims) => {
  const t = onlyTensor('squeeze', 'x', x);
  const axes = axesOf('squeeze', dim, t.ndim);
  return reshape(
    t,
    t.shape.filter((n, i) => n !== 1 || !axes.includes(i)),
  );
});

/** Puts in an axis of size 1, which becomes axis `dim` of the result. */
export const unsqueeze = compose('unsqueeze', (x: Tensor, dim: number) => {
  const t = onlyTensor('unsqueeze', 'x', x);
  return reshape(t, t.shape.toSpliced(axisOf('unsqueeze', dim, t.ndim + 1), 0, 1));
});

function tensorList(op: string, tensors: readonly Tensor[]): Tensor[] {
  if (Array.isArray(tensors) && tensors.length > 0) {
    return promoted(tensors.map((t, i) => onlyTensor(op, `element ${i}`, t)));
  }
  throw new ShapeError(`${op}: expected a list of at least one tensor, got ${show(tensors)}`);
}

/** Joins tensors along axis `dim`; their other sizes must agree. */
export const cat = defineVariadicOp({
  name: 'cat',
  check: (tensors: readonly Tensor[], dim = 0): [Tensor[], number] => {
    const list = tensorList('cat', tensors);
    const axis = axisOf('cat', dim, list[0].ndim);
    const rest = (t: Tensor): Shape => t.shape.toSpliced(axis, 1);
    for (const t of list) {
      if (t.ndim === list[0].ndim && sameShape(rest(t), rest(list[0]))) continue;
      throw new ShapeError(
        `cat: expected equal sizes except along axis ${axis}, got ${list.map((x) => formatShape(x.shape)).join(' and ')}`,
      );
    }
    return [list, axis];
  },
  forward: (k, tensors, axis) => {
    const { shape } = tensors[0];
    const sizes = tensors.map((t) => t.shape[axis]);
    const inner = sizeOf(shape.slice(axis + 1));
    const joined = k.concat(
      tensors.map((t) => t.storage),
      sizeOf(shape.slice(0, axis)),
      sizes.map((n) => n * inner),
    );
    return new Tensor(
      joined,
      shape.with(
        axis,
        sizes.reduce((a, b) => a + b),
      ),
    );
  },
  saves: [],
  vjp: (i, g, _y, tensors, axis) => {
    let start = 0;
    for (const t of tensors.slice(0, i)) start += t.shape[axis];
    return narrow(g, axis, start, tensors[i].shape[axis]);
  },
});

/** Joins tensors of one shape along a new axis `dim`. */
export const stack = compose('stack', (tensors: readonly Tensor[], dim = 0) => {
  const list = tensorList('stack', tensors);
  const axis = axisOf('stack', dim, list[0].ndim + 1);
  for (const t of list) {
    if (sameShape(t.shape, list[0].shape)) continue;
    throw new ShapeError(
      `stack: expected equal shapes, got ${list.map((x) => formatShape(x.shape)).join(' and ')}`,
    );
  }
  return cat(
    list.map((t) => unsqueeze(t, axis)),
    axis,
  );
});

/** Pieces along `dim`: of `size` each (the last may be smaller), or of the sizes listed. */
export const split = compose(
  'split',
  (x: Tensor, size: number | readonly number[], dim = 0): Tensor[] => {
    const t = onlyTensor('split', 'x', x);
    const axis = axisOf('split', dim, t.ndim);
    const n = t.shape[axis];
    if (typeof size !== 'number' && !Array.isArray(size)) {
      throw new ArgumentError(`split: expected a size or a list of sizes, got ${show(size)}`);
    }
    const sizes =
      typeof size === 'number' ? equalPieces('split', n, size) : checkShape('split', size);
    if (sizes.reduce((a, b) => a + b, 0) !== n) {
      throw new ShapeError(
        `split: sizes ${show(size)} do not add up to ${n}, the size of axis ${axis}`,
      );
    }
    let start = 0;
    return sizes.map((length) => {
      start += length;
      return narrow(t, axis, start - length, length);
    });
  },
);

function equalPieces(op: string, n: number, size: number): number[] {
  checkInteger(op, 'the size of a piece', size, 1);
  const count = Math.max(1, Math.ceil(n / size));
  return Array.from({ length: count }, (_, i) => Math.min(size, n - i * size));
}

/** At most `chunks` pieces along `dim`, all but the last of equal size. */
export const chunk = compose('chunk', (x: Tensor, chunks: number, dim = 0): Tensor[] => {
  const t = onlyTensor('chunk', 'x', x);
  checkInteger('chunk', 'the number of chunks', chunks, 1);
  const n = t.shape[axisOf('chunk', dim, t.ndim)];
  return split(t, Math.max(1, Math.ceil(n / chunks)), dim);
});

/** Reverses the order along the axes `dims`. */
export const flip = defineOp({
  name: 'flip',
  check: (x: Tensor, dims: number | readonly number[]): [Tensor, number[]] => {
    const t = onlyTensor('flip', 'x', x);
    return [t, axesOf('flip', dims, t.ndim)];
  },
  forward: (k, x, axes) => {
    const strides = stridesOf(x.shape);
    const offset = axes.reduce((at, axis) => at + (x.shape[axis] - 1) * strides[axis], 0);
    const steps = strides.map((step, axis) => (axes.includes(axis) ? -step : step));
    return new Tensor(k.copy(x.storage, { shape: x.shape, strides: steps, offset }), x.shape);
  },
  saves: [[]],
  vjp: [(g, _y, _x, axes): Tensor => flip(g, axes)],
});

/** Moves the numbers `shifts` places along `dims`, those pushed out coming back in at the start. */
export const roll = compose(
  'roll',
  (x: Tensor, shifts: number | readonly number[], dims: number | readonly number[]): Tensor => {
    let t = onlyTensor('roll', 'x', x);
    const by = [shifts].flat().map((s) => checkInteger('roll', 'a shift', s));
    const axes = [dims].flat().map((d) => axisOf('roll', d, t.ndim));
    if (by.length !== axes.length) {
      throw new ShapeError(`roll: expected one shift an axis, got ${by.length} for ${axes.length}`);
    }
    axes.forEach((axis, i) => {
      const n = t.shape[axis];
      const cut = n === 0 ? 0 : ((-by[i] % n) + n) % n;
      if (cut === 0) return;
      t = cat([narrow(t, axis, cut, n - cut), narrow(t, axis, 0, cut)], axis);
    });
    return t;
  },
);

/** The tensor laid out `repeats[i]` times along each axis; more repeats than axes add new ones. */
export const repeat = compose('repeat', (x: Tensor, repeats: readonly number[]) => {
  const t = onlyTensor('repeat', 'x', x);
  const times = checkShape('repeat', repeats);
  const shift = times.length - t.ndim;
  if (shift < 0) {
    throw new ShapeError(
      `repeat: expected at least ${t.ndim} repeats for shape ${formatShape(t.shape)}, got ${show(repeats)}`,
    );
  }
  const sizes = [...new Array<number>(shift).fill(1), ...t.shape];
  const interleaved = sizes.flatMap((n) => [1, n]);
  const target = sizes.flatMap((n, i) => [times[i], n]);
  const whole = checkShape(
    'repeat',
    sizes.map((n, i) => n * times[i]),
  );
  return reshape(expand(reshape(t, interleaved), target), whole);
});
