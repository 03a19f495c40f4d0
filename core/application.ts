import type { DType } from './dtype.js';
import { GradientError } from './errors.js';
import type { Device, Kernels, Storage } from './kernels.js';
import { mode } from './mode.js';
import { type Form, Node } from './node.js';
import { type Shape, sizeOf } from './shape.js';
import { Tensor } from './tensor.js';

/** The two kinds of definition as the engine sees them: its tensors are the first of `tensors(args)`. */
export interface Op<A extends readonly unknown[]> {
  readonly name: string;
  arity(args: A): number;
  tensors(args: A): readonly unknown[];
  /** The arguments with others in the places of `tensors(args)`. */
  withTensors(args: A, tensors: readonly unknown[]): A;
  /** What vjp i reads, as bits: `RESULT` for y, and behind it one for each of the tensors. */
  saves(i: number): number;
  readonly isPure: boolean;
  forward(k: Kernels, args: A): Tensor;
  vjp(i: number, g: Tensor, y: Tensor, args: A): Tensor;
}

/** The result of an op among the bits of what its vjps read; the tensors have the bits behind it. */
export const RESULT = 1;

const isIn = (set: number, place: number): boolean => ((set >> (place + 1)) & 1) === 1;

/** One application of an op, with as much of it as its vjps read, so that backward can come through. */
export class Application<A extends readonly unknown[]> extends Node {
  readonly time = mode.clock;
  /** What the user had called. */
  readonly called = mode.called;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly device: Device;
  private links: readonly (Node | null)[] | null;
  /** The arguments; in a tensor's place, if its numbers are not read, its node, or soon its outline. */
  private args: A | null;
  private readonly output: Storage | null;
  private result: Tensor | null = null;
  private hasNodes = false;

  constructor(
    private readonly op: Op<A>,
    args: A,
    y: Tensor,
  ) {
    super();
    this.shape = y.shape;
    this.dtype = y.dtype;
    this.device = y.device;
    const tensors = op.tensors(args);
    const arity = op.arity(args);
    const links = new Array<Node | null>(arity);
    let saves = 0;
    for (let i = 0; i < arity; i++) {
      links[i] = (tensors[i] as Tensor).node;
      if (links[i] !== null) saves |= op.saves(i);
    }
    this.links = links;
    this.output = (saves & RESULT) === 0 ? null : y.storage;
    this.args = args;
    if (saves === ~0) return;
    const kept = new Array<unknown>(tensors.length);
    for (let i = 0; i < tensors.length; i++) {
      const x = tensors[i];
      const unread = x instanceof Tensor && !isIn(saves, i);
      kept[i] = unread ? (x.node ?? outlineOf(x)) : x;
      this.hasNodes ||= unread;
    }
    this.args = op.withTensors(args, kept);
  }

  get name(): string {
    return this.op.name;
  }

  get isPure(): boolean {
    return this.op.isPure;
  }

  free(): void {
    this.args = null;
    this.links = null;
    this.result = null;
  }

  get inputs(): readonly (Node | null)[] {
    return this.links ?? this.throwFreed();
  }

  vjp(i: number, g: Tensor): Tensor {
    const args = this.args ?? this.throwFreed();
    if (this.hasNodes) this.drawOutlines(this.op.tensors(args) as unknown[]);
    return this.op.vjp(i, g, this.y, args);
  }

  get saved(): Tensor[] {
    const args = this.args ?? this.throwFreed();
    const all = [...args, ...this.op.tensors(args), ...(this.output === null ? [] : [this.y])];
    return all.filter((x): x is Tensor => x instanceof Tensor && !(x.storage instanceof Unsaved));
  }

  /** The result, with its numbers if they were saved. */
  private get y(): Tensor {
    if (this.output === null) return outlineOf(this);
    if (this.result === null) {
      this.result = new Tensor(this.output, this.shape);
      this.result.node = this;
    }
    return this.result;
  }

  private drawOutlines(kept: unknown[]): void {
    for (let i = 0; i < kept.length; i++) {
      const x = kept[i];
      if (x instanceof Node) kept[i] = outlineOf(x);
    }
    this.hasNodes = false;
  }

  private throwFreed(): never {
    throw new GradientError(
      `backward: the graph through ${this.name} was freed by an earlier backward; give that one { retainGraph: true } to go through it again`,
    );
  }
}

/** A tensor of x's form without its numbers. */
function outlineOf(x: Tensor | Node): Tensor {
  if (x instanceof Node) {
    x.outline ??= new Tensor(new Unsaved(x), x.shape);
    return x.outline;
  }
  const { shape, dtype, device } = x;
  return new Tensor(new Unsaved({ shape, dtype, device }), shape);
}

/** In the place of numbers that no vjp reads. */
class Unsaved implements Storage {
  readonly version = 0;

  constructor(private readonly form: Form) {}

  get dtype(): DType {
    return this.form.dtype;
  }

  get device(): Device {
    return this.form.device;
  }

  get length(): number {
    return sizeOf(this.form.shape);
  }

  get data(): never {
    throw new GradientError(
      `${mode.replay?.name ?? 'backward'}: its vjp reads numbers that were not saved; name them in the saves of its definition`,
    );
  }
}
