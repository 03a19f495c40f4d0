import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  cast,
  cos,
  DTypeError,
  exp,
  GradientError,
  grad,
  hvp,
  jvp,
  log,
  matmul,
  mul,
  noGrad,
  ones,
  pow,
  ShapeError,
  sin,
  square,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
  vjp,
} from '../../ops/index.js';
import { near, raises } from './close.js';

const f64 = (x: number | number[] | number[][]): Tensor => tensor(x, { dtype: 'float64' });
const leaf = (x: number | number[]): Tensor => f64(x).requiresGrad_();

const A = f64([
  [2, 1],
  [1, 3],
]);
/** ½ xᵀAx: gradient Ax, Hessian A. */
const quadratic = (x: Tensor): Tensor => mul(0.5, sum(mul(x, matmul(A, x))));

test('grad of a function is its gradient, a function of the same arguments', () => {
  near(grad(quadratic)(f64([1, -1])), [1, -2]);
  near(grad((x: Tensor) => sin(x))(f64(0.5)), Math.cos(0.5));
});

test('numbers stand for 0-d float32 tensors, as the argument differentiated and as others', () => {
  const f = (x: Tensor, y: Tensor): Tensor => mul(square(x), y);
  const g = grad(f)(3, 2);
  assert.is(g.dtype, 'float32');
  near(g, 12);
  near(grad(f, { argnum: 1 })(3, 2), 9);
});

test('argnum says which argument to differentiate; the others may be anything', () => {
  const f = (x: Tensor, power: { n: number }, scale: Tensor): Tensor => mul(pow(x, power.n), scale);
  near(grad(f)(f64(2), { n: 3 }, f64(5)), 60);
  near(grad(f, { argnum: 2 })(f64(2), { n: 3 }, f64(5)), 8);
});

test('valueAndGrad gives the value beside the gradient', () => {
  const [value, gradient] = valueAndGrad(quadratic)(f64([1, -1]));
  near(value, 1.5);
  near(gradient, [1, -2]);
  assert.is(value.requiresGrad, false);
  assert.is(gradient.requiresGrad, false);
});

test('the argument may be objects and arrays of tensors, and the gradient has their structure', () => {
  type Params = { layers: { w: Tensor; b: Tensor }[]; scale: number };
  const f = (p: Params): Tensor =>
    mul(sum(add(mul(p.layers[0].w, p.layers[1].w), p.layers[0].b)), p.scale);
  const params = {
    layers: [
      { w: f64([1, 2]), b: f64(5) },
      { w: f64([3, 4]), b: f64(7) },
    ],
    scale: 2,
  };
  const g = grad(f)(params);
  near(g.layers[0].w, [6, 8]);
  near(g.layers[0].b, 4);
  near(g.layers[1].w, [2, 4]);
  near(g.layers[1].b, 0);
  near(g.scale, 3 + 8 + 10, 1e-6);
});

test('one tensor in two places of the structure is two variables', () => {
  const x = f64(3);
  const g = grad((p: { a: Tensor; b: Tensor }) => mul(square(p.a), p.b))({ a: x, b: x });
  near(g.a, 18);
  near(g.b, 9);
});

test('a function that does not depend on its argument has gradient zero', () => {
  near(grad((_x: Tensor) => f64(1))(f64([1, 2])), [0, 0]);
  near(grad((x: Tensor) => sum(x.detach()))(f64([1, 2])), [0, 0]);
});

test('the caller’s tensors are left alone: no .grad, no requiresGrad', () => {
  const x = f64([1, 2]);
  grad(quadratic)(x);
  assert.is(x.requiresGrad, false);
  const y = leaf([1, 2]);
  grad(quadratic)(y);
  assert.is(y.grad, null);
});

test('gradients nest: the third derivative of x⁴ is 24x', () => {
  const f = (x: Tensor): Tensor => pow(x, 4);
  near(grad(grad(grad(f)))(f64(2)), 48);
  near(grad(grad(grad(grad(f))))(f64(2)), 24);
  near(grad(grad(grad(grad(grad(f)))))(f64(2)), 0);
});

test('perturbations are not confused: d/dx [x · d/dy (x + y)] is 1', () => {
  const f = (x: Tensor): Tensor => mul(x, grad((y: Tensor) => add(x, y))(f64(1)));
  near(grad(f)(f64(1)), 1);
  // The same where the inner derivative does depend on x: d/dx [x · d/dy (x y²)] = d/dx [2x² y].
  const h = (x: Tensor): Tensor => mul(x, grad((y: Tensor) => mul(x, square(y)))(f64(3)));
  near(grad(h)(f64(5)), 4 * 5 * 3);
  // And in forward mode.
  const inner = (x: Tensor): Tensor => jvp((y: Tensor) => add(x, y), [f64(1)], [f64(1)])[1];
  near(jvp((x: Tensor) => mul(x, inner(x)), [f64(1)], [f64(1)])[1], 1);
});

