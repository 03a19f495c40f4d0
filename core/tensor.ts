import { cpu } from './cpu/index.js';
import {
  allocate,
  checkDType,
  type DType,
  dtypeOf,
  fit,
  isFloating,
  type TypedArray,
} from './dtype.js';
import { ArgumentError, DeviceError, DTypeError, GradientError, ShapeError } from './errors.js';
import type { Device, Storage } from './kernels.js';
import { isTracked, release, untrack } from './lifetime.js';
import { mode } from './mode.js';
import { type Hook, Leaf, type Node } from './node.js';
import { optionsOf } from './options.js';
import { format } from './print.js';
import {
  checkBoolean,
  checkFunction,
  checkShape,
  formatShape,
  type Shape,
  show,
  sizeOf,
} from './shape.js';

/** A number, a truth value, or lists of them nested as deep as the tensor has dimensions. */
export type NestedArray = number | boolean | readonly NestedArray[];

export interface TensorOptions {
  /** `float32` unless said otherwise; a typed array keeps its own, truth values become `bool`. */
  dtype?: DType | undefined;
  /** The CPU unless said otherwise. */
  device?: Device | undefined;
  /** Record what is computed from the tensor, so that gradients can flow back to it. */
  requiresGrad?: boolean | undefined;
}

/**
 * An n-dimensional array: a shape, a dtype and a flat row-major buffer on a device. Mathematics is in
 * the ops, gradients in autograd; a tensor only remembers how it was made.
 */
export class Tensor {
  /** This tensor's place in the graph; null where it requires no grad. */
  node: Node | null = null;
  private leaf: Leaf | null = null;
  private ownGrad: Tensor | null = null;

  /** Not checked: use `tensor`, `zeros` and the other creation functions. */
  constructor(
    readonly storage: Storage,
    readonly shape: Shape,
  ) {}

  /** The gradient that `backward` accumulated here. It lives as long as it is here, whatever scopes close. */
  get grad(): Tensor | null {
    return this.ownGrad;
  }

  set grad(grad: Tensor | null) {
    const before = this.ownGrad;
    this.ownGrad = grad;
    if (mode.scope === null || isTracked(this.storage)) return;
    if (before !== null && before.storage !== grad?.storage) release(before.storage);
    if (grad !== null) untrack(grad.storage);
  }

  get dtype(): DType {
    return this.storage.dtype;
  }

  get device(): Device {
    return this.storage.device;
  }

  get ndim(): number {
    return this.shape.length;
  }

  /** How many numbers it holds. */
  get size(): number {
    return this.storage.length;
  }

  get requiresGrad(): boolean {
    return this.node !== null;
  }

  /** True for a tensor that no recorded op made. */
  get isLeaf(): boolean {
    return this.node === null || this.node instanceof Leaf;
  }

  /**
   * The numbers, row-major: on the CPU, from the first look on, the array that the tensor itself has.
   * Elsewhere they are a copy where the device can be read at once, and a `DeviceError` where it cannot.
   * Autograd does not see what is written here: change a tensor with `copy_`, `fill_` and their like.
   */
  get data(): TypedArray {
    const { storage } = this;
    return storage.lend === undefined ? storage.data : storage.lend();
  }

  /** The one number of a tensor of size 1 (a truth value for bool). Throws a `ShapeError` otherwise. */
  item<T extends number | boolean = number>(): T {
    if (this.size !== 1) {
      throw new ShapeError(
        `item: expected a tensor of one number, got shape ${formatShape(this.shape)}`,
      );
    }
    const x = numbersFor('item', this)[0];
    return (this.dtype === 'bool' ? x !== 0 : x) as T;
  }

  /** The numbers as nested arrays; a plain number (or truth value) for a 0-d tensor. */
  toArray(): NestedArray {
    const { shape, dtype } = this;
    const data = numbersFor('toArray', this);
    let next = 0;
    const nest = (axis: number): NestedArray => {
      if (axis === shape.length) {
        const x = data[next++];
        return dtype === 'bool' ? x !== 0 : x;
      }
      return Array.from({ length: shape[axis] }, () => nest(axis + 1));
    };
    return nest(0);
  }

