import { fit, isFloating } from '../core/dtype.js';
import { ArgumentError, DTypeError } from '../core/errors.js';
import { show } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { type TensorLike, tensorOf } from './arguments.js';
import { add, div, mul, sub } from './binary.js';
import { checkBroadcastsTo } from './broadcast.js';
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

/** Each changes x in place and returns it; see `copy_` on gradients. */
export const inPlace = {
  add_: (x: Tensor, y: TensorLike): Tensor => become('add_', x, add(x, other('add_', x, y))),
  sub_: (x: Tensor, y: TensorLike): Tensor => become('sub_', x, sub(x, other('sub_', x, y))),
  mul_: (x: Tensor, y: TensorLike): Tensor => become('mul_', x, mul(x, other('mul_', x, y))),
  div_: (x: Tensor, y: TensorLike): Tensor => become('div_', x, div(x, other('div_', x, y))),
  fill_: (x: Tensor, value: number | boolean): Tensor => {
    const { dtype, device } = x;
    if (typeof value !== 'number' && typeof value !== 'boolean') {
      throw new ArgumentError(`fill_: expected a number or a truth value, got ${show(value)}`);
    }
    return x.copy_(full(x.shape, fit('fill_', dtype, Number(value)), { dtype, device }));
  },
  zero_: (x: Tensor): Tensor => inPlace.fill_(x, 0),
};
