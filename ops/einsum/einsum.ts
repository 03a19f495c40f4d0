import { DTypeError } from '../../core/errors.js';
import { compose } from '../../core/op.js';
import type { Tensor } from '../../core/tensor.js';
import { onlyTensor, promoted } from '../arguments.js';
import { mul } from '../binary.js';
import { expand } from '../broadcast.js';
import { sum } from '../reduce.js';
import { permute, reshape } from '../shape.js';
import { diagonal } from '../slice.js';
import { contract, type Labels } from './contract.js';
import { type Bound, bind, parse } from './parse.js';
import { findPath, type PathInfo } from './path.js';

/** A tensor whose axes have names. */
interface Term {
  tensor: Tensor;
  labels: Labels;
}

const bound = (equation: string, tensors: readonly Tensor[]): Bound =>
  bind(
    parse(equation),
    tensors.map((t, i) => onlyTensor('einsum', `operand ${i}`, t).shape),
  );

/**
 * The Einstein summation of NumPy and PyTorch: letters (upper and lower case) name axes, an axis
 * missing from the output is summed, a letter repeated within an operand takes its diagonal, `...`
 * stands for any further axes, aligned at the right and broadcast, an axis of size 1 broadcasts, and
 * without `->` the output is `...` and then in alphabetical order the letters that stand once.
 *
 * `einsum('bij,bjk->bik', a, b)` is a batched matrix product. Operands meet two at a time in the order
 * that `einsumPath` shows. Throws an `EquationError` that points into the equation.
 */
export const einsum = compose('einsum', (equation: string, ...tensors: Tensor[]): Tensor => {
  const plan = bound(equation, tensors);
  const operands = promoted(tensors);
  if (operands[0].dtype === 'bool') throw new DTypeError('einsum: expected numbers, got bool');
  let terms = operands.map((tensor, i) => prepare({ tensor, labels: plan.inputs[i] }, plan));
  terms = terms.map((term, i) => keepNeeded(term, others(terms, [i]), plan.output));
  for (const [i, j] of findPath(plan).path) {
    const rest = others(terms, [i, j]);
    terms = [...rest, join(terms[i], terms[j], neededBy(rest, plan.output))];
  }
  return arrange(terms[0], plan);
});

const others = (terms: readonly Term[], but: readonly number[]): Term[] =>
  terms.filter((_, i) => !but.includes(i));

const neededBy =
  (rest: readonly Term[], output: Labels) =>
  (label: string): boolean =>
    output.includes(label) || rest.some((term) => term.labels.includes(label));

/** Takes diagonals where a label repeats, and drops axes of size 1 that others broadcast. */
function prepare({ tensor, labels }: Term, { sizes }: Bound): Term {
  const wide = labels.map((label, axis) => tensor.shape[axis] === (sizes.get(label) ?? 1));
  let x = reshape(
    tensor,
    tensor.shape.filter((_, axis) => wide[axis]),
  );
  let names = labels.filter((_, axis) => wide[axis]);
  for (let i = 0; i < names.length; i++) {
    const j = names.indexOf(names[i], i + 1);
    if (j < 0) continue;
    x = diagonal(x, 0, i, j);
    names = [...names.filter((_, axis) => axis !== i && axis !== j), names[i]];
    i = -1;
  }
  return { tensor: x, labels: names };
}

/** Sums over the labels that neither the output nor another term has. */
function keepNeeded({ tensor, labels }: Term, rest: readonly Term[], output: Labels): Term {
  const needed = neededBy(rest, output);
  const summed = labels.map((_, axis) => axis).filter((axis) => !needed(labels[axis]));
  if (summed.length === 0) return { tensor, labels };
  return { tensor: sum(tensor, summed), labels: labels.filter(needed) };
}

/** Multiplies two terms and sums over what nothing needs any more. */
function join(a: Term, b: Term, needed: (label: string) => boolean): Term {
  const shared = a.labels.filter((label) => b.labels.includes(label) && needed(label));
  const labels = [
    ...shared,
    ...a.labels.filter((label) => !b.labels.includes(label)),
    ...b.labels.filter((label) => !a.labels.includes(label)),
  ];
  const elementwise = a.labels.length === b.labels.length && shared.length === a.labels.length;
  if (elementwise) {
    return { tensor: mul(a.tensor, ordered(b, a.labels)), labels: a.labels };
  }
  return { tensor: contract(a.tensor, b.tensor, a.labels, b.labels, labels), labels };
}

const ordered = ({ tensor, labels }: Term, order: Labels): Tensor =>
  permute(
    tensor,
    order.map((label) => labels.indexOf(label)),
  );

/** Brings the last term into the output's order; labels that only had size 1 come back as axes. */
function arrange(term: Term, { output, sizes }: Bound): Tensor {
  const present = output.filter((label) => term.labels.includes(label));
  const shape = output.map((label) => sizes.get(label) ?? 1);
  const kept = output.map((label) => (term.labels.includes(label) ? (sizes.get(label) ?? 1) : 1));
  return expand(reshape(ordered(term, present), kept), shape);
}

/** The order in which einsum would contract these operands, and what it costs. */
export const einsumPath = (equation: string, ...tensors: Tensor[]): PathInfo =>
  findPath(bound(equation, tensors));
