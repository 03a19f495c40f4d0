import type { Product } from '../gemm.js';
import type { Engine } from './engine.js';
import type { Tile } from './gemm-kernels.js';
import { roundUp } from './layout.js';
import {
  type Extent,
  multiplyPanels,
  type Operand,
  operandOf,
  type Packing,
  packAll,
  packing,
  type Side,
  shareOf,
  sideOf,
} from './panels.js';

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

/** How far apart bases `from` to `to` are, if all are equally far, else 0; of one, `only`. */
function stepOf(bases: ArrayLike<number>, from: number, to: number, only: number): number {
  const step = to - from > 1 ? bases[from + 1] - bases[from] : only;
  for (let i = from + 1; i < to; i++) if (bases[i] !== bases[i - 1] + step) return 0;
  return step;
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
        const known = [new Map<number, Packing>(), new Map<number, Packing>()];
        const packings: Packing[] = [];
        const packed = (which: 0 | 1, operand: Operand, source: number): number => {
          let it = known[which].get(source);
          if (it === undefined) {
            it = packing(engine, operand, source);
            known[which].set(source, it);
            packings.push(it);
          }
          return it.panels;
        };
        const pairs: number[][] = [];
        for (let i = from; i < to; i++) {
          pairs.push([packed(0, this.a, a[i]), packed(1, this.b, b[i])]);
        }
        packAll(engine, share, packings);
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
