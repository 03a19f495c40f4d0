import { EquationError } from '../../core/errors.js';
import { Memo } from '../../core/memo.js';
import { formatShape, type Shape, show } from '../../core/shape.js';
import type { Labels } from './contract.js';

/** An equation read, before it meets its operands: `'...'` stands in the lists as a term of its own. */
export interface Equation {
  readonly text: string;
  readonly inputs: readonly Labels[];
  /** Null where the equation has no `->`. */
  readonly output: Labels | null;
}

/** The message with the equation under it and a mark below the character that is wrong. */
function fail(text: string, at: number, message: string): never {
  throw new EquationError(`einsum: ${message}\n  ${text}\n  ${' '.repeat(at)}^`);
}

const LETTER = /[a-zA-Z]/;
const equations = new Memo<string, Equation>(1000);

/** Reads an equation such as `'bij,bjk->bik'`; each distinct one is read once. */
export function parse(text: unknown): Equation {
  if (typeof text !== 'string') {
    throw new EquationError(`einsum: expected an equation such as 'ij,jk->ik', got ${show(text)}`);
  }
  return equations.get(text, read);
}

function read(text: string): Equation {
  const terms: string[][] = [[]];
  let arrow = -1;
  for (let at = 0; at < text.length; at++) {
    const term = terms[terms.length - 1];
    const c = text[at];
    if (c === ' ') continue;
    if (LETTER.test(c)) {
      if (arrow >= 0 && term.includes(c)) fail(text, at, `output subscript '${c}' stands twice`);
      term.push(c);
    } else if (c === '.') {
      if (text.slice(at, at + 3) !== '...') fail(text, at, "expected '...', got a lone '.'");
      if (term.includes('...')) fail(text, at, "'...' stands twice in one operand");
      term.push('...');
      at += 2;
    } else if (c === ',') {
      if (arrow >= 0) fail(text, at, "expected one output after '->', got ','");
      terms.push([]);
    } else if (c === '-') {
      if (text[at + 1] !== '>') fail(text, at, "expected '->', got a lone '-'");
      if (arrow >= 0) fail(text, at, "'->' stands twice");
      arrow = at;
      terms.push([]);
      at++;
    } else {
      fail(text, at, `expected a letter, ',', '...' or '->', got '${c}'`);
    }
  }
  const output = arrow < 0 ? null : (terms.pop() ?? []);
  output?.forEach((label) => {
    if (label === '...' || terms.some((term) => term.includes(label))) return;
    fail(text, text.indexOf(label, arrow), `output subscript '${label}' stands in no operand`);
  });
  return { text, inputs: terms, output };
}

/** An equation with every label's size known and `'...'` written out. */
export interface Bound {
  readonly inputs: readonly Labels[];
  /** The inputs' labels without those that an operand has with size 1 only and others with more. */
  readonly wide: readonly Labels[];
  readonly output: Labels;
  readonly sizes: ReadonlyMap<string, number>;
}

/** Names of the axes under `'...'`, counted from the right: '.0' is the last. */
const dots = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `.${count - 1 - i}`);

/**
 * Fits an equation to operands of these shapes. An axis of size 1 broadcasts against others of its
 * label. Throws an `EquationError` when the number of operands, of axes, or a size is wrong.
 */
export function bind(equation: Equation, shapes: readonly Shape[]): Bound {
  const { text, inputs } = equation;
  if (inputs.length !== shapes.length) {
    throw new EquationError(
      `einsum: '${text}' has ${inputs.length} operands, got ${shapes.length} tensors`,
    );
  }
  const sizes = new Map<string, number>();
  let widest = 0;
  const labels = inputs.map((term, i) => {
    const shape = shapes[i];
    const named = term.filter((label) => label !== '...').length;
    const spare = shape.length - named;
    if (spare < 0 || (spare > 0 && !term.includes('...'))) {
      throw new EquationError(
        `einsum: operand ${i} of '${text}' names ${named} axes, the tensor has shape ${formatShape(shape)}`,
      );
    }
    widest = Math.max(widest, spare);
    const spelled = term.map((label) => (label === '...' ? dots(spare) : [label]));
    const places = spelled.flatMap((axes, place) => axes.map(() => place));
    const written = spelled.flat();
    written.forEach((label, axis) => {
      const known = sizes.get(label) ?? 1;
      const first = written.indexOf(label);
      // A diagonal needs equal sizes: only between operands does size 1 broadcast.
      const size = first < axis ? shape[first] : known;
      const broadcasts = first === axis && (size === 1 || shape[axis] === 1);
      if (!broadcasts && shape[axis] !== size) {
        const name = label.startsWith('.') ? '...' : label;
        fail(
          text,
          locate(text, i, term, places[axis]),
          `subscript '${name}' has size ${shape[axis]} in operand ${i}, and ${size} before`,
        );
      }
      if (known === 1) sizes.set(label, shape[axis]);
    });
    return written;
  });
  const wide = labels.map((written, i) =>
    written.filter((label, axis) => shapes[i][axis] === sizes.get(label)),
  );
  return { inputs: labels, wide, output: outputOf(equation, labels, widest), sizes };
}

/** Where the subscript at `position` of an operand's list stands in the text. */
function locate(text: string, operand: number, term: Labels, position: number): number {
  let at = 0;
  for (let i = 0; i < operand; i++) at = text.indexOf(',', at) + 1;
  for (const label of term.slice(0, position)) at = text.indexOf(label, at) + label.length;
  return text.indexOf(term[position], at);
}

/** The output as written; without `->`, NumPy's: `'...'`, then in order what stands just once. */
function outputOf(equation: Equation, inputs: readonly Labels[], widest: number): string[] {
  if (equation.output !== null) {
    return equation.output.flatMap((label) => (label === '...' ? dots(widest) : [label]));
  }
  const all = inputs.flat().filter((label) => !label.startsWith('.'));
  const once = all.filter((label) => all.indexOf(label) === all.lastIndexOf(label));
  return [...dots(widest), ...once.sort()];
}
