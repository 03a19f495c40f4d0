import * as assert from 'uvu/assert';
import {
  defineOp,
  GradcheckError,
  gradcheck,
  gradgradcheck,
  type Kernels,
  type Tensor,
  tensor,
  type Vjp,
} from '../../ops/index.js';
import { raises } from './close.js';

// The gradient check itself under test: one mistake at a time is planted in the gradient of an op, and
// must be caught; the same op without the mistake must pass.

export const f64 = (x: number | number[] | number[][]): Tensor => tensor(x, { dtype: 'float64' });

export type Unary = Vjp<[Tensor]>;
export type Binary = Vjp<[Tensor, Tensor]>;
export type Op = (...inputs: Tensor[]) => Tensor;

/** An op of one tensor from its values and whatever gradient it is given. */
export const unary = (value: (x: Tensor) => Tensor, vjp: Unary): Op =>
  defineOp({ name: 'planted', forward: (_k: Kernels, x: Tensor) => value(x), vjp: [vjp] }) as Op;

export const binary = (value: (a: Tensor, b: Tensor) => Tensor, byA: Binary, byB: Binary): Op =>
  defineOp({
    name: 'planted',
    forward: (_k: Kernels, a: Tensor, b: Tensor) => value(a, b),
    vjp: [byA, byB],
  }) as Op;

/** The right op passes, for first and second derivatives. */
export function passes(right: Op, ...inputs: Tensor[]): void {
  assert.ok(gradcheck(right, inputs).compared > 0);
  assert.ok(gradgradcheck(right, inputs).compared > 0);
}

/** The wrong one is caught, with an error that is no rounding error; gives the input it was seen at. */
export function isCaught(wrong: Op, ...inputs: Tensor[]): number {
  const error = raises(() => gradcheck(wrong, inputs), GradcheckError, /^gradcheck: input/);
  const { worst } = (error as GradcheckError).report;
  assert.ok(worst !== null && worst.error > 1e-4);
  return worst.input;
}

export const vector = f64([0.4, -1.3, 2.1]);
export const matrix = f64([
  [0.5, -1.2, 0.8],
  [1.7, 0.3, -0.6],
  [-0.9, 2.2, 1.1],
]);
