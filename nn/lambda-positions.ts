import { formatShape, type Shape, sameShape, sizeOf } from '../core/shape.js';
import {
  type DType,
  type LambdaOptions,
  narrow,
  permute,
  randn,
  relativeEmbeddings,
  reshape,
  ShapeError,
  type Tensor,
  zeros,
} from '../ops/index.js';
import type { Grid } from '../ops/lambda-positions.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';

// Where a lambda layer's relative positions are kept: a local table or a global one.

/** A local table of positions, laid out as the filter of a convolution: `[k, u, 1, rows, cols]`. */
export class PositionTable extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(shape: Shape, bias: boolean, dtype: DType) {
    super();
    this.weight = new Parameter(randn(shape, { dtype }));
    this.bias = bias ? new Parameter(zeros([shape[0]], { dtype })) : null;
  }

  /** `[rows, cols, k, u]`. */
  forward(): Tensor {
    const [k, u, , rows, cols] = this.weight.shape;
    return permute(reshape(this.weight, [k, u, rows, cols]), [2, 3, 0, 1]);
  }

  protected override describe(): string {
    const [k, u, , rows, cols] = this.weight.shape;
    return `${rows}×${cols}, k=${k}, u=${u}`;
  }
}

/** Rows and columns of the queries and of the context that a global table was made for. */
export interface Scope {
  readonly queries: Grid;
  readonly context: Grid;
}

/** Offsets along each axis between queries and a context of these rows and columns. */
const offsets = ({ queries, context }: Scope): [number, number] => [
  queries[0] + context[0] - 1,
  queries[1] + context[1] - 1,
];

/** Embeddings of pairs, in numbers, that are built from a global table rather than avoided. */
const PAIRS = 2 ** 20;

/** A global table `[height, width, k, u]` of all offsets within a scope, its numbers normal around 0. */
export const globalTable = (scope: Scope, k: number, u: number, dtype: DType): Parameter =>
  new Parameter(randn([...offsets(scope), k, u], { dtype }));

/** Throws a `ShapeError` for a table of another shape than `globalTable` makes. */
export function checkGlobalTable(table: Tensor, scope: Scope, k: number, u: number): void {
  const wanted = [...offsets(scope), k, u];
  if (sameShape(table.shape, wanted)) return;
  throw new ShapeError(
    `LambdaLayer: expected relPosEmb ${formatShape(wanted)}, got ${formatShape(table.shape)}`,
  );
}

/**
 * What `lambdaLayer` takes of a global table for queries and a context no larger than its scope: the part
 * of it with their offsets, or the embeddings of pairs, which are faster where there are few. Throws a
 * `ShapeError` for more positions than the table has offsets for.
 */
export function globalEmbeddings(
  table: Tensor,
  scope: Scope,
  grid: Grid,
  contextGrid: Grid,
): LambdaOptions {
  for (const [what, most, given] of [
    ['an input', scope.queries, grid],
    ['a context', scope.context, contextGrid],
  ] as const) {
    if (given[0] <= most[0] && given[1] <= most[1]) continue;
    throw new ShapeError(
      `LambdaLayer: expected ${what} of at most ${formatShape(most)} positions, as the layer was made for, got ${formatShape(given)}`,
    );
  }
  const [rows, cols] = offsets({ queries: grid, context: contextGrid });
  const part = narrow(
    narrow(table, 0, scope.queries[0] - grid[0], rows),
    1,
    scope.queries[1] - grid[1],
    cols,
  );
  const [, , k, u] = table.shape;
  return sizeOf([...grid, ...contextGrid, k, u]) <= PAIRS
    ? { embeddings: relativeEmbeddings(part, grid, contextGrid) }
    : { embeddings: part, grid, contextGrid };
}
