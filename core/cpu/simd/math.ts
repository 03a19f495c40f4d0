import { type Body, type Code, f32x4, i32, i32x4, type Local, v128 } from './assembler.js';

// Functions of four float32 numbers at once, by range reduction and a polynomial. The coefficients of
// exp, log and tanh are those of the Cephes library (Moshier 1992), those of erf and gelu minimax fits by
// Lawson's algorithm: least squares whose weights grow where the error does, each coefficient rounded to
// float32 before the next is fitted. Each function is within 2 ulp of the exact value, silu within 3, and
// gelu as close as it says: math.test.ts measures them from end to end of float32.

type Vector = Code<'v128'>;

/** A function written into the body of another: it may keep intermediate results in variables. */
export type VectorFunction = (f: Body, x: Local<'v128'>) => Vector;

/**
 * c₀·xⁿ + … + cₙ by Estrin's scheme, two by two: in a few steps more than by Horner's rule, most of which
 * need not wait for each other.
 */
const polynomial = (x: Vector, coefficients: readonly number[]): Vector =>
  estrin(x, coefficients.map(f32x4.const));

function estrin(x: Vector, coefficients: readonly Vector[]): Vector {
  if (coefficients.length === 1) return coefficients[0];
  const odd = coefficients.length % 2;
  const pairs = coefficients.slice(0, odd);
  for (let i = odd; i < coefficients.length; i += 2) {
    pairs.push(f32x4.add(f32x4.mul(coefficients[i], x), coefficients[i + 1]));
  }
  return estrin(f32x4.mul(x, x), pairs);
}

const LOG2E = Math.LOG2E;
/** ln 2 in two parts, the first with few enough bits that its multiples are exact. */
const [LN2_HIGH, LN2_LOW] = [0.693359375, -2.1219444e-4];

/** Added to a small number it leaves room for no fraction: the sum's last bits are the nearest integer. */
const ROUNDING = 1.5 * 2 ** 23;

/** Where eˣ is 0 in float32, even times a number as large as −x. */
const LEAST = -110;

/** 2ⁿ of whole numbers n from −126 to 127, made from its bits; n's upper 23 bits do not count. */
const powerOfTwo = (n: Vector): Vector => i32x4.shl(i32x4.add(n, i32x4.const(127)), i32.const(23));

/** x = n·ln 2 + r with the whole number n nearest to x/ln 2, in the last bits of `shifted` too. */
function reduce(f: Body, x: Vector) {
  const shifted = f.let(f32x4.add(f32x4.mul(x, f32x4.const(LOG2E)), f32x4.const(ROUNDING)));
  const n = f.let(f32x4.sub(shifted, f32x4.const(ROUNDING)));
  const high = f32x4.sub(x, f32x4.mul(n, f32x4.const(LN2_HIGH)));
  const r = f32x4.sub(high, f32x4.mul(n, f32x4.const(LN2_LOW)));
  return { r, n: i32x4.sub(shifted, f32x4.const(ROUNDING)), shifted };
}

/** eʳ − 1 − r of a small r. */
const expTail = (r: Vector): Vector =>
  f32x4.mul(
    polynomial(
      r,
      [
        1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1,
        0.50000001201,
      ],
    ),
    f32x4.mul(r, r),
  );

/** eˣ of x ≤ 0, in fewer steps than `exp`: what is smaller than 2⁻¹²⁶ becomes 0. */
export function expOfNegative(f: Body, x: Vector): Vector {
  const { r, shifted } = reduce(f, f.let(f32x4.greater(x, f32x4.const(-88))));
  const rest = f.let(r);
  const sum = f32x4.add(f32x4.add(expTail(rest), rest), f32x4.const(1));
  return f32x4.mul(sum, powerOfTwo(shifted));
}

/**
 * eˣ = 2ⁿ·(1 + r + c), with r and c small: what makes it. Digits that x had no room for may be given as
 * `low`, if that is small.
 */
function expParts(f: Body, x: Vector, low?: Vector) {
  // Beyond these bounds the result is 0 or infinite, as it is at them.
  const held = f.let(f32x4.greater(f32x4.lesser(x, f32x4.const(89)), f32x4.const(LEAST)));
  const reduced = reduce(f, held);
  const r = f.let(low === undefined ? reduced.r : f32x4.add(reduced.r, low));
  const c = f.let(expTail(r));
  // In two halves: 2ⁿ itself may lie beyond what a float32 holds where the product does not.
  const whole = f.let(reduced.n);
  const half = f.let(i32x4.shrS(whole, i32.const(1)));
  const [first, second] = [f.let(powerOfTwo(half)), f.let(powerOfTwo(i32x4.sub(whole, half)))];
  const scaled = (y: Vector): Vector => f32x4.mul(f32x4.mul(y, first), second);
  return { r, c, scaled };
}

