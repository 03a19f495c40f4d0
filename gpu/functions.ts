// Functions that GPUs have not, or have wrong for large, small or undefined arguments. Each is added to
// gpu.js once and compiled into the kernels that call it. What is not a number stays so; NaN is told by
// comparisons, as compilers take v ≠ v for false.
//
// None of them calls another: gpu.js orders functions that share one wrongly. What they have in common is
// put together here, as pieces of source that return.

/** The largest float32. */
const LARGEST = '3.4028234663852886e38';

/** Returns `then` unless x is NaN, which it returns itself: of NaN some GPUs say e^NaN = ∞. */
const unlessNaN = (x: string, then: string): string =>
  `if (${x} <= 0 || ${x} > 0) { return ${then}; }\nreturn ${x};`;

/** Returns log x. GPUs say −88 for log 0; 1/0 is computed from x so that no compiler sees it beforehand. */
const logOf = (x: string): string => `
  if (${x} > ${LARGEST}) { return ${x}; }
  if (${x} > 0) { return Math.log(${x}); }
  if (${x} < 0) { return Math.sqrt(${x}); }
  if (${x} >= 0) { return -1 / (${x} * ${x}); }
  return ${x};`;

/** e^x − 1 by Taylor's series, to x⁹/9!, for |x| < 0.6, where e^x − 1 would lose digits. */
const expm1Series = (x: string): string =>
  [9, 8, 7, 6, 5, 4, 3, 2].reduce(
    (rest, n) => `(1 + ${x} / ${n}${rest === '' ? '' : ` * ${rest}`})`,
    '',
  );

/** log(1 + x) = 2 artanh(x / (2 + x)) by its series, for −0.4 < x < 1. */
const log1pSeries = (x: string): string => {
  const t = `(${x} / (2 + ${x}) * ${x} / (2 + ${x}))`;
  const sum = [15, 13, 11, 9, 7, 5, 3].reduce((rest, n) => `(1 / ${n} + ${t} * ${rest})`, '1 / 17');
  return `2 * ${x} / (2 + ${x}) * (1 + ${t} * ${sum})`;
};

/** arctan x by Taylor's series, for |x| ≤ tan π/8, its square being `t`. */
const arcTangentSeries = (x: string, t: string): string => {
  const sum = [15, 13, 11, 9, 7, 5, 3].reduce((rest, n) => `(1 / ${n} - ${t} * ${rest})`, '1 / 17');
  return `${x} * (1 - ${t} * ${sum})`;
};

/**
 * Statements that set `y` to arctan a, for a ≥ 0: π/4 + arctan((a − 1)/(a + 1)) above tan π/8, and
 * π/2 − arctan(1/a) above tan 3π/8.
 */
const arcTangentOf = (a: string): string => `
  let base = 0;
  let rest = ${a};
  if (${a} > 2.41421356) {
    base = 1.57079632679;
    rest = -1 / ${a};
  } else {
    if (${a} > 0.41421356) {
      base = 0.78539816339;
      rest = (${a} - 1) / (${a} + 1);
    }
  }
  const t = rest * rest;
  let y = base + ${arcTangentSeries('rest', 't')};`;

/** erfc v for v ≥ 1.5, by its continued fraction (Abramowitz & Stegun 7.1.14). */
const complementTail = (v: string): string => `
  let fraction = ${v};
  for (let k = 0; k < 24; k++) {
    fraction = ${v} + (24 - k) / 2 / fraction;
  }
  let tail = Math.exp(-${v} * ${v}) / (1.7724538509 * fraction);
  if (${v} > 10) { tail = 0; }`;

/** Statements that set `sum` to erf v for |v| < 1.5 (Abramowitz & Stegun 7.1.6). */
const errorSeries = `
  let term = v;
  let sum = v;
  for (let n = 1; n < 17; n++) {
    term = term * 2 * v * v / (2 * n + 1);
    sum = sum + term;
  }
  sum = 1.1283791671 * Math.exp(-v * v) * sum;`;

/**
 * Returns the sine of v, `quarters` quarter turns on. What is left of v after whole quarter turns, π/2 being
 * taken off in three parts (Cody and Waite 1980), lies in [−π/4, π/4], where Taylor's series is short. A
 * GPU's own sine may keep but 11 bits.
 */
const sineOf = (quarters: number, own: string): string => `
  if (v > -1e5 && v < 1e5) {
    const k = Math.floor(v * 0.63661977236758 + 0.5);
    const r = v - k * 1.5703125 - k * 0.000483512878417969 - k * 3.13916473e-7;
    const t = r * r;
    const s = r * (1 - t / 6 * (1 - t / 20 * (1 - t / 42 * (1 - t / 72))));
    const c = 1 - t / 2 * (1 - t / 12 * (1 - t / 30 * (1 - t / 56)));
    const at = k + ${quarters} - 4 * Math.floor((k + ${quarters}) / 4);
    if (at < 0.5) { return s; }
    if (at < 1.5) { return c; }
    if (at < 2.5) { return -s; }
    return -c;
  }
  if (v > -${LARGEST} && v < ${LARGEST}) { return ${own}; }
  return v - v;`;

