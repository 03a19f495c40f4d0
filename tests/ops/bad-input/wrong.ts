import * as library from '../../../ops/index.js';
import { ones, type Tensor, tensor } from '../../../ops/index.js';

/** A wrong call, the exact class of what it throws, and the whole message. */
export type Wrong = readonly [
  call: () => unknown,
  error: new (...args: never[]) => Error,
  message: string,
];

type Fn = (...args: unknown[]) => unknown;

/** The functions that were called through `lg`. */
export const called = new Set<string>();

/** The public face as JavaScript sees it: anything may be passed. */
export const lg: Readonly<Record<string, Fn>> = Object.fromEntries(
  Object.keys(library).map((name) => [
    name,
    (...args: unknown[]): unknown => {
      called.add(name);
      return Reflect.apply(Reflect.get(library, name), undefined, args);
    },
  ]),
);

/** A method called with anything. */
export const method = (x: object, name: string, ...args: unknown[]): unknown =>
  Reflect.apply(Reflect.get(x, name), x, args);

/** The function that a call gave, called with anything. */
export const applied = (f: unknown, ...args: unknown[]): unknown => (f as Fn)(...args);

export const scalar = ones([]);
export const vector = ones([3]);
export const matrix = ones([2, 3]);
export const images = ones([2, 3, 8, 8]);
export const filter = ones([4, 3, 3, 3]);
export const queries = ones([1, 2, 1, 2]);
export const keys = ones([1, 2, 2, 1]);
export const mask = tensor([true, false]);

/** int32 numbers. */
export const whole = (data: number[] | number[][]): Tensor => tensor(data, { dtype: 'int32' });
export const index = whole([0, 1]);

/** A matrix that requires grad. */
export const leaf = (): Tensor => ones([2, 3], { requiresGrad: true });
