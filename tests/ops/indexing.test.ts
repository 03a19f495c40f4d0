import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  argsort,
  type DType,
  diagonal,
  flip,
  gather,
  IndexError,
  index,
  indexSelect,
  type PadMode,
  pad,
  repeat,
  roll,
  ShapeError,
  scatterAdd,
  sort,
  type Tensor,
  tensor,
  topk,
  trace,
  tril,
  triu,
  zeros,
} from '../../ops/index.js';
import { near, raises } from '../core/close.js';
import { at, build, type Choices, forAll, indicesOf, same } from './naive.js';

const x = build([2, 3, 4], ([i, j, k]) => 100 * i + 10 * j + k);
const ints = (values: number[] | number[][]): Tensor => tensor(values, { dtype: 'int32' });

test('numbers drop their axis, negative ones counting from the end', () => {
  near(index(x, [1, -1, 2]), 122);
  same(
    index(x, [-2]),
    build([3, 4], ([j, k]) => 10 * j + k),
  );
  near(index(x, [0, 1]), [10, 11, 12, 13]);
});

test('ranges are those of Python', () => {
  const list = Array.from({ length: 7 }, (_, i) => i);
  const ranges: [string, number[]][] = [
    [':', list],
    ['2:', [2, 3, 4, 5, 6]],
    [':-2', [0, 1, 2, 3, 4]],
    ['1:6:2', [1, 3, 5]],
    ['::-1', [6, 5, 4, 3, 2, 1, 0]],
    ['5:1:-2', [5, 3]],
    ['-3:100', [4, 5, 6]],
    ['-100:2', [0, 1]],
    ['100::-3', [6, 3, 0]],
    ['4:2', []],
  ];
  for (const [range, expected] of ranges) near(index(tensor(list), [range]), expected);
});

test("'...' stands for the axes not named, null for a new one", () => {
  near(index(x, ['...', 0]), [
    [0, 10, 20],
    [100, 110, 120],
  ]);
  near(index(x, [1, '...', -1]), [103, 113, 123]);
  assert.equal(index(x, [null, '...', null]).shape, [1, 2, 3, 4, 1]);
  assert.equal(index(x, [0, null, ':', '1:3']).shape, [1, 3, 2]);
  same(index(x, ['...']), x);
  same(index(x, []), x);
});

test('a list of positions may repeat and count from the end', () => {
  near(index(x, [0, ints([2, 0, -1]), 1]), [21, 1, 21]);
  near(
    index(x, [
      1,
      0,
      ints([
        [0, -1],
        [1, 1],
      ]),
    ]),
    [
      [100, 103],
      [101, 101],
    ],
  );
});

test('a mask keeps the places where it is true, over as many axes as it has', () => {
  near(index(tensor([5, 6, 7]), [tensor([true, false, true])]), [5, 7]);
  const mask = x.ge(110);
  near(index(x, [mask]), [110, 111, 112, 113, 120, 121, 122, 123]);
  const rows = tensor([
    [true, false, false],
    [false, true, true],
  ]);
  near(index(x, [rows, '::3']), [
    [0, 3],
    [110, 113],
    [120, 123],
  ]);
  assert.equal(index(x, [tensor([false, false])]).shape, [0, 3, 4]);
  assert.equal(index(x, [tensor(true)]).shape, [1, 2, 3, 4]);
  assert.equal(index(x, [tensor(false)]).shape, [0, 2, 3, 4]);
});

test('several lists are broadcast together', () => {
  near(index(x, [ints([0, 1]), ints([2, 0]), ints([1, -1])]), [21, 103]);
  near(index(x, [ints([[0], [1]]), ints([0, 2]), 3]), [
    [3, 23],
    [103, 123],
  ]);
  near(index(x, [tensor([true, true]), ints([1, 2]), 0]), [10, 120]);
});

