import type { Engine } from './engine.js';
import { INNER } from './gemm-kernels.js';
import { roundUp } from './layout.js';

// The operands of a product are packed before they are multiplied: rows of the left one, and columns of
// the right one, lie in panels as wide as the tile of the micro-kernel, which reads them in order.

/** Rows that one call packs, or multiplies: their panels then stay in the second-level cache. */
const ROWS = 64;
/** From so many products on (some 10 µs of them), work is worth a call of its own. */
const SHARE = 2 ** 18;
/** Pieces that operands are packed in, by several threads. */
const PIECES = 16;

/** Whether the offsets go up by ones within every four of them. */
function inFours(offsets: Int32Array): boolean {
  for (let i = 0; i + 4 <= offsets.length; i += 4) {
    for (let j = 1; j < 4; j++) if (offsets[i + j] !== offsets[i] + j) return false;
  }
  return true;
}

/** Offsets counted in numbers as byte offsets, the last one repeated up to a multiple. */
export function byteOffsets(offsets: Int32Array, multiple = 1): Int32Array {
  const bytes = new Int32Array(roundUp(offsets.length, multiple));
  for (let i = 0; i < offsets.length; i++) bytes[i] = 4 * offsets[i];
  return bytes.fill(4 * offsets[offsets.length - 1], offsets.length);
}

/** One operand's places, in bytes. */
export interface Side {
  /** Rows of a or columns of b, rounded up to the tile. */
  readonly count: number;
  readonly width: number;
  /** The kernel that packs it. */
  readonly packs: string;
  readonly places: Int32Array;
  readonly inner: Int32Array;
  readonly inFours: number;
}

export const sideOf = (places: Int32Array, inner: Int32Array, width: number): Side => ({
  count: roundUp(places.length, width),
  width,
  packs: `pack${width}`,
  places: byteOffsets(places, width),
  inner: byteOffsets(inner),
  inFours: Number(inFours(inner)),
});

/** A side with its tables in the engine's memory. */
export interface Operand {
  readonly side: Side;
  readonly places: number;
  readonly inner: number;
}

export const operandOf = (engine: Engine, side: Side): Operand => ({
  side,
  places: engine.place(side.places),
  inner: engine.place(side.inner),
});

/** The rows of a left operand, at these places, whose products are summed over these. */
export const leftOperand = (engine: Engine, rows: Int32Array, inner: Int32Array): Operand =>
  operandOf(engine, sideOf(rows, inner, engine.tile.rows));

/** How a call is made: left to the threads until they join, or made at once. */
export type Share = 'fork' | 'call';

/** An operand, where its numbers begin, and where its panels are to lie. */
export interface Packing {
  readonly operand: Operand;
  readonly source: number;
  readonly panels: number;
}

export const packing = (engine: Engine, operand: Operand, source: number): Packing => ({
  operand,
  source,
  panels: engine.room(operand.side.count * operand.side.inner.length),
});

/**
 * Packs operands, a piece of each in turn: then it is mostly the same thread that packs rows and columns
 * and that multiplies them.
 */
export function packAll(engine: Engine, share: Share, packings: readonly Packing[]): void {
  const pieces = share === 'fork' ? Math.ceil(PIECES / packings.length) : 1;
  for (let piece = 0; piece < pieces; piece++) {
    for (const { operand, source, panels } of packings) {
      const { count, width } = operand.side;
      const some = roundUp(Math.ceil(count / pieces), width);
      const end = Math.min((piece + 1) * some, count);
      packRows(engine, share, operand, source, panels, piece * some, end);
    }
  }
  engine.join();
}

/** Packs some rows of an operand. */
function packRows(
  engine: Engine,
  share: Share,
  { side, places, inner }: Operand,
  source: number,
  panels: number,
  from: number,
  end: number,
): void {
  const { count, width, packs, inFours } = side;
  const steps = side.inner.length;
  for (let row = from; row < end; row += ROWS * 2 * width) {
    for (let k = 0; k < steps; k += INNER) {
      const some = Math.min(INNER, steps - k);
      engine[share](
        packs,
        source,
        places + 4 * row,
        places + 4 * Math.min(row + ROWS * 2 * width, end),
        inner + 4 * k,
        inner + 4 * (k + some),
        panels + 4 * (k * count + row * some),
        inFours,
      );
    }
  }
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