  /** A copy of the numbers, from any device. */
  async read(): Promise<TypedArray> {
    return this.device.download(this.storage);
  }

  /** The same numbers, outside the graph: no gradient flows through. Shares the buffer. */
  detach(): Tensor {
    return new Tensor(this.storage, this.shape);
  }

  /** Starts (or stops) recording what is computed from this leaf. Returns the tensor itself. */
  requiresGrad_(requiresGrad = true): this {
    checkBoolean('requiresGrad_', 'requiresGrad', requiresGrad);
    if (requiresGrad && !isFloating(this.dtype)) {
      throw new DTypeError(`requiresGrad_: expected float32 or float64, got ${this.dtype}`);
    }
    if (this.isLeaf) {
      if (requiresGrad) this.leaf ??= new Leaf(this);
      this.node = requiresGrad ? this.leaf : null;
    } else if (!requiresGrad) {
      throw new GradientError(
        `requiresGrad_: expected a leaf, got the result of ${this.node?.name}; use detach()`,
      );
    }
    return this;
  }

  /** Makes `backward` keep the gradient of a tensor that is not a leaf. Returns the tensor itself. */
  retainGrad(): this {
    if (this.node === null) {
      throw new GradientError(
        'retainGrad: expected a tensor that requires grad, got one that does not',
      );
    }
    this.node.owner = this;
    return this;
  }

  /**
   * Calls `hook` with this tensor's gradient whenever a backward has computed it; what the hook
   * returns (if anything) takes its place. Returns a function that removes the hook. On a device whose
   * memory scopes free, a gradient that the hook stores needs `keep`.
   */
  registerHook(hook: Hook): () => void {
    const { node } = this;
    if (node === null) {
      throw new GradientError(
        'registerHook: expected a tensor that requires grad, got one that does not',
      );
    }
    checkFunction('registerHook', 'as the hook', hook);
    node.hooks ??= new Set();
    node.hooks.add(hook);
    return () => node.hooks?.delete(hook);
  }

  /**
   * Overwrites the numbers with those of `source`, in place. An op that had saved the old numbers
   * throws when backward comes to it. Throws a `GradientError` where a gradient would be lost.
   */
  copy_(source: Tensor): this {
    if (!(source instanceof Tensor)) {
      throw new ArgumentError(`copy_: expected a tensor as the source, got ${show(source)}`);
    }
    if (source.device !== this.device) {
      throw new DeviceError(
        `copy_: expected the source on ${this.device.name}, got one on ${source.device.name}; move it with .to(device)`,
      );
    }
    if (!sameNumbersFit(this, source)) {
      throw new ShapeError(
        `copy_: expected shape ${formatShape(this.shape)} and dtype ${this.dtype}, got ${formatShape(source.shape)} and ${source.dtype}`,
      );
    }
    return this.overwrite(source, () => this.device.kernels.assign(this.storage, source.storage));
  }

  /** Has `change` overwrite the numbers by `source`. Throws a `GradientError` where a gradient would be lost. */
  overwrite(source: Tensor, change: () => void): this {
    if (mode.grad && (this.requiresGrad || source.requiresGrad)) {
      throw new GradientError(
        'copy_: an in-place change is not recorded; wrap it in noGrad(() => …), or detach() the source',
      );
    }
    change();
    this.storage.version = ++mode.clock;
    return this;
  }

  toString(): string {
    return format(this);
  }

