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
import { FLOAT, VECTOR } from './layout.js';
import { expOfNegative, log } from './math.js';

/** So many vectors are added up in single precision before the sum goes on in double precision. */
const SOME = 16;

type Vector = Code<'v128'>;

/** Where a walk through a group stands: at four of its numbers, or at one. */
interface Place {
  /** The numbers of a group that begins at `base`; a single one in all four places. */
  load(base: Code<'i32'>): Vector;
  /** Writes as many to a group that begins at `base`. */
  store(base: Code<'i32'>, value: Vector): void;
  /** The value with zeros beside a single number's, so that it counts once. */
  once(value: Vector): Vector;
}

/** Numbers that belong together: walks through them, and what is known of all of them. */
interface Group {
  each(body: (place: Place) => void, afterSome?: () => void): void;
  /** One vector's four results as one, in all four places; columns keep theirs apart. */
  together(value: Local<'v128'>, join: (a: Code<'f32'>, b: Code<'f32'>) => Code<'f32'>): Vector;
}

/** Parameters of every kernel here: groups begin `apart` bytes from one another, both in x and in z. */
const SHAPE = {
  x: 'i32',
  z: 'i32',
  groups: 'i32',
  apart: 'i32',
  outer: 'i32',
  stretch: 'i32',
} as const;

type Locals<P extends object> = { readonly [K in keyof P]: Local<'i32'> };
type Walk = (f: Body, locals: Locals<typeof SHAPE>) => Group;

/** The bytes from the beginning of a group on to the numbers at hand. */
const vectorAt = (f: Body, at: Local<'i32'>, offset = 0): Place => ({
  load: (base) => f32x4.load(i32.add(base, at), offset),
  store: (base, value) => f.do(f32x4.store(i32.add(base, at), value, offset)),
  once: (value) => value,
});

const numberAt = (f: Body, at: Local<'i32'>): Place => ({
  load: (base) => f32x4.loadSplat(i32.add(base, at)),
  store: (base, value) => f.do(f32.store(i32.add(base, at), f32x4.lane(value, 0))),
  once: (value) => f32x4.shuffle(value, f32x4.const(0), [0, 4, 4, 4]),
});

/** A group is `outer` stretches of `apart` bytes, `stretch` bytes from one another: a row, if it is one. */
const stretches: Walk = (f, { apart, outer, stretch }) => {
  const variable = () => f.local('i32');
  const [at, o, base, end, vectors, some, pairs] = Array.from({ length: 7 }, variable);
  return {
    each(body, afterSome = () => {}) {
      f.set(base, i32.const(0));
      f.set(o, i32.const(0));
      f.count(o, outer, 1, () => {
        f.set(at, base);
        f.set(end, i32.add(base, apart));
        f.set(vectors, i32.add(base, i32.and(apart, i32.const(-VECTOR))));
        f.while(i32.ltU(at, vectors), () => {
          f.set(some, i32.least(i32.add(at, i32.const(SOME * VECTOR)), vectors));
          // Two by two: the loop itself would take a third of the time of short bodies.
          f.set(pairs, i32.add(at, i32.and(i32.sub(some, at), i32.const(-2 * VECTOR))));
          f.count(at, pairs, 2 * VECTOR, () => {
            body(vectorAt(f, at));
            body(vectorAt(f, at, VECTOR));
          });
          f.count(at, some, VECTOR, () => body(vectorAt(f, at)));
          afterSome();
        });
        f.if(i32.ltU(at, end), () => {
          f.count(at, end, FLOAT, () => body(numberAt(f, at)));
          afterSome();
        });
        f.set(base, i32.add(base, stretch));
      });
    },
    together: (value, join) => {
      const lane = (i: number) => f32x4.lane(value, i);
      return f32x4.splat(join(join(lane(0), lane(1)), join(lane(2), lane(3))));
    },
  };
};

