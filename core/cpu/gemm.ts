import type { TypedArray } from '../dtype.js';
import type { Contraction, Loop, Storage } from '../kernels.js';
import { Memo } from '../memo.js';
import { blank } from './storage.js';

/** Columns of b packed at a time: with 512 inner steps they stay in the second-level cache. */
const COLS = 64;
/** Below this many products a batch entry is multiplied where it lies, without packing. */
const SMALL = 128;

/** Where each step of nested loops lies: Σ indexₐ · strideₐ, the last loop fastest. */
function offsets(loops: readonly Loop[], of: 'a' | 'b' | 'y'): Int32Array {
  let table = ORIGIN;
  for (const { size, [of]: step } of loops) {
    const next = new Int32Array(table.length * size);
    let at = 0;
    for (let from = 0; from < table.length; from++) {
      for (let i = 0, to = table[from]; i < size; i++, to += step) next[at++] = to;
    }
    table = next;
  }
  return table;
}

/** Where nothing loops: the one place 0. */
const ORIGIN = new Int32Array(1);

/** Gathers a strided matrix into contiguous rows of `inner` numbers. */
function pack(
  x: TypedArray,
  base: number,
  rows: Int32Array,
  from: number,
  to: number,
  inner: Int32Array,
  panel: Float64Array,
): void {
  const n = inner.length;
  for (let r = from, at = 0; r < to; r++, at += n) {
    const start = base + rows[r];
    for (let k = 0; k < n; k++) panel[at + k] = x[start + inner[k]];
  }
}

/**
 * A contraction written out as offsets, counted in numbers:
 * y[rowsY[r] + colsY[c]] = Σₖ a[rowsA[r] + innerA[k]] · b[colsB[c] + innerB[k]].
 */
export interface Product {
  readonly rowsA: Int32Array;
  readonly rowsY: Int32Array;
  readonly colsB: Int32Array;
  readonly colsY: Int32Array;
  readonly innerA: Int32Array;
  readonly innerB: Int32Array;
}

/** A contraction written out: the product of each pair of its batch, and where the pairs begin. */
export interface Plan {
  readonly product: Product;
  readonly batchA: Int32Array;
  readonly batchB: Int32Array;
  readonly batchY: Int32Array;
}

/** How many offsets its tables hold. */
export const offsetsIn = (product: Product): number =>
  Object.values(product).reduce((sum: number, table: Int32Array) => sum + table.length, 0);

/** Tables of at most so many offsets are kept for the next time: 8 MiB. */
export const REMEMBERED = 2 ** 21;

const plans = new Memo<Contraction, Plan>(
  REMEMBERED,
  ({ product, batchY }) => offsetsIn(product) + 3 * batchY.length,
);

export const planOf = (loops: Contraction): Plan =>
  plans.get(loops, ({ batch, rows, cols, inner }) => ({
    product: {
      rowsA: offsets(rows, 'a'),
      rowsY: offsets(rows, 'y'),
      colsB: offsets(cols, 'b'),
      colsY: offsets(cols, 'y'),
      innerA: offsets(inner, 'a'),
      innerB: offsets(inner, 'b'),
    },
    batchA: offsets(batch, 'a'),
    batchB: offsets(batch, 'b'),
    batchY: offsets(batch, 'y'),
  }));

/** A product and what it reads and writes. */
interface Work extends Product {
  readonly a: TypedArray;
  readonly b: TypedArray;
  readonly y: TypedArray;
}

function multiplyInPlace(p: Work, baseA: number, baseB: number, baseY: number): void {
  const { a, b, y, rowsA, rowsY, colsB, colsY, innerA, innerB } = p;
  for (let r = 0; r < rowsA.length; r++) {
    for (let c = 0; c < colsB.length; c++) {
      let sum = 0;
      for (let k = 0; k < innerA.length; k++) {
        sum += a[baseA + rowsA[r] + innerA[k]] * b[baseB + colsB[c] + innerB[k]];
      }
      y[baseY + rowsY[r] + colsY[c]] = sum;
    }
  }
}