  /** What `console.log` shows in Node. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return format(this);
  }
}

/** The numbers at once, for a function of this name: a device that has not got them says who wanted them. */
export function numbersFor(name: string, { storage }: Tensor): TypedArray {
  const { called } = mode;
  mode.called = name;
  try {
    return storage.data;
  } finally {
    mode.called = called;
  }
}

const sameNumbersFit = (a: Tensor, b: Tensor): boolean =>
  a.dtype === b.dtype && a.ndim === b.ndim && a.shape.every((n, i) => n === b.shape[i]);

/** Gradient modes aside, a tensor around numbers that are already laid out. */
export function fromData(
  dtype: DType,
  data: TypedArray,
  shape: Shape,
  options: TensorOptions = {},
): Tensor {
  const t = new Tensor((options.device ?? cpu).upload(dtype, data), shape);
  return options.requiresGrad ? t.requiresGrad_() : t;
}

const NO_OPTIONS: TensorOptions = { dtype: undefined, device: undefined, requiresGrad: undefined };

/** The options of a creation function, checked, its dtype filled in. */
export function tensorOptionsOf(
  op: string,
  options: TensorOptions,
  otherwise: DType,
): TensorOptions & { dtype: DType } {
  const { dtype, device, requiresGrad } = optionsOf(op, options, NO_OPTIONS);
  const kept = checkDType(op, dtype === undefined ? otherwise : dtype);
  if (device !== undefined && typeof device?.upload !== 'function') {
    throw new DeviceError(`${op}: expected a device such as cpu, got ${show(device)}`);
  }
  if (
    checkBoolean(op, 'requiresGrad', requiresGrad === undefined ? false : requiresGrad) &&
    !isFloating(kept)
  ) {
    throw new DTypeError(`${op}: expected float32 or float64 with requiresGrad, got ${kept}`);
  }
  return { dtype: kept, device, requiresGrad };
}

/**
 * A tensor from a number, nested arrays, a typed array (copied; with `shape`, of that shape), or
 * another tensor. Throws a `ShapeError` when the rows are ragged or do not fill `shape`.
 */
export function tensor(
  data: NestedArray | TypedArray | Tensor,
  options: TensorOptions & { shape?: Shape } = {},
): Tensor {
  const { shape: wanted, ...others } = optionsOf('tensor', options, {
    shape: undefined as Shape | undefined,
    ...NO_OPTIONS,
  });
  const source =
    data instanceof Tensor ? { values: numbersFor('tensor', data), from: data } : readNumbers(data);
  const shape = wanted === undefined ? source.from.shape : checkShape('tensor', wanted);
  const { dtype, ...rest } = tensorOptionsOf('tensor', others, source.from.dtype);
  if (sizeOf(shape) !== source.values.length) {
    throw new ShapeError(
      `tensor: shape ${formatShape(shape)} needs ${sizeOf(shape)} numbers, got ${source.values.length}`,
    );
  }
  const values = allocate(dtype, source.values.length);
  if (isFloating(dtype)) values.set(source.values);
  else for (let i = 0; i < values.length; i++) values[i] = fit('tensor', dtype, source.values[i]);
  return fromData(dtype, values, shape, rest);
}

interface Numbers {
  values: ArrayLike<number>;
  from: { shape: Shape; dtype: DType };
}

function readNumbers(data: NestedArray | TypedArray): Numbers {
  if (ArrayBuffer.isView(data)) {
    return { values: data, from: { shape: [data.length], dtype: dtypeOf('tensor', data) } };
  }
  const shape: number[] = [];
  for (let level: NestedArray = data; Array.isArray(level); level = level[0]) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  const values: number[] = [];
  let allBool = true;
  const visit = (x: NestedArray, depth: number): void => {
    if (Array.isArray(x)) {
      if (depth === shape.length || x.length !== shape[depth]) {
        throw new ShapeError(
          `tensor: expected nested arrays of shape ${formatShape(shape)}, got ${depth === shape.length ? 'a deeper array' : `a row of ${x.length}`} at depth ${depth}`,
        );
      }
      for (const row of x) visit(row, depth + 1);
    } else if (depth !== shape.length) {
      throw new ShapeError(
        `tensor: expected nested arrays of shape ${formatShape(shape)}, got ${show(x)} at depth ${depth}`,
      );
    } else if (typeof x === 'number' || typeof x === 'boolean') {
      if (typeof x === 'number') allBool = false;
      values.push(Number(x));
    } else {
      throw new DTypeError(`tensor: expected numbers or truth values, got ${show(x)}`);
    }
  };
  visit(data, 0);
  return { values, from: { shape, dtype: allBool && values.length > 0 ? 'bool' : 'float32' } };
}
