import { fit, isFloating } from '../core/dtype.js';
import { ArgumentError, DTypeError } from '../core/errors.js';
import { show } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { type TensorLike, tensorOf } from './arguments.js';
import { add, div, mul, sub } from './binary.js';
import { checkBroadcastsTo, pairingOf } from './broadcast.js';
import { cast } from './cast.js';
import { full } from './create.js';

/** x changed in place to the result of an op on its old numbers; its dtype and shape stay. */
function become(op: string, x: Tensor, result: Tensor): Tensor {
  if (isFloating(result.dtype) && !isFloating(x.dtype)) {
    throw new DTypeError(`${op}: expected a result that ${x.dtype} holds, got ${result.dtype}`);
  }
  return x.copy_(result.dtype === x.dtype ? result : cast(result, x.dtype));
}

/** The second operand, which must broadcast to x. */
function other(op: string, x: Tensor, y: TensorLike): Tensor {
  const t = tensorOf(op, y, x);
  checkBroadcastsTo(op, 'operand', t, x.shape);
  return t;
}

/** x ← f(x, y); real numbers of one dtype are written where they stand, others by way of a new tensor. */
const arithmetic =
  (fn: 'add' | 'sub' | 'mul' | 'div', f: (x: Tensor, y: Tensor) => Tensor) =>
  (x: Tensor, y: TensorLike): Tensor => {
    const t = other(`${fn}_`, x, y);
    if (!isFloating(x.dtype) || t.dtype !== x.dtype || t.device !== x.device) {
      return become(`${fn}_`, x, f(x, t));
    }
    const [, pairing] = pairingOf(`${fn}_`, x.shape, t.shape);
    const { storage, device } = x;
    return x.overwrite(t, () => {
      device.kernels.binary(fn, storage, t.storage, pairing, storage);
    });
  };

/** Each changes x in place and returns it; see `copy_` on gradients. */
export const inPlace = {
  add_: arithmetic('add', add),
  sub_: arithmetic('sub', sub),
  mul_: arithmetic('mul', mul),
  div_: arithmetic('div', div),
  fill_: (x: Tensor, value: number | boolean): Tensor => {
    const { dtype, device } = x;
    if (typeof value !== 'number' && typeof value !== 'boolean') {
      throw new ArgumentError(`fill_: expected a number or a truth value, got ${show(value)}`);
    }
    return x.copy_(full(x.shape, fit('fill_', dtype, Number(value)), { dtype, device }));
  },
  zero_: (x: Tensor): Tensor => inPlace.fill_(x, 0),
};
