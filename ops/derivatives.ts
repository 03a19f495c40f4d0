import { isFloating } from '../core/dtype.js';
import { DTypeError } from '../core/errors.js';
import { checkFunction } from '../core/shape.js';
import { fromData, Tensor } from '../core/tensor.js';
import { pullbackOf, valueAndGradOf } from '../core/transforms.js';
import { leavesOf, type Tensors, withLeaves } from '../core/tree.js';
import { reshape, stack } from './shape.js';

/** For each tensor of R a tree like T: what the derivative of R by T looks like. */
type Derivative<R, T> = R extends Tensor ? Tensors<T> : { [K in keyof R]: Derivative<R[K], T> };

/**
 * The Jacobian of `f` by its argument: for an output of shape `[…o]` and an input of shape `[…i]` a
 * tensor `[…o, …i]`; for structures, that of the output with the input's inside. One backward pass an
 * output element.
 */
export function jacobian<X = Tensor, R = unknown>(f: (x: X) => R): (x: X) => Derivative<R, X> {
  return jacobianOf('jacobian', f);
}

function jacobianOf<X, R>(op: string, f: (x: X) => R): (x: X) => Derivative<R, X> {
  checkFunction(op, 'to differentiate', f);
  return (x) => {
    const [value, pullback] = pullbackOf(op, f, [x]);
    const outputs = leavesOf(op, value);
    const inputs = leavesOf(op, x);
    const blocks = outputs.map((y, at) => {
      if (!isFloating(y.dtype))
        throw new DTypeError(`${op}: expected float outputs, got ${y.dtype}`);
      const rows = Array.from({ length: y.size }, (_, i) => {
        const oneHot = outputs
          .map((other) => other.detach())
          .map((other, j) => basis(other, j === at ? i : -1));
        return leavesOf(op, pullback(withLeaves(op, value, oneHot) as Tensors<R>));
      });
      const block = inputs.map((input, i) =>
        rows.length === 0
          ? empty(y, input)
          : reshape(stack(rows.map((row) => row[i])), [...y.shape, ...input.shape]),
      );
      return withLeaves(op, x, block);
    });
    return withLeaves(op, value, blocks) as Derivative<R, X>;
  };
}

/** Zeros of y's shape with a one at flat position `at`, if it is one. */
function basis(y: Tensor, at: number): Tensor {
  const data = y.dtype === 'float64' ? new Float64Array(y.size) : new Float32Array(y.size);
  if (at >= 0) data[at] = 1;
  return fromData(y.dtype, data, y.shape, { device: y.device });
}

const empty = (y: Tensor, x: Tensor): Tensor =>
  basis(new Tensor(y.storage, [...y.shape, ...x.shape]), -1);

/**
 * The Hessian of `f`, which gives a single number, by its argument of shape `[…i]`: `[…i, …i]`; for
 * structures, the argument's with the argument's inside.
 */
export function hessian<X = Tensor>(f: (x: X) => Tensor): (x: X) => Derivative<Tensors<X>, X> {
  const both = valueAndGradOf('hessian', f);
  return jacobianOf('hessian', (x: X) => both([x])[1] as Tensors<X>);
}
