import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { einsumPath, zeros } from '../../ops/index.js';
import { type Draw, forAll } from './drawing.js';

type Term = readonly string[];

/** A contraction of n terms, the sizes of whose labels are all different enough to matter. */
function draw(d: Draw, n: number) {
  const labels = [...'abcdefg'];
  const sizes = new Map(labels.map((c) => [c, d.int(2, 9)]));
  const terms = Array.from({ length: n }, () =>
    d
      .order(labels.length)
      .slice(0, d.int(1, 3))
      .map((i) => labels[i]),
  );
  const present = [...new Set(terms.flat())];
  const output = present.filter(() => d.once(3));
  const tensors = terms.map((term) => zeros(term.map((c) => sizes.get(c) ?? 1)));
  // What one term alone has is summed first, at one addition a number.
  const needed = (c: string, i: number): boolean =>
    output.includes(c) || terms.some((term, k) => k !== i && term.includes(c));
  const met = terms.map((term, i) => term.filter((c) => needed(c, i)));
  const sums = terms.filter((term, i) => met[i].length < term.length);
  const spent = sums.reduce((sum, term) => sum + volume(term, sizes), 0);
  const equation = `${terms.map((term) => term.join('')).join(',')}->${output.join('')}`;
  return { equation, terms: met, spent, output, sizes, tensors };
}

type Drawn = ReturnType<typeof draw>;

const volume = (labels: Term, sizes: ReadonlyMap<string, number>): number =>
  labels.reduce((product, label) => product * (sizes.get(label) ?? 1), 1);

/** Two operations for every value of all the labels that two terms have between them. */
const costOf = (a: Term, b: Term, { sizes }: Drawn): number =>
  2 * volume([...new Set([...a, ...b])], sizes);

/** The list of terms after two of them have met: their result, at the end, has what is still needed. */
function meet(terms: readonly Term[], i: number, j: number, { output }: Drawn): Term[] {
  const rest = terms.filter((_, k) => k !== i && k !== j);
  const joined = [...new Set([...terms[i], ...terms[j]])];
  return [...rest, joined.filter((c) => output.includes(c) || rest.some((t) => t.includes(c)))];
}

function pairsOf(n: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) pairs.push([i, j]);
  return pairs;
}

test('einsumPath takes the cheapest pair at each step beyond six operands', () => {
  forAll(40, (d) => {
    const drawn = draw(d, d.int(7, 9));
    const { path, flops } = einsumPath(drawn.equation, ...drawn.tensors);
    let terms: readonly Term[] = drawn.terms;
    let { spent } = drawn;
    for (const [i, j] of path) {
      const cost = costOf(terms[i], terms[j], drawn);
      for (const [k, l] of pairsOf(terms.length))
        assert.ok(cost <= costOf(terms[k], terms[l], drawn));
      spent += cost;
      terms = meet(terms, i, j, drawn);
    }
    assert.is(terms.length, 1);
    assert.is(flops, spent);
  });
});

test.run();
