import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  cast,
  cat,
  defineOp,
  dropout,
  exp,
  GradcheckError,
  GradientError,
  gather,
  gradcheck,
  gradgradcheck,
  type Kernels,
  manualSeed,
  matmul,
  mul,
  noGrad,
  pow,
  relu,
  ShapeError,
  sin,
  softmax,
  square,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../../ops/index.js';
import { raises } from './close.js';

const f64 = (x: number | number[] | number[][]): Tensor => tensor(x, { dtype: 'float64' });

/** x³ by its own op, its gradient off by the factor `c`. */
const cube = (c: number) =>
  defineOp({
    name: 'cube',
    forward: (_k: Kernels, x: Tensor) => mul(x, mul(x, x)),
    vjp: [(g, _y, x) => mul(g, mul(3 * c, mul(x, x)))],
  });

/** What gradcheck throws; fails if it throws nothing or something else. */
function caught(body: () => unknown): GradcheckError {
  return raises(body, GradcheckError, /./) as GradcheckError;
}

test('right gradients pass, and the report says how many elements were compared and how close', () => {
  const report = gradcheck(
    (x, y) => matmul(sin(x), exp(y)),
    [
      f64([
        [0.1, 0.2],
        [0.3, 0.4],
      ]),
      f64([[0.5], [0.6]]),
    ],
  );
  assert.is(report.compared, 6);
  assert.ok(report.worst !== null && report.worst.error < 1e-9);
});

test('a user’s op made with defineOp passes both checks if it is right', () => {
  const xs = [f64([0.5, -2, 3])];
  assert.is(gradcheck(cube(1), xs).compared, 3);
  // By the three inputs and the three cotangents.
  assert.is(gradgradcheck(cube(1), xs).compared, 6);
});

test('float32 inputs are checked in float64, at the numbers that they hold', () => {
  const report = gradcheck((x) => exp(x), [tensor([0.1, 0.7])]);
  assert.ok(report.worst !== null && report.worst.error < 1e-9);
});

test('whole numbers are passed on and not differentiated', () => {
  const index = tensor([[2, 0]], { dtype: 'int32' });
  const report = gradcheck((x, i) => gather(x, 1, i), [f64([[1, 2, 3]]), index]);
  assert.is(report.compared, 3);
});

test('structures of outputs are checked whole, their whole-number parts left out', () => {
  const f = (x: Tensor) => ({ a: square(x), parts: [sum(x), cast(x, 'int32')] });
  assert.is(gradcheck(f, [f64([1.5, 2.5])]).compared, 2);
  const wrong = cube(2);
  caught(() => gradcheck((x) => ({ a: square(x), parts: [wrong(x)] }), [f64([1.5])]));
});

test('an output that is an input, and inputs of size 0, pass', () => {
  assert.is(gradcheck((x) => x, [f64([1, 2])]).compared, 2);
  assert.is(gradcheck((x) => sum(x), [zeros([0])]).compared, 0);
  assert.is(gradcheck((x) => sum(x), [zeros([0])]).worst, null);
});

test('a wrong gradient is reported by input, element, both derivatives and relative error', () => {
  const wrong = cube(1.5);
  const f = (a: Tensor, b: Tensor): Tensor => add(square(a), wrong(b));
  const [a, b] = [
    f64([[1, 2]]),
    f64([
      [0, 0],
      [0, 2],
    ]),
  ];
  const error = caught(() => gradcheck(f, [a, b]));
  assert.match(
    error.message,
    /^gradcheck: input 1 \(shape \[2, 2\]\), element \[1, 1\]: analytic -?\d+\.?\d*, numeric -?\d+\.?\d*, relative error 3\.33e-1, tolerance 0\.000001$/,
  );
  const { compared, worst } = error.report;
  assert.is(compared, 6);
  assert.is(worst?.input, 1);
  assert.equal(worst?.element, [1, 1]);
  assert.ok(Math.abs((worst?.analytic ?? 0) / (worst?.numeric ?? 1) - 1.5) < 1e-9);
  assert.ok(Math.abs((worst?.error ?? 0) - 1 / 3) < 1e-9);
  assert.instance(error, GradientError);
});

test('the worst element is the one reported', () => {
  const wrong = defineOp({
    name: 'wrong',
    forward: (_k: Kernels, x: Tensor) => mul(x, x),
    vjp: [(g, _y, x) => mul(g, mul(x, f64([2, 2.001, 2.1, 2])))],
  });
  const error = caught(() => gradcheck(wrong, [f64([1, 1, 1, 1])]));
  assert.equal(error.report.worst?.element, [2]);
});

