import {
  type Body,
  type Code,
  f32,
  f32x4,
  i32,
  type Local,
  type ModuleBuilder,
  v128,
} from './assembler.js';
import { COLS } from './gemm-kernels.js';
import { FLOAT, VECTOR } from './layout.js';

// The transforms of a 3×3 convolution by tiles (Lavin and Gray, Fast Algorithms for Convolutional Neural
// Networks, CVPR 2016, section 4.1, F(2×2, 3×3)): of an image d, a filter g and a result y, tile by tile,
// y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A. Number (i, j) of each 4×4 square lies in plane 4·i + j, so that the
// product in the middle is a matrix product in each of the 16 planes.

type Vector = Local<'v128'>;
type Square = readonly (readonly Vector[])[];
type Matrix = readonly (readonly number[])[];

const across = <T>(rows: readonly (readonly T[])[]): T[][] =>
  rows[0].map((_, column) => rows.map((row) => row[column]));

/** Bᵀ: four numbers of the image. */
const IMAGE: Matrix = [
  [1, 0, -1, 0],
  [0, 1, 1, 0],
  [0, -1, 1, 0],
  [0, 1, 0, -1],
];
/** G: three numbers of the filter. */
const FILTER: Matrix = [
  [1, 0, 0],
  [0.5, 0.5, 0.5],
  [0.5, -0.5, 0.5],
  [0, 0, 1],
];
/** Aᵀ: two numbers of the result from four. */
const RESULT: Matrix = [
  [1, 1, 1, 0],
  [0, 1, -1, -1],
];

/** The matrix times a column of values. Numbers that are 0, 1 or −1 cost no product. */
function times(f: Body, matrix: Matrix, column: readonly Vector[]): Vector[] {
  return matrix.map((row) => {
    let sum: Code<'v128'> | null = null;
    // A sum begins with a number that is added, if there is one.
    const order = row.map((_, i) => i).sort((i, j) => Number(row[j] > 0) - Number(row[i] > 0));
    for (const i of order) {
      if (row[i] === 0) continue;
      const size = Math.abs(row[i]);
      const term = size === 1 ? column[i] : f32x4.mul(column[i], f32x4.const(size));
      if (sum === null) sum = row[i] > 0 ? term : f32x4.neg(term);
      else sum = row[i] > 0 ? f32x4.add(sum, term) : f32x4.sub(sum, term);
    }
    return f.let(sum ?? f32x4.const(0));
  });
}

/** T·X·Tᵀ. */
const onBothSides = (f: Body, matrix: Matrix, square: Square): Vector[][] =>
  across(
    across(square.map((row) => times(f, matrix, row))).map((column) => times(f, matrix, column)),
  );

const EVEN = [0, 2, 4, 6];
const ODD = [1, 3, 5, 7];

/** A square whose numbers lie in planes: so many bytes apart from an address on. */
function squareAt(
  f: Body,
  address: Local<'i32'>,
  plane: Local<'i32'>,
  load: (from: Local<'i32'>) => Code<'v128'>,
): Square {
  const from = f.let(address);
  return Array.from({ length: 4 }, () =>
    Array.from({ length: 4 }, () => {
      const value = f.let(load(from));
      f.set(from, i32.add(from, plane));
      return value;
    }),
  );
}

/**
 * Images and planes, as both kernels between them take them: what lies between two channels, in bytes, too.
 * After every eight numbers in a plane so many bytes are left out.
 */
const WALK = {
  image: 'i32',
  imageApart: 'i32',
  width: 'i32',
  planes: 'i32',
  planesApart: 'i32',
  plane: 'i32',
  channels: 'i32',
  lines: 'i32',
  bytes: 'i32',
  leftOut: 'i32',
} as const;

/**
 * Walks through squares of images, two numbers apart, and their places in a plane, four at a time: for each
 * of `channels` images with rows of `width` bytes, and of `lines` lines of squares, which take `bytes` bytes
 * in a plane, a multiple of 16.
 */
function eachFour(
  f: Body,
  given: { readonly [K in keyof typeof WALK]: Local<'i32'> },
  body: (square: Local<'i32'>, place: Local<'i32'>) => void,
): void {
  const { image, imageApart, width, planes, planesApart, channels, lines, bytes, leftOut } = given;
  const variable = () => f.local('i32');
  const [line, channel, row, start, square, place, at] = Array.from({ length: 7 }, variable);
  // All channels of a line come before the next one: what is written together then lies close together.
  f.count(line, lines, 1, () => {
    f.set(row, image);
    f.set(start, planes);
    f.set(channel, i32.const(0));
    f.count(channel, channels, 1, () => {
      f.set(square, row);
      f.set(place, start);
      f.set(at, i32.const(0));
      f.count(at, bytes, VECTOR, () => {
        body(square, place);
        f.set(square, i32.add(square, i32.const(2 * VECTOR)));
        const isLast = i32.eqz(
          i32.and(i32.add(place, i32.const(VECTOR)), i32.const(COLS * FLOAT - 1)),
        );
        const step = i32.mul(leftOut, isLast);
        f.set(place, i32.add(i32.add(place, i32.const(VECTOR)), step));
      });
      f.set(row, i32.add(row, imageApart));
      f.set(start, i32.add(start, planesApart));
    });
    f.set(image, i32.add(image, i32.shl(width, i32.const(1))));
    f.set(planes, i32.add(planes, i32.add(i32.sub(place, start), planesApart)));
  });
}

