import type { CompareFn } from '../core/kernels.js';
import { defineOp } from '../core/op.js';
import { broadcastShapes } from '../core/shape.js';
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

/** a = b, broadcast, as bool; NaN equals nothing. */
export const eq = comparison('eq');
/** a ≠ b, broadcast, as bool; true of NaN and anything. */
export const ne = comparison('ne');
/** a < b, broadcast, as bool; false where either is NaN. */
export const lt = comparison('lt');
/** a ≤ b, broadcast, as bool; false where either is NaN. */
export const le = comparison('le');
/** a > b, broadcast, as bool; false where either is NaN. */
export const gt = comparison('gt');
/** a ≥ b, broadcast, as bool; false where either is NaN. */
export const ge = comparison('ge');

const truth = (name: string, x: TensorLike): Tensor => {
  const t = tensorOf(name, x);
  return t.dtype === 'bool' ? t : cast(t, 'bool');
};

const connective = (name: string, join: (a: Tensor, b: Tensor) => Tensor) =>
  defineOp({
    name,
    check: (a: TensorLike, b: TensorLike): [Tensor, Tensor] => {
      const [x, y] = [truth(name, a), truth(name, b)];
      broadcastShapes(name, x.shape, y.shape);
      return [x, y];
    },
    forward: (_k, a, b) => join(a, b),
    vjp: [],
  });

/** Both are nonzero, broadcast. */
export const logicalAnd = connective('logicalAnd', (a, b) => mul(a, b));

/** Either is nonzero, broadcast. */
export const logicalOr = connective('logicalOr', (a, b) => add(a, b));
