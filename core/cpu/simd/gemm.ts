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

const sideOf = (places: Int32Array, inner: Int32Array, width: number): Side => ({
  count: roundUp(places.length, width),
  width,
  packs: `pack${width}`,
  places: byteOffsets(places, width),
  inner: byteOffsets(inner),
  inFours: Number(inFours(inner)),
});

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
  const colsInOrder = isRange(product.colsY, 1);
  return {
    product,
    swap,
    a: sideOf(product.rowsA, product.innerA, rows),
    b: sideOf(product.colsB, product.innerB, cols),
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
export interface Operand {
  readonly side: Side;
  readonly places: number;
  readonly inner: number;
}

const operandOf = (engine: Engine, side: Side): Operand => ({
  side,
  places: engine.place(side.places),
  inner: engine.place(side.inner),
});

/** The rows of a left operand, at these places, whose products are summed over these. */
export const leftOperand = (engine: Engine, rows: Int32Array, inner: Int32Array): Operand =>
  operandOf(engine, sideOf(rows, inner, engine.tile.rows));

/** How a call is made: left to the threads until they join, or made at once. */
type Share = 'fork' | 'call';

/** Packs an operand that begins at `source`: the address of its panels. */
export function pack(engine: Engine, share: Share, operand: Operand, source: number): number {
  const { side, places, inner } = operand;
  const { count, width, packs, inFours } = side;
  const steps = side.inner.length;
  const panels = engine.room(count * steps);
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
  return panels;
}

/** The size of a product of packed operands: rows and columns come in tiles. */
export interface Extent {
  readonly rows: number;
  readonly cols: number;
  readonly steps: number;
}

/** Leaves the product of packed operands at the address c, row by row. */
export function multiplyPanels(
  engine: Engine,
  share: Share,
  { rows, cols, steps }: Extent,
  [a, b, c]: readonly number[],
): void {
  const { tile } = engine;
  const some = roundUp(ROWS, tile.rows);
  for (let row = 0; row < rows; row += some) {
    const rowEnd = Math.min(row + some, rows);
    const least = Math.ceil(SHARE / (steps * (rowEnd - row)));
    const across = share === 'fork' ? roundUp(Math.min(least, cols), tile.cols) : cols;
    for (let col = 0; col < cols; col += across) {
      const colEnd = Math.min(col + across, cols);
      engine[share]('multiply', a, rows, row, rowEnd, b, cols, col, colEnd, steps, c);
    }
  }
}

/** How so many products of this size are best made. */
export const shareOf = (count: number, { rows, cols, steps }: Extent): Share => {
  const each = rows * cols * steps;
  return each >= SHARE && count * each >= 2 * SHARE ? 'fork' : 'call';
};

/** A product laid out in the engine's memory, to be run for the pairs of operands of a batch. */
export class Multiplication {
  private readonly layout: Layout;
  private readonly a: Operand;
  private readonly b: Operand;
  private readonly extent: Extent;

  constructor(
    private readonly engine: Engine,
    product: Product,
  ) {
    this.layout = layoutOf(product, engine.tile);
    this.a = operandOf(engine, this.layout.a);
    this.b = operandOf(engine, this.layout.b);
    this.extent = {
      rows: this.layout.a.count,
      cols: this.layout.b.count,
      steps: product.innerA.length,
    };
  }

  /** Numbers of one result. */
  private get size(): number {
    const { rowsY, colsY } = this.layout.product;
    return rowsY.length * colsY.length;
  }

  /** y[bases[i] + …] = the product of the operands at the addresses a[i] and b[i], y being one, too. */
  run(a: ArrayLike<number>, b: ArrayLike<number>, y: number, bases: ArrayLike<number>): void {
    if (this.layout.swap) [a, b] = [b, a];
    const { engine, extent, size } = this;
    const { rows, cols, steps } = extent;
    const together = Math.max(1, Math.floor(TOGETHER / ((rows + cols) * steps + rows * cols)));
    for (let from = 0; from < bases.length; from += together) {
      const to = Math.min(from + together, bases.length);
      engine.within(() => {
        const share = shareOf(to - from, extent);
        const panels = [new Map<number, number>(), new Map<number, number>()];
        const packed = (which: 0 | 1, operand: Operand, source: number): number => {
          const known = panels[which].get(source);
          if (known !== undefined) return known;
          const address = pack(engine, share, operand, source);
          panels[which].set(source, address);
          return address;
        };
        const pairs: number[][] = [];
        for (let i = from; i < to; i++) {
          pairs.push([packed(0, this.a, a[i]), packed(1, this.b, b[i])]);
        }
        engine.join();
        const results = pairs.map((pair, i) => {
          const result = this.isWhole ? y + 4 * bases[from + i] : engine.room(rows * cols);
          multiplyPanels(engine, share, extent, [...pair, result]);
          return result;
        });
        engine.join();
        if (this.isWhole) return;
        const step = stepOf(bases, from, to, size);
        if (this.layout.inOrder && step >= size) {
          this.copyTogether(results[0], to - from, y + 4 * bases[from], step);
        } else for (let i = from; i < to; i++) this.copyOut(results[i - from], y, bases[i]);
      });
    }
  }

  /** Whether results can be written where they belong: they are in order, and tiles fill them. */
  private get isWhole(): boolean {
    return this.layout.inOrder && this.extent.rows * this.extent.cols === this.size;
  }

  /** Copies results that lie one behind another to y, `step` numbers apart, without the tiles' edges. */
  private copyTogether(results: number, count: number, y: number, step: number): void {
    const { engine, size } = this;
    const { rows, cols } = this.extent;
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
    for (let r = 0; r < m; r++, from += this.extent.cols) {
      const to = y / 4 + base + rowsY[r];
      if (colsInOrder) floats.copyWithin(to, from, from + n);
      else for (let c = 0; c < n; c++) floats[to + colsY[c]] = floats[from + c];
    }
  }
}
