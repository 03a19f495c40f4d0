import { ShapeError } from '../core/errors.js';
import { formatShape, sameShape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import type { TensorLike } from './arguments.js';
import { add, div, mul, sub } from './binary.js';
import { cast } from './cast.js';
import { full } from './create.js';

/** x changed in place to the result of an op on its old numbers; its dtype and shape stay. */
function become(op: string, x: Tensor, result: Tensor): Tensor {
  if (!sameShape(result.shape, x.shape)) {
    throw new ShapeError(
      `${op}: expected a result of shape ${formatShape(x.shape)}, got ${formatShape(result.shape)}`,
    );
  }
  return x.copy_(result.dtype === x.dtype ? result : cast(result, x.dtype));
}

/** Each changes x in place and returns it; see `copy_` on gradients. */
export const inPlace = {
  add_: (x: Tensor, y: TensorLike): Tensor => become('add_', x, add(x, y)),
  sub_: (x: Tensor, y: TensorLike): Tensor => become('sub_', x, sub(x, y)),
  mul_: (x: Tensor, y: TensorLike): Tensor => become('mul_', x, mul(x, y)),
  div_: (x: Tensor, y: TensorLike): Tensor => become('div_', x, div(x, y)),
  fill_: (x: Tensor, value: number): Tensor => {
    const { dtype, device } = x;
    return x.copy_(full(x.shape, value, { dtype, device }));
  },
  zero_: (x: Tensor): Tensor => inPlace.fill_(x, 0),
};
