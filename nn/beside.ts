import type { Tensor } from '../ops/index.js';

/**
 * x in the dtype of `like` and on its device. Not every device has float64, so numbers are rounded
 * before they go there, and widened after they have come from there.
 */
export const beside = (x: Tensor, { dtype, device }: Tensor): Tensor =>
  dtype === 'float64' ? x.to(device).to(dtype) : x.to(dtype).to(device);
