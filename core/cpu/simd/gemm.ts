import type { Product } from '../gemm.js';
import type { Engine } from './engine.js';
import { INNER, type Tile } from './gemm-kernels.js';
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

/** How far apart bases `from` to `to` are, if all are equally far, else 0; of one, `only`. */
function stepOf(bases: ArrayLike<number>, from: number, to: number, only: number): number {
  const step = to - from > 1 ? bases[from + 1] - bases[from] : only;
  for (let i = from + 1; i < to; i++) if (bases[i] !== bases[i - 1] + step) return 0;
  return step;
}

/** Offsets counted in numbers as byte offsets, the last one repeated up to a multiple. */
export function byteOffsets(offsets: Int32Array, multiple = 1): Int32Array {
  const bytes = new Int32Array(roundUp(offsets.length, multiple));
  for (let i = 0; i < offsets.length; i++) bytes[i] = 4 * offsets[i];
  return bytes.fill(4 * offsets[offsets.length - 1], offsets.length);
}

/** One operand's places, in bytes. */
interface Side {
  /** Rows of a or columns of b, rounded up to the tile. */
  readonly count: number;
  readonly width: number;
  /** The kernel that packs it. */
  readonly packs: string;
  readonly places: Int32Array;
  readonly inner: Int32Array;
  readonly inFours: number;
}

/** A product as the kernels take it: which operand comes first, and their places. */
interface Layout {
  readonly product: Product;
  readonly swap: boolean;
  readonly a: Side;
  readonly b: Side;
  readonly colsInOrder: boolean;
  readonly inOrder: boolean;
}

function layOut(given: Product, { rows, cols }: Tile): Layout {
  const cost = ({ rowsA, colsB, colsY, innerA }: Product): number => {
    const [m, n] = [roundUp(rowsA.length, rows), roundUp(colsB.length, cols)];
    // Numbers of the result that do not lie in rows are written one by one.
    return m * n * innerA.length + (isRange(colsY, 1) ? 0 : 16 * m * n);
  };
  const swap = cost(swapped(given)) < cost(given);
  const product = swap ? swapped(given) : given;
  const side = (places: Int32Array, inner: Int32Array, width: number): Side => ({
    count: roundUp(places.length, width),
    width,
    packs: `pack${width}`,
    places: byteOffsets(places, width),
    inner: byteOffsets(inner),
    inFours: Number(inFours(inner)),
  });
  const colsInOrder = isRange(product.colsY, 1);
  return {
    product,
    swap,
    a: side(product.rowsA, product.innerA, rows),
    b: side(product.colsB, product.innerB, cols),
    colsInOrder,
    inOrder: colsInOrder && isRange(product.rowsY, product.colsY.length),
  };
}

/** As long as somebody has a product, it is laid out once. */
const layouts = new WeakMap<Product, Layout>();

function layoutOf(product: Product, tile: Tile): Layout {
  const known = layouts.get(product);
  if (known !== undefined) return known;
  const layout = layOut(product, tile);
  layouts.set(product, layout);
  return layout;
}

/** A side with its tables in the engine's memory. */
interface Operand {
  readonly side: Side;
  readonly places: number;
  readonly inner: number;
}

/** A product laid out in the engine's memory, to be run for the pairs of operands of a batch. */
export class Multiplication {
  private readonly layout: Layout;
  private readonly a: Operand;
  private readonly b: Operand;

  constructor(
    private readonly engine: Engine,
    product: Product,
  ) {
    this.layout = layoutOf(product, engine.tile);
    const operand = (side: Side): Operand => ({
      side,
      places: engine.place(side.places),
      inner: engine.place(side.inner),
    });
    this.a = operand(this.layout.a);
    this.b = operand(this.layout.b);
  }

  /** Rows of a, rounded up to the tile. */
  private get rows(): number {
    return this.layout.a.count;
  }

