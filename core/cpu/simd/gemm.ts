import type { Product } from '../gemm.js';
import type { Engine } from './engine.js';
import { INNER } from './gemm-kernels.js';
import { roundUp } from './layout.js';

/** Rows that one call packs, or multiplies: their panels then stay in the second-level cache. */
const ROWS = 64;
/** From so many products on (some 10 µs of them), work is worth a call of its own. */
const SHARE = 2 ** 18;
/** Numbers of results that one call copies. */
const COPIED = 2 ** 14;
/** Numbers packed before they are multiplied, so that they are still in the caches then. */
const TOGETHER = 2 ** 22;

/** The same product with its operands, and so rows and columns, in each other's place. */
export const swapped = (p: Product): Product => ({
  rowsA: p.colsB,
  rowsY: p.colsY,
  colsB: p.rowsA,
  colsY: p.rowsY,
  innerA: p.innerB,
  innerB: p.innerA,
});

/** Whether the offsets are 0, step, 2·step, … */
export function isRange(offsets: Int32Array, step: number): boolean {
  for (let i = 0; i < offsets.length; i++) if (offsets[i] !== i * step) return false;
  return true;
}

/** Whether the offsets go up by ones within every four of them. */
function inFours(offsets: Int32Array): boolean {
  for (let i = 0; i + 4 <= offsets.length; i += 4) {
    for (let j = 1; j < 4; j++) if (offsets[i + j] !== offsets[i] + j) return false;
  }
  return true;
}

/** Whether bases `from` to `to` are a step apart each. */
function followOn(bases: ArrayLike<number>, from: number, to: number, step: number): boolean {
  for (let i = from + 1; i < to; i++) if (bases[i] !== bases[i - 1] + step) return false;
  return true;
}

/** One operand's places, as tables in the engine's memory. */
interface Operand {
  /** Rows of a or columns of b, rounded up to the tile. */
  readonly count: number;
  readonly width: number;
  readonly table: number;
  readonly inner: number;
  readonly inFours: number;
}

/** A product laid out in the engine's memory, to be run for the pairs of operands of a batch. */
export class Multiplication {
  private readonly product: Product;
  private readonly swap: boolean;
  private readonly a: Operand;
  private readonly b: Operand;
  private readonly steps: number;
  private readonly colsInOrder: boolean;
  private readonly inOrder: boolean;

  constructor(
    private readonly engine: Engine,
    product: Product,
  ) {
    const { rows, cols } = engine.tile;
    const cost = ({ rowsA, colsB, colsY }: Product): number => {
      const [m, n] = [roundUp(rowsA.length, rows), roundUp(colsB.length, cols)];
      // Numbers of the result that do not lie in rows are written one by one.
      return m * n * product.innerA.length + (isRange(colsY, 1) ? 0 : 16 * m * n);
    };
    this.swap = cost(swapped(product)) < cost(product);
    this.product = this.swap ? swapped(product) : product;
    const { rowsA, rowsY, colsB, colsY, innerA, innerB } = this.product;
    const operand = (places: Int32Array, inner: Int32Array, width: number): Operand => ({
      count: roundUp(places.length, width),
      width,
      table: engine.table(places, width),
      inner: engine.table(inner),
      inFours: Number(inFours(inner)),
    });
    this.a = operand(rowsA, innerA, rows);
    this.b = operand(colsB, innerB, cols);
    this.steps = innerA.length;
    this.colsInOrder = isRange(colsY, 1);
    this.inOrder = this.colsInOrder && isRange(rowsY, colsY.length);
  }

  /** Numbers of one result. */
  private get size(): number {
    return this.product.rowsY.length * this.product.colsY.length;
  }