/** Four groups side by side, one in each place of a vector: columns of `outer` rows, `stretch` bytes apart. */
const columns: Walk = (f, { outer, stretch }) => {
  const [at, o, some] = [f.local('i32'), f.local('i32'), f.local('i32')];
  return {
    each(body, afterSome = () => {}) {
      f.set(at, i32.const(0));
      f.set(o, i32.const(0));
      f.while(i32.ltU(o, outer), () => {
        f.set(some, i32.least(i32.add(o, i32.const(SOME)), outer));
        f.count(o, some, 1, () => {
          body(vectorAt(f, at));
          f.set(at, i32.add(at, stretch));
        });
        afterSome();
      });
    },
    together: (value) => value,
  };
};

/** The kernel over columns that belongs to one over stretches. */
export const columnKernel = (name: string): string => `${name}Columns`;

/** Writes a kernel over groups, once for stretches and once for columns. `others` advance with the groups. */
function defineKernel<P extends Record<string, 'i32'>, S extends Record<string, 'i32'>>(
  module: ModuleBuilder,
  name: string,
  others: P,
  settings: S,
  write: (f: Body, group: Group, locals: Locals<typeof SHAPE & P & S>) => void,
): void {
  for (const [kernel, walk] of [
    [name, stretches],
    [columnKernel(name), columns],
  ] as const) {
    module.function(kernel, { ...SHAPE, ...others, ...settings }, (given, f) => {
      const locals = given as Locals<typeof SHAPE & P & S>;
      const index = f.local('i32');
      const group = walk(f, locals);
      f.count(index, locals.groups, 1, () => {
        write(f, group, locals);
        for (const key of ['x', 'z', ...Object.keys(others)]) {
          const base: Local<'i32'> = locals[key as keyof typeof locals];
          f.set(base, i32.add(base, locals.apart));
        }
      });
    });
  }
}

/** Σ over a group of what `value` gives at each place, in double precision in the end. */
function total(f: Body, group: Group, value: (place: Place) => Vector): Local<'v128'> {
  const [low, high, some] = [f.local('v128'), f.local('v128'), f.local('v128')];
  for (const sum of [low, high, some]) f.set(sum, f32x4.const(0));
  group.each(
    (place) => f.set(some, f32x4.add(some, place.once(value(place)))),
    () => {
      f.set(low, f64x2.add(low, f64x2.fromFloats(some)));
      f.set(high, f64x2.add(high, f64x2.fromFloats(f32x4.shuffle(some, some, [2, 3, 2, 3]))));
      f.set(some, f32x4.const(0));
    },
  );
  const sums = f32x4.shuffle(f64x2.toFloats(low), f64x2.toFloats(high), [0, 1, 4, 5]);
  return f.let(group.together(f.let(sums), f32.add));
}

/** The largest number of a group; NaN is passed over, in one instruction each. */
function largest(f: Body, group: Group, x: Local<'i32'>): Vector {
  const most = [f.let(f32x4.const(-Infinity)), f.let(f32x4.const(-Infinity))];
  group.each((place) => {
    // The two of a turn do not wait for each other.
    most.reverse();
    f.set(most[0], f32x4.greater(most[0], place.load(x)));
  });
  f.set(most[0], f32x4.greater(most[0], most[1]));
  return group.together(most[0], f32.max);
}

/** Softmax or its logarithm, the largest number subtracted first. Of a group of −∞: zeros, or itself. */
function defineSoftmax(module: ModuleBuilder, name: 'softmax' | 'logSoftmax'): void {
  defineKernel(module, name, {}, {}, (f, group, { x, z }) => {
    const [value, shift] = [f.local('v128'), f.local('v128')];
    f.set(shift, largest(f, group, x));
    // −∞ would make NaN of a group that has nothing else.
    const nothing = f32x4.eq(shift, f32x4.const(-Infinity));
    f.set(shift, v128.select(f32x4.const(0), shift, nothing));
    const sum = total(f, group, (place) => {
      f.set(value, f32x4.sub(place.load(x), shift));
      f.set(value, expOfNegative(f, value));
      if (name === 'softmax') place.store(z, value);
      return value;
    });
    const empty = f.let(f32x4.eq(sum, f32x4.const(0)));
    if (name === 'softmax') {
      f.set(sum, v128.select(f32x4.const(0), f32x4.div(f32x4.const(1), sum), empty));
      group.each((place) => place.store(z, f32x4.mul(place.load(z), sum)));
    } else {
      f.set(sum, v128.select(f32x4.const(0), log(f, sum), empty));
      group.each((place) => {
        place.store(z, f32x4.sub(f32x4.sub(place.load(x), shift), sum));
      });
    }
  });
}

