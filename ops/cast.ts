import { checkDType, type DType } from '../core/dtype.js';
import type { Device } from '../core/kernels.js';
import { defineOp } from '../core/op.js';
import { Tensor } from '../core/tensor.js';
import { onlyTensor } from './arguments.js';

/** The same numbers in another dtype: toward zero for int32, nonzero is true for bool. */
export const cast = defineOp({
  name: 'cast',
  check: (x: Tensor, dtype: DType): [Tensor, DType] => [
    onlyTensor('cast', 'x', x),
    checkDType('cast', dtype),
  ],
  forward: (k, x, dtype) => new Tensor(k.cast(x.storage, dtype), x.shape),
  saves: [[]],
  vjp: [(g, _y, x): Tensor => cast(g, x.dtype)],
});

/**
 * The same numbers on another device. Its gradient goes back to the device of x. Throws a `DeviceError`
 * for numbers that cannot be read at once; `await x.read()` has them.
 */
export const toDevice = defineOp({
  name: 'toDevice',
  forward: (_k, x: Tensor, device: Device) =>
    new Tensor(device.upload(x.dtype, x.storage.data.slice()), x.shape),
  saves: [[]],
  vjp: [(g, _y, x): Tensor => toDevice(g, x.device)],
});