/** eˣ, and what rounding took from it. */
function expAndRest(f: Body, x: Vector): { value: Vector; rest: Vector } {
  const { r, c, scaled } = expParts(f, x);
  const sum = f.let(f32x4.add(f32x4.add(c, r), f32x4.const(1)));
  const rest = f32x4.add(f32x4.sub(r, f32x4.sub(sum, f32x4.const(1))), c);
  return { value: scaled(sum), rest: scaled(rest) };
}

const expOf = (f: Body, x: Vector): Vector => expAndRest(f, x).value;

export const exp: VectorFunction = expOf;

/** y with the sign of x, for a y that is positive, zero, or has that sign. */
const withSign = (y: Vector, x: Vector): Vector =>
  v128.or(y, v128.and(x, i32x4.const(-2147483648)));

/** eˣ − 1, to which what rounding took from eˣ is everything where x is small. */
export const expm1: VectorFunction = (f, x) => {
  const { value, rest } = expAndRest(f, x);
  return withSign(f32x4.add(f32x4.sub(value, f32x4.const(1)), rest), x);
};

/** For small |x| an odd polynomial, else 1 − 2/(e^(2|x|) + 1) with the sign of x. */
export const tanh: VectorFunction = (f, x) => {
  const size = f.let(f32x4.abs(x));
  const doubled = f.let(f32x4.add(size, size));
  const e = exp(f, doubled);
  const ratio = f32x4.div(f32x4.const(2), f32x4.add(e, f32x4.const(1)));
  const large = f32x4.sub(f32x4.const(1), ratio);
  const square = f.let(f32x4.mul(x, x));
  const odd = polynomial(
    square,
    [-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1],
  );
  const near = f32x4.add(f32x4.mul(f32x4.mul(odd, square), x), x);
  return withSign(v128.select(near, large, f32x4.lt(size, f32x4.const(0.625))), x);
};

/**
 * 1/(1 + e) or e/(1 + e) with e = e^(−|x|), whichever is at hand: no overflow, and no digits lost on
 * either side. What rounding took from e is made up for by the derivatives, −y² and (1 − y)².
 */
export const sigmoid: VectorFunction = (f, x) => {
  const { value, rest } = expAndRest(f, f32x4.neg(f32x4.abs(x)));
  const e = f.let(value);
  const negative = f.let(f32x4.lt(x, f32x4.const(0)));
  const numerator = v128.select(e, f32x4.const(1), negative);
  const y = f.let(f32x4.div(numerator, f32x4.add(f32x4.const(1), e)));
  const slope = f.let(v128.select(f32x4.sub(f32x4.const(1), y), y, negative));
  const change = f32x4.mul(f32x4.mul(slope, slope), rest);
  return v128.select(f32x4.add(y, change), f32x4.sub(y, change), negative);
};

/** max(x, 0), but NaN of −∞, as −∞·0 is: the part of x·y that does not vanish far out, y from 0 to 1. */
const positivePart = (x: Vector): Vector => f32x4.sub(x, f32x4.min(x, f32x4.const(0)));

/** x·sigmoid(x): x/(1 + e) or x·e/(1 + e) with e = e^(−|x|), and x·e formed before it is scaled down. */
export const silu: VectorFunction = (f, x) => {
  const size = f.let(f32x4.lesser(f32x4.abs(x), f32x4.const(-LEAST)));
  const { r, c, scaled } = expParts(f, f32x4.neg(size));
  const lessOne = f.let(f32x4.add(c, r));
  const product = scaled(f32x4.add(f32x4.mul(lessOne, size), size));
  const left = f32x4.sub(positivePart(x), product);
  const numerator = v128.select(left, x, f32x4.lt(x, f32x4.const(0)));
  const e = scaled(f32x4.add(lessOne, f32x4.const(1)));
  return withSign(f32x4.div(numerator, f32x4.add(e, f32x4.const(1))), x);
};

