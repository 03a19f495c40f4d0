import { ArgumentError, DTypeError } from '../core/errors.js';
import type { BinaryFn } from '../core/kernels.js';
import { compose, defineOp, type Saved, type Vjp } from '../core/op.js';
import { broadcastShapes } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { floatingOf, pairOf, type TensorLike, tensorOf } from './arguments.js';
import { pairingOf, sumTo } from './broadcast.js';
import { eq, ge, gt, logicalAnd, lt } from './compare.js';
import { log, neg, square } from './unary.js';
import { where } from './where.js';

// Each op: what its two partial derivatives read, and these as vector-Jacobian products, before the sums
// over broadcast axes, which are the same for all.

/** The numbers of both operands. */
const BOTH: readonly Saved[] = [0, 1];

type Check = (a: TensorLike, b: TensorLike) => [Tensor, Tensor];

const binary = (
  name: BinaryFn,
  check: Check,
  saves: readonly (readonly Saved[])[],
  byA: Vjp<[Tensor, Tensor]>,
  byB: Vjp<[Tensor, Tensor]>,
) =>
  defineOp({
    name,
    check,
    forward: (k, a, b) => {
      const [shape, pairing] = pairingOf(name, a.shape, b.shape);
      // Of truth values the sum is “or”, the product “and”.
      const fn = a.dtype === 'bool' && name === 'add' ? 'maximum' : name;
      return new Tensor(k.binary(fn, a.storage, b.storage, pairing), shape);
    },
    saves,
    vjp: [
      (g, y, a, b) => sumTo(byA(g, y, a, b), a.shape),
      (g, y, a, b) => sumTo(byB(g, y, a, b), b.shape),
    ],
  });

const any =
  (name: string): Check =>
  (a, b) =>
    pairOf(name, a, b);

/** Numbers, not truth values. */
const numbers =
  (name: string): Check =>
  (a, b) => {
    const pair = pairOf(name, a, b);
    if (pair[0].dtype !== 'bool') return pair;
    throw new DTypeError(`${name}: expected numbers, got bool and bool`);
  };

/** Real numbers: whole ones become float32. */
const reals =
  (name: string): Check =>
  (a, b) => {
    const [x, y] = pairOf(name, a, b);
    return [floatingOf(name, x), floatingOf(name, y)];
  };

/** a + b, broadcast; “or” of bools. */
export const add = binary(
  'add',
  any('add'),
  [[], []],
  (g) => g,
  (g) => g,
);

/** a − b, broadcast. */
export const sub = binary(
  'sub',
  numbers('sub'),
  [[], []],
  (g) => g,
  (g) => neg(g),
);

/** a · b, broadcast; “and” of bools. */
export const mul = binary(
  'mul',
  any('mul'),
  [[1], [0]],
  (g, _y, _a, b) => mul(g, b),
  (g, _y, a) => mul(g, a),
);

/** a / b, broadcast; of whole numbers too the real quotient. */
export const div = binary(
  'div',
  reals('div'),
  [[1], ['y', 1]],
  (g, _y, _a, b) => div(g, b),
  (g, y, _a, b) => neg(div(mul(g, y), b)),
);

/** Whole numbers have no whole powers below 0. */
const powers: Check = (a, b) => {
  const pair = numbers('pow')(a, b);
  if (pair[0].dtype !== 'int32' || typeof b !== 'number' || b >= 0) return pair;
  throw new ArgumentError(`pow: expected an exponent of at least 0 for int32, got ${b}`);
};

/** aᵇ, broadcast. Where a = b = 0 the gradient by a is 0; where a = 0 ≤ b the gradient by b is 0. */
export const pow = binary(
  'pow',
  powers,
  [BOTH, ['y', ...BOTH]],
  // The base becomes 1 there, rather than the result 0: infinities behind would make NaN of second order.
  (g, _y, a, b) => mul(g, mul(b, pow(where(logicalAnd(eq(a, 0), eq(b, 0)), 1, a), sub(b, 1)))),
  (g, y, a, b) => mul(g, mul(y, log(where(logicalAnd(eq(a, 0), ge(b, 0)), 1, a)))),
);

/** The larger; NaN if either is, and then both get the gradient; a = b halves it between them. */
export const maximum = binary(
  'maximum',
  any('maximum'),
  [BOTH, BOTH],
  (g, _y, a, b) => where(eq(a, b), mul(0.5, g), where(lt(a, b), 0, g)),
  (g, _y, a, b) => where(eq(a, b), mul(0.5, g), where(lt(b, a), 0, g)),
);

/** The smaller; NaN if either is, and then both get the gradient; a = b halves it between them. */
export const minimum = binary(
  'minimum',
  any('minimum'),
  [BOTH, BOTH],
  (g, _y, a, b) => where(eq(a, b), mul(0.5, g), where(gt(a, b), 0, g)),
  (g, _y, a, b) => where(eq(a, b), mul(0.5, g), where(gt(b, a), 0, g)),
);

/** The angle of the point (x = b, y = a), in (−π, π]. */
export const atan2 = binary(
  'atan2',
  reals('atan2'),
  [BOTH, BOTH],
  (g, _y, a, b) => div(mul(g, b), add(square(a), square(b))),
  (g, _y, a, b) => neg(div(mul(g, a), add(square(a), square(b)))),
);

/** start + weight · (end − start), broadcast. */
export const lerp = compose('lerp', (start: TensorLike, end: TensorLike, weight: TensorLike) => {
  const [a, b] = reals('lerp')(start, end);
  const w = tensorOf('lerp', weight, a);
  broadcastShapes('lerp', a.shape, b.shape, w.shape);
  return add(a, mul(w, sub(b, a)));
});
