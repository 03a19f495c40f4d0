import { isFloating } from '../core/dtype.js';
import { DTypeError } from '../core/errors.js';
import type { Kernels, TestFn, UnaryFn } from '../core/kernels.js';
import { compose, defineOp, type Saved, type Vjp } from '../core/op.js';
import { checkNumber, checkOneOf } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { floatingOf, type TensorLike, tensorOf } from './arguments.js';
import { add, div, minimum, mul, sub } from './binary.js';
import { ge, gt, le, logicalAnd, lt } from './compare.js';
import { zerosLike } from './create.js';
import { where } from './where.js';

// Each row: the function, what its derivative reads of x (0) and y = f(x), and the derivative as a
// vector-Jacobian product.

type UnaryOp = (x: TensorLike) => Tensor;

/** A function on real numbers: int32 and bool are taken as float32. */
const real = (name: UnaryFn, saves: readonly Saved[], vjp: Vjp<[Tensor]>): UnaryOp =>
  defineOp({
    name,
    check: (x: TensorLike): [Tensor] => [floatingOf(name, x)],
    forward: (k, x) => new Tensor(k.unary(name, x.storage, 0, 0), x.shape),
    saves: [saves],
    vjp: [vjp],
  });

/** A function that keeps whole numbers whole; bool has no arithmetic. */
const numeric = (name: UnaryFn, saves: readonly Saved[], vjp: Vjp<[Tensor]>): UnaryOp =>
  defineOp({
    name,
    check: (x: TensorLike): [Tensor] => {
      const t = tensorOf(name, x);
      if (t.dtype !== 'bool') return [t];
      throw new DTypeError(`${name}: expected numbers, got bool`);
    },
    forward: (k, x) => new Tensor(k.unary(name, x.storage, 0, 0), x.shape),
    saves: [saves],
    vjp: [vjp],
  });

const flat: Vjp<[Tensor]> = (_g, _y, x) => zerosLike(x);

/** −x. */
export const neg = numeric('neg', [], (g) => neg(g));
/** |x|; the gradient at 0 is 0. */
export const abs = numeric('abs', [0], (g, _y, x) => mul(g, sign(x)));
/** −1, 0 or 1; NaN of NaN. The gradient is 0. */
export const sign = numeric('sign', [], flat);
/** x². */
export const square = numeric('square', [0], (g, _y, x) => mul(g, mul(2, x)));
/** The greatest whole number up to x. The gradient is 0. */
export const floor = numeric('floor', [], flat);
/** The least whole number from x on. The gradient is 0. */
export const ceil = numeric('ceil', [], flat);
/** To the nearest whole number, halves to the even one. */
export const round = numeric('round', [], flat);

/** eˣ. */
export const exp = real('exp', ['y'], (g, y) => mul(g, y));
/** eˣ − 1, exact also near 0. */
export const expm1 = real('expm1', ['y'], (g, y) => mul(g, add(y, 1)));
/** The natural logarithm; −∞ of 0, NaN below. */
export const log = real('log', [0], (g, _y, x) => div(g, x));
/** log(1 + x), exact also near 0. */
export const log1p = real('log1p', [0], (g, _y, x) => div(g, add(x, 1)));
/** The logarithm to base 2; −∞ of 0, NaN below. */
export const log2 = real('log2', [0], (g, _y, x) => div(g, mul(x, Math.LN2)));
/** √x; NaN below 0. The gradient at 0 is infinite. */
export const sqrt = real('sqrt', ['y'], (g, y) => div(g, mul(2, y)));
/** 1 / √x; ∞ of 0, NaN below. */
export const rsqrt = real('rsqrt', ['y'], (g, y) => mul(g, mul(-0.5, mul(y, square(y)))));
/** 1 / x. */
export const reciprocal = real('reciprocal', ['y'], (g, y) => neg(mul(g, square(y))));
/** The sine of x in radians. */
export const sin = real('sin', [0], (g, _y, x) => mul(g, cos(x)));
/** The cosine of x in radians. */
export const cos = real('cos', [0], (g, _y, x) => neg(mul(g, sin(x))));
/** The tangent of x in radians. */
export const tan = real('tan', ['y'], (g, y) => mul(g, add(1, square(y))));
/** The angle in [−π/2, π/2] whose sine is x; NaN outside [−1, 1]. */
export const asin = real('asin', [0], (g, _y, x) => mul(g, rsqrt(sub(1, square(x)))));
/** The angle in [0, π] whose cosine is x; NaN outside [−1, 1]. */
export const acos = real('acos', [0], (g, _y, x) => neg(mul(g, rsqrt(sub(1, square(x))))));
/** The angle in (−π/2, π/2) whose tangent is x. */
export const atan = real('atan', [0], (g, _y, x) => div(g, add(1, square(x))));
/** (eˣ − e⁻ˣ) / 2. */
export const sinh = real('sinh', [0], (g, _y, x) => mul(g, cosh(x)));
/** (eˣ + e⁻ˣ) / 2. */
export const cosh = real('cosh', [0], (g, _y, x) => mul(g, sinh(x)));
/** sinh(x) / cosh(x). */
export const tanh = real('tanh', ['y'], (g, y) => mul(g, sub(1, square(y))));
/** 2/√π ∫₀ˣ e^(−t²) dt. */
export const erf = real('erf', [0], (g, _y, x) =>
  mul(g, mul(2 / Math.sqrt(Math.PI), exp(neg(square(x))))),
);
/** 1 / (1 + e^(−x)). */
export const sigmoid = real('sigmoid', ['y'], (g, y) => mul(g, mul(y, sub(1, y))));
/** log(sigmoid(x)), without overflow. */
export const logSigmoid = real('logSigmoid', [0], (g, _y, x) => mul(g, sigmoid(neg(x))));

