import {
  type Body,
  type Code,
  f32,
  f32x4,
  f64x2,
  i32,
  type Local,
  type ModuleBuilder,
  v128,
} from './assembler.js';
import { expOfNegative, log } from './math.js';

const VECTOR = 16;

type Vector = Code<'v128'>;

/**
 * Walks a row in vectors: `at` is the place in x, `to` that in the result, `beside(y)` that in a row that
 * begins at y.
 */
interface Row {
  readonly at: Local<'i32'>;
  readonly to: Code<'i32'>;
  each(body: () => void): void;
  beside(y: Code<'i32'>): Code<'i32'>;
}

/** Writes a function over rows of `width` bytes, a multiple of 16, from x to `end`, with results from z on. */
function defineRows<P extends Record<string, 'i32'>>(
  module: ModuleBuilder,
  name: string,
  others: P,
  write: (f: Body, row: Row, others: { [K in keyof P]: Local<'i32'> }) => void,
): void {
  const parameters = { x: 'i32', end: 'i32', width: 'i32', z: 'i32', ...others } as const;
  module.function(name, parameters, (locals, f) => {
    const { x, end, width, z } = locals as Record<string, Local<'i32'>>;
    const [at, rowEnd, apart] = [f.local('i32'), f.local('i32'), f.let(i32.sub(z, x))];
    const row: Row = {
      at,
      to: i32.add(at, apart),
      each: (body) => {
        f.set(at, x);
        f.count(at, rowEnd, VECTOR, body);
      },
      beside: (y) => i32.add(y, i32.sub(at, x)),
    };
    f.while(i32.ltU(x, end), () => {
      f.set(rowEnd, i32.add(x, width));
      write(f, row, locals as { [K in keyof P]: Local<'i32'> });
      f.set(x, rowEnd);
    });
  });
}

/** Σ over a row of what `value` gives at each place, summed in double precision, in all four places. */
function total(f: Body, row: Row, value: () => Vector): Local<'v128'> {
  const [low, high, one] = [f.local('v128'), f.local('v128'), f.local('v128')];
  f.set(low, f32x4.const(0));
  f.set(high, f32x4.const(0));
  row.each(() => {
    f.set(one, value());
    f.set(low, f64x2.add(low, f64x2.fromFloats(one)));
    f.set(high, f64x2.add(high, f64x2.fromFloats(f32x4.shuffle(one, one, [2, 3, 2, 3]))));
  });
  const two = f.let(f64x2.toFloats(f64x2.add(low, high)));
  return f.let(f32x4.splat(f32.add(f32x4.lane(two, 0), f32x4.lane(two, 1))));
}

/** The largest number of a row, in all four places; NaN is passed over, in one instruction each. */
function largest(f: Body, row: Row): Vector {
  const most = f.local('v128');
  f.set(most, f32x4.const(-Infinity));
  row.each(() => f.set(most, f32x4.greater(most, f32x4.load(row.at))));
  const lane = (i: number) => f32x4.lane(most, i);
  return f32x4.splat(f32.max(f32.max(lane(0), lane(1)), f32.max(lane(2), lane(3))));
}

/** Softmax or its logarithm, the largest number subtracted first. Of a row of −∞: zeros, or itself. */
function defineSoftmax(module: ModuleBuilder, name: 'softmax' | 'logSoftmax'): void {
  defineRows(module, name, {}, (f, row) => {
    const [value, shift] = [f.local('v128'), f.local('v128')];
    f.set(shift, largest(f, row));
    // −∞ would make NaN of a row that has nothing else.
    const nothing = f32x4.eq(shift, f32x4.const(-Infinity));
    f.set(shift, v128.select(f32x4.const(0), shift, nothing));
    const sum = total(f, row, () => {
      f.set(value, f32x4.sub(f32x4.load(row.at), shift));
      f.set(value, expOfNegative(f, value));
      if (name === 'softmax') f.do(f32x4.store(row.to, value));
      return value;
    });
    const empty = f.let(f32x4.eq(sum, f32x4.const(0)));
    if (name === 'softmax') {
      f.set(sum, v128.select(f32x4.const(0), f32x4.div(f32x4.const(1), sum), empty));
      row.each(() => f.do(f32x4.store(row.to, f32x4.mul(f32x4.load(row.to), sum))));
    } else {
      f.set(sum, v128.select(f32x4.const(0), log(f, sum), empty));
      row.each(() => {
        f.do(f32x4.store(row.to, f32x4.sub(f32x4.sub(f32x4.load(row.at), shift), sum)));
      });
    }
  });
}

