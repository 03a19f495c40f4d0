import { ArgumentError, ShapeError } from '../core/errors.js';
import { compose } from '../core/op.js';
import { checkShape, formatShape, type Shape, show, sizeOf } from '../core/shape.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { onlyTensor } from './arguments.js';
import { mul } from './binary.js';
import { cast } from './cast.js';
import { conv2d } from './conv.js';
import { einsum } from './einsum/einsum.js';
import { permute, reshape } from './shape.js';
import { indexOn, take } from './take.js';

// Position lambdas: Σₘᵤ Eₙₘ Vₘᵀ for each query, from embeddings of pairs of positions or of offsets.

/** Rows and columns of positions; a sequence is one row. */
export type Grid = readonly [height: number, width: number];

/** A grid as it was given. */
function checkGrid(op: string, what: string, grid: unknown): Grid {
  const valid =
    Array.isArray(grid) && grid.length === 2 && grid.every((n) => Number.isInteger(n) && n > 0);
  if (valid) return [grid[0], grid[1]];
  throw new ArgumentError(`${op}: expected [height, width] as ${what}, got ${show(grid)}`);
}

/** The grid of `count` positions: as given, or a sequence. */
export function gridOf(op: string, what: string, grid: Shape | null, count: number): Grid {
  if (grid === null) return [1, count];
  const [height, width] = checkGrid(op, what, grid);
  if (height * width === count) return [height, width];
  throw new ShapeError(`${op}: expected ${what} of ${count} positions, got ${formatShape(grid)}`);
}

/**
 * Where along one axis of a table of r offsets the pair (i, j) stands, −1 outside: the offset j − i is
 * counted from the middle, or, for contexts of another size, from −(n − 1), n being the queries' size.
 */
const offsetAt = (r: number, n: number, m: number, i: number, j: number): number => {
  const at = j - i + (n === m ? (r - 1) / 2 : n - 1);
  return at >= 0 && at < r ? at : -1;
};

/** Whether a table of r offsets fits n queries and m context positions along an axis. */
const fitsAxis = (r: number, n: number, m: number): boolean =>
  n === m ? r % 2 === 1 : r === n + m - 1;

/**
 * Embeddings `[n, m, k, u]` of all pairs of positions from a table of relative ones `[rows, cols, k, u]`,
 * in cross-correlation order: E of query i and context j is the table's entry of the offset j − i. Along
 * each axis a table for a context of the queries' own size has an odd number of offsets around 0, those
 * beyond it counting as 0; for another size it has n + m − 1, from −(n − 1). Throws a `ShapeError`.
 */
export const relativeEmbeddings = compose(
  'relativeEmbeddings',
  (table: Tensor, queries: Shape, context: Shape = queries): Tensor => {
    const op = 'relativeEmbeddings';
    const t = onlyTensor(op, 'the table', table);
    const from = checkGrid(op, 'the queries’ grid', queries);
    const to = checkGrid(op, 'the context’s grid', context);
    const fits =
      t.ndim === 4 && [0, 1].every((axis) => fitsAxis(t.shape[axis], from[axis], to[axis]));
    if (!fits) {
      throw new ShapeError(
        `${op}: expected a table [rows, cols, k, u] of offsets between grids ${formatShape(from)} and ${formatShape(to)}, got ${formatShape(t.shape)}`,
      );
    }
    const [rows, cols, depth, intra] = t.shape;
    const [n, m] = [sizeOf(from), sizeOf(to)];
    checkShape(op, [n, m, depth, intra]);
    const index = new Int32Array(n * m);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < m; j++) {
        const row = offsetAt(rows, from[0], to[0], Math.floor(i / from[1]), Math.floor(j / to[1]));
        const col = offsetAt(cols, from[1], to[1], i % from[1], j % to[1]);
        index[i * m + j] = row < 0 || col < 0 ? -1 : row * cols + col;
      }
    }
    return take(t, indexOn(t, index), depth * intra, [n, m, depth, intra]);
  },
);

/**
 * Position lambdas `[b, n, k, v]` from a table, as a convolution over the values `[b, n, v, u]` (section
 * 3.2 of the paper): value depth goes with the batch, intra-depth is the input channel, key depth the
 * output channel. No embeddings of pairs are built, so the cost grows as n times the table's size.
 */
export function lambdaConvolution(table: Tensor, v: Tensor, [height, width]: Grid): Tensor {
  const [b, n, depth, u] = v.shape;
  const [rows, cols, k] = table.shape;
  const images = reshape(permute(v, [0, 2, 3, 1]), [b * depth, u, height, width]);
  const padding = [(rows - 1) / 2, (cols - 1) / 2];
  const lambdas = conv2d(images, permute(table, [2, 3, 0, 1]), null, { padding });
  return permute(reshape(lambdas, [b, depth, k, n]), [0, 3, 2, 1]);
}

/** The table's offsets up to 0 along a sequence: what lies in the future counts as 0. */
export function pastOffsets(table: Tensor): Tensor {
  const r = table.shape[1];
  const past = Array.from({ length: r }, (_, i) => Number(i <= (r - 1) / 2));
  const { dtype, device } = table;
  return mul(table, tensor(past, { shape: [1, r, 1, 1], dtype, device }));
}

/** Position lambdas `[b, n, k, v]` from embeddings `[n, m, k, u]` of pairs, those outside a mask left out. */
export function denseLambdas(e: Tensor, v: Tensor, mask: Tensor | null): Tensor {
  if (mask === null) return einsum('nmku,bmvu->bnkv', e, v);
  const inside = cast(reshape(mask, [...mask.shape, 1, 1]), e.dtype);
  return mask.ndim === 2
    ? einsum('nmku,bmvu->bnkv', mul(e, inside), v)
    : einsum('bnmku,bmvu->bnkv', mul(e, inside), v);
}
