import { axisOf, checkInteger, checkShape, formatShape, sizeOf } from '../core/shape.js';
import { flatten, reshape, type Shape, ShapeError, type Tensor } from '../ops/index.js';
import { Module } from './module.js';

/** Joins the axes from `startDim` to `endDim` into one: all but the batch unless said otherwise. */
export class Flatten extends Module {
  constructor(
    readonly startDim = 1,
    readonly endDim = -1,
  ) {
    super();
    checkInteger('Flatten', 'startDim', startDim);
    checkInteger('Flatten', 'endDim', endDim);
  }

  forward(x: Tensor): Tensor {
    return flatten(x, this.startDim, this.endDim);
  }

  protected override describe(): string {
    return `${this.startDim}, ${this.endDim}`;
  }
}

/** Splits axis `dim` into axes of these sizes: the inverse of `Flatten`. */
export class Unflatten extends Module {
  readonly sizes: Shape;

  constructor(
    readonly dim: number,
    sizes: Shape,
  ) {
    super();
    checkInteger('Unflatten', 'dim', dim);
    this.sizes = checkShape('Unflatten', sizes);
  }

  /** Throws a `ShapeError` unless the sizes make up that of the axis. */
  forward(x: Tensor): Tensor {
    const axis = axisOf('Unflatten', this.dim, x.ndim);
    if (sizeOf(this.sizes) !== x.shape[axis]) {
      throw new ShapeError(
        `Unflatten: expected sizes that make up ${x.shape[axis]}, got ${formatShape(this.sizes)}`,
      );
    }
    return reshape(x, x.shape.toSpliced(axis, 1, ...this.sizes));
  }

  protected override describe(): string {
    return `${this.dim}, ${formatShape(this.sizes)}`;
  }
}