/** y·(g − Σ g·y). */
function defineSoftmaxGrad(module: ModuleBuilder): void {
  defineRows(module, 'softmaxGrad', { y: 'i32' }, (f, row, { y }) => {
    const [g, p] = [() => f32x4.load(row.at), () => f32x4.load(row.beside(y))];
    const sum = total(f, row, () => f32x4.mul(g(), p()));
    row.each(() => f.do(f32x4.store(row.to, f32x4.mul(p(), f32x4.sub(g(), sum)))));
    f.set(y, row.beside(y));
  });
}

/** The mean and biased variance of a row of x, given 1/n as the bits of a float32 number. */
function moments(f: Body, row: Row, x: () => Vector, nth: Code<'i32'>) {
  const share = f.let(f32x4.splat(f32.fromBits(nth)));
  const mean = f.let(f32x4.mul(total(f, row, x), share));
  const off = f.local('v128');
  const squares = total(f, row, () => {
    f.set(off, f32x4.sub(x(), mean));
    return f32x4.mul(off, off);
  });
  return { mean, share, variance: f.let(f32x4.mul(squares, share)) };
}

/** The same with 1/√(variance + eps). */
function statistics(f: Body, row: Row, x: () => Vector, nth: Code<'i32'>, eps: Code<'i32'>) {
  const { mean, share, variance } = moments(f, row, x, nth);
  const spread = f32x4.add(variance, f32x4.splat(f32.fromBits(eps)));
  return { mean, share, scale: f.let(f32x4.div(f32x4.const(1), f32x4.sqrt(spread))) };
}

/** The mean and the biased variance of each row, written side by side from y on; z is not used. */
function defineMoments(module: ModuleBuilder): void {
  defineRows(module, 'moments', { nth: 'i32', y: 'i32' }, (f, row, { nth, y }) => {
    const { mean, variance } = moments(f, row, () => f32x4.load(row.at), nth);
    f.do(f32.store(y, f32x4.lane(mean, 0)));
    f.do(f32.store(y, f32x4.lane(variance, 0), 4));
    f.set(y, i32.add(y, i32.const(8)));
  });
}

/** z = (x − mean)·scale. */
function defineStandardize(module: ModuleBuilder): void {
  defineRows(module, 'standardize', { nth: 'i32', eps: 'i32' }, (f, row, { nth, eps }) => {
    const x = () => f32x4.load(row.at);
    const { mean, scale } = statistics(f, row, x, nth, eps);
    row.each(() => f.do(f32x4.store(row.to, f32x4.mul(f32x4.sub(x(), mean), scale))));
  });
}

/** z = (g − mean g − y·mean(g·y))·scale, y being x standardized. */
function defineStandardizeGrad(module: ModuleBuilder): void {
  const others = { from: 'i32', nth: 'i32', eps: 'i32' } as const;
  defineRows(module, 'standardizeGrad', others, (f, row, { from, nth, eps }) => {
    const g = () => f32x4.load(row.at);
    const x = () => f32x4.load(row.beside(from));
    const { mean, scale, share } = statistics(f, row, x, nth, eps);
    const y = () => f32x4.mul(f32x4.sub(x(), mean), scale);
    const meanG = f.let(f32x4.mul(total(f, row, g), share));
    const slope = f.let(
      f32x4.mul(
        total(f, row, () => f32x4.mul(g(), y())),
        share,
      ),
    );
    row.each(() => {
      const across = f32x4.sub(f32x4.sub(g(), meanG), f32x4.mul(y(), slope));
      f.do(f32x4.store(row.to, f32x4.mul(across, scale)));
    });
    f.set(from, row.beside(from));
  });
}

/** The kernels over rows. */
export function defineRowKernels(module: ModuleBuilder): void {
  defineSoftmax(module, 'softmax');
  defineSoftmax(module, 'logSoftmax');
  defineSoftmaxGrad(module);
  defineMoments(module);
  defineStandardize(module);
  defineStandardizeGrad(module);
}