/** `{name}`: squares of an image, as wide as the matrix, become numbers in planes. */
function defineToPlanes(module: ModuleBuilder, name: string, matrix: Matrix): void {
  const size = matrix[0].length;
  module.function(name, WALK, (given, f) => {
    const to = f.local('i32');
    eachFour(f, given, (from, place) => {
      const square = Array.from({ length: size }, (_, i) => {
        const start = i === 0 ? from : f.let(i32.add(from, i32.mul(given.width, i32.const(i))));
        return Array.from({ length: size / 2 }, (_, pair) => {
          const [low, high] = [0, 4].map((x) => f.let(f32x4.load(start, (2 * pair + x) * FLOAT)));
          return [EVEN, ODD].map((places) => f.let(f32x4.shuffle(low, high, places)));
        }).flat();
      });
      f.set(to, place);
      for (const value of onBothSides(f, matrix, square).flat()) {
        f.do(f32x4.store(to, value));
        f.set(to, i32.add(to, given.plane));
      }
    });
  });
}

/** Adds what a value is not finite by: x − x is 0, but for infinities and NaN. */
const addDefect = (f: Body, defect: Vector, x: Vector): void =>
  f.set(defect, f32x4.add(defect, f32x4.sub(x, x)));

/** Leaves the defect at an address if there is one: whoever else writes there has one, too. */
const tellDefect = (f: Body, defect: Vector, address: Local<'i32'>): void =>
  f.if(v128.anyTrue(f32x4.ne(defect, defect)), () => f.do(f32x4.store(address, defect)));

/**
 * `{name}`: the way back. Numbers in planes become squares of two by two, side by side in an image. What is
 * at `check` is left alone unless a number is not finite.
 */
function defineFromPlanes(module: ModuleBuilder, name: string, matrix: Matrix): void {
  module.function(name, { ...WALK, check: 'i32' }, ({ check, ...given }, f) => {
    const defect = f.let(f32x4.const(0));
    eachFour(f, given, (to, place) => {
      const square = squareAt(f, place, given.plane, (from) => f32x4.load(from));
      onBothSides(f, matrix, square).forEach(([even, odd], i) => {
        const start = i === 0 ? to : f.let(i32.add(to, given.width));
        f.do(f32x4.store(start, f32x4.shuffle(even, odd, [0, 4, 1, 5])));
        f.do(f32x4.store(start, f32x4.shuffle(even, odd, [2, 6, 3, 7]), VECTOR));
        for (const x of [even, odd]) addDefect(f, defect, x);
      });
    });
    tellDefect(f, defect, check);
  });
}

/** `{name}`: each of the filters from `source` to `end`, row by row, becomes a number in each plane. */
function defineFilter(module: ModuleBuilder, name: string, matrix: Matrix): void {
  module.function(
    name,
    { source: 'i32', end: 'i32', target: 'i32', plane: 'i32' },
    ({ source, end, target, plane }, f) => {
      const to = f.local('i32');
      f.count(source, end, 9 * FLOAT, () => {
        const square = [0, 1, 2].map((i) =>
          [0, 1, 2].map((j) => f.let(f32x4.loadSplat(source, (3 * i + j) * FLOAT))),
        );
        f.set(to, target);
        for (const value of onBothSides(f, matrix, square).flat()) {
          f.do(f32.store(to, f32x4.lane(value, 0)));
          f.set(to, i32.add(to, plane));
        }
        f.set(target, i32.add(target, i32.const(FLOAT)));
      });
    },
  );
}

/** `{name}`: the way back, which adds to the filters from `target` to `end`; `check` as above. */
function defineFilterGrad(module: ModuleBuilder, name: string, matrix: Matrix): void {
  module.function(
    name,
    { source: 'i32', plane: 'i32', target: 'i32', end: 'i32', check: 'i32' },
    ({ source, plane, target, end, check }, f) => {
      const defect = f.let(f32x4.const(0));
      f.count(target, end, 9 * FLOAT, () => {
        const square = squareAt(f, source, plane, (from) => f32x4.loadSplat(from));
        onBothSides(f, matrix, square)
          .flat()
          .forEach((value, i) => {
            const sum = f32.add(f32.load(target, i * FLOAT), f32x4.lane(value, 0));
            f.do(f32.store(target, sum, i * FLOAT));
            addDefect(f, defect, value);
          });
        f.set(source, i32.add(source, i32.const(FLOAT)));
      });
      tellDefect(f, defect, check);
    },
  );
}

/** The kernels of convolutions by tiles, and those of their gradients, which are the transposes. */
export function defineWinograd(module: ModuleBuilder): void {
  defineToPlanes(module, 'imageToPlanes', IMAGE);
  defineToPlanes(module, 'resultToPlanes', across(RESULT));
  defineFromPlanes(module, 'resultFromPlanes', RESULT);
  defineFilter(module, 'filterToPlanes', FILTER);
  defineFilter(
    module,
    'turnedFilterToPlanes',
    FILTER.map((row) => row.toReversed()),
  );
  defineFilterGrad(module, 'filterFromPlanes', across(FILTER));
}