test('a gradient may be taken at the point where an outer one is taken', () => {
  const f = (x: Tensor): Tensor => mul(x, grad((y: Tensor) => pow(y, 3))(x));
  near(grad(f)(f64(2)), 9 * 4);
});

test('the gradient with respect to captured tensors that require grad flows on', () => {
  const w = leaf(3);
  const g = grad((x: Tensor) => mul(w, square(x)))(f64(2));
  near(g, 12);
  square(g).backward();
  // d/dw (2wx)² = 8wx².
  near(w.grad, 96);
  const [value] = valueAndGrad((x: Tensor) => mul(w, square(x)))(f64(2));
  near(grad(value, w), 4);
});

test('a captured tensor gathers no .grad from a transform itself', () => {
  const w = leaf(3);
  grad((x: Tensor) => mul(w, square(x)))(f64(2));
  assert.is(w.grad, null);
});

test('the argument may require grad itself, and the result differentiates by it', () => {
  const x = leaf(2);
  const g = grad((y: Tensor) => pow(y, 3))(x);
  near(g, 12);
  near(grad(g, x), 12);
});

test('in noGrad a transform works, and its result is a constant', () => {
  const x = leaf(2);
  const g = noGrad(() => grad((y: Tensor) => pow(y, 3))(x));
  near(g, 12);
  assert.is(g.requiresGrad, false);
});

test('vjp gives the value and its pullback, which may be called again and again', () => {
  const [value, pullback] = vjp((x: Tensor, y: Tensor) => mul(x, y), f64([1, 2]), f64([3, 4]));
  near(value, [3, 8]);
  for (const scale of [1, 10]) {
    const [gx, gy] = pullback(f64([scale, 0]));
    near(gx, [3 * scale, 0]);
    near(gy, [scale, 0]);
  }
});

test('vjp takes and gives structures', () => {
  const f = (p: { a: Tensor; b: Tensor }): [Tensor, { s: Tensor }] => [
    mul(p.a, p.b),
    { s: sum(p.a) },
  ];
  const [[product, { s }], pullback] = vjp(f, { a: f64([1, 2]), b: f64([3, 4]) });
  near(product, [3, 8]);
  near(s, 3);
  const [g] = pullback([f64([1, 1]), { s: f64(10) }]);
  near(g.a, [13, 14]);
  near(g.b, [1, 2]);
});

test('the pullback differentiates by its cotangent', () => {
  const [, pullback] = vjp((x: Tensor) => square(x), f64([1, 2]));
  const u = leaf([1, 1]);
  sum(pullback(u)[0]).backward();
  near(u.grad, [2, 4]);
  near(grad((v: Tensor) => sum(pullback(v)[0]))(f64([1, 1])), [2, 4]);
});

test('jvp gives the value and the derivative along a tangent', () => {
  const f = (x: Tensor, y: Tensor): Tensor => mul(sin(x), y);
  const [value, along] = jvp(f, [f64(0.5), f64(2)], [f64(1), f64(10)]);
  near(value, 2 * Math.sin(0.5));
  near(along, 2 * Math.cos(0.5) + 10 * Math.sin(0.5));
});

test('jvp is linear in its tangent, and Jᵀ is its transpose: ⟨u, Jt⟩ = ⟨Jᵀu, t⟩', () => {
  const f = (x: Tensor): Tensor => matmul(A, exp(x));
  const [x, t, u] = [f64([0.1, -0.2]), f64([0.5, 2]), f64([3, -1])];
  const [, jt] = jvp(f, [x], [t]);
  const [, pullback] = vjp(f, x);
  near(sum(mul(u, jt)), sum(mul(pullback(u)[0], t)).item());
  near(jvp(f, [x], [mul(t, 3)])[1], mul(jt, 3).toArray());
});

test('jvp of structures, of outputs that do not depend on the input, and of whole numbers', () => {
  const f = (p: { a: Tensor }): { y: Tensor; c: Tensor; n: Tensor } => ({
    y: square(p.a),
    c: f64([7]),
    n: cast(p.a, 'int32'),
  });
  const [value, along] = jvp(f, [{ a: f64([3]) }], [{ a: f64([2]) }]);
  near(value.y, [9]);
  near(along.y, [12]);
  near(along.c, [0]);
  assert.is(along.n.dtype, 'int32');
  near(along.n, [0]);
});

test('forward over reverse, reverse over forward and forward over forward agree', () => {
  const f = (x: Tensor): Tensor => mul(x, sin(x));
  const second = 2 * Math.cos(0.7) - 0.7 * Math.sin(0.7);
  const [x, one] = [f64(0.7), f64(1)];
  const along = (y: Tensor): Tensor => jvp(f, [y], [one])[1];
  near(jvp(grad(f) as (x: Tensor) => Tensor, [x], [one])[1], second);
  near(grad(along)(x), second);
  near(jvp(along, [x], [one])[1], second);
});