  /** y[bases[i] + …] = the product of the operands at the addresses a[i] and b[i], y being one, too. */
  run(a: ArrayLike<number>, b: ArrayLike<number>, y: number, bases: ArrayLike<number>): void {
    if (this.swap) [a, b] = [b, a];
    const each = (this.a.count + this.b.count) * this.steps + this.a.count * this.b.count;
    const together = Math.max(1, Math.floor(TOGETHER / each));
    for (let from = 0; from < bases.length; from += together) {
      const to = Math.min(from + together, bases.length);
      this.engine.within(() => {
        const products = this.a.count * this.b.count * this.steps;
        const enough = products >= SHARE && (to - from) * products >= 2 * SHARE;
        const share = enough ? 'fork' : 'call';
        const panels = [new Map<number, number>(), new Map<number, number>()];
        for (let i = from; i < to; i++) {
          this.pack(share, this.a, a[i], panels[0]);
          this.pack(share, this.b, b[i], panels[1]);
        }
        this.engine.join();
        const results: number[] = [];
        for (let i = from; i < to; i++) {
          const [left, right] = [panels[0].get(a[i]), panels[1].get(b[i])] as [number, number];
          const result = this.isWhole
            ? y + 4 * bases[i]
            : this.engine.room(this.a.count * this.b.count);
          this.multiply(share, left, right, result);
          results.push(result);
        }
        this.engine.join();
        if (this.isWhole) return;
        if (this.inOrder && followOn(bases, from, to, this.size)) {
          this.copyTogether(results[0], to - from, y, bases[from]);
        } else for (let i = from; i < to; i++) this.copyOut(results[i - from], y, bases[i]);
      });
    }
  }

  /** Packs the operand at an address, unless it has been packed. */
  private pack(
    share: 'fork' | 'call',
    { count, width, table, inner, inFours }: Operand,
    source: number,
    done: Map<number, number>,
  ): void {
    if (done.has(source)) return;
    const { engine, steps } = this;
    const panels = engine.room(count * steps);
    done.set(source, panels);
    for (let k = 0; k < steps; k += INNER) {
      const some = Math.min(INNER, steps - k);
      for (let row = 0; row < count; row += ROWS * 2 * width) {
        engine[share](
          `pack${width}`,
          source,
          table + 4 * row,
          table + 4 * Math.min(row + ROWS * 2 * width, count),
          inner + 4 * k,
          inner + 4 * (k + some),
          panels + 4 * (k * count + row * some),
          inFours,
        );
      }
    }
  }

  /** Whether results can be written where they belong: they are in order, and tiles fill them. */
  private get isWhole(): boolean {
    const { a, b, inOrder, size } = this;
    return inOrder && a.count * b.count === size;
  }

  /** Leaves the product of packed operands at an address, once `join` has returned. */
  private multiply(share: 'fork' | 'call', a: number, b: number, result: number): void {
    const { engine, steps } = this;
    const { rows: height, cols: width } = engine.tile;
    const [rows, cols] = [this.a.count, this.b.count];
    const some = roundUp(ROWS, height);
    for (let row = 0; row < rows; row += some) {
      const rowEnd = Math.min(row + some, rows);
      const least = Math.ceil(SHARE / (steps * (rowEnd - row)));
      const across = share === 'fork' ? roundUp(Math.min(least, cols), width) : cols;
      for (let col = 0; col < cols; col += across) {
        const colEnd = Math.min(col + across, cols);
        engine[share]('multiply', a, rows, row, rowEnd, b, cols, col, colEnd, steps, result);
      }
    }
  }

  /** Copies `count` results that lie one behind another, both here and in y, without the tiles' edges. */
  private copyTogether(results: number, count: number, y: number, base: number): void {
    const { engine, size, a, b } = this;
    const [m, n] = [this.product.rowsY.length, this.product.colsY.length];
    const [apart, together] = [4 * a.count * b.count, 4 * size];
    const some = Math.max(1, Math.floor(COPIED / size));
    for (let i = 0; i < count; i += some) {
      engine.fork(
        'spread',
        results + i * apart,
        y + 4 * base + i * together,
        Math.min(some, count - i),
        apart,
        together,
        m,
        4 * b.count,
        4 * n,
        4 * n,
      );
    }
    engine.join();
  }

  private copyOut(result: number, y: number, base: number): void {
    const { floats } = this.engine;
    const { rowsY, colsY } = this.product;
    const [m, n] = [rowsY.length, colsY.length];
    let from = result / 4;
    for (let r = 0; r < m; r++, from += this.b.count) {
      const to = y / 4 + base + rowsY[r];
      if (this.colsInOrder) floats.copyWithin(to, from, from + n);
      else for (let c = 0; c < n; c++) floats[to + colsY[c]] = floats[from + c];
    }
  }
}
