import { Tensor } from '../ops/index.js';

/**
 * A tensor that belongs to a module and its state dict, but is not trained: a running mean, a count.
 * It shares the numbers of the tensor that it is made from.
 */
export class Buffer extends Tensor {
  constructor(data: Tensor) {
    super(data.storage, data.shape);
  }
}