test('the derivative along a tangent differentiates by the tangent', () => {
  const t = leaf(1);
  const [, along] = jvp((x: Tensor) => square(x), [f64(3)], [t]);
  near(grad(along, t), 6);
});

test('hvp is the Hessian times a vector, without the Hessian', () => {
  near(hvp(quadratic, f64([5, 6]), f64([1, 10])), [12, 31]);
  near(
    hvp((x: Tensor) => sum(log(x)), f64([2, 4]), f64([1, 1])),
    [-1 / 4, -1 / 16],
  );
  const h = hvp(
    (p: { a: Tensor; b: Tensor }) => mul(square(p.a), p.b),
    { a: f64(2), b: f64(3) },
    {
      a: f64(1),
      b: f64(10),
    },
  );
  near(h.a, 2 * 3 + 2 * 2 * 10);
  near(h.b, 2 * 2);
});

test('hvp is zero where the function is linear', () => {
  near(
    hvp((x: Tensor) => sum(mul(x, 3)), f64([1, 2]), f64([5, 5])),
    [0, 0],
  );
});

test('float32 arguments give float32 gradients', () => {
  const g = grad((x: Tensor) => sum(cos(x)))(tensor([1, 2]));
  assert.is(g.dtype, 'float32');
});

test('the function must return one number, as a tensor', () => {
  raises(
    () => grad((x: Tensor) => square(x))(f64([1, 2])),
    GradientError,
    'grad: expected the function to return a single number, got shape [2]',
  );
  raises(
    () => valueAndGrad((_x: Tensor) => ones([3]))(f64([1, 2])),
    GradientError,
    'valueAndGrad: expected the function to return a single number, got shape [3]',
  );
  raises(
    () => grad((x: Tensor) => x.item() as never)(f64(1)),
    GradientError,
    'grad: expected the function to return a tensor, got 1',
  );
  raises(
    () => grad((async (x: Tensor) => x) as never)(f64(1) as never),
    GradientError,
    /^grad: expected the function to return a tensor/,
  );
});

test('the argument must exist and hold nothing but floating tensors', () => {
  const f = (x: Tensor): Tensor => sum(x);
  const loose = (argnum: number): ((...args: unknown[]) => unknown) =>
    grad(f, { argnum }) as (...args: unknown[]) => unknown;
  raises(() => loose(1)(f64(1)), ArgumentError, 'grad: argnum 1 is not one of 1 arguments');
  raises(() => loose(-1)(f64(1)), ArgumentError, 'grad: argnum -1 is not one of 1 arguments');
  raises(() => loose(0)(), ArgumentError, 'grad: argnum 0 is not one of 0 arguments');
  raises(
    () => loose(0)({ x: 'a' }),
    ArgumentError,
    "grad: expected a tensor, or arrays and objects of tensors, got 'a'",
  );
  raises(
    () => loose(0)(new Map()),
    ArgumentError,
    'grad: expected a tensor, or arrays and objects of tensors, got an object',
  );
  raises(
    () => grad(f)(tensor([1], { dtype: 'int32' })),
    DTypeError,
    'grad: expected float32 or float64 to differentiate, got int32',
  );
});

test('cotangents and tangents must fit what they belong to', () => {
  const [, pullback] = vjp((x: Tensor) => [x, square(x)], f64([1, 2]));
  raises(
    () => pullback(f64([1, 1])),
    ArgumentError,
    'vjp: expected the structure [tensor, tensor], got tensor',
  );
  raises(
    () => pullback([f64([1, 1]), f64(1)]),
    ShapeError,
    /expected a cotangent of the output's shape \[2\], got \[\]$/,
  );
  raises(
    () => jvp((x: Tensor) => x, [f64(1)], [] as never),
    ArgumentError,
    'jvp: expected the structure [tensor], got []',
  );
  raises(
    () => jvp((x: Tensor) => x, [f64([1, 2])], [f64(1)]),
    ShapeError,
    'jvp: expected tangent 0 of shape [2] and dtype float64, got [] and float64',
  );
});

test('cotangents and tangents are matched by their keys, not by their order', () => {
  const f = (m: { a: Tensor; b: Tensor }) => m.a.mul(10).add(m.b);
  const at = { a: f64(1), b: f64(1) };
  near(jvp(f, [at], [{ b: f64(0), a: f64(1) }])[1], 10);
  near(hvp((m) => m.a.square().mul(5).add(m.b.square()).sum(), at, { b: f64(0), a: f64(1) }).a, 10);
  const [, pullback] = vjp((x: Tensor) => ({ p: x.sin(), q: x.cos() }), f64(0));
  near(pullback({ q: f64(0), p: f64(1) })[0], 1);
  raises(
    () => jvp(f, [at], [{ a: f64(1), c: f64(0) } as never]),
    ArgumentError,
    'jvp: expected the structure { a: tensor, b: tensor }, got { a: tensor, c: tensor }',
  );
});

test.run();
