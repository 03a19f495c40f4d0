import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  cumsum,
  defineOp,
  expand,
  flip,
  GradcheckError,
  gradcheck,
  type Kernels,
  matmul,
  mul,
  reshape,
  roll,
  ShapeError,
  sigmoid,
  sub,
  sum,
  type Tensor,
  transpose,
  zerosLike,
} from '../../ops/index.js';
import { raises } from './close.js';
import {
  type Binary,
  binary,
  f64,
  isCaught,
  matrix,
  type Op,
  passes,
  type Unary,
  unary,
  vector,
} from './planted.js';

// Mistakes in axes, sizes, elements and operands. See planted.ts.

test('a missing sum over a broadcast axis is caught as a cotangent of the wrong shape', () => {
  const shifted = (byRow: Binary): Op =>
    binary(
      (a, b) => sub(a, b),
      (g) => g,
      byRow,
    );
  passes(
    shifted((g) => mul(-1, sum(g, 0))),
    matrix,
    vector,
  );
  raises(
    () =>
      gradcheck(
        shifted((g) => mul(-1, g)),
        [matrix, vector],
      ),
    ShapeError,
    "grad: vjp of planted: expected a cotangent of the input 1's shape [3], got [3, 3]",
  );
});

test('a sum over the wrong broadcast axis is caught, though a square matrix hides it in the shapes', () => {
  const scaled = (byRow: Binary): Op =>
    binary(
      (a, b) => mul(a, b),
      (g, _y, _a, b) => mul(g, b),
      byRow,
    );
  passes(
    scaled((g, _y, a) => sum(mul(g, a), 0)),
    matrix,
    vector,
  );
  assert.is(
    isCaught(
      scaled((g, _y, a) => sum(mul(g, a), 1)),
      matrix,
      vector,
    ),
    1,
  );
});

test('a sum missing where the broadcast axis has size 1 on the other side too is no mistake to see', () => {
  // One row: with nothing repeated there is nothing to sum, and only a larger size shows the mistake.
  const scaled = (byRow: Binary): Op =>
    binary(
      (a, b) => mul(a, b),
      (g, _y, _a, b) => mul(g, b),
      byRow,
    );
  const firstRow: Binary = (g, _y, a) => reshape(mul(g, a).narrow(0, 0, 1), [3]);
  gradcheck(scaled(firstRow), [f64([[1, 2, 3]]), vector]);
  isCaught(scaled(firstRow), matrix, vector);
});

test('a forgotten transpose is caught, though a square matrix hides it in the shapes', () => {
  const product = (byA: Binary): Op =>
    binary(
      (a, b) => matmul(a, b),
      byA,
      (g, _y, a) => matmul(transpose(a, 0, 1), g),
    );
  passes(
    product((g, _y, _a, b) => matmul(g, transpose(b, 0, 1))),
    matrix,
    matrix.add(1),
  );
  isCaught(
    product((g, _y, _a, b) => matmul(g, b)),
    matrix,
    matrix.add(1),
  );
});

test('a gradient spread along the axis next to the right one is caught', () => {
  const along =
    (axis: number): Unary =>
    (g, _y, x) =>
      expand(g.unsqueeze(axis), x.shape);
  passes(
    unary((x) => sum(x, 0), along(0)),
    matrix,
  );
  isCaught(
    unary((x) => sum(x, 0), along(1)),
    matrix,
  );
});

test('an index off by one is caught', () => {
  const rolled =
    (back: number): Unary =>
    (g) =>
      roll(g, back, 0);
  passes(
    unary((x) => roll(x, 1, 0), rolled(-1)),
    vector,
  );
  isCaught(
    unary((x) => roll(x, 1, 0), rolled(-2)),
    vector,
  );
});

test('a running sum whose gradient runs the wrong way is caught', () => {
  const value = (x: Tensor): Tensor => cumsum(x, 0);
  passes(
    unary(value, (g) => flip(cumsum(flip(g, 0), 0), 0)),
    vector,
  );
  isCaught(
    unary(value, (g) => cumsum(g, 0)),
    vector,
  );
});

test('a gradient wrong only for axes of size 1 is caught by an input that has one', () => {
  const value = (x: Tensor): Tensor => sub(x, mul(0.5, sum(x, 0, true)));
  const right: Unary = (g) => sub(g, mul(0.5, sum(g, 0, true)));
  const wrong: Unary = (g, y, x) => (x.shape[0] === 1 ? g : right(g, y, x));
  const row = f64([[0.5, -1.2]]);
  passes(unary(value, right), row);
  gradcheck(unary(value, wrong), [matrix]);
  isCaught(unary(value, wrong), row);
});

test('a gradient wrong at one element of many is caught, and the element named', () => {
  const n = 40;
  const factor = (at: number): Tensor =>
    f64(Array.from({ length: n }, (_, i) => (i === at ? 2.01 : 2)));
  const op = (at: number): Op =>
    unary(
      (x) => mul(x, x),
      (g, _y, x) => mul(g, mul(factor(at), x)),
    );
  const x = f64(Array.from({ length: n }, (_, i) => Math.cos(i)));
  passes(op(-1), x);
  const error = raises(() => gradcheck(op(n - 1), [x]), GradcheckError, /element \[39\]/);
  assert.equal((error as GradcheckError).report.worst?.element, [n - 1]);
});

test('a wrong gradient of the second input alone is caught, and that input named', () => {
  const scaled = (byB: Binary): Op =>
    binary(
      (a, b) => mul(a, sigmoid(b)),
      (g, _y, _a, b) => mul(g, sigmoid(b)),
      byB,
    );
  const slope = (b: Tensor): Tensor => mul(sigmoid(b), sub(1, sigmoid(b)));
  const other = f64([1.5, -0.5, 0.7]);
  passes(
    scaled((g, _y, a, b) => mul(mul(g, a), slope(b))),
    vector,
    other,
  );
  assert.is(
    isCaught(
      scaled((g, _y, a, b) => mul(mul(g, a), sigmoid(b))),
      vector,
      other,
    ),
    1,
  );
  assert.is(
    isCaught(
      scaled((_g, _y, _a, b) => zerosLike(b)),
      vector,
      other,
    ),
    1,
  );
});

test('gradients of two inputs exchanged are caught, though their shapes agree', () => {
  const byA: Binary = (g, _y, _a, b) => mul(g, b);
  const byB: Binary = (g, _y, a) => mul(g, a);
  const other = vector.add(1);
  passes(
    binary((a, b) => mul(a, b), byA, byB),
    vector,
    other,
  );
  isCaught(
    binary((a, b) => mul(a, b), byB, byA),
    vector,
    other,
  );
});

test('an op without a gradient for an input that it depends on is caught', () => {
  const half = defineOp({
    name: 'half',
    forward: (_k: Kernels, a: Tensor, b: Tensor) => mul(a, b),
    vjp: [(g, _y, _a, b) => mul(g, b)],
  });
  assert.is(isCaught(half as Op, vector, vector.add(1)), 1);
});

test.run();