function multiplyPacked(
  p: Work,
  panels: { a: Float64Array; b: Float64Array },
  baseA: number,
  baseB: number,
  baseY: number,
): void {
  const { y, rowsY, colsY } = p;
  const [m, n, inner] = [rowsY.length, colsY.length, p.innerA.length];
  pack(p.a, baseA, p.rowsA, 0, m, p.innerA, panels.a);
  for (let from = 0; from < n; from += COLS) {
    const to = Math.min(from + COLS, n);
    pack(p.b, baseB, p.colsB, from, to, p.innerB, panels.b);
    dotProducts(panels.a, panels.b, inner, y, baseY, rowsY, colsY, from, to);
  }
}

/**
 * y[row, col] = the dot product of row `row` of a with row `col − from` of b, for all rows and for
 * columns `from` to `to`. Two rows by four columns at a time: eight sums stay in registers for six
 * numbers read.
 */
export function dotProducts(
  a: Float64Array,
  b: Float64Array,
  inner: number,
  y: TypedArray,
  base: number,
  rowsY: Int32Array,
  colsY: Int32Array,
  from: number,
  to: number,
): void {
  const m = rowsY.length;
  for (let r = 0; r < m; r += 2) {
    // At an edge the last row or column is computed again rather than treated apart.
    const r1 = Math.min(r + 1, m - 1);
    const y0 = base + rowsY[r];
    const y1 = base + rowsY[r1];
    for (let c = from; c < to; c += 4) {
      const c1 = Math.min(c + 1, to - 1);
      const c2 = Math.min(c + 2, to - 1);
      const c3 = Math.min(c + 3, to - 1);
      const b0 = (c - from) * inner;
      const b1 = (c1 - from) * inner;
      const b2 = (c2 - from) * inner;
      const b3 = (c3 - from) * inner;
      tile(a, r * inner, r1 * inner, b, b0, b1, b2, b3, inner);
      y[y0 + colsY[c]] = sums[0];
      y[y0 + colsY[c1]] = sums[1];
      y[y0 + colsY[c2]] = sums[2];
      y[y0 + colsY[c3]] = sums[3];
      y[y1 + colsY[c]] = sums[4];
      y[y1 + colsY[c1]] = sums[5];
      y[y1 + colsY[c2]] = sums[6];
      y[y1 + colsY[c3]] = sums[7];
    }
  }
}

const sums = new Float64Array(8);

/** The eight dot products of rows a0, a1 with columns b0 … b3, into `sums`. */
function tile(
  a: Float64Array,
  a0: number,
  a1: number,
  b: Float64Array,
  b0: number,
  b1: number,
  b2: number,
  b3: number,
  n: number,
): void {
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  for (let k = 0; k < n; k++) {
    const p = a[a0 + k];
    const q = a[a1 + k];
    const u = b[b0 + k];
    const v = b[b1 + k];
    const w = b[b2 + k];
    const z = b[b3 + k];
    s00 += p * u;
    s01 += p * v;
    s02 += p * w;
    s03 += p * z;
    s10 += q * u;
    s11 += q * v;
    s12 += q * w;
    s13 += q * z;
  }
  sums[0] = s00;
  sums[1] = s01;
  sums[2] = s02;
  sums[3] = s03;
  sums[4] = s10;
  sums[5] = s11;
  sums[6] = s12;
  sums[7] = s13;
}

export const gemmKernels = {
  contract(a: Storage, b: Storage, loops: Contraction): Storage {
    const result = blank(a, a.dtype, loops.length);
    const { product, batchA, batchB, batchY } = planOf(loops);
    const work: Work = { a: a.data, b: b.data, y: result.data, ...product };
    const [m, n, inner] = [work.rowsA.length, work.colsB.length, work.innerA.length];
    const small = m * n * inner <= SMALL;
    const panels = {
      a: new Float64Array(small ? 0 : m * inner),
      b: new Float64Array(small ? 0 : Math.min(COLS, n) * inner),
    };
    for (let i = 0; i < batchA.length; i++) {
      if (small) multiplyInPlace(work, batchA[i], batchB[i], batchY[i]);
      else multiplyPacked(work, panels, batchA[i], batchB[i], batchY[i]);
    }
    return result;
  },
};
