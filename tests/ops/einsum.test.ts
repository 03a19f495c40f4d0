import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  DTypeError,
  EquationError,
  einsum,
  einsumPath,
  ones,
  type Tensor,
  tensor,
} from '../../ops/index.js';
import { near, raises } from '../core/close.js';
import { at, build, type Choices, forAll, indicesOf, same } from './naive.js';

const a = build([2, 3], ([i, j]) => 3 * i + j + 1); // [[1, 2, 3], [4, 5, 6]]
const b = build([3, 2], ([i, j]) => 2 * i - j); // [[0, -1], [2, 1], [4, 3]]
const square = build([3, 3], ([i, j]) => 3 * i + j);
const cube = build([2, 3, 4], ([i, j, k]) => 12 * i + 4 * j + k);

test('two operands that share a letter missing from the output are a matrix product', () => {
  near(einsum('ij,jk->ik', a, b), [
    [16, 10],
    [34, 19],
  ]);
});

test('without an arrow the output is the letters that stand once, in alphabetical order', () => {
  near(einsum('ij,jk', a, b), [
    [16, 10],
    [34, 19],
  ]);
  near(einsum('ba', a), [
    [1, 4],
    [2, 5],
    [3, 6],
  ]);
  near(einsum('ii', square), 12);
});

test('without an arrow upper case letters come before lower case ones', () => {
  near(einsum('aB', a), [
    [1, 4],
    [2, 5],
    [3, 6],
  ]);
});

test('an arrow with nothing after it sums over everything', () => {
  near(einsum('ij->', a), 21);
});

test('upper and lower case are different letters', () => {
  same(
    einsum('aA,Ab->ab', a, b),
    build([2, 2], ([i, k]) => [0, 1, 2].reduce((s, j) => s + at(a, [i, j]) * at(b, [j, k]), 0)),
  );
  near(einsum('a,A->aA', tensor([1, 2]), tensor([3, 4])), [
    [3, 4],
    [6, 8],
  ]);
});

test('spaces may stand anywhere between the characters', () => {
  same(einsum(' i j , j k -> i k ', a, b), einsum('ij,jk->ik', a, b));
});

test('a letter repeated in one operand takes its diagonal', () => {
  near(einsum('ii->i', square), [0, 4, 8]);
  near(einsum('ii->', square), 12);
  const block = build([2, 3, 2, 3], ([i, j, k, l]) => 1000 * i + 100 * j + 10 * k + l);
  same(
    einsum('ijij->ji', block),
    build([3, 2], ([j, i]) => at(block, [i, j, i, j])),
  );
  const three = build([2, 2, 2], ([i, j, k]) => 4 * i + 2 * j + k);
  near(einsum('iii->i', three), [0, 7]);
});

test('the ellipsis may stand in front, between and behind the letters', () => {
  same(
    einsum('...k->k...', cube),
    build([4, 2, 3], ([k, i, j]) => at(cube, [i, j, k])),
  );
  same(
    einsum('i...k->k...i', cube),
    build([4, 3, 2], ([k, j, i]) => at(cube, [i, j, k])),
  );
  same(
    einsum('i...->...i', cube),
    build([3, 4, 2], ([j, k, i]) => at(cube, [i, j, k])),
  );
});

test('the axes of an ellipsis are aligned at the right and broadcast', () => {
  const x = build([2, 1, 3], ([i, , k]) => 3 * i + k);
  const y = build([4, 3], ([j, k]) => 10 * j + k);
  same(
    einsum('...,...->...', x, y),
    build([2, 4, 3], ([i, j, k]) => at(x, [i, 0, k]) * at(y, [j, k])),
  );
});

test('an ellipsis may stand for no axes at all', () => {
  same(einsum('...ij,...jk->...ik', a, b), einsum('ij,jk->ik', a, b));
});

test('without an arrow the axes of an ellipsis come first', () => {
  same(
    einsum('i...j', cube),
    build([3, 2, 4], ([k, i, j]) => at(cube, [i, k, j])),
  );
});

test('an ellipsis missing from the output is summed', () => {
  near(einsum('i...->i', cube), [66, 210]);
});

test('a broadcast axis of size 1 costs nothing where it meets no other', () => {
  const [a, b, c] = [ones([1, 50]), ones([50, 40]), ones([1000, 40])];
  // 'jk' meets 'j' without the thousand rows that i has in the last operand alone.
  assert.equal(einsumPath('ij,jk,ik->i', a, b, c), {
    path: [
      [0, 1],
      [0, 1],
    ],
    flops: 2 * 50 * 40 + 2 * 1000 * 40,
  });
});

test('an axis of size 1 broadcasts against the same letter elsewhere', () => {
  const row = build([1, 3], ([, j]) => j + 1);
  same(
    einsum('ij,ij->ij', a, row),
    build([2, 3], ([i, j]) => at(a, [i, j]) * (j + 1)),
  );
  near(einsum('ij,ij->', row, a), 1 + 4 + 9 + 4 + 10 + 18);
});

