import { onlyTensor } from '../ops/arguments.js';
import { Tensor } from '../ops/index.js';

/** A tensor that a module owns and an optimiser changes: a leaf that requires grad. */
export class Parameter extends Tensor {
  /** Shares the numbers of `data`. Throws a `DTypeError` for int32 and bool, which have no gradient. */
  constructor(data: Tensor) {
    const { storage, shape } = onlyTensor('Parameter', 'the data', data);
    super(storage, shape);
    this.requiresGrad_();
  }
}
