import { onlyTensor } from '../ops/arguments.js';
import { type Storage, Tensor } from '../ops/index.js';

/**
 * A tensor that belongs to a module and its state dict, but is not trained: a running mean, a count.
 * It shares the numbers of the tensor that it is made from.
 */
export class Buffer extends Tensor {
  /** A module's `to` changes it. */
  declare storage: Storage;

  constructor(data: Tensor) {
    const { storage, shape } = onlyTensor('Buffer', 'the data', data);
    super(storage, shape);
  }
}
