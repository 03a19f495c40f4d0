import type { Cell } from './cell.js';
import { offset, unravel } from './source.js';

// Elementwise operations are not computed at once, but written down: a chain of them becomes one kernel.

/** Where an operand's number for place i of the result lies: its strides along axes of these sizes. */
export interface Place {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
}

export type Expression =
  /** The number of a cell at a place, which is i itself where none is given. */
  | { readonly kind: 'cell'; readonly cell: Cell; readonly place: Place | null }
  | { readonly kind: 'number'; readonly value: number }
  /** A formula in which each operand has a name of one letter. */
  | {
      readonly kind: 'apply';
      readonly formula: string;
      readonly operands: Readonly<Record<string, Expression>>;
    };

/** What one kernel can take: a kernel in webgpu reads at most seven arrays. */
const MOST = { cells: 6, numbers: 12, formulas: 16 };

/** The expression as the body of a kernel, the arrays `a0`, … that it reads and its numbers `n0`, …. */
export interface Written {
  readonly body: string;
  readonly cells: readonly Cell[];
  readonly numbers: readonly number[];
}

export function written(expression: Expression): Written {
  const cells: Cell[] = [];
  const numbers: number[] = [];
  const lines: string[] = [];
  const read = new Map<string, string>();
  const visit = (e: Expression): string => {
    if (e.kind === 'number') return `n${numbers.push(e.value) - 1}`;
    if (e.kind === 'apply') {
      const named = Object.entries(e.operands).map(([name, operand]) => [name, visit(operand)]);
      const values: Record<string, string> = Object.fromEntries(named);
      const value = e.formula.replace(/\b[a-z]\b/g, (letter) => values[letter] ?? letter);
      const name = `t${lines.length}`;
      lines.push(`const ${name} = ${value};`);
      return name;
    }
    if (!cells.includes(e.cell)) cells.push(e.cell);
    const array = `a${cells.indexOf(e.cell)}`;
    const key = `${array} ${e.place?.sizes} ${e.place?.strides}`;
    const before = read.get(key);
    if (before !== undefined) return before;
    const name = `x${lines.length}`;
    if (e.place === null) lines.push(`const ${name} = ${array}[i];`);
    else {
      const { sizes, strides } = e.place;
      const index = `${name}_`;
      lines.push(`${unravel('i', sizes, index)}
const ${name} = ${array}[${offset(index, strides, sizes)}];`);
    }
    read.set(key, name);
    return name;
  };
  lines.push(`return ${visit(expression)};`);
  return { body: lines.join('\n'), cells, numbers };
}

/** The cells that an expression reads, each once. */
export function cellsIn(expression: Expression, found = new Set<Cell>()): Set<Cell> {
  if (expression.kind === 'cell') found.add(expression.cell);
  if (expression.kind === 'apply') {
    for (const operand of Object.values(expression.operands)) cellsIn(operand, found);
  }
  return found;
}

function count(e: Expression, kind: Expression['kind']): number {
  const own = e.kind === kind ? 1 : 0;
  if (e.kind !== 'apply') return own;
  return Object.values(e.operands).reduce((sum, operand) => sum + count(operand, kind), own);
}

/** Whether one kernel can compute all of it. */
export const fits = (e: Expression): boolean =>
  cellsIn(e).size <= MOST.cells &&
  count(e, 'number') <= MOST.numbers &&
  count(e, 'apply') <= MOST.formulas;