test('0-d operands multiply the whole', () => {
  near(einsum(',->', tensor(2), tensor(3)), 6);
  near(einsum(',i->i', tensor(2), tensor([1, 2])), [2, 4]);
  near(einsum('->', tensor(5)), 5);
  near(einsum('', tensor(5)), 5);
});

test('three, four and five operands are contracted at once', () => {
  const chain = [a, b, a, b, a];
  const labels = ['ab', 'bc', 'cd', 'de', 'ef'];
  for (const count of [3, 4, 5]) {
    const products = chain.slice(0, count).reduce((x, y) => einsum('ij,jk->ik', x, y));
    same(
      einsum(
        `${labels.slice(0, count).join()}->a${labels[count - 1][1]}`,
        ...chain.slice(0, count),
      ),
      products,
    );
  }
});

test('sums over an axis of size 0 are 0', () => {
  near(einsum('ij,jk->ik', ones([2, 0]), ones([0, 3])), [
    [0, 0, 0],
    [0, 0, 0],
  ]);
});

test('the operands are promoted to one dtype', () => {
  const ints = tensor([1, 2], { dtype: 'int32' });
  assert.is(einsum('i,i->', ints, ints).dtype, 'int32');
  assert.is(einsum('i,i->', ints, tensor([1, 2])).dtype, 'float32');
  assert.is(einsum('i,i->', ints, tensor([true, false])).item(), 1);
});

/** An equation of lists of labels: '.1' and '.0' are the axes under the ellipsis. */
interface Problem {
  equation: string;
  inputs: string[][];
  output: string[];
  tensors: Tensor[];
}

const letters = ['a', 'B', 'c', 'D', 'e'];

function problem(choose: Choices, count: number, wide: boolean): Problem {
  const sizes = new Map([...letters, '.1', '.0'].map((l) => [l, choose.pick(2, 3, 1, 4, 2, 3, 0)]));
  const dots = wide ? choose.int(0, 2) : 0;
  const texts: string[] = [];
  const inputs = Array.from({ length: count }, () => {
    const own = choose.ints(choose.int(0, 3), 0, letters.length - 1).map((i) => letters[i]);
    if (dots === 0) {
      texts.push(own.join(''));
      return own;
    }
    const place = choose.int(0, own.length);
    const hidden = ['.1', '.0'].slice(2 - choose.int(0, dots));
    texts.push(own.toSpliced(place, 0, '...').join(''));
    return own.toSpliced(place, 0, ...hidden);
  });
  const tensors = inputs.map((labels) => {
    const narrow = new Set(labels.filter(() => wide && choose.int(0, 4) === 4));
    return choose.tensor(labels.map((l) => (narrow.has(l) ? 1 : (sizes.get(l) ?? 1))));
  });
  const present = letters.filter((l) => inputs.some((labels) => labels.includes(l)));
  const output = choose
    .order(present.length)
    .slice(0, choose.int(0, present.length))
    .map((i) => present[i]);
  const widest = inputs.some((labels) => labels.includes('.1')) ? ['.1', '.0'] : ['.0'];
  const hidden = inputs.some((labels) => labels.includes('.0')) ? widest : [];
  const shown = dots > 0 && choose.int(0, 3) > 0;
  return {
    equation: `${texts.join()}->${output.join('')}${shown ? '...' : ''}`,
    inputs,
    output: [...output, ...(shown ? hidden : [])],
    tensors,
  };
}

/** The size of each label: that of any operand in which it is not 1. */
function sizesOf({ inputs, tensors }: Problem): Map<string, number> {
  const sizes = new Map<string, number>();
  inputs.forEach((labels, i) => {
    labels.forEach((l, axis) => {
      if ((sizes.get(l) ?? 1) === 1) sizes.set(l, tensors[i].shape[axis]);
    });
  });
  return sizes;
}

/** The definition: for each value of the output's labels, the sum over all values of the others. */
function naive(p: Problem): Tensor {
  const sizes = sizesOf(p);
  const size = (l: string): number => sizes.get(l) ?? 1;
  const summed = [...sizes.keys()].filter((l) => !p.output.includes(l));
  const inner = indicesOf(summed.map(size));
  return build(p.output.map(size), (outer) =>
    inner.reduce((total, index) => {
      const value = (l: string): number =>
        p.output.includes(l) ? outer[p.output.indexOf(l)] : index[summed.indexOf(l)];
      const numbers = p.tensors.map((t, i) =>
        at(
          t,
          p.inputs[i].map((l, axis) => (t.shape[axis] === 1 ? 0 : value(l))),
        ),
      );
      return total + numbers.reduce((x, y) => x * y, 1);
    }, 0),
  );
}

test('random equations of 1 to 5 operands give the sum over all values of the labels', () => {
  forAll(400, (choose) => {
    const p = problem(choose, choose.int(1, 5), true);
    same(einsum(p.equation, ...p.tensors), naive(p), 1e-12);
  });
});

/**
 * The cheapest of all orders. Summing a term first over what nothing else needs costs an operation a
 * number; a pair costs two for each value of all the labels in it.
 */