test('the axes of neighbouring lists stand where the lists stood', () => {
  const y = build([2, 3, 4, 5], ([i, j, k, l]) => 1000 * i + 100 * j + 10 * k + l);
  const [p, q] = [ints([0, 2, 2]), ints([3, 1, 0])];
  same(
    index(y, [':', p, q]),
    build([2, 3, 5], ([i, n, l]) => at(y, [i, p.data[n], q.data[n], l])),
  );
  same(
    index(y, [':', ':', q, 4]),
    build([2, 3, 3], ([i, j, n]) => at(y, [i, j, q.data[n], 4])),
  );
});

test('the axes of lists that stand apart come first', () => {
  const y = build([3, 3, 4, 5], ([i, j, k, l]) => 1000 * i + 100 * j + 10 * k + l);
  const [p, q] = [ints([0, 2]), ints([3, 1])];
  same(
    index(y, [p, ':', q]),
    build([2, 3, 5], ([n, j, l]) => at(y, [p.data[n], j, q.data[n], l])),
  );
  same(
    index(y, [0, ':', q]),
    build([2, 3, 5], ([n, j, l]) => at(y, [0, j, q.data[n], l])),
  );
});

test('lists with a new axis between them stand apart, as in NumPy', () => {
  const y = build([3, 3, 4], ([i, j, k]) => 100 * i + 10 * j + k);
  const [p, q] = [ints([0, 2]), ints([2, 1])];
  assert.equal(index(y, [':', p, null, q]).shape, [2, 3, 1]);
  assert.equal(index(y, [null, p, q]).shape, [1, 2, 4]);
});

test('an index that does not fit is refused', () => {
  raises(() => index(x, [2]), IndexError, 'index: expected an index from -2 to 1, got 2');
  raises(
    () => index(x, [':', ints([0, 3])]),
    IndexError,
    'index: expected indices from -3 to 2, got 3',
  );
  raises(
    () => index(x, [0, 0, 0, 0]),
    IndexError,
    'index: too many indices, [0, 0, 0, 0], for shape [2, 3, 4]',
  );
  raises(
    () => index(x, [tensor([true])]),
    ShapeError,
    'index: mask [1] does not match axes 0 to 0 of shape [2, 3, 4]',
  );
  raises(() => index(x, ['::0']), ArgumentError, "index: expected a step other than 0, got '::0'");
  raises(
    () => index(x, ['a']),
    ArgumentError,
    "index: expected a range such as '1:5' or '::-1', or '...', got 'a'",
  );
  raises(() => index(x, ['...', '...']), ArgumentError, "index: expected '...' at most once");
});

/** A tensor, an axis of it, and how many places that has. */
function drawn(choose: Choices): { t: Tensor; axis: number; n: number } {
  const t = choose.tensor(choose.ints(choose.int(1, 3), 1, 4));
  const axis = choose.int(0, t.ndim - 1);
  return { t, axis, n: t.shape[axis] };
}

const indicesFrom = (choose: Choices, shape: number[], n: number): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  return tensor(Int32Array.from(choose.ints(size, -n, n - 1)), { shape });
};

test('indexSelect takes repeated and negative positions along any axis', () => {
  forAll(60, (choose) => {
    const { t, axis, n } = drawn(choose);
    const list = indicesFrom(choose, [choose.int(0, 5)], n);
    const expected = build(t.shape.with(axis, list.size), (place) =>
      at(t, place.with(axis, (list.data[place[axis]] + n) % n)),
    );
    same(indexSelect(t, axis - t.ndim, list), expected);
  });
});

test('gather reads the place that the index names along the axis', () => {
  forAll(60, (choose) => {
    const { t, axis, n } = drawn(choose);
    const shape = t.shape.map((m, i) => (i === axis ? choose.int(0, 5) : choose.int(1, m)));
    const list = indicesFrom(choose, shape, n);
    const expected = build(shape, (place) => at(t, place.with(axis, (at(list, place) + n) % n)));
    same(gather(t, axis, list), expected);
  });
});

