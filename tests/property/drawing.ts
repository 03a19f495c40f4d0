import fc from 'fast-check';
import { type DType, Tensor, tensor } from '../../ops/index.js';
import { Choices } from '../ops/naive.js';

/** Draws the arguments of one call. */
export class Draw extends Choices {
  /** True once in `n` times. */
  once(n: number): boolean {
    return this.int(1, n) === n;
  }

  /** Sizes 1 to 3, now and then 0 or 4. */
  size(): number {
    return this.pick(1, 2, 3, 2, 3, 1, 4, 0);
  }

  shape(least = 0, most = 5): number[] {
    return Array.from({ length: this.int(least, most) }, () => this.size());
  }

  dtype(): DType {
    return this.pick<DType>('float32', 'float32', 'float64', 'int32', 'bool');
  }

  /** Mostly floating; finite numbers from −2 to 2, whole ones for int32. */
  override tensor(shape: readonly number[] = this.shape(), dtype: DType = this.dtype()): Tensor {
    const size = shape.reduce((a, b) => a * b, 1);
    const seed = this.int(0, 96);
    const values = Array.from({ length: size }, (_, i) => (((i + 1) * (seed + 31)) % 97) / 24 - 2);
    return tensor(Float64Array.from(values), { shape, dtype });
  }

  float(shape?: readonly number[]): Tensor {
    return this.tensor(shape, this.pick<DType>('float32', 'float64', 'float32', 'int32'));
  }

  /** int32 numbers from `least` to `most`. */
  indices(shape: readonly number[], least: number, most: number): Tensor {
    const size = shape.reduce((a, b) => a * b, 1);
    const values = Array.from({ length: size }, () => this.int(least, Math.max(least, most)));
    return tensor(Int32Array.from(values), { shape });
  }

  mask(shape: readonly number[]): Tensor {
    return this.tensor(shape, 'bool');
  }

  /** A shape that broadcasts to the given one: axes dropped in front, others of size 1. */
  narrower(shape: readonly number[]): number[] {
    const dropped = this.once(2) ? this.int(0, shape.length) : 0;
    return shape.slice(dropped).map((n) => (this.once(3) ? 1 : n));
  }

  axis(ndim: number): number {
    return this.int(-Math.max(1, ndim), Math.max(0, ndim - 1));
  }

  /** Distinct axes of a tensor, in any order, from either end. */
  axes(ndim: number): number[] {
    const chosen = this.order(ndim).slice(0, this.int(0, ndim));
    return chosen.map((axis) => (this.once(3) ? axis - ndim : axis));
  }

  /** What a reduction takes as `dim`. */
  dims(ndim: number): number | number[] | null | undefined {
    const kind = this.int(0, 3);
    if (kind === 0) return this.pick(null, undefined);
    return kind === 1 && ndim > 0 ? this.axis(ndim) : this.axes(ndim);
  }

  /** Something that hardly any argument may be. */
  garbage(): unknown {
    return this.pick<() => unknown>(
      () => undefined,
      () => null,
      () => 'abc',
      () => '1',
      () => NaN,
      () => Infinity,
      () => 1.5,
      () => this.int(-6, 6),
      () => 1e12,
      () => true,
      () => [],
      () => [this.int(-3, 3)],
      () => [0, 0],
      () => [1.5, 'a'],
      () => ({}),
      () => ({ size: 2 }),
      () => Symbol('s'),
      () => () => 1,
      () => this.tensor(),
      () => [this.tensor(), this.tensor()],
    )();
  }

  /** The arguments with one of them, or a part of one, replaced. */
  spoilt(args: readonly unknown[]): unknown[] {
    const at = this.int(0, args.length);
    const old = args[at];
    const isPlain =
      typeof old === 'object' && old !== null && Object.getPrototypeOf(old) === Object.prototype;
    if (isPlain && !this.once(3)) {
      const key = this.pick(...Object.keys(old), 'nonsense');
      return args.with(at, { ...old, [key]: this.garbage() });
    }
    if (Array.isArray(old) && old.length > 0 && !this.once(3)) {
      return args.with(at, old.with(this.int(0, old.length - 1), this.garbage()));
    }
    if (old instanceof Tensor && this.once(2)) return args.with(at, this.tensor());
    return [...args.slice(0, at), this.garbage(), ...args.slice(at + 1)];
  }
}

/** Holds `body` to be true of `runs` drawings, the same ones every time. */
export function forAll(runs: number, body: (d: Draw) => void): void {
  const property = fc.property(fc.gen(), (g) => body(new Draw(g)));
  fc.assert(property, { seed: 20, numRuns: runs, includeErrorInReport: true });
}