/** z = y·(x − Σ x·y). */
function defineSoftmaxGrad(module: ModuleBuilder): void {
  defineKernel(module, 'softmaxGrad', { y: 'i32' }, {}, (f, group, { x, y, z }) => {
    const sum = total(f, group, (place) => f32x4.mul(place.load(x), place.load(y)));
    group.each((place) => {
      place.store(z, f32x4.mul(place.load(y), f32x4.sub(place.load(x), sum)));
    });
  });
}

/** The mean and biased variance of a group of x, given 1/n as the bits of a float32 number. */
function momentsOf(f: Body, group: Group, x: Local<'i32'>, nth: Code<'i32'>) {
  const share = f.let(f32x4.splat(f32.fromBits(nth)));
  const mean = f.let(
    f32x4.mul(
      total(f, group, (place) => place.load(x)),
      share,
    ),
  );
  const off = f.local('v128');
  const squares = total(f, group, (place) => {
    f.set(off, f32x4.sub(place.load(x), mean));
    return f32x4.mul(off, off);
  });
  return { mean, share, variance: f.let(f32x4.mul(squares, share)) };
}

/** The same with 1/√(variance + eps). */
function statistics(
  f: Body,
  group: Group,
  x: Local<'i32'>,
  { nth, eps }: Locals<{ nth: 'i32'; eps: 'i32' }>,
) {
  const { mean, share, variance } = momentsOf(f, group, x, nth);
  const spread = f32x4.add(variance, f32x4.splat(f32.fromBits(eps)));
  return { mean, share, scale: f.let(f32x4.div(f32x4.const(1), f32x4.sqrt(spread))) };
}

/** The means and the biased variances, two vectors for each group or four columns, from y on; z is not used. */
function defineMoments(module: ModuleBuilder): void {
  defineKernel(module, 'moments', {}, { nth: 'i32', y: 'i32' }, (f, group, { x, nth, y }) => {
    const { mean, variance } = momentsOf(f, group, x, nth);
    f.do(f32x4.store(y, mean));
    f.do(f32x4.store(y, variance, VECTOR));
    f.set(y, i32.add(y, i32.const(2 * VECTOR)));
  });
}

const STATISTICS = { nth: 'i32', eps: 'i32' } as const;

/** z = (x − mean)·scale. */
function defineStandardize(module: ModuleBuilder): void {
  defineKernel(module, 'standardize', {}, STATISTICS, (f, group, { x, z, ...settings }) => {
    const { mean, scale } = statistics(f, group, x, settings);
    group.each((place) => place.store(z, f32x4.mul(f32x4.sub(place.load(x), mean), scale)));
  });
}

/** z = (x − mean x − y·mean(x·y))·scale, x being a cotangent and y `from` standardized. */
function defineStandardizeGrad(module: ModuleBuilder): void {
  const name = 'standardizeGrad';
  defineKernel(
    module,
    name,
    { from: 'i32' },
    STATISTICS,
    (f, group, { x, z, from, ...settings }) => {
      const { mean, scale, share } = statistics(f, group, from, settings);
      const y = (place: Place) => f32x4.mul(f32x4.sub(place.load(from), mean), scale);
      const meanG = f.let(
        f32x4.mul(
          total(f, group, (place) => place.load(x)),
          share,
        ),
      );
      const products = total(f, group, (place) => f32x4.mul(place.load(x), y(place)));
      const slope = f.let(f32x4.mul(products, share));
      group.each((place) => {
        const across = f32x4.sub(f32x4.sub(place.load(x), meanG), f32x4.mul(y(place), slope));
        place.store(z, f32x4.mul(across, scale));
      });
    },
  );
}

/** The kernels over rows, other groups, and columns. */
export function defineGroups(module: ModuleBuilder): void {
  defineSoftmax(module, 'softmax');
  defineSoftmax(module, 'logSoftmax');
  defineSoftmaxGrad(module);
  defineMoments(module);
  defineStandardize(module);
  defineStandardizeGrad(module);
}
