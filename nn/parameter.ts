import { onlyTensor } from '../ops/arguments.js';
import { type Storage, Tensor } from '../ops/index.js';

/** A tensor that a module owns and an optimiser changes: a leaf that requires grad. */
export class Parameter extends Tensor {
  /** A module's `to` changes it, so that optimisers need not learn of another object. */
  declare storage: Storage;

  /** Shares the numbers of `data`. Throws a `DTypeError` for int32 and bool, which have no gradient. */
  constructor(data: Tensor) {
    const { storage, shape } = onlyTensor('Parameter', 'the data', data);
    super(storage, shape);
    this.requiresGrad_();
  }
}
