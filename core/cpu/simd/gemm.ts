import type { Product } from '../gemm.js';
import { type Engine, roundUp } from './engine.js';
import { TILE } from './gemm-kernels.js';

/** Inner steps packed at a time: a panel of b then fits the first-level cache. */
const INNER = 256;
/** Rows of a multiplied at a time: their panels then stay in the second-level cache. */
const ROWS = 256;

/** The same product with its operands, and so rows and columns, in each other's place. */
export const swapped = (p: Product): Product => ({
  rowsA: p.colsB,
  rowsY: p.colsY,
  colsB: p.rowsA,
  colsY: p.rowsY,
  innerA: p.innerB,
  innerB: p.innerA,
});

const area = (rows: number, cols: number): number =>
  roundUp(rows, TILE.rows) * roundUp(cols, TILE.cols);

/** Whether the tiles waste less if the operands change places. */
export const shouldSwap = ({ rowsA, colsB }: Product): boolean =>
  area(colsB.length, rowsA.length) < area(rowsA.length, colsB.length);

/** A product laid out in the engine's memory, to be run for each pair of operands of a batch. */
export class Multiplication {
  private readonly rows: number;
  private readonly cols: number;
  private readonly rowTable: number;
  private readonly colTable: number;
  private readonly innerTableA: number;
  private readonly innerTableB: number;
  private readonly panelA: number;
  private readonly panelB: number;
  private readonly result: number;
  private readonly colsInOrder: boolean;

  constructor(
    private readonly engine: Engine,
    private readonly product: Product,
  ) {
    const { rowsA, colsB, colsY, innerA, innerB } = product;
    this.colsInOrder = isRange(colsY, 1);
    this.rows = roundUp(rowsA.length, TILE.rows);
    this.cols = roundUp(colsB.length, TILE.cols);
    this.rowTable = engine.table(rowsA, TILE.rows);
    this.colTable = engine.table(colsB, TILE.cols);
    this.innerTableA = engine.table(innerA);
    this.innerTableB = engine.table(innerB);
    const inner = Math.min(INNER, innerA.length);
    this.panelA = engine.room(this.rows * inner);
    this.panelB = engine.room(this.cols * inner);
    this.result = engine.room(this.rows * this.cols);
  }

  /** Multiplies the operands at these addresses; the result goes to y, from `base` on. */
  run(a: number, b: number, y: Float32Array, base: number): void {
    const { engine, rows, cols } = this;
    const steps = this.product.innerA.length;
    engine.floats.fill(0, this.result / 4, this.result / 4 + rows * cols);
    for (let k = 0; k < steps; k += INNER) {
      const inner = Math.min(INNER, steps - k);
      this.pack(TILE.rows, a, this.rowTable, rows, this.innerTableA + 4 * k, inner, this.panelA);
      this.pack(TILE.cols, b, this.colTable, cols, this.innerTableB + 4 * k, inner, this.panelB);
      for (let r = 0; r < rows; r += ROWS) {
        const last = Math.min(r + ROWS, rows);
        engine.call(
          'multiply',
          this.panelA + 4 * r * inner,
          this.panelA + 4 * last * inner,
          this.panelB,
          this.panelB + 4 * cols * inner,
          4 * inner,
          this.result + 4 * r * cols,
          4 * cols,
        );
      }
    }
    this.copyOut(y, base);
  }

  private pack(
    width: number,
    source: number,
    table: number,
    count: number,
    inner: number,
    steps: number,
    panel: number,
  ): void {
    const [end, innerEnd] = [table + 4 * count, inner + 4 * steps];
    this.engine.call(`pack${width}`, source, table, end, inner, innerEnd, panel);
  }

  private copyOut(y: Float32Array, base: number): void {
    const { engine, product, cols, colsInOrder } = this;
    const { floats } = engine;
    const { rowsY, colsY } = product;
    const [m, n] = [rowsY.length, colsY.length];
    const start = this.result / 4;
    if (colsInOrder && n === cols && isRange(rowsY, n)) {
      y.set(floats.subarray(start, start + m * n), base);
      return;
    }
    for (let r = 0, from = start; r < m; r++, from += cols) {
      const to = base + rowsY[r];
      if (colsInOrder) y.set(floats.subarray(from, from + n), to);
      else for (let c = 0; c < n; c++) y[to + colsY[c]] = floats[from + c];
    }
  }
}

/** Whether the offsets are 0, step, 2·step, … */
function isRange(offsets: Int32Array, step: number): boolean {
  for (let i = 0; i < offsets.length; i++) if (offsets[i] !== i * step) return false;
  return true;
}
