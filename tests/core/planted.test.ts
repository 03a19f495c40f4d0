import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  abs,
  clamp,
  cos,
  div,
  exp,
  expand,
  GradcheckError,
  gradcheck,
  gradgradcheck,
  mean,
  mul,
  noGrad,
  ones,
  reshape,
  sign,
  sin,
  softmax,
  sub,
  sum,
  type Tensor,
  where,
} from '../../ops/index.js';
import { raises } from './close.js';
import {
  type Binary,
  binary,
  f64,
  isCaught,
  type Op,
  passes,
  type Unary,
  unary,
  vector,
} from './planted.js';

// Mistakes in the mathematics of a gradient, and in what it keeps. See planted.ts.

test('a wrong sign is caught', () => {
  passes(
    unary(cos, (g, _y, x) => mul(g, mul(-1, sin(x)))),
    vector,
  );
  isCaught(
    unary(cos, (g, _y, x) => mul(g, sin(x))),
    vector,
  );
});

test('a wrong factor is caught', () => {
  const value = (x: Tensor): Tensor => mul(0.5, mul(x, x));
  passes(
    unary(value, (g, _y, x) => mul(g, x)),
    vector,
  );
  isCaught(
    unary(value, (g, _y, x) => mul(g, mul(2, x))),
    vector,
  );
});

test('a mean whose gradient is not divided by the count is caught', () => {
  const by =
    (n: number): Unary =>
    (g, _y, x) =>
      div(expand(reshape(g, [1]), x.shape), n);
  passes(
    unary((x) => mean(x), by(3)),
    vector,
  );
  isCaught(
    unary((x) => mean(x), by(1)),
    vector,
  );
});

test('a detached input, whose path the gradient then misses, is caught', () => {
  passes((x) => mul(x, sin(x)), vector);
  isCaught((x) => mul(x, sin(x).detach()), vector);
  isCaught(
    (x) =>
      mul(
        x,
        noGrad(() => sin(x)),
      ),
    vector,
  );
});

test('an input detached altogether is caught: no gradient counts as zero', () => {
  isCaught((x) => sin(x.detach()), vector);
});

test('the wrong branch at a kink is caught on the side where it is wrong', () => {
  const bounded = (vjp: Unary): Op => unary((x) => clamp(x, -1, 1), vjp);
  const inside: Unary = (g, _y, x) => where(abs(x).lt(1), g, 0);
  passes(bounded(inside), f64([-3, 0.2, 3]));
  const above: Unary = (g, _y, x) => where(x.lt(1), g, 0);
  isCaught(bounded(above), f64([-3, 0.2, 3]));
  gradcheck(bounded(above), [f64([0.2, 3])]);
});

test('an absolute value without its sign is caught, but only by a negative number', () => {
  passes(
    unary(abs, (g, _y, x) => mul(g, sign(x))),
    vector,
  );
  const unsigned = unary(abs, (g) => g);
  isCaught(unsigned, vector);
  gradcheck(unsigned, [f64([0.4, 2.1])]);
});

test('a forgotten term of the product rule is caught', () => {
  const value = (x: Tensor): Tensor => mul(x, exp(x));
  passes(
    unary(value, (g, _y, x) => mul(g, exp(x).add(mul(x, exp(x))))),
    vector,
  );
  isCaught(
    unary(value, (g, _y, x) => mul(g, exp(x))),
    vector,
  );
});

test('a forgotten term that couples the elements is caught', () => {
  const value = (x: Tensor): Tensor => softmax(x, 0);
  passes(
    unary(value, (g, y) => mul(y, sub(g, sum(mul(g, y))))),
    vector,
  );
  isCaught(
    unary(value, (g, y) => mul(y, g)),
    vector,
  );
});

test('a tensor kept from another call is caught', () => {
  passes(
    unary(
      (x) => mul(x, x),
      (g, _y, x) => mul(g, mul(2, x)),
    ),
    vector,
  );
  let latest = vector;
  const stale = unary(
    (x) => {
      latest = x.detach();
      return mul(x, x);
    },
    (g) => mul(g, mul(2, latest)),
  );
  isCaught(stale, vector);
});

test('a tensor kept from another call is caught for the first of several inputs too', () => {
  let latest = vector;
  const stale = binary(
    (a, b) => {
      latest = a.detach();
      return mul(a, b);
    },
    (g, _y, _a, b) => mul(g, b),
    (g) => mul(g, latest),
  );
  assert.is(isCaught(stale, vector, vector.add(1)), 1);
});

test('a tensor kept from the first call is caught by a check at a second point', () => {
  let first: Tensor | null = null;
  const stale = unary(
    (x) => {
      first ??= x.detach();
      return mul(x, x);
    },
    (g, _y, x) => mul(g, mul(2, first ?? x)),
  );
  // The same point again: the mistake cannot show. Another point: it does.
  gradcheck(stale, [vector]);
  isCaught(stale, vector.add(1));
});

test('a second derivative that is wrong though the first is right is caught by gradgradcheck alone', () => {
  passes(
    unary(exp, (g, y) => mul(g, y)),
    vector,
  );
  const cut = unary(exp, (g, y) => mul(g, y.detach()));
  gradcheck(cut, [vector]);
  raises(() => gradgradcheck(cut, [vector]), GradcheckError, /^gradgradcheck: input 0/);
});

test('a vjp that cuts its cotangent’s path is caught by gradgradcheck, at the cotangent', () => {
  const cut = unary(sin, (g, _y, x) => mul(g.detach(), cos(x)));
  gradcheck(cut, [vector]);
  raises(() => gradgradcheck(cut, [vector]), GradcheckError, /^gradgradcheck: input 1/);
});

test('a wrong mixed second derivative is caught', () => {
  const product = (byA: Binary): Op =>
    binary(
      (a, b) => mul(a, b),
      byA,
      (g, _y, a) => mul(g, a),
    );
  const other = vector.add(1);
  passes(
    product((g, _y, _a, b) => mul(g, b)),
    vector,
    other,
  );
  const cut = product((g, _y, _a, b) => mul(g, b.detach()));
  gradcheck(cut, [vector, other]);
  raises(() => gradgradcheck(cut, [vector, other]), GradcheckError, /^gradgradcheck: input 1/);
});

test('a gradient right only for a cotangent of ones is caught', () => {
  const value = (x: Tensor): Tensor => mul(x, x);
  const averaged: Unary = (g, _y, x) => mul(mean(g), mul(2, x));
  const ignored: Unary = (_g, _y, x) => mul(2, x);
  const squared: Unary = (g, _y, x) => mul(mul(g, g), mul(2, x));
  for (const vjp of [averaged, ignored, squared]) {
    // With ones as cotangent all three are right.
    const y = unary(value, vjp)(vector.detach().requiresGrad_());
    assert.equal(vjp(ones([3], { dtype: 'float64' }), y, vector).data, mul(2, vector).data);
    isCaught(unary(value, vjp), vector);
  }
});

test('a gradient right in the first call of its vjp only is caught by the second check of it', () => {
  let calls = 0;
  const tired = unary(
    (x) => mul(x, x),
    (g, _y, x) => mul(g, mul(calls++ === 0 ? 2 : 3, x)),
  );
  gradcheck(tired, [vector]);
  isCaught(tired, vector);
});

test.run();
