import { type Body, type Code, f32x4, i32, i32x4, type Local, v128 } from './assembler.js';

// Functions of four float32 numbers at once, by range reduction and a polynomial. The coefficients are
// those of the Cephes library (Moshier 1992); math.test.ts measures the error of each over all floats.

type Vector = Code<'v128'>;

/** A function written into the body of another: it may keep intermediate results in variables. */
export type VectorFunction = (f: Body, x: Local<'v128'>) => Vector;

/** c₀·xⁿ + … + cₙ, by Horner's rule. */
const polynomial = (x: Vector, [first, ...rest]: readonly number[]): Vector =>
  rest.reduce((sum, c) => f32x4.add(f32x4.mul(sum, x), f32x4.const(c)), f32x4.const(first));

const LOG2E = Math.LOG2E;
/** ln 2 in two parts, the first with few enough bits that its multiples are exact. */
const [LN2_HIGH, LN2_LOW] = [0.693359375, -2.1219444e-4];

/** Added to a small number it leaves room for no fraction: the sum's last bits are the nearest integer. */
const ROUNDING = 1.5 * 2 ** 23;

/** 2ⁿ of whole numbers n from −126 to 127, made from its bits. */
const powerOfTwo = (n: Vector): Vector => i32x4.shl(i32x4.add(n, i32x4.const(127)), i32.const(23));

/** eˣ = 2ⁿ·eʳ with |r| ≤ ½ ln 2, and what rounding took from it. */
function expParts(f: Body, x: Vector): { value: Vector; rest: Vector } {
  // Beyond these bounds the result is 0 or infinite, as it is at them.
  const held = f.let(f32x4.greater(f32x4.lesser(x, f32x4.const(89)), f32x4.const(-104)));
  const shifted = f.let(f32x4.add(f32x4.mul(held, f32x4.const(LOG2E)), f32x4.const(ROUNDING)));
  const n = f.let(f32x4.sub(shifted, f32x4.const(ROUNDING)));
  const high = f32x4.sub(held, f32x4.mul(n, f32x4.const(LN2_HIGH)));
  const r = f.let(f32x4.sub(high, f32x4.mul(n, f32x4.const(LN2_LOW))));
  const tail = polynomial(
    r,
    [
      1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1,
      0.50000001201,
    ],
  );
  const lessOne = f.let(f32x4.add(f32x4.mul(tail, f32x4.mul(r, r)), r));
  const small = f.let(f32x4.add(lessOne, f32x4.const(1)));
  // In two halves: 2ⁿ itself may lie beyond what a float32 holds where the product does not.
  const whole = f.let(i32x4.sub(shifted, f32x4.const(ROUNDING)));
  const half = f.let(i32x4.shrS(whole, i32.const(1)));
  const [first, second] = [f.let(powerOfTwo(half)), f.let(powerOfTwo(i32x4.sub(whole, half)))];
  const scaled = (y: Vector): Vector => f32x4.mul(f32x4.mul(y, first), second);
  const rest = f32x4.sub(lessOne, f32x4.sub(small, f32x4.const(1)));
  return { value: scaled(small), rest: scaled(rest) };
}

export const exp: VectorFunction = (f, x) => expParts(f, x).value;

const sign = i32x4.const(-2147483648);

/** For small |x| an odd polynomial, else 1 − 2/(e^(2|x|) + 1) with the sign of x. */
export const tanh: VectorFunction = (f, x) => {
  const size = f.let(f32x4.abs(x));
  const doubled = f.let(f32x4.add(size, size));
  const e = exp(f, doubled);
  const ratio = f32x4.div(f32x4.const(2), f32x4.add(e, f32x4.const(1)));
  const large = v128.or(f32x4.sub(f32x4.const(1), ratio), v128.and(x, sign));
  const square = f.let(f32x4.mul(x, x));
  const odd = polynomial(
    square,
    [-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1],
  );
  const near = f32x4.add(f32x4.mul(f32x4.mul(odd, square), x), x);
  return v128.select(near, large, f32x4.lt(size, f32x4.const(0.625)));
};

/**
 * 1/(1 + e) or e/(1 + e) with e = e^(−|x|), whichever is at hand: no overflow, and no digits lost on
 * either side. What rounding took from e is made up for by the derivatives, −y² and (1 − y)².
 */
export const sigmoid: VectorFunction = (f, x) => {
  const { value, rest } = expParts(f, f32x4.neg(f32x4.abs(x)));
  const e = f.let(value);
  const negative = f.let(f32x4.lt(x, f32x4.const(0)));
  const numerator = v128.select(e, f32x4.const(1), negative);
  const y = f.let(f32x4.div(numerator, f32x4.add(f32x4.const(1), e)));
  const slope = f.let(v128.select(f32x4.sub(f32x4.const(1), y), y, negative));
  const change = f32x4.mul(f32x4.mul(slope, slope), rest);
  return v128.select(f32x4.add(y, change), f32x4.sub(y, change), negative);
};

/** log x = e·ln 2 + log m with √½ ≤ m < √2. */
export const log: VectorFunction = (f, x) => {
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
  const correction = f32x4.add(
    f32x4.mul(f32x4.mul(tail, r), square),
    f32x4.mul(e, f32x4.const(LN2_LOW)),
  );
  const small = f32x4.add(r, f32x4.sub(correction, f32x4.mul(f32x4.const(0.5), square)));
  const result = f.let(f32x4.add(small, f32x4.mul(e, f32x4.const(LN2_HIGH))));
  // x < 0 and NaN give NaN, 0 gives −∞, and ∞ itself.
  const positive = f.let(f32x4.gt(x, f32x4.const(0)));
  const zero = f32x4.eq(x, f32x4.const(0));
  const outside = v128.select(f32x4.const(-Infinity), f32x4.const(NaN), zero);
  const finite = v128.select(result, outside, positive);
  return v128.select(x, finite, f32x4.eq(x, f32x4.const(Infinity)));
};