  /** Columns of b, rounded up to the tile. */
  private get cols(): number {
    return this.layout.b.count;
  }

  /** Numbers of one result. */
  private get size(): number {
    const { rowsY, colsY } = this.layout.product;
    return rowsY.length * colsY.length;
  }

  /** Products that are summed for each of its numbers. */
  private get steps(): number {
    return this.layout.product.innerA.length;
  }

  /** y[bases[i] + …] = the product of the operands at the addresses a[i] and b[i], y being one, too. */
  run(a: ArrayLike<number>, b: ArrayLike<number>, y: number, bases: ArrayLike<number>): void {
    if (this.layout.swap) [a, b] = [b, a];
    const each = (this.rows + this.cols) * this.steps + this.rows * this.cols;
    const together = Math.max(1, Math.floor(TOGETHER / each));
    for (let from = 0; from < bases.length; from += together) {
      const to = Math.min(from + together, bases.length);
      this.engine.within(() => {
        const products = this.rows * this.cols * this.steps;
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
          const result = this.isWhole ? y + 4 * bases[i] : this.engine.room(this.rows * this.cols);
          this.multiply(share, left, right, result);
          results.push(result);
        }
        this.engine.join();
        if (this.isWhole) return;
        const step = stepOf(bases, from, to, this.size);
        if (this.layout.inOrder && step >= this.size) {
          this.copyTogether(results[0], to - from, y + 4 * bases[from], step);
        } else for (let i = from; i < to; i++) this.copyOut(results[i - from], y, bases[i]);
      });
    }
  }

  /** Packs the operand at an address, unless it has been packed. */
  private pack(
    share: 'fork' | 'call',
    { side, places, inner }: Operand,
    source: number,
    done: Map<number, number>,
  ): void {
    if (done.has(source)) return;
    const { engine, steps } = this;
    const { count, width, packs, inFours } = side;
    const panels = engine.room(count * steps);
    done.set(source, panels);
    for (let k = 0; k < steps; k += INNER) {
      const some = Math.min(INNER, steps - k);
      for (let row = 0; row < count; row += ROWS * 2 * width) {
        engine[share](
          packs,
          source,
          places + 4 * row,
          places + 4 * Math.min(row + ROWS * 2 * width, count),
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
    return this.layout.inOrder && this.rows * this.cols === this.size;
  }

  /** Leaves the product of packed operands at an address, once `join` has returned. */
  private multiply(share: 'fork' | 'call', a: number, b: number, result: number): void {
    const { engine, steps } = this;
    const { rows: height, cols: width } = engine.tile;
    const [rows, cols] = [this.rows, this.cols];
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

  /** Copies results that lie one behind another to y, `step` numbers apart, without the tiles' edges. */
  private copyTogether(results: number, count: number, y: number, step: number): void {
    const { engine, size, rows, cols } = this;
    const { rowsY, colsY } = this.layout.product;
    const [m, n] = [rowsY.length, colsY.length];
    const [apart, together] = [4 * rows * cols, 4 * step];
    const some = Math.max(1, Math.floor(COPIED / size));
    for (let i = 0; i < count; i += some) {
      engine.fork(
        'spread',
        results + i * apart,
        y + i * together,
        Math.min(some, count - i),
        apart,
        together,
        m,
        4 * cols,
        4 * n,
        4 * n,
      );
    }
    engine.join();
  }

  private copyOut(result: number, y: number, base: number): void {
    const { floats } = this.engine;
    const { product, colsInOrder } = this.layout;
    const { rowsY, colsY } = product;
    const [m, n] = [rowsY.length, colsY.length];
    let from = result / 4;
    for (let r = 0; r < m; r++, from += this.cols) {
      const to = y / 4 + base + rowsY[r];
      if (colsInOrder) floats.copyWithin(to, from, from + n);
      else for (let c = 0; c < n; c++) floats[to + colsY[c]] = floats[from + c];
    }
  }
}
