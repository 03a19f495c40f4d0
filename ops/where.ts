import { DTypeError } from '../core/errors.js';
import { compose, defineOp } from '../core/op.js';
import { broadcastShapes } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { onlyTensor, pairOf, type TensorLike, tensorOf } from './arguments.js';
import { checkBroadcastsTo, expand } from './broadcast.js';
import { cast } from './cast.js';

/** `condition ? a : b` by element, all three broadcast; a number is read only where it is chosen. */
export const where = defineOp({
  name: 'where',
  check: (condition: Tensor, a: TensorLike, b: TensorLike): [Tensor, Tensor, Tensor] => {
    const c = onlyTensor('where', 'the condition', condition);
    const [x, y] = pairOf('where', a, b);
    const shape = broadcastShapes('where', c.shape, x.shape, y.shape);
    const truth = c.dtype === 'bool' ? c : cast(c, 'bool');
    return [expand(x, shape), expand(y, shape), expand(truth, shape)];
  },
  forward: (k, a, b, c) => new Tensor(k.where(c.storage, a.storage, b.storage), a.shape),
  saves: [[2], [2]],
  vjp: [(g, _y, _a, _b, c): Tensor => where(c, g, 0), (g, _y, _a, _b, c): Tensor => where(c, 0, g)],
});

/** x with `value` wherever the mask (bool, broadcast to x) is true. */
export const maskedFill = compose(
  'maskedFill',
  (x: Tensor, mask: Tensor, value: TensorLike): Tensor => {
    const t = onlyTensor('maskedFill', 'x', x);
    const m = onlyTensor('maskedFill', 'the mask', mask);
    if (m.dtype !== 'bool') {
      throw new DTypeError(`maskedFill: expected bool as the mask, got ${m.dtype}`);
    }
    const v = tensorOf('maskedFill', value, t);
    checkBroadcastsTo('maskedFill', 'mask', m, t.shape);
    checkBroadcastsTo('maskedFill', 'value', v, t.shape);
    return where(m, v, t);
  },
);
