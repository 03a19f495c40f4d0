import type { DType } from './dtype.js';
import type { Device } from './kernels.js';
import type { Shape } from './shape.js';
import type { Tensor } from './tensor.js';

/** What it returns, if anything, takes the gradient's place. */
export type Hook = ((grad: Tensor) => Tensor | undefined) | ((grad: Tensor) => void);

/** What a tensor looks like, its numbers aside. */
export interface Form {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly device: Device;
}

/**
 * A tensor's place in the graph. It knows the tensor's form and where a cotangent goes from here, but of
 * numbers it has only what a vjp reads: the others are free to go while the graph stands.
 */
export abstract class Node implements Form {
  hooks: Set<Hook> | null = null;
  /** The tensor whose `.grad` backward fills: a leaf, or one that retains its gradient. */
  owner: Tensor | null = null;
  /** A tensor of this form without numbers, once one has been needed. */
  outline: Tensor | null = null;

  abstract readonly shape: Shape;
  abstract readonly dtype: DType;
  abstract readonly device: Device;
  abstract readonly name: string;
  /** When it was recorded: a tensor changed in place later than this is stale. */
  abstract readonly time: number;
  /** Places of the tensors that it depends on differentiably; null for one that requires no grad. */
  abstract readonly inputs: readonly (Node | null)[];
  /** The tensors that are kept for the vjps. */
  abstract readonly saved: readonly Tensor[];
  /** Whether the vjps keep nothing of what they are given or make, but for what they return. */
  abstract readonly isPure: boolean;
  /** The cotangent of input i, from the cotangent g of the result. */
  abstract vjp(i: number, g: Tensor): Tensor;
  /** Lets go of what was kept: no backward comes through any more. */
  abstract free(): void;
}

/** The place of a tensor that no op made: backward ends here. */
export class Leaf extends Node {
  readonly name = 'leaf';
  readonly isPure = true;
  readonly time = 0;
  readonly inputs: readonly Node[] = [];
  readonly saved: readonly Tensor[] = [];

  constructor(override readonly owner: Tensor) {
    super();
  }

  // A module that moves to another dtype or device takes its leaves along.
  get shape(): Shape {
    return this.owner.shape;
  }

  get dtype(): DType {
    return this.owner.dtype;
  }

  get device(): Device {
    return this.owner.device;
  }

  vjp(_i: number, g: Tensor): Tensor {
    return g;
  }

  free(): void {}
}
