import type { DType, TypedArray } from './dtype.js';
import { type Shape, sizeOf, stridesOf } from './shape.js';

/** What there is to print of a tensor. */
export interface Printable {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: TypedArray;
  readonly device: { readonly name: string };
  readonly isLeaf: boolean;
  readonly node: { readonly name: string } | null;
}

/** More numbers than this are shown by the first and last `EDGE` of each axis. */
const THRESHOLD = 1000;
const EDGE = 3;
const LINE_WIDTH = 80;

/**
 * NumPy's look: brackets nested by axis, columns aligned, four decimals at most, the middle of a large
 * tensor left out; then whatever is not the default.
 */
export function format(t: Printable): string {
  const notes: string[] = [];
  if (t.dtype === 'float64' || t.dtype === 'int32') notes.push(`dtype=${t.dtype}`);
  if (t.device.name !== 'cpu') notes.push(`device=${t.device.name}`);
  if (t.node !== null) notes.push(t.isLeaf ? 'requiresGrad=true' : `op=${t.node.name}`);
  const tail = notes.map((note) => `, ${note}`).join('');
  if (t.device.name !== 'cpu') return `tensor(shape=[${t.shape.join(', ')}]${tail})`;
  if (sizeOf(t.shape) === 0) return `tensor([], shape=[${t.shape.join(', ')}]${tail})`;
  return `tensor(${formatNumbers(t)}${tail})`;
}

function formatNumbers({ shape, dtype, data }: Printable): string {
  const edge = sizeOf(shape) > THRESHOLD ? EDGE : Infinity;
  const strides = stridesOf(shape);
  const shown = shownIndices(shape, strides, edge);
  const write = numberFormat(
    dtype,
    shown.map((i) => data[i]),
  );
  const width = mostOf(shown.map((i) => write(data[i]).length));

  const row = (axis: number, offset: number, indent: number): string => {
    if (axis === shape.length) return write(data[offset]).padStart(width);
    const parts = keptOf(shape[axis], edge).map((i) =>
      i < 0 ? '...' : row(axis + 1, offset + i * strides[axis], indent + 1),
    );
    if (axis === shape.length - 1) return `[${wrap(parts, indent + 1)}]`;
    const gap = `,${'\n'.repeat(shape.length - 1 - axis)}${' '.repeat(indent + 1)}`;
    return `[${parts.join(gap)}]`;
  };
  return shape.length === 0 ? write(data[0]) : row(0, 0, 'tensor('.length);
}

/** The indices along one axis that are shown; −1 stands for those left out. */
function keptOf(n: number, edge: number): number[] {
  if (n <= 2 * edge) return Array.from({ length: n }, (_, i) => i);
  const first = Array.from({ length: edge }, (_, i) => i);
  return [...first, -1, ...first.map((i) => n - edge + i)];
}

function shownIndices(shape: Shape, strides: readonly number[], edge: number): number[] {
  let indices = [0];
  for (let axis = 0; axis < shape.length; axis++) {
    const kept = keptOf(shape[axis], edge).filter((i) => i >= 0);
    indices = indices.flatMap((base) => kept.map((i) => base + i * strides[axis]));
  }
  return indices;
}

/** Breaks a row of numbers where it would pass the line's width. */
function wrap(parts: readonly string[], indent: number): string {
  let text = '';
  let column = indent;
  parts.forEach((part, i) => {
    const piece = i === parts.length - 1 ? part : `${part}, `;
    if (column + piece.trimEnd().length > LINE_WIDTH && column > indent) {
      text = `${text.trimEnd()}\n${' '.repeat(indent)}`;
      column = indent;
    }
    text += piece;
    column += piece.length;
  });
  return text;
}

/** One way to write all the numbers shown, so that they line up. */
function numberFormat(dtype: DType, shown: readonly number[]): (x: number) => string {
  if (dtype === 'bool') return (x) => (x === 0 ? 'false' : 'true');
  const finite = shown.filter(Number.isFinite).map(Math.abs);
  const finitely =
    (write: (x: number) => string) =>
    (x: number): string =>
      Number.isFinite(x) ? signed(x, write(x)) : Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf';
  if (finite.every(Number.isInteger) && finite.every((x) => x < 1e8 || dtype === 'int32')) {
    const point = dtype === 'int32' ? '' : '.';
    return finitely((x) => `${x}${point}`);
  }
  const nonzero = finite.filter((x) => x > 0);
  const least = nonzero.reduce((a, b) => Math.min(a, b), Infinity);
  const most = mostOf(nonzero);
  if (most >= 1e8 || least < 1e-4 || most / least > 1e6) {
    const digits = mostOf(nonzero.map((x) => decimals(x.toExponential(4).split('e')[0])));
    return finitely((x) => exponential(x, digits));
  }
  const digits = Math.max(1, mostOf(finite.map((x) => decimals(x.toFixed(4)))));
  return finitely((x) => x.toFixed(digits));
}

/** JavaScript writes −0 as 0. */
const signed = (x: number, text: string): string => (Object.is(x, -0) ? `-${text}` : text);

/** NumPy's 1.5e+08: always a point, and two digits of exponent at least. */
function exponential(x: number, digits: number): string {
  const [mantissa, exponent] = x.toExponential(digits).split('e');
  const point = digits === 0 ? '.' : '';
  return `${mantissa}${point}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}

/** The largest; a spread into Math.max would overflow the stack where very many are shown. */
const mostOf = (xs: readonly number[]): number => xs.reduce((a, b) => Math.max(a, b), 0);

/** How many decimals a number written out needs once its trailing zeros are dropped. */
const decimals = (text: string): number => text.replace(/0+$/, '').split('.')[1].length;