test('scatterAdd adds at the place that the index names, as often as it names it', () => {
  forAll(60, (choose) => {
    const { t, axis, n } = drawn(choose);
    const shape = t.shape.map((m, i) => (i === axis ? choose.int(0, 5) : choose.int(1, m)));
    const list = indicesFrom(choose, shape, n);
    const source = choose.tensor(shape.map((m) => m + choose.int(0, 1)));
    const expected = build(t.shape, (place) =>
      indicesOf(shape)
        .filter((from) => String(from.with(axis, (at(list, from) + n) % n)) === String(place))
        .reduce((total, from) => total + at(source, from), at(t, place)),
    );
    same(scatterAdd(t, axis, list, source), expected);
  });
});

test('positions outside the axis are refused', () => {
  const message = (op: string): string => `${op}: expected indices from -3 to 2, got -4`;
  const wrong = ints([[0, -4]]);
  raises(() => gather(zeros([1, 3]), 1, wrong), IndexError, message('gather'));
  raises(
    () => scatterAdd(zeros([1, 3]), 1, wrong, zeros([1, 2])),
    IndexError,
    message('scatterAdd'),
  );
  raises(() => indexSelect(zeros([3]), 0, ints([-4])), IndexError, message('indexSelect'));
});

for (const dtype of ['float32', 'float64', 'int32'] satisfies DType[]) {
  test(`sort and argsort are stable in either direction in ${dtype}`, () => {
    forAll(60, (choose) => {
      const n = choose.pick(1, 2, 5, 40, 300);
      const t = choose.tensor([2, n], dtype);
      const descending = choose.pick(false, true);
      const sign = descending ? -1 : 1;
      const order = (row: number): number[] =>
        Array.from({ length: n }, (_, i) => i).sort(
          (i, j) => sign * (at(t, [row, i]) - at(t, [row, j])) || i - j,
        );
      const orders = [order(0), order(1)];
      const { values, indices } = sort(t, -1, descending);
      near(indices, orders);
      same(argsort(t, 1, descending), indices);
      same(
        values,
        build([2, n], ([i, j]) => at(t, [i, orders[i][j]]), dtype),
      );
    });
  });
}

test('NaN counts as the greatest number, and equal ones keep their order', () => {
  for (const dtype of ['float32', 'float64'] as const) {
    const t = tensor([NaN, 2, Infinity, NaN, -Infinity, 2], { dtype });
    near(sort(t).values, [-Infinity, 2, 2, Infinity, NaN, NaN]);
    near(sort(t).indices, [4, 1, 5, 2, 0, 3]);
    near(sort(t, 0, true).indices, [0, 3, 2, 1, 5, 4]);
    near(topk(t, 3).indices, [0, 3, 2]);
    near(topk(t, 3, 0, false).indices, [4, 1, 5]);
  }
  near(argsort(tensor([0, -0, 0])), [0, 1, 2]);
});

test('topk is the first k of the sorted numbers along any axis', () => {
  forAll(40, (choose) => {
    const { t, axis, n } = drawn(choose);
    const k = choose.int(0, n);
    const largest = choose.pick(true, false);
    const whole = sort(t, axis, largest);
    const { values, indices } = topk(t, k, axis, largest);
    const first = build([k], ([i]) => i, 'int32');
    same(values, indexSelect(whole.values, axis, first));
    same(indices, indexSelect(whole.indices, axis, first));
  });
  raises(
    () => topk(zeros([2, 3]), 4),
    ShapeError,
    'topk: expected k of at most 3, the size of axis 1, got 4',
  );
});

test('flip and roll read from the place where the number was', () => {
  forAll(60, (choose) => {
    const { t, axis, n } = drawn(choose);
    const shift = choose.int(-9, 9);
    const turned = build(t.shape, (place) => at(t, place.with(axis, n - 1 - place[axis])));
    same(flip(t, axis - t.ndim), turned);
    const rolled = build(t.shape, (place) =>
      at(t, place.with(axis, (((place[axis] - shift) % n) + n) % n)),
    );
    same(roll(t, shift, axis), rolled);
  });
  same(
    flip(x, [0, 2]),
    build([2, 3, 4], ([i, j, k]) => at(x, [1 - i, j, 3 - k])),
  );
  same(
    roll(x, [1, -1], [0, 2]),
    build([2, 3, 4], ([i, j, k]) => at(x, [1 - i, j, (k + 1) % 4])),
  );
});