test('the tolerance may be set: an error under it passes', () => {
  const slightly = cube(1 + 1e-5);
  const xs = [f64([1, 2])];
  caught(() => gradcheck(slightly, xs));
  assert.ok((gradcheck(slightly, xs, { tolerance: 1e-4 }).worst?.error ?? 0) > 5e-6);
});

test('the step may be set, for functions that bend sooner than the default step', () => {
  const f = (x: Tensor): Tensor => sin(mul(x, 2000));
  caught(() => gradcheck(f, [f64(0.3)]));
  gradcheck(f, [f64(0.3)], { step: 1e-6 });
});

test('errors of derivatives smaller than a thousandth count absolutely', () => {
  // Wrong by the factor 2, but by no more than 10⁻⁹.
  const off = cube(2);
  gradcheck(off, [f64(1e-5)]);
  caught(() => gradcheck(off, [f64(1e-2)]));
});

test('a derivative that is NaN is an infinite error', () => {
  const nan = defineOp({
    name: 'nan',
    forward: (_k: Kernels, x: Tensor) => mul(x, 2),
    vjp: [(g) => mul(g, NaN)],
  });
  assert.is(caught(() => gradcheck(nan, [f64([1, 2])])).report.worst?.error, Infinity);
});

test('at a kink the difference quotient sees both sides, and the check fails there alone', () => {
  caught(() => gradcheck(relu, [f64([0, 1])]));
  gradcheck(relu, [f64([0.1, -0.1])]);
});

test('a function that gives other values each time is refused', () => {
  manualSeed(1);
  raises(
    () => gradcheck((x) => dropout(x, 0.5), [f64(new Array(20).fill(1))]),
    GradientError,
    'gradcheck: expected the same values from the same inputs, got different ones',
  );
});

test('a cotangent of the wrong shape or dtype is named by its op and input', () => {
  const flat = defineOp({
    name: 'flat',
    forward: (_k: Kernels, x: Tensor) => mul(x, 2),
    vjp: [(g) => sum(g)],
  });
  raises(
    () => gradcheck(flat, [f64([1, 2])]),
    ShapeError,
    "grad: vjp of flat: expected a cotangent of the input 0's shape [2], got []",
  );
});

test('where there is nothing to check it does not pass', () => {
  const whole = tensor([1, 2], { dtype: 'int32' });
  raises(
    () => gradcheck((x) => cast(x, 'float64'), [whole]),
    ArgumentError,
    'gradcheck: expected a float32 or float64 input, got none',
  );
  raises(
    () => gradcheck((x) => cast(x, 'int32'), [f64(1)]),
    ArgumentError,
    'gradcheck: expected a float32 or float64 output, got none',
  );
  raises(
    () => gradgradcheck((x) => cast(x, 'int32'), [f64(1)]),
    ArgumentError,
    'gradgradcheck: expected a float32 or float64 output, got none',
  );
  raises(() => gradcheck(() => f64(1), []), ArgumentError, /input, got none$/);
});

test('inputs must be tensors', () => {
  raises(
    () => gradcheck((x) => x, [3 as never]),
    ArgumentError,
    'gradcheck: expected a tensor as input 0, got 3',
  );
});

test('the caller’s tensors and modes are left alone', () => {
  const x = f64([1, 2]);
  x.requiresGrad_();
  noGrad(() => {
    gradcheck((y) => square(y), [x]);
    gradgradcheck((y) => square(y), [x]);
  });
  assert.is(x.grad, null);
  assert.equal(x.toArray(), [1, 2]);
});

test('gradgradcheck checks second derivatives by inputs and cotangents, mixed ones too', () => {
  const report = gradgradcheck((x, y) => softmax(mul(x, y), 0), [f64([0.1, 0.2]), f64([1, 2])]);
  assert.is(report.compared, 6);
  gradgradcheck((x) => cat([pow(x, 3), x]), [f64([0.5, 2])]);
});

test('both derivatives reported carry the same cotangent, of a size from ½ to 1½', () => {
  const x = [0.3, -0.7];
  const { worst } = caught(() => gradcheck(cube(2), [f64(x)])).report;
  assert.ok(worst !== null);
  const slope = 3 * x[worst.element[0]] ** 2;
  const cotangent = Math.abs(worst.numeric / slope);
  assert.ok(cotangent >= 0.5 && cotangent <= 1.5);
  assert.ok(Math.abs(worst.analytic / worst.numeric - 2) < 1e-9);
});

test.run();
