import { type DType, Tensor } from '../../ops/index.js';

// The rules that NumPy and PyTorch have for arguments, written again without the engine: a rule takes
// the arguments of a call and gives the shapes of its results, or refuses.

export class Refused extends Error {}

export function refuse(): never {
  throw new Refused();
}

export function need(condition: boolean): asserts condition {
  if (!condition) refuse();
}

export type Sizes = readonly number[];

/** What a rule gives: one shape for each tensor of the result. */
export type Shapes = readonly Sizes[];

export const product = (sizes: Sizes): number => sizes.reduce((a, b) => a * b, 1);

export function isTensor(x: unknown): Tensor {
  need(x instanceof Tensor);
  return x;
}

/** A tensor or a number or a truth value. */
export function isLike(x: unknown): Tensor | number | boolean {
  need(x instanceof Tensor || typeof x === 'number' || typeof x === 'boolean');
  return x;
}

export const shapeOf = (x: Tensor | number | boolean): Sizes =>
  x instanceof Tensor ? x.shape : [];

const ranks: readonly DType[] = ['bool', 'int32', 'float32', 'float64'];

export const promoted = (...dtypes: DType[]): DType =>
  ranks[Math.max(...dtypes.map((dtype) => ranks.indexOf(dtype)))];

/** The dtype of an argument beside another: numbers in code adapt to a tensor. */
function dtypeBeside(x: Tensor | number | boolean, partner: DType | null): DType {
  if (x instanceof Tensor) return x.dtype;
  if (typeof x === 'boolean') return partner ?? 'bool';
  if (partner === null || partner === 'float32' || partner === 'float64') {
    return partner ?? 'float32';
  }
  return Number.isInteger(x) && Math.abs(x) < 2 ** 31 ? 'int32' : 'float32';
}

export function pairDType(a: Tensor | number | boolean, b: Tensor | number | boolean): DType {
  const first = dtypeBeside(a, b instanceof Tensor ? b.dtype : null);
  return promoted(first, dtypeBeside(b, first));
}

/** NumPy's broadcasting rule. */
export function broadcast(...shapes: Sizes[]): number[] {
  const ndim = Math.max(0, ...shapes.map((s) => s.length));
  return Array.from({ length: ndim }, (_, i) => {
    const met = shapes.map((s) => s[s.length - ndim + i] ?? 1).filter((n) => n !== 1);
    need(met.every((n) => n === met[0]));
    return met[0] ?? 1;
  });
}

/** Broadcasting in one direction only. */
export function broadcastsTo(from: Sizes, to: Sizes): void {
  const shape = broadcast(from, to);
  need(shape.length === to.length && shape.every((n, i) => n === to[i]));
}

export function integer(x: unknown, least = -Infinity, most = Infinity): number {
  need(typeof x === 'number' && Number.isInteger(x) && x >= least && x <= most);
  return x;
}

export function number(x: unknown, least = -Infinity, most = Infinity): number {
  need(typeof x === 'number' && x >= least && x <= most);
  return x;
}

export function truth(x: unknown): boolean {
  need(typeof x === 'boolean');
  return x;
}

export function oneOf<T>(x: unknown, ...choices: T[]): T {
  const found = choices.find((choice) => choice === x);
  need(found !== undefined);
  return found;
}

export function list(x: unknown): readonly unknown[] {
  need(Array.isArray(x));
  return x;
}

/** A shape whose numbers, axes of size 0 aside, fit in one typed array. */
export function sizes(x: unknown): number[] {
  const shape = list(x).map((n) => integer(n, 0));
  need(product(shape.filter((n) => n > 0)) < 2 ** 31);
  return shape;
}

export function axis(x: unknown, ndim: number): number {
  const at = integer(x, -ndim, ndim - 1);
  return at < 0 ? at + ndim : at;
}

/** As `axis`, where a 0-d tensor counts as a list of one. */
export const axisOrNone = (x: unknown, ndim: number): number => axis(x, Math.max(1, ndim));

/** One axis, a list of different ones, or all; of a 0-d tensor axis 0, which is none of its own. */
export function axes(x: unknown, ndim: number): number[] {
  if (x === null || x === undefined) return Array.from({ length: ndim }, (_, i) => i);
  const found = (Array.isArray(x) ? x : [x]).map((d) => axisOrNone(d, ndim));
  need(new Set(found).size === found.length);
  return ndim === 0 ? [] : found;
}

export const without = (shape: Sizes, dropped: readonly number[]): number[] =>
  shape.filter((_, i) => !dropped.includes(i));

/** The shape with some axes reduced. */
export const reduced = (shape: Sizes, over: readonly number[], keepdim: boolean): number[] =>
  keepdim ? shape.map((n, i) => (over.includes(i) ? 1 : n)) : without(shape, over);

/** Options by name, each checked; one that is left out is undefined. */
export function options<K extends string>(
  x: unknown,
  checks: Record<K, (value: unknown) => unknown>,
): Partial<Record<K, unknown>> {
  if (x === undefined) return {};
  need(typeof x === 'object' && x !== null && Object.getPrototypeOf(x) === Object.prototype);
  for (const [key, value] of Object.entries(x)) {
    need(key in checks);
    if (value !== undefined) checks[key as K](value);
  }
  return x as Partial<Record<K, unknown>>;
}

/** A setting for each of n spatial axes, given once or one an axis. */
export function perAxis(x: unknown, n: number, least: number): number[] {
  const values = Array.isArray(x) ? x : new Array<unknown>(n).fill(x);
  need(values.length === n);
  return values.map((value) => integer(value, least));
}

/** A tensor of real or whole numbers that stands as the whole argument, or nothing. */
export const optionalTensor = (x: unknown): Tensor | null =>
  x === null || x === undefined ? null : isTensor(x);

/** Takes whatever comes, to be checked later. */
export const anyOption = (): void => {};

/** What stands for an option that is left out. */
export const optional = (x: unknown, otherwise: unknown): unknown =>
  x === undefined ? otherwise : x;

/** A vector of n numbers, or nothing. */
export const isVector = (x: unknown, n: number): void => {
  const t = optionalTensor(x);
  if (t !== null) need(t.ndim === 1 && t.size === n);
};