/** max(x, 0); the gradient at 0 is 0. */
export const relu = numeric('relu', ['y'], (g, y) => gate(g, y));

/** What relu, of which y is the result, hands back: g where y > 0 (or is NaN), 0 elsewhere; of one shape. */
export const gate = defineOp({
  name: 'gate',
  forward: (k: Kernels, g: Tensor, y: Tensor) => {
    const pairing = { sizes: [y.size], a: [1], b: [1], length: y.size };
    return new Tensor(k.binary('gate', g.storage, y.storage, pairing), y.shape);
  },
  saves: [[1]],
  vjp: [(h, _gy, _g, y): Tensor => gate(h, y)],
});

/** x·sigmoid(x), also called swish (Hendrycks and Gimpel 2016, arXiv 1606.08415). */
export const silu = real('silu', [0], (g, _y, x) => {
  const s = sigmoid(x);
  return mul(g, mul(s, add(1, mul(x, sub(1, s)))));
});

/** x·tanh(softplus(x)) (Misra 2019, arXiv 1908.08681). */
export const mish = real('mish', [0], (g, _y, x) => {
  const t = tanh(softplus(x));
  return mul(g, add(t, mul(mul(x, sigmoid(x)), sub(1, square(t)))));
});

/**
 * Φ(x) from x and y = x·Φ(x). Far below 0, where 1 + erf would leave hardly a digit of it, it is y/x,
 * for y has all of its own.
 */
const normalCdf = (y: Tensor, x: Tensor): Tensor =>
  where(lt(x, -1), div(y, minimum(x, -1)), mul(0.5, add(1, erf(mul(x, Math.SQRT1_2)))));

/** x·Φ(x), with the density φ of the normal distribution: the derivative is Φ(x) + x·φ(x). */
const exactGelu = real('gelu', ['y', 0], (g, y, x) => {
  const cdf = normalCdf(y, x);
  const density = mul(1 / Math.sqrt(2 * Math.PI), exp(mul(-0.5, square(x))));
  return mul(g, add(cdf, mul(x, density)));
});

/**
 * x·Φ(x), Φ the normal distribution function (Hendrycks and Gimpel 2016, arXiv 1606.08415), or with
 * `'tanh'` its approximation ½x·(1 + tanh(√(2/π)·(x + 0.044715x³))).
 */
export const gelu = compose('gelu', (x: TensorLike, approximate: 'none' | 'tanh' = 'none') => {
  if (checkOneOf('gelu', 'approximate', approximate, ['none', 'tanh']) === 'none') {
    return exactGelu(x);
  }
  const t = floatingOf('gelu', x);
  const inner = mul(Math.sqrt(2 / Math.PI), add(t, mul(0.044715, mul(t, square(t)))));
  return mul(mul(0.5, t), add(1, tanh(inner)));
});

