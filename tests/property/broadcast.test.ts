import { test } from 'uvu';
import type { Tensor } from '../../ops/index.js';
import * as lg from '../../ops/index.js';
import { at, build, same } from '../ops/naive.js';
import { type Draw, forAll } from './drawing.js';
import { broadcast } from './rules.js';

/** The element of a broadcast operand: aligned at the right, axes of size 1 repeated. */
function repeatedAt(x: Tensor, index: readonly number[]): number {
  const own = index.slice(index.length - x.ndim);
  return at(
    x,
    own.map((i, axis) => (x.shape[axis] === 1 ? 0 : i)),
  );
}

const operand = (d: Draw, shape: readonly number[]): Tensor =>
  d.tensor(d.narrower(shape), 'float64');

type Pair = [
  name: string,
  op: (a: Tensor, b: Tensor) => Tensor,
  f: (a: number, b: number) => number,
];

const arithmetic: Pair[] = [
  ['add', lg.add, (a, b) => a + b],
  ['sub', lg.sub, (a, b) => a - b],
  ['mul', lg.mul, (a, b) => a * b],
  ['div', lg.div, (a, b) => a / b],
  ['maximum', lg.maximum, Math.max],
  ['minimum', lg.minimum, Math.min],
  ['atan2', lg.atan2, Math.atan2],
];

const tests: Pair[] = [
  ['eq', lg.eq, (a, b) => Number(a === b)],
  ['ne', lg.ne, (a, b) => Number(a !== b)],
  ['lt', lg.lt, (a, b) => Number(a < b)],
  ['le', lg.le, (a, b) => Number(a <= b)],
  ['gt', lg.gt, (a, b) => Number(a > b)],
  ['ge', lg.ge, (a, b) => Number(a >= b)],
  ['logicalAnd', lg.logicalAnd, (a, b) => Number(a !== 0 && b !== 0)],
  ['logicalOr', lg.logicalOr, (a, b) => Number(a !== 0 || b !== 0)],
];

for (const [name, op, f] of [...arithmetic, ...tests]) {
  const dtype = tests.some(([test]) => test === name) ? 'bool' : 'float64';
  test(`${name} of broadcast operands is, element by element, that of the numbers met there`, () => {
    forAll(60, (d) => {
      const whole = d.shape();
      const [a, b] = [operand(d, whole), operand(d, whole)];
      const shape = broadcast(a.shape, b.shape);
      const element = (index: number[]): number => f(repeatedAt(a, index), repeatedAt(b, index));
      const wanted = build(shape, element, dtype);
      same(op(a, b), wanted);
    });
  });
}

test('add, sub and mul of int32 wrap at 32 bits, exactly', () => {
  forAll(100, (d) => {
    const n = d.int(1, 5);
    const draw = (): number[] => Array.from({ length: n }, () => d.int(-(2 ** 31), 2 ** 31 - 1));
    const [a, b] = [draw(), draw()];
    const [x, y] = [a, b].map((data) => lg.tensor(data, { dtype: 'int32' }));
    const exact = (f: (p: bigint, q: bigint) => bigint): Tensor =>
      build([n], ([i]) => Number(BigInt.asIntN(32, f(BigInt(a[i]), BigInt(b[i])))), 'int32');
    const sum = exact((p, q) => p + q);
    const difference = exact((p, q) => p - q);
    const product = exact((p, q) => p * q);
    same(lg.add(x, y), sum);
    same(lg.sub(x, y), difference);
    same(lg.mul(x, y), product);
  });
});

test('where broadcasts its condition and both choices together', () => {
  forAll(100, (d) => {
    const shape = d.shape();
    const [c, a, b] = [d.mask(d.narrower(shape)), operand(d, shape), operand(d, shape)];
    const wanted = build(broadcast(c.shape, a.shape, b.shape), (index) =>
      repeatedAt(c, index) !== 0 ? repeatedAt(a, index) : repeatedAt(b, index),
    );
    same(lg.where(c, a, b), wanted);
  });
});

test('maskedFill puts the value where the broadcast mask is true', () => {
  forAll(100, (d) => {
    const x = d.tensor(d.shape(), 'float64');
    const mask = d.mask(d.narrower(x.shape));
    const wanted = build(x.shape, (index) => (repeatedAt(mask, index) !== 0 ? -7 : at(x, index)));
    same(lg.maskedFill(x, mask, -7), wanted);
  });
});

test('expand repeats axes of size 1 and puts new ones in front', () => {
  forAll(100, (d) => {
    const shape = d.shape();
    const x = operand(d, shape);
    same(
      lg.expand(x, shape),
      build(shape, (index) => repeatedAt(x, index)),
    );
  });
});

test.run();
