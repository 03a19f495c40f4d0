import type { Tensor } from '../../ops/index.js';
import { along, type Input, normal, type Sample, sample } from './sample.js';

type Draw = (...shape: number[]) => Input;

/** A function of one number: of a matrix, of one number, of none. */
export const elementwise = (f: (x: Tensor) => unknown, draw: Draw = normal): Sample[] => [
  sample('a matrix', (x) => f(x), draw(3, 4)),
  sample('0-d', (x) => f(x), draw()),
  sample('size 0', (x) => f(x), draw(2, 0)),
];

/** A function of two numbers: alike, broadcast each way, of one number, of none. */
export const broadcast = (
  f: (a: Tensor, b: Tensor) => unknown,
  a: Draw = normal,
  b: Draw = a,
): Sample[] => [
  sample('alike', (x, y) => f(x, y), a(2, 3), b(2, 3)),
  sample('the left one gets an axis', (x, y) => f(x, y), a(3), b(2, 3)),
  sample('the right one gets an axis', (x, y) => f(x, y), a(2, 3), b(3)),
  sample('the left one is repeated', (x, y) => f(x, y), a(2, 1), b(2, 3)),
  sample('the right one is repeated', (x, y) => f(x, y), a(2, 2, 3), b(2, 1, 3)),
  sample('both are repeated', (x, y) => f(x, y), a(2, 1, 3), b(2, 1)),
  sample('both of size 1', (x, y) => f(x, y), a(1), b(1, 1)),
  sample('0-d', (x, y) => f(x, y), a(), b()),
  sample('0-d and a matrix', (x, y) => f(x, y), a(), b(2, 2)),
  sample('a matrix and 0-d', (x, y) => f(x, y), a(2, 2), b()),
  sample('size 0', (x, y) => f(x, y), a(2, 0), b(1)),
  sample('size 0, the left one repeated', (x, y) => f(x, y), a(2, 1), b(2, 0)),
];

/** A function of two numbers that also takes a plain number on either side. */
export const broadcastWithNumbers = (
  f: (a: Tensor | number, b: Tensor | number) => unknown,
  a: Draw = normal,
  b: Draw = a,
): Sample[] => [
  ...broadcast(f, a, b),
  sample('a number at the left', (y) => f(1.5, y), b(2, 2)),
  sample('a number at the right', (x) => f(x, 1.5), a(2, 2)),
  sample('a tensor with itself', (x) => f(x, x), a(3)),
];

/** A function along one axis that keeps the shape. */
export const alongAxis = (
  f: (x: Tensor, dim: number) => unknown,
  draw: Draw = normal,
): Sample[] => [
  ...along('a matrix', [0, 1, -1, -2], (dim) => (x) => f(x, dim), draw(2, 3)),
  ...along('three axes', [0, 1, -1], (dim) => (x) => f(x, dim), draw(2, 3, 2)),
  ...along('size 1', [0, -1], (dim) => (x) => f(x, dim), draw(1, 3)),
  ...along('0-d', [0, -1], (dim) => (x) => f(x, dim), draw()),
  ...along('size 0', [0, -1], (dim) => (x) => f(x, dim), draw(2, 0)),
];