test('repeat lays the tensor out again along its axes and new ones', () => {
  near(repeat(tensor([1, 2]), [2, 2]), [
    [1, 2, 1, 2],
    [1, 2, 1, 2],
  ]);
  same(
    repeat(x, [2, 1, 3]),
    build([4, 3, 12], ([i, j, k]) => at(x, [i % 2, j, k % 4])),
  );
  assert.equal(repeat(x, [1, 0, 1]).shape, [2, 0, 4]);
});

test('tril and triu keep the numbers on their side of a diagonal', () => {
  for (let d = -4; d <= 5; d++) {
    same(
      tril(x, d),
      build([2, 3, 4], ([i, j, k]) => (k <= j + d ? at(x, [i, j, k]) : 0)),
    );
    same(
      triu(x, d),
      build([2, 3, 4], ([i, j, k]) => (k >= j + d ? at(x, [i, j, k]) : 0)),
    );
  }
  near(tril(tensor([[Infinity, NaN]])), [[Infinity, 0]]);
});

test('diagonal walks any two axes from any offset, and trace sums it', () => {
  const y = build([3, 4], ([i, j]) => 10 * i + j);
  near(diagonal(y), [0, 11, 22]);
  near(diagonal(y, 2), [2, 13]);
  near(diagonal(y, -1), [10, 21]);
  assert.equal(diagonal(y, 4).shape, [0]);
  same(
    diagonal(x, 1, -3, 2),
    build([3, 2], ([j, n]) => at(x, [n, j, n + 1])),
  );
  near(trace(y), 33);
});

/** Where position i of an axis of n reads from, found by walking: null is the constant. */
const walks: Record<PadMode, (i: number, n: number) => number | null> = {
  constant: (i, n) => (i >= 0 && i < n ? i : null),
  replicate: (i, n) => (i < 0 ? 0 : i < n ? i : n - 1),
  circular: (i, n) => (i < 0 ? i + n : i < n ? i : i - n),
  reflect: (i, n) => (i < 0 ? -i : i < n ? i : n - 1 - (i - n + 1)),
};

for (const [mode, walk] of Object.entries(walks) as [PadMode, (typeof walks)[PadMode]][]) {
  test(`pad in mode '${mode}' reads outside the tensor as it says, the last axis first`, () => {
    forAll(60, (choose) => {
      const t = choose.tensor(choose.ints(3, 2, 4));
      const most = (axis: number): number => t.shape[axis] - 1;
      const [left, right] = choose.ints(2, mode === 'constant' ? -1 : 0, most(2));
      const [top, bottom] = choose.ints(2, mode === 'constant' ? -1 : 0, most(1));
      const shape = [t.shape[0], t.shape[1] + top + bottom, t.shape[2] + left + right];
      const expected = build(shape, ([i, j, k]) => {
        const [row, column] = [walk(j - top, t.shape[1]), walk(k - left, t.shape[2])];
        return row === null || column === null ? 7 : at(t, [i, row, column]);
      });
      same(pad(t, [left, right, top, bottom], mode, 7), expected);
    });
  });
}

test('a padding wider than its mode can read is refused', () => {
  raises(
    () => pad(zeros([3]), [3, 0], 'reflect'),
    ShapeError,
    "pad: mode 'reflect' expects at most 2 numbers on each side of axis 0 of [3], got 3 and 0",
  );
  raises(
    () => pad(zeros([3]), [1]),
    ShapeError,
    'pad: expected pairs [before, after] for at most 1 axes, got [1]',
  );
});

test.run();
