import { test } from 'uvu';
import { einsum, type Tensor } from '../../ops/index.js';
import { at, build, indicesOf, same } from '../ops/naive.js';
import { type Draw, forAll } from './drawing.js';

type Labels = readonly string[];

/** An equation in parts: '...' is a label of its own; no output stands for the implicit one. */
interface Equation {
  readonly terms: readonly Labels[];
  readonly output: Labels | null;
  readonly tensors: readonly Tensor[];
}

const withDots = (d: Draw, labels: Labels): Labels =>
  labels.toSpliced(d.int(0, labels.length), 0, '...');

/** A random equation with operands that fit it. */
function draw(d: Draw): Equation {
  const letters = ['a', 'b', 'c', 'B', 'Z'];
  const sizes = new Map(letters.map((c) => [c, d.size()]));
  const dots = [d.int(1, 2), d.int(1, 3)];
  const terms: Labels[] = [];
  const tensors: Tensor[] = [];
  for (let operand = d.int(1, 5); operand > 0; operand--) {
    const term = Array.from({ length: d.int(0, 3) }, () => d.pick(...letters));
    const hasDots = d.once(3);
    // Size 1 broadcasts, but both axes of a diagonal need one size.
    const own = new Map(term.map((c) => [c, d.once(5) ? 1 : (sizes.get(c) ?? 1)]));
    const under = hasDots ? d.narrower(dots) : [];
    const labels = hasDots ? withDots(d, term) : term;
    const shape = labels.flatMap((label) => (label === '...' ? under : [own.get(label) ?? 1]));
    terms.push(labels);
    tensors.push(d.tensor(shape, 'float64'));
  }
  if (d.once(3)) return { terms, output: null, tensors };
  const present = [...new Set(terms.flat().filter((label) => label !== '...'))];
  const order = d.order(present.length).map((i) => present[i]);
  const output = order.slice(d.int(0, order.length));
  const dotted = terms.some((term) => term.includes('...')) && !d.once(4);
  return { terms, output: dotted ? withDots(d, output) : output, tensors };
}

/** The equation as text, spaces strewn in between its symbols. */
function write(d: Draw, { terms, output }: Equation): string {
  const symbols = terms.flatMap((term, i) => (i === 0 ? term : [',', ...term]));
  if (output !== null) symbols.push('->', ...output);
  return symbols.map((symbol) => (d.once(4) ? ` ${symbol}` : symbol)).join('') + d.pick('', ' ');
}

/** Every sum written out: over all values of all labels, the product of all operands. */
function naive({ terms, output, tensors }: Equation): Tensor {
  const dotsOf = (i: number): number =>
    tensors[i].ndim - terms[i].filter((c) => c !== '...').length;
  const widest = Math.max(0, ...terms.map((term, i) => (term.includes('...') ? dotsOf(i) : 0)));
  // The axes under the dots are named by their place from the right.
  const spell = (labels: Labels, count: number): string[] =>
    labels.flatMap((label) =>
      label === '...' ? Array.from({ length: count }, (_, i) => `${count - i}`) : [label],
    );
  const spelled = terms.map((term, i) => spell(term, dotsOf(i)));
  const size = new Map<string, number>();
  spelled.forEach((labels, i) => {
    labels.forEach((label, axis) => {
      const n = tensors[i].shape[axis];
      if ((size.get(label) ?? 1) === 1) size.set(label, n);
    });
  });
  const letters = terms.flat().filter((label) => label !== '...');
  const once = letters.filter((c) => letters.indexOf(c) === letters.lastIndexOf(c));
  const kept = spell(output ?? ['...', ...once.sort()], widest);
  const summed = [...size.keys()].filter((label) => !kept.includes(label));
  const sizeOf = (label: string): number => size.get(label) ?? 1;
  const values = indicesOf(summed.map(sizeOf));
  return build(kept.map(sizeOf), (index) => {
    const value = new Map(kept.map((label, i) => [label, index[i]]));
    let sum = 0;
    for (const summedAt of values) {
      for (const [i, label] of summed.entries()) value.set(label, summedAt[i]);
      sum += spelled.reduce((product, labels, i) => {
        const own = labels.map((label, axis) =>
          tensors[i].shape[axis] === 1 ? 0 : (value.get(label) ?? 0),
        );
        return product * at(tensors[i], own);
      }, 1);
    }
    return sum;
  });
}

test('einsum of any equation is the sum over all labels of the product of the operands', () => {
  forAll(600, (d) => {
    const equation = draw(d);
    const text = write(d, equation);
    const shapes = equation.tensors.map((t) => `[${t.shape}]`).join(' ');
    try {
      same(einsum(text, ...equation.tensors), naive(equation), 1e-12);
    } catch (error) {
      throw new Error(`${text} of ${shapes}: ${error}`);
    }
  });
});

test.run();