function cheapest(terms: string[][], output: string[], size: (l: string) => number): number {
  if (terms.length === 1) return 0;
  let least = Infinity;
  terms.forEach((x, i) => {
    terms.slice(i + 1).forEach((y, j) => {
      const rest = terms.filter((_, k) => k !== i && k !== i + 1 + j);
      const union = [...new Set([...x, ...y])];
      const left = union.filter((l) => output.includes(l) || rest.some((t) => t.includes(l)));
      const here = 2 * union.reduce((n, l) => n * size(l), 1);
      least = Math.min(least, here + cheapest([...rest, left], output, size));
    });
  });
  return least;
}

test('einsumPath finds the cheapest of all orders of up to 6 operands', () => {
  forAll(60, (choose) => {
    const p = problem(choose, choose.int(2, 6), false);
    const sizes = sizesOf(p);
    const size = (l: string): number => sizes.get(l) ?? 1;
    let sums = 0;
    const terms = p.inputs.map((labels, i) => {
      const own = [...new Set(labels)];
      const others = p.inputs.filter((_, k) => k !== i);
      const kept = own.filter((l) => p.output.includes(l) || others.some((t) => t.includes(l)));
      if (kept.length < own.length) sums += own.reduce((n, l) => n * size(l), 1);
      return kept;
    });
    const { path, flops } = einsumPath(p.equation, ...p.tensors);
    assert.is(path.length, p.inputs.length - 1);
    assert.is(flops, sums + cheapest(terms, p.output, size));
  });
});

test('einsumPath tells the order and its cost', () => {
  const chain = [ones([10, 100]), ones([100, 5]), ones([5, 50])];
  assert.equal(einsumPath('ij,jk,kl->il', ...chain), {
    path: [
      [0, 1],
      [0, 1],
    ],
    flops: 2 * 10 * 100 * 5 + 2 * 10 * 5 * 50,
  });
});

test('einsumPath does not count an axis that is summed before the operands meet', () => {
  const operands = [ones([2, 30]), ones([30, 30]), ones([30, 40])];
  // d is summed first, so that c need not stay for it: bc,c->b and then ab,b->a.
  assert.equal(einsumPath('ab,bc,cd->a', ...operands), {
    path: [
      [1, 2],
      [0, 1],
    ],
    flops: 30 * 40 + 2 * 30 * 30 + 2 * 2 * 30,
  });
});

/** What einsum says of these: the first line, the equation, and the mark below it. */
const refuses = (equation: string, tensors: Tensor[], message: string, mark: string): void => {
  raises(
    () => einsum(equation, ...tensors),
    EquationError,
    `einsum: ${message}\n  ${equation}\n  ${mark}`,
  );
};

test('an error in the equation stands with a caret under the wrong character', () => {
  refuses('i1->i', [a], "expected a letter, ',', '...' or '->', got '1'", ' ^');
  refuses('i.j->i', [a], "expected '...', got a lone '.'", ' ^');
  refuses('i...j...', [a], "'...' stands twice in one operand", '     ^');
  refuses('ij-i', [a], "expected '->', got a lone '-'", '  ^');
  refuses('ij->i->j', [a], "'->' stands twice", '     ^');
  refuses('ij->i,j', [a], "expected one output after '->', got ','", '     ^');
  refuses('ij->ii', [a], "output subscript 'i' stands twice", '     ^');
  refuses('ij->ik', [a], "output subscript 'k' stands in no operand", '     ^');
  refuses('ij-> ..i', [a], "expected '...', got a lone '.'", '     ^');
});

test('a size that does not fit stands with a caret under its subscript', () => {
  const message = (name: string, size: number, operand: number, before: number): string =>
    `subscript '${name}' has size ${size} in operand ${operand}, and ${before} before`;
  refuses('ij,jk->ik', [a, a], message('j', 2, 1, 3), '   ^');
  refuses('ii->i', [a], message('i', 3, 0, 2), ' ^');
  refuses('ij, i...k -> k', [square, cube], message('i', 2, 1, 3), '    ^');
  refuses('i...,...j->ij', [a, a], message('...', 2, 1, 3), '     ^');
});

test('a wrong number of operands or of axes names the numbers', () => {
  raises(
    () => einsum('ij,jk->ik', a),
    EquationError,
    "einsum: 'ij,jk->ik' has 2 operands, got 1 tensors",
  );
  raises(
    () => einsum('ijk->i', a),
    EquationError,
    "einsum: operand 0 of 'ijk->i' names 3 axes, the tensor has shape [2, 3]",
  );
  raises(
    () => einsum('ij,i->j', a, a),
    EquationError,
    "einsum: operand 1 of 'ij,i->j' names 1 axes, the tensor has shape [2, 3]",
  );
});

test('what is not an equation, or not a tensor of numbers, is refused', () => {
  raises(
    () => Reflect.apply(einsum, null, [3, a]),
    EquationError,
    "einsum: expected an equation such as 'ij,jk->ik', got 3",
  );
  raises(
    () => Reflect.apply(einsum, null, ['i->', [1, 2]]),
    ArgumentError,
    'einsum: expected a tensor as operand 0, got [1, 2]',
  );
  raises(
    () => einsum('i->', tensor([true, false])),
    DTypeError,
    'einsum: expected numbers, got bool',
  );
});

test.run();
