/** Functions that JavaScript's Math lacks, to the last digits of a double. */

const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

/**
 * The error function. Below 2 its Maclaurin series in the form without alternating signs
 * (Abramowitz & Stegun 7.1.6), above 2 the continued fraction of erfc (7.1.14): either is good to
 * about 1e-15.
 */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (!(a < 6)) return Number.isNaN(x) ? NaN : Math.sign(x);
  if (a >= 2) return Math.sign(x) * (1 - erfcTail(a));
  // erf x = 2/√π · e^(−x²) · Σ (2x²)ⁿ x / (1·3·5…(2n+1))
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return TWO_OVER_SQRT_PI * Math.exp(-x * x) * sum;
}

/** erfc for x ≥ 2: e^(−x²)/√π · 1/(x + ½/(x + 1/(x + 3⁄2/(x + 2/(x + …))))). */
function erfcTail(x: number): number {
  let fraction = x;
  for (let n = 60; n >= 1; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}

/** 1 − erf x, with all its digits where it is small. */
export const erfc = (x: number): number => (x >= 2 ? erfcTail(x) : 1 - erf(x));

/** xʸ as IEEE 754 and C have it: 1 to any power is 1, and (−1)^±∞ too, where JavaScript says NaN. */
export const power = (x: number, y: number): number =>
  x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y;

/** 1 / (1 + e^(−x)), from the exponential that cannot overflow. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** log(1 + eˣ) = max(x, 0) + log1p(e^(−|x|)). */
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** To the nearest whole number, halves to the even one, as NumPy, PyTorch and IEEE 754 do. */
export function roundHalfEven(x: number): number {
  // Math.round takes halves up, and keeps the sign of a result that is zero.
  const nearest = Math.round(x);
  return nearest - x === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}