/** x where x > 0, slope·x elsewhere. */
export const leakyRelu = defineOp({
  name: 'leakyRelu',
  check: (x: TensorLike, negativeSlope = 0.01): [Tensor, number] => [
    floatingOf('leakyRelu', x),
    checkNumber('leakyRelu', 'negativeSlope', negativeSlope),
  ],
  forward: (k, x, slope) => new Tensor(k.unary('leakyRelu', x.storage, slope, 0), x.shape),
  saves: [[0]],
  vjp: [(g, _y, x, slope) => where(gt(x, 0), g, mul(g, slope))],
});

/** x where x > 0, α(eˣ − 1) elsewhere (Clevert et al. 2015, arXiv 1511.07289). */
export const elu = defineOp({
  name: 'elu',
  check: (x: TensorLike, alpha = 1): [Tensor, number] => [
    floatingOf('elu', x),
    checkNumber('elu', 'alpha', alpha),
  ],
  forward: (k, x, alpha) => new Tensor(k.unary('elu', x.storage, alpha, 0), x.shape),
  saves: [['y', 0]],
  vjp: [(g, y, x, alpha) => where(gt(x, 0), g, mul(g, add(y, alpha)))],
});

/** scale·elu(x, α) with the constants that keep mean 0 and variance 1 (Klambauer et al. 2017). */
export const selu = compose('selu', (x: TensorLike) =>
  mul(1.0507009873554805, elu(floatingOf('selu', x), 1.6732632423543772)),
);

/** log(1 + e^(βx)) / β; x itself where βx > threshold. */
export const softplus = defineOp({
  name: 'softplus',
  check: (x: TensorLike, beta = 1, threshold = 20): [Tensor, number, number] => [
    floatingOf('softplus', x),
    checkNumber('softplus', 'beta', beta),
    checkNumber('softplus', 'threshold', threshold),
  ],
  forward: (k, x, beta, threshold) =>
    new Tensor(k.unary('softplus', x.storage, beta, threshold), x.shape),
  saves: [[0]],
  vjp: [
    (g, _y, x, beta, threshold) => {
      const scaled = mul(x, beta);
      return where(gt(scaled, threshold), g, mul(g, sigmoid(scaled)));
    },
  ],
});

/** x / (1 + |x|). */
export const softsign = compose('softsign', (x: TensorLike) => {
  const t = floatingOf('softsign', x);
  return div(t, add(1, abs(t)));
});

const bounded = (name: string, inside: (x: Tensor, least: number, most: number) => Tensor) =>
  defineOp({
    name,
    check: (x: TensorLike, min?: number | null, max?: number | null): [Tensor, number, number] => {
      const least = checkNumber(name, 'min', min ?? -Infinity);
      const most = checkNumber(name, 'max', max ?? Infinity);
      const t = tensorOf(name, x);
      const whole = (bound: number): boolean => Number.isInteger(bound) || !Number.isFinite(bound);
      return [
        isFloating(t.dtype) || (whole(least) && whole(most) && t.dtype === 'int32')
          ? t
          : floatingOf(name, t),
        least,
        most,
      ];
    },
    forward: (k, x, least, most) => new Tensor(k.unary('clamp', x.storage, least, most), x.shape),
    saves: [[0]],
    vjp: [(g, _y, x, least, most) => where(inside(x, least, most), g, 0)],
  });

/** x held between `min` and `max`, either of which may be left out; the gradient at a bound is 1. */
export const clamp = bounded('clamp', (x, least, most) => logicalAnd(ge(x, least), le(x, most)));

const boundedStrictly = bounded('hardtanh', (x, least, most) =>
  logicalAnd(gt(x, least), lt(x, most)),
);

/** x held between `min` = −1 and `max` = 1; the gradient at a bound is 0. */
export const hardtanh = (x: TensorLike, min = -1, max = 1): Tensor => boundedStrictly(x, min, max);

const testing = (fn: TestFn, name: string = fn) =>
  defineOp({
    name,
    check: (x: TensorLike): [Tensor] => [tensorOf(name, x)],
    forward: (k, x) => new Tensor(k.test(fn, x.storage), x.shape),
    vjp: [],
  });

/** Where x is NaN, as bool. */
export const isnan = testing('isnan');
/** Where x is ∞ or −∞, as bool. */
export const isinf = testing('isinf');
/** Where x is neither infinite nor NaN, as bool. */
export const isfinite = testing('isfinite');
/** Where x is 0, as bool. */
export const logicalNot = testing('not', 'logicalNot');
