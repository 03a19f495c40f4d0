// Functions that GPUs have not, or have wrong for large, small or undefined arguments. Each is added to
// gpu.js once and compiled into the kernels that call it. What is not a number stays so; NaN is told by
// comparisons, as compilers take v ≠ v for false.

/** Sources of functions of one number v. */
export const functions: readonly string[] = [
  `function isNumber(v) {
    if (v <= 0 || v > 0) { return 1; }
    return 0;
  }`,

  `function whole(v) {
    if (v < 0) { return Math.ceil(v); }
    return Math.floor(v);
  }`,

  // Some GPUs say e^NaN = ∞.
  `function exponential(v) {
    if (v <= 0 || v > 0) { return Math.exp(v); }
    return v;
  }`,

  // 1/0 is computed from v so that no compiler sees a constant division by zero.
  `function logarithm(v) {
    if (v > 3.4028234e38) { return v; }
    if (v > 0) { return Math.log(v); }
    if (v < 0) { return Math.sqrt(v); }
    if (v >= 0) { return -1 / (v * v); }
    return v;
  }`,

  // Taylor's series, to v⁹/9!, where e^v − 1 would lose digits.
  `function exponentialMinus1(v) {
    if (v > -0.6 && v < 0.6) {
      return v * (1 + v / 2 * (1 + v / 3 * (1 + v / 4 * (1 + v / 5 * (1 + v / 6 * (1 + v / 7 * (1 + v / 8 * (1 + v / 9))))))));
    }
    return exponential(v) - 1;
  }`,

  // log(1 + v) = 2 artanh(v / (2 + v)), by its series where 1 + v would lose digits.
  `function logarithmOf1Plus(v) {
    if (v > -0.4 && v < 0.6) {
      const s = v / (2 + v);
      const t = s * s;
      return 2 * s * (1 + t * (1 / 3 + t * (1 / 5 + t * (1 / 7 + t * (1 / 9 + t * (1 / 11 + t / 13))))));
    }
    return logarithm(1 + v);
  }`,

  // Beyond ±15 tanh is ±1 in float32, and e^2v would overflow.
  `function hyperbolicTangent(v) {
    if (v > 15) { return 1; }
    if (v < -15) { return -1; }
    const e = exponentialMinus1(2 * v);
    return e / (e + 2);
  }`,

  `function logistic(v) {
    if (v >= 0) { return 1 / (1 + Math.exp(-v)); }
    const e = exponential(v);
    return e / (1 + e);
  }`,

  // max(v, 0) + log(1 + e^−|v|)
  `function softPlus(v) {
    if (v > 0) { return v + logarithmOf1Plus(Math.exp(-v)); }
    return logarithmOf1Plus(exponential(v));
  }`,

  // erf: Abramowitz & Stegun 7.1.6 below 1.5; erfc beyond it by 7.1.14, both to float32's digits.
  `function errorFunction(v) {
    const a = Math.abs(v);
    if (a < 1.5) {
      let term = v;
      let sum = v;
      for (let n = 1; n < 17; n++) {
        term = term * 2 * v * v / (2 * n + 1);
        sum = sum + term;
      }
      return 1.1283791671 * Math.exp(-v * v) * sum;
    }
    if (v >= 1.5) { return 1 - complementTail(v); }
    if (v <= -1.5) { return complementTail(-v) - 1; }
    return v;
  }`,

  `function complementTail(v) {
    if (v > 10) { return 0; }
    let fraction = v;
    for (let k = 0; k < 24; k++) {
      fraction = v + (24 - k) / 2 / fraction;
    }
    return Math.exp(-v * v) / (1.7724538509 * fraction);
  }`,

  `function errorComplement(v) {
    if (v >= 1.5) { return complementTail(v); }
    return 1 - errorFunction(v);
  }`,

  // Less a whole number of quarter turns, π/2 being taken off in three parts (Cody and Waite 1980), and by
  // Taylor's series in [−π/4, π/4]. A GPU's own sine may keep but 11 bits.
  `function quarterTurns(v) {
    return Math.floor(v * 0.63661977236758 + 0.5);
  }`,
  `function withoutTurns(v) {
    const k = quarterTurns(v);
    return v - k * 1.5703125 - k * 0.000483512878417969 - k * 3.13916473e-7;
  }`,
  `function sineSeries(r) {
    const t = r * r;
    return r * (1 - t / 6 * (1 - t / 20 * (1 - t / 42 * (1 - t / 72))));
  }`,
  `function cosineSeries(r) {
    const t = r * r;
    return 1 - t / 2 * (1 - t / 12 * (1 - t / 30 * (1 - t / 56)));
  }`,
  `function quarterSine(k, r) {
    const at = k - 4 * Math.floor(k / 4);
    if (at < 0.5) { return sineSeries(r); }
    if (at < 1.5) { return cosineSeries(r); }
    if (at < 2.5) { return -sineSeries(r); }
    return -cosineSeries(r);
  }`,
  `function sine(v) {
    if (v > -1e5 && v < 1e5) { return quarterSine(quarterTurns(v), withoutTurns(v)); }
    if (v > -3.4e38 && v < 3.4e38) { return Math.sin(v); }
    return v - v;
  }`,
  `function cosine(v) {
    if (v > -1e5 && v < 1e5) { return quarterSine(quarterTurns(v) + 1, withoutTurns(v)); }
    if (v > -3.4e38 && v < 3.4e38) { return Math.cos(v); }
    return v - v;
  }`,

  // arctan by Taylor's series below tan π/8, where arctan v = π/4 + arctan((v − 1)/(v + 1)) above it
  // and π/2 − arctan(1/v) above tan 3π/8.
  `function arcTangentSeries(v) {
    const t = v * v;
    return v * (1 - t * (1 / 3 - t * (1 / 5 - t * (1 / 7 - t * (1 / 9 - t * (1 / 11 - t * (1 / 13 - t * (1 / 15 - t / 17))))))));
  }`,
  `function arcTangent(v) {
    const a = Math.abs(v);
    let y = v;
    if (a <= 0.41421356) { return arcTangentSeries(v); }
    if (a > 2.41421356) { y = 1.57079632679 - arcTangentSeries(1 / a); }
    if (a > 0.41421356 && a <= 2.41421356) { y = 0.78539816339 + arcTangentSeries((a - 1) / (a + 1)); }
    if (v < 0) { return -y; }
    return y;
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
    if (isNumber(a) < 1) { return a; }
    if (isNumber(b) < 1) { return b; }
    const huge = 3.4028234e38;
    if (Math.abs(b) > huge) {
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
    if (a == 0) { return size; }
    if (a < -huge) { return size; }
    return Math.sqrt(a);
  }`,

  // The angle of (b, a), which GPUs have undefined on the axes.
  `function angle(a, b) {
    if (isNumber(a) < 1) { return a; }
    if (isNumber(b) < 1) { return b; }
    let y = 0;
    const big = Math.max(Math.abs(a), Math.abs(b));
    const small = Math.min(Math.abs(a), Math.abs(b));
    if (small > 3.4e38) {
      y = 0.78539816339;
    } else {
      if (big > 0) { y = arcTangent(small / big); }
    }
    if (Math.abs(a) > Math.abs(b)) { y = 1.57079632679 - y; }
    if (b < 0) { y = 3.14159265359 - y; }
    if (a < 0) { y = -y; }
    return y;
  }`,
];

/** The names of a function's parameters, from its source. */
export const parametersOf = (source: string): string[] =>
  source.slice(source.indexOf('(') + 1, source.indexOf(')')).split(', ');
