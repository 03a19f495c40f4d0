import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gelu, grad, sum, type Tensor, tensor } from '../../ops/index.js';

/** The density of the normal distribution. */
const density = (x: number): number => Math.exp(-(x * x) / 2) / Math.sqrt(2 * Math.PI);

/** Φ(x)/φ(x) for x < 0 by Laplace's continued fraction 1/(|x| + 1/(|x| + 2/(|x| + 3/…))). */
function ratioBelow(x: number): number {
  let fraction = -x;
  for (let n = 400; n >= 1; n--) fraction = -x + n / fraction;
  return 1 / fraction;
}

/** Φ(x) = ½ + φ(x)·(x + x³/3 + x⁵/(3·5) + …). */
function cdfSeries(x: number): number {
  let term = x;
  let total = x;
  for (let n = 3; Math.abs(term) > 1e-18 * Math.abs(total); n += 2) {
    term *= (x * x) / n;
    total += term;
  }
  return 0.5 + density(x) * total;
}

/** The derivative of x·Φ(x), Φ(x) + x·φ(x), from the ratio where both are small. */
const slope = (x: number): number =>
  x < -1.5 ? density(x) * (ratioBelow(x) + x) : cdfSeries(x) + x * density(x);

/** The second one, φ(x)·(2 − x²). */
const curvature = (x: number): number => density(x) * (2 - x * x);

/** Points from −37.5, beyond which Φ has less than a double’s digits, to 9, a quarter apart. */
const points = Float64Array.from({ length: 187 }, (_, i) => i / 4 - 37.5);

const derivative = (f: (x: Tensor) => Tensor): ((x: Tensor) => Tensor) =>
  grad((x: Tensor) => sum(f(x)));

function agree(actual: Tensor, expected: (x: number) => number, x: Tensor, bound: number): void {
  x.data.forEach((at, i) => {
    const error = Math.abs(actual.data[i] / expected(at) - 1);
    assert.ok(error < bound, `${actual.data[i]} at ${at}, expected ${expected(at)}: ${error}`);
  });
}

test('the references know Φ, and the root of gelu’s slope', () => {
  const known: [number, number][] = [
    [-8, 6.220960574271784e-16],
    [-5, 2.866515718791939e-7],
    [-2, 0.02275013194817921],
  ];
  for (const [x, cdf] of known) {
    assert.ok(Math.abs((ratioBelow(x) * density(x)) / cdf - 1) < 1e-14);
  }
  assert.ok(Math.abs(cdfSeries(-1) / 0.15865525393145705 - 1) < 1e-14);
  assert.ok(Math.abs(slope(-0.7517915246935645)) < 1e-15);
});

test('gelu’s derivative keeps nine digits from one end to the other', () => {
  const x = tensor(points);
  agree(derivative(gelu)(x), slope, x, 1e-9);
});

test('so does its second derivative', () => {
  const x = tensor(points);
  agree(derivative(derivative(gelu))(x), curvature, x, 1e-9);
});

test('in float32 gelu’s derivative keeps four digits down to the least numbers of full precision', () => {
  const x = tensor(Float32Array.from(points.filter((at) => at > -12.5)));
  agree(derivative(gelu)(x), slope, x, 1e-4);
});

test('gelu’s derivatives meet where one formula gives way to the other, and are right at 0', () => {
  const x = tensor(Float64Array.of(-1 - 1e-12, -1, -1 + 1e-12, -0, 0, 1e-300));
  agree(derivative(gelu)(x), slope, x, 1e-11);
  agree(derivative(derivative(gelu))(x), curvature, x, 1e-11);
});

test.run();
