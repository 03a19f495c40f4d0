import type { Kernels } from '../core/kernels.js';
import { defineOp } from '../core/op.js';
import { type Shape, sizeOf } from '../core/shape.js';
import { fromData, Tensor } from '../core/tensor.js';

/**
 * Blocks of `block` numbers picked from the flat x by int32 `index` (−1: zeros), under a new shape.
 * Every op that reads by position is this one with an index worked out beforehand. The index is not
 * checked here.
 */
export const take = defineOp({
  name: 'take',
  forward: (k: Kernels, x: Tensor, index: Tensor, block: number, shape: Shape) =>
    new Tensor(k.take(x.storage, index.storage, block), shape),
  saves: [[1]],
  vjp: [(g, _y, x, index, block): Tensor => putAdd(g, index, block, x.shape)],
});

/** The transpose of `take`: adds each block of x at its index into zeros of `shape`. */
export const putAdd = defineOp({
  name: 'putAdd',
  forward: (k: Kernels, x: Tensor, index: Tensor, block: number, shape: Shape) =>
    new Tensor(k.putAdd(x.storage, index.storage, block, sizeOf(shape)), shape),
  saves: [[1]],
  vjp: [(g, _y, x, index, block): Tensor => take(g, index, block, x.shape)],
});

/** An index made here, on the device of the tensor that it points into. */
export const indexOn = (x: Tensor, index: Int32Array): Tensor =>
  fromData('int32', index, [index.length], { device: x.device });