/** log x + rest, for a small `rest`; log x = e·ln 2 + log m with √½ ≤ m < √2. */
function logOf(f: Body, x: Local<'v128'>, rest?: Vector): Vector {
  // Numbers below 2⁻¹²⁶ have no leading bit of their own until they are scaled up.
  const tiny = f.let(f32x4.lt(x, f32x4.const(2 ** -126)));
  const scaled = f.let(v128.select(f32x4.mul(x, f32x4.const(2 ** 23)), x, tiny));
  const mantissa = v128.and(scaled, i32x4.const(0x007fffff));
  const half = f.let(v128.or(mantissa, f32x4.const(0.5)));
  const exponent = i32x4.sub(i32x4.shrS(scaled, i32.const(23)), i32x4.const(126));
  const low = f.let(f32x4.lt(half, f32x4.const(Math.SQRT1_2)));
  const corrected = f32x4.sub(i32x4.convertToFloat(exponent), v128.and(tiny, f32x4.const(23)));
  const e = f.let(f32x4.sub(corrected, v128.and(low, f32x4.const(1))));
  const r = f.let(f32x4.sub(f32x4.add(half, v128.and(low, half)), f32x4.const(1)));
  const square = f.let(f32x4.mul(r, r));
  const tail = polynomial(
    r,
    [
      7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1,
      -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
    ],
  );
  const cube = f32x4.mul(f32x4.mul(tail, r), square);
  const known = rest === undefined ? cube : f32x4.add(cube, rest);
  const correction = f32x4.add(known, f32x4.mul(e, f32x4.const(LN2_LOW)));
  const small = f32x4.add(r, f32x4.sub(correction, f32x4.mul(f32x4.const(0.5), square)));
  const result = f.let(f32x4.add(small, f32x4.mul(e, f32x4.const(LN2_HIGH))));
  // x < 0 and NaN give NaN, 0 gives −∞, and ∞ itself.
  const positive = f.let(f32x4.gt(x, f32x4.const(0)));
  const zero = f32x4.eq(x, f32x4.const(0));
  const outside = v128.select(f32x4.const(-Infinity), f32x4.const(NaN), zero);
  const finite = v128.select(result, outside, positive);
  return v128.select(x, finite, f32x4.eq(x, f32x4.const(Infinity)));
}

export const log: VectorFunction = (f, x) => logOf(f, x);

/** log(1 + x): what rounding took from u = 1 + x is added, divided by u, to the logarithm. */
export const log1p: VectorFunction = (f, x) => {
  const u = f.let(f32x4.add(x, f32x4.const(1)));
  const lost = f32x4.sub(x, f32x4.sub(u, f32x4.const(1)));
  return withSign(logOf(f, u, f32x4.div(lost, u)), x);
};

/**
 * The error function: x + x·P(x²) for |x| < 0.85, else 1 − e^(|x|·Q(|x|)) with the sign of x, where
 * |x|·Q(|x|) is the logarithm of 1 − erf |x|.
 */
export const erf: VectorFunction = (f, x) => {
  // From 4 on the result is 1.
  const size = f.let(f32x4.lesser(f32x4.abs(x), f32x4.const(4)));
  const slope = polynomial(
    size,
    [2.1532847e-4, -3.2260497e-3, 2.2925617e-2, -0.105317585, -0.6356759, -1.1285269],
  );
  const complement = expOf(f, f32x4.mul(slope, size));
  const large = f32x4.sub(f32x4.const(1), complement);
  const square = f.let(f32x4.mul(x, x));
  const even = polynomial(
    square,
    [-6.3485187e-4, 5.0577037e-3, -2.6807288e-2, 0.11282865, -0.3761259, 0.12837917],
  );
  const near = f32x4.add(f32x4.mul(even, x), x);
  return withSign(v128.select(near, large, f32x4.lt(size, f32x4.const(0.85))), x);
};

/**
 * x·Φ(x), with Φ the normal distribution function: max(x, 0) − a·Φ(−a) for a = |x|, and
 * Φ(−a) = R(a)·e^(−a²/2), where R is a quotient of polynomials, all of whose terms are positive. a² is
 * taken in two parts, the square of a's upper digits, which is exact, and the rest, so that the
 * exponential keeps its digits as far out as it goes. Within 4 ulp where x ≥ −1 and within 8 ulp, a
 * relative error of less than 1e-6, below.
 */
export const gelu: VectorFunction = (f, x) => {
  // From 15 on the exponential is 0.
  const a = f.let(f32x4.lesser(f32x4.abs(x), f32x4.const(15)));
  const upper = f.let(v128.and(a, i32x4.const(-4096)));
  const half = f32x4.const(-0.5);
  const high = f32x4.mul(f32x4.mul(upper, upper), half);
  const low = f32x4.mul(f32x4.mul(f32x4.sub(a, upper), f32x4.add(a, upper)), half);
  const { r, c, scaled } = expParts(f, high, low);
  const square = f.let(f32x4.mul(a, a));
  // The last steps of Horner's rule this way round lose fewer digits.
  const sum = (higher: readonly number[], linear: number, constant: number): Vector => {
    const bent = f32x4.mul(square, polynomial(a, higher));
    return f32x4.add(f32x4.add(bent, f32x4.mul(a, f32x4.const(linear))), f32x4.const(constant));
  };
  const ratio = f32x4.div(
    sum([4.0835585e-3, 4.0432125e-2, 0.18266724], 0.43757284, 0.5),
    sum([1.023584e-2, 0.101354875, 0.46796262, 1.2002159], 1.6730305, 1),
  );
  const product = f.let(f32x4.mul(a, ratio));
  const tail = scaled(f32x4.add(f32x4.mul(f32x4.add(c, r), product), product));
  return withSign(f32x4.sub(positivePart(x), tail), x);
};