/** Sources of functions of numbers. */
export const functions: readonly string[] = [
  `function isNumber(v) {
    if (v <= 0 || v > 0) { return 1; }
    return 0;
  }`,

  `function isInfinite(v) {
    if (v > ${LARGEST} || v < -${LARGEST}) { return 1; }
    return 0;
  }`,

  // What is left of x after whole n. Division is inexact on some GPUs, and their own % with it.
  `function remainder(x, n) {
    const r = x - n * Math.floor(x / n);
    if (r < 0) { return r + n; }
    if (r >= n) { return r - n; }
    return r;
  }`,

  `function whole(v) {
    if (v < 0) { return Math.ceil(v); }
    return Math.floor(v);
  }`,

  `function exponential(v) {
    ${unlessNaN('v', 'Math.exp(v)')}
  }`,

  `function logarithm(v) {${logOf('v')}
  }`,

  `function exponentialMinus1(v) {
    if (v > -0.6 && v < 0.6) { return v * ${expm1Series('v')}; }
    ${unlessNaN('v', 'Math.exp(v) - 1')}
  }`,

  `function logarithmOf1Plus(v) {
    if (v > -0.4 && v < 0.6) { return ${log1pSeries('v')}; }
    const w = 1 + v;${logOf('w')}
  }`,

  // Beyond ±15 tanh is ±1 in float32, and e^2v would overflow.
  `function hyperbolicTangent(v) {
    if (v > 15) { return 1; }
    if (v < -15) { return -1; }
    const w = 2 * v;
    let e = Math.exp(w) - 1;
    if (w > -0.6 && w < 0.6) { e = w * ${expm1Series('w')}; }
    ${unlessNaN('v', 'e / (e + 2)')}
  }`,

  `function logistic(v) {
    if (v >= 0) { return 1 / (1 + Math.exp(-v)); }
    const e = Math.exp(v);
    ${unlessNaN('v', 'e / (1 + e)')}
  }`,

  // max(v, 0) + log(1 + e^−|v|)
  `function softPlus(v) {
    const e = Math.exp(-Math.abs(v));
    ${unlessNaN('v', `Math.max(v, 0) + ${log1pSeries('e')}`)}
  }`,

  `function errorFunction(v) {
    if (v > -1.5 && v < 1.5) {${errorSeries}
      return sum;
    }
    const a = Math.abs(v);${complementTail('a')}
    if (v >= 1.5) { return 1 - tail; }
    if (v <= -1.5) { return tail - 1; }
    return v;
  }`,

  `function errorComplement(v) {
    if (v > -1.5 && v < 1.5) {${errorSeries}
      return 1 - sum;
    }
    const a = Math.abs(v);${complementTail('a')}
    if (v >= 1.5) { return tail; }
    if (v <= -1.5) { return 2 - tail; }
    return v;
  }`,

  `function sine(v) {${sineOf(0, 'Math.sin(v)')}
  }`,

  `function cosine(v) {${sineOf(1, 'Math.cos(v)')}
  }`,

  `function arcTangent(v) {
    const a = Math.abs(v);${arcTangentOf('a')}
    if (v < 0) { return -y; }
    if (v >= 0) { return y; }
    return v;
  }`,

  // To the nearest whole number, halves to the even one.
  `function nearest(v) {
    const low = Math.floor(v);
    const rest = v - low;
    if (rest < 0.5) { return low; }
    if (rest > 0.5) { return low + 1; }
    if (rest >= 0.5) { return 2 * Math.floor(low / 2 + 0.5); }
    return v;
  }`,

  // a^b as IEEE 754 has it, of a power of |a| by the GPU.
  `function power(a, b) {
    if (b == 0 || a == 1) { return 1; }
    if (b == 1) { return a; }
    if (b == 2) { return a * a; }
    if (b == 3) { return a * a * a; }
    if (b == -1) { return 1 / a; }
    if (b == 0.5 && a >= 0) { return Math.sqrt(a); }
    if (!(a <= 0 || a > 0)) { return a; }
    if (!(b <= 0 || b > 0)) { return b; }
    if (Math.abs(b) > ${LARGEST}) {
      if (a == -1) { return 1; }
      if ((Math.abs(a) > 1) == (b > 0)) { return b * b; }
      return 0;
    }
    let size = 0;
    if (a == 0) {
      if (b < 0) { size = 1 / (a * a); }
    } else {
      size = Math.pow(Math.abs(a), b);
    }
    if (a > 0 || b - 2 * Math.floor(b / 2) == 0) { return size; }
    if (b - Math.floor(b) == 0) {
      if (a < 0) { return -size; }
      return size;
    }
    if (a == 0 || a < -${LARGEST}) { return size; }
    return Math.sqrt(a);
  }`,

  // The angle of (b, a), which GPUs have undefined on the axes.
  `function angle(a, b) {
    if (!(a <= 0 || a > 0)) { return a; }
    if (!(b <= 0 || b > 0)) { return b; }
    const big = Math.max(Math.abs(a), Math.abs(b));
    const small = Math.min(Math.abs(a), Math.abs(b));
    let slope = 0;
    if (small > ${LARGEST}) {
      slope = 1;
    } else {
      if (big > 0) { slope = small / big; }
    }${arcTangentOf('slope')}
    if (Math.abs(a) > Math.abs(b)) { y = 1.57079632679 - y; }
    if (b < 0) { y = 3.14159265359 - y; }
    if (a < 0) { y = -y; }
    return y;
  }`,
];

/** The names of a function's parameters, from its source. */
export const parametersOf = (source: string): string[] =>
  source.slice(source.indexOf('(') + 1, source.indexOf(')')).split(', ');
