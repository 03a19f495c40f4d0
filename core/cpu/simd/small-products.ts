import type { Product } from '../gemm.js';
import type { Engine } from './engine.js';
import { isRange, swapped } from './gemm.js';
import { roundUp } from './layout.js';
import { byteOffsets } from './panels.js';

// A batch of products of a few numbers each, such as a query's with its lambda: to lay out panels for the
// large kernel would take longer than to multiply.

/** The most products of one pair of a batch. */
const MOST = 4096;
/** The fewest pairs that the tables are worth. */
const FEWEST = 8;

/** A product whose columns lie in order in the result, its operands swapped if that makes them so. */
export interface SmallProduct {
  readonly product: Product;
  readonly isSwapped: boolean;
}

/** A product as `multiplySmall` takes it for a batch of so many pairs; null if it does not. */
export function smallProduct(product: Product, pairs: number): SmallProduct | null {
  const { rowsA, colsB, innerA, rowsY, colsY } = product;
  if (pairs < FEWEST || rowsA.length * colsB.length * innerA.length > MOST) return null;
  if (isRange(colsY, 1)) return { product, isSwapped: false };
  return isRange(rowsY, 1) ? { product: swapped(product), isSwapped: true } : null;
}

/** The products of a batch: a, b and y are the addresses of its pairs' operands and results. */
export function multiplySmall(
  engine: Engine,
  { product, isSwapped }: SmallProduct,
  a: readonly number[],
  b: readonly number[],
  y: readonly number[],
): void {
  const [left, right] = isSwapped ? [b, a] : [a, b];
  const { rowsA, rowsY, colsB, innerA, innerB } = product;
  const cols = roundUp(colsB.length, 4);
  /** Numbers of several tables side by side: where they begin and end. */
  const beside = (size: number, ...tables: ArrayLike<number>[]): [number, number] => {
    const { length } = tables[0];
    const at = engine.room(length * tables.length);
    const { ints } = engine;
    tables.forEach((table, t) => {
      for (let i = 0; i < length; i++) ints[at / 4 + i * tables.length + t] = size * table[i];
    });
    return [at, at + 4 * length * tables.length];
  };
  const batch = beside(1, left, right, y);
  const rows = beside(4, rowsA, rowsY);
  const columns = [engine.place(byteOffsets(colsB, 4)), 4 * colsB.length];
  const inner = beside(4, innerA, innerB);
  const panel = engine.room(cols * innerA.length);
  engine.call('multiplySmall', ...batch, ...rows, ...columns, ...inner, panel);
}
