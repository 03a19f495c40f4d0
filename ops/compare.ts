import type { CompareFn } from '../core/kernels.js';
import { compose, defineOp } from '../core/op.js';
import { Tensor } from '../core/tensor.js';
import { pairOf, type TensorLike, tensorOf } from './arguments.js';
import { add, mul } from './binary.js';
import { pairingOf } from './broadcast.js';
import { cast } from './cast.js';

const comparison = (name: CompareFn) =>
  defineOp({
    name,
    check: (a: TensorLike, b: TensorLike) => pairOf(name, a, b),
    forward: (k, a, b) => {
      const [shape, pairing] = pairingOf(name, a.shape, b.shape);
      return new Tensor(k.compare(name, a.storage, b.storage, pairing), shape);
    },
    vjp: [],
  });

export const eq = comparison('eq');
export const ne = comparison('ne');
export const lt = comparison('lt');
export const le = comparison('le');
export const gt = comparison('gt');
export const ge = comparison('ge');

const truth = (name: string, x: TensorLike): Tensor => {
  const t = tensorOf(name, x);
  return t.dtype === 'bool' ? t : cast(t, 'bool');
};

/** Both are nonzero, broadcast. */
export const logicalAnd = compose('logicalAnd', (a: TensorLike, b: TensorLike) =>
  mul(truth('logicalAnd', a), truth('logicalAnd', b)),
);

/** Either is nonzero, broadcast. */
export const logicalOr = compose('logicalOr', (a: TensorLike, b: TensorLike) =>
  add(truth('logicalOr', a), truth('logicalOr', b)),
);
