import {
  type Body,
  type Code,
  f32,
  f32x4,
  i32,
  type Local,
  type ModuleBuilder,
} from './assembler.js';
import { FLOAT, VECTOR } from './layout.js';

/** Code that writes so many bytes from an address on: a vector at a time, then the numbers that are left. */
type Writer = (to: Local<'i32'>, bytes: Local<'i32'>) => void;

/** A writer of what `vector` and `number` give for the distance from the first byte. */
function writer(
  f: Body,
  vector: (at: Local<'i32'>) => Code<'v128'>,
  number: (at: Local<'i32'>) => Code<'f32'>,
): Writer {
  const [at, vectors] = [f.local('i32'), f.local('i32')];
  return (to, bytes) => {
    f.set(at, i32.const(0));
    f.set(vectors, i32.and(bytes, i32.const(-VECTOR)));
    f.count(at, vectors, VECTOR, () => f.do(f32x4.store(i32.add(to, at), vector(at))));
    f.count(at, bytes, FLOAT, () => f.do(f32.store(i32.add(to, at), number(at))));
  };
}

/** A writer of what lies from another address on. */
const copier = (f: Body, from: Local<'i32'>): Writer =>
  writer(
    f,
    (at) => f32x4.load(i32.add(from, at)),
    (at) => f32.load(i32.add(from, at)),
  );

const eraser = (f: Body): Writer =>
  writer(
    f,
    () => f32x4.const(0),
    () => f32.fromBits(i32.const(0)),
  );

/**
 * Copies rows of `bytes` from `source` to `target`: `rows` of them in each of `planes`, which lie, as
 * the rows in them, so many bytes apart here and there.
 */
function defineSpread(module: ModuleBuilder): void {
  module.function(
    'spread',
    {
      source: 'i32',
      target: 'i32',
      planes: 'i32',
      planeFrom: 'i32',
      planeTo: 'i32',
      rows: 'i32',
      rowFrom: 'i32',
      rowTo: 'i32',
      bytes: 'i32',
    },
    ({ source, target, planes, planeFrom, planeTo, rows, rowFrom, rowTo, bytes }, f) => {
      const variable = () => f.local('i32');
      const [plane, row, from, to] = Array.from({ length: 4 }, variable);
      const copy = copier(f, from);
      f.count(plane, planes, 1, () => {
        f.set(from, source);
        f.set(to, target);
        f.set(row, i32.const(0));
        f.count(row, rows, 1, () => {
          copy(to, bytes);
          f.set(from, i32.add(from, rowFrom));
          f.set(to, i32.add(to, rowTo));
        });
        f.set(source, i32.add(source, planeFrom));
        f.set(target, i32.add(target, planeTo));
      });
    },
  );
}

/**
 * Copies `planes` planes of rows of `bytes` from `source` into larger ones at `target`, which lie one behind
 * another, with zeros around: `top` and `bottom` rows of them, and `left` bytes and what is left of `rowTo`.
 */
function defineFrame(module: ModuleBuilder): void {
  module.function(
    'frame',
    {
      source: 'i32',
      planeFrom: 'i32',
      rowFrom: 'i32',
      target: 'i32',
      planes: 'i32',
      top: 'i32',
      rows: 'i32',
      bottom: 'i32',
      left: 'i32',
      bytes: 'i32',
      rowTo: 'i32',
    },
    (given, f) => {
      const { source, planeFrom, rowFrom, target, planes, top, rows, bottom, left, bytes, rowTo } =
        given;
      const [plane, row, from] = Array.from({ length: 3 }, () => f.local('i32'));
      const copy = copier(f, from);
      const erase = eraser(f);
      const right = f.let(i32.sub(i32.sub(rowTo, left), bytes));
      const above = f.let(i32.mul(top, rowTo));
      const below = f.let(i32.mul(bottom, rowTo));
      /** Writes `size` bytes at the target, and goes on behind them. */
      const next = (write: Writer, size: Local<'i32'>): void => {
        write(target, size);
        f.set(target, i32.add(target, size));
      };
      f.count(plane, planes, 1, () => {
        f.set(from, source);
        next(erase, above);
        f.set(row, i32.const(0));
        f.count(row, rows, 1, () => {
          next(erase, left);
          next(copy, bytes);
          next(erase, right);
          f.set(from, i32.add(from, rowFrom));
        });
        next(erase, below);
        f.set(source, i32.add(source, planeFrom));
      });
    },
  );
}

/**
 * Reads three axes, whose steps are so many bytes, and writes what is read one behind another. Along the
 * last axis vectors are read where its numbers are neighbours.
 */
function defineCopy(module: ModuleBuilder): void {
  const parameters = {
    source: 'i32',
    target: 'i32',
    planes: 'i32',
    plane: 'i32',
    rows: 'i32',
    row: 'i32',
    cols: 'i32',
    col: 'i32',
  } as const;
  module.function('copy', parameters, (locals, f) => {
    const { source, target, planes, plane, rows, row, cols, col } = locals;
    const variable = () => f.local('i32');
    const [p, r, line, at, end] = Array.from({ length: 5 }, variable);
    const vectors = f.let(i32.and(i32.shl(cols, i32.const(2)), i32.const(-VECTOR)));
    const advance = (bytes: number): void => f.set(target, i32.add(target, i32.const(bytes)));
    f.count(p, planes, 1, () => {
      f.set(line, source);
      f.set(r, i32.const(0));
      f.count(r, rows, 1, () => {
        f.set(at, line);
        f.set(end, i32.add(target, i32.shl(cols, i32.const(2))));
        f.if(i32.eqz(i32.sub(col, i32.const(FLOAT))), () => {
          const whole = i32.add(line, vectors);
          f.count(at, whole, VECTOR, () => {
            f.do(f32x4.store(target, f32x4.load(at)));
            advance(VECTOR);
          });
        });
        f.while(i32.ltU(target, end), () => {
          f.do(f32.store(target, f32.load(at)));
          f.set(at, i32.add(at, col));
          advance(FLOAT);
        });
        f.set(line, i32.add(line, row));
      });
      f.set(source, i32.add(source, plane));
    });
  });
}

/** The kernels that copy. */
export function defineCopies(module: ModuleBuilder): void {
  defineSpread(module);
  defineFrame(module);
  defineCopy(module);
}
