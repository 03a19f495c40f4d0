import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  cast,
  DTypeError,
  exp,
  GradientError,
  grad,
  hessian,
  jacobian,
  matmul,
  mul,
  noGrad,
  pow,
  square,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../../ops/index.js';
import { near, raises } from './close.js';

const f64 = (x: number | number[] | number[][]): Tensor => tensor(x, { dtype: 'float64' });

test('the Jacobian of […o] by […i] is […o, …i]', () => {
  const A = f64([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  near(jacobian((x: Tensor) => matmul(A, x))(f64([7, 8, 9])), A.toArray());
  const J = jacobian((x: Tensor) => exp(x))(f64([[0, 1]]));
  assert.equal(J.shape, [1, 2, 1, 2]);
  near(J, [[[[1, 0]], [[0, Math.E]]]] as never);
});

test('of a number by a number it is 0-d, and numbers are taken', () => {
  near(jacobian((x: Tensor) => square(x))(f64(3)), 6);
  near(jacobian((x: Tensor) => square(x))(3 as never), 6);
});

test('of an output that does not depend on the input it is zero', () => {
  near(jacobian((_x: Tensor) => f64([1, 2]))(f64([3])), [[0], [0]]);
});

test('of size-0 inputs and outputs it has their shapes', () => {
  assert.equal(jacobian((x: Tensor) => square(x))(zeros([0])).shape, [0, 0]);
  assert.equal(jacobian((x: Tensor) => sum(x))(zeros([0])).shape, [0]);
});

test('of structures it is the output’s structure with the input’s inside', () => {
  const f = (p: { a: Tensor; b: Tensor }): [Tensor, Tensor] => [mul(p.a, p.b), sum(square(p.a))];
  const [product, squares] = jacobian(f)({ a: f64([1, 2]), b: f64(3) });
  near(product.a, [
    [3, 0],
    [0, 3],
  ]);
  near(product.b, [1, 2]);
  near(squares.a, [2, 4]);
  near(squares.b, 0);
});

test('the Jacobian of the Jacobian has the axes of both derivatives', () => {
  const J2 = jacobian(jacobian((x: Tensor) => pow(x, 3)) as (x: Tensor) => Tensor)(f64([1, 2]));
  assert.equal(J2.shape, [2, 2, 2]);
  near(J2, [
    [
      [6, 0],
      [0, 0],
    ],
    [
      [0, 0],
      [0, 12],
    ],
  ]);
});

test('a Jacobian can be differentiated by tensors it captured', () => {
  const w = f64([2, 3]).requiresGrad_();
  const J = jacobian((x: Tensor) => mul(w, square(x)))(f64([1, 5]));
  sum(J).backward();
  near(w.grad, [2, 10]);
});

test('whole-number outputs have no Jacobian', () => {
  raises(
    () => jacobian((x: Tensor) => cast(x, 'int32'))(f64([1])),
    DTypeError,
    'jacobian: expected float outputs, got int32',
  );
});

test('the Hessian of ½xᵀAx is the symmetric part of A', () => {
  const A = f64([
    [2, 1],
    [3, 4],
  ]);
  const f = (x: Tensor): Tensor => mul(0.5, sum(mul(x, matmul(A, x))));
  near(hessian(f)(f64([5, 6])), [
    [2, 2],
    [2, 4],
  ]);
});

test('the Hessian of […i] is […i, …i]; of a linear function zero', () => {
  assert.equal(hessian((x: Tensor) => sum(pow(x, 3)))(f64([[1, 2]])).shape, [1, 2, 1, 2]);
  near(hessian((x: Tensor) => pow(x, 3))(f64(2)), 12);
  near(hessian((x: Tensor) => sum(x))(f64([1, 2])), [
    [0, 0],
    [0, 0],
  ]);
});

test('the Hessian over a structure holds every pair of its tensors', () => {
  const f = (p: { a: Tensor; b: Tensor }): Tensor => sum(mul(square(p.a), p.b));
  const h = hessian(f)({ a: f64([1, 2]), b: f64([3, 4]) });
  near(h.a.a, [
    [6, 0],
    [0, 8],
  ]);
  near(h.a.b, [
    [2, 0],
    [0, 4],
  ]);
  near(h.b.a, [
    [2, 0],
    [0, 4],
  ]);
  near(h.b.b, [
    [0, 0],
    [0, 0],
  ]);
});

test('the trace of a Hessian can be differentiated again', () => {
  const laplacian = (x: Tensor): Tensor => hessian((y: Tensor) => sum(pow(y, 4)))(x).trace();
  near(grad(laplacian)(f64([1, 2])), [24, 48]);
});

test('in noGrad the numbers are the same', () => {
  near(
    noGrad(() => hessian((x: Tensor) => pow(x, 3))(f64(2))),
    12,
  );
});

test('a function of more than one number has no Hessian', () => {
  raises(
    () => hessian((x: Tensor) => add(x, 1))(f64([1, 2])),
    GradientError,
    'hessian: expected the function to return a single number, got shape [2]',
  );
});

test.run();
