import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DataLoader, type Dataset, TensorDataset } from '../../../nn/index.js';
import {
  ArgumentError,
  arange,
  Generator,
  IndexError,
  manualSeed,
  ShapeError,
  StateDictError,
  type Tensor,
  tensor,
  zeros,
} from '../../../ops/index.js';

/** The numbers 0 … n−1, each an example. */
const counting = (n: number) => new TensorDataset(arange(n));

/** What one pass over a loader of a single tensor gives, batch by batch. */
const pass = (loader: DataLoader<readonly Tensor[]>): number[][] =>
  Array.from(loader, ([x]) => [...x.data]);

const byNumber = (a: number, b: number): number => a - b;

test('a TensorDataset gives the slices asked for, in that order, of each of its tensors', () => {
  const images = arange(12).reshape([4, 3]);
  const labels = tensor(Int32Array.of(5, 6, 7, 8));
  const dataset = new TensorDataset(images, labels);
  assert.is(dataset.length, 4);
  const [x, y] = dataset.get(Int32Array.of(2, 0));
  assert.equal(x.toArray(), [
    [6, 7, 8],
    [0, 1, 2],
  ]);
  assert.equal(y.toArray(), [7, 5]);
  assert.is(y.dtype, 'int32');
});

test('a TensorDataset wants tensors of one size along axis 0', () => {
  const message = (body: () => unknown, error: typeof ShapeError): string => {
    try {
      body();
    } catch (caught) {
      assert.instance(caught, error);
      return (caught as Error).message;
    }
    return 'nothing was thrown';
  };
  assert.is(
    message(() => new TensorDataset(), ArgumentError),
    'TensorDataset: expected at least one tensor, got none',
  );
  assert.is(
    message(() => new TensorDataset(zeros([3, 2]), zeros([4])), ShapeError),
    'TensorDataset: expected tensors of one size along axis 0, got [3, 2], [4]',
  );
  assert.is(
    message(() => new TensorDataset(tensor(1)), ShapeError),
    'TensorDataset: expected tensors of one size along axis 0, got []',
  );
  assert.throws(
    () => counting(3).get(Int32Array.of(3)),
    (e: Error) => e instanceof IndexError,
  );
});

test('a DataLoader gives all examples in order, the last batch being what is left', () => {
  const loader = new DataLoader(counting(7), { batchSize: 3 });
  assert.is(loader.length, 3);
  assert.equal(pass(loader), [[0, 1, 2], [3, 4, 5], [6]]);
  assert.equal(pass(loader), [[0, 1, 2], [3, 4, 5], [6]]);
});

test('dropLast leaves out a last batch that is not full, and no other', () => {
  const loader = new DataLoader(counting(7), { batchSize: 3, dropLast: true });
  assert.is(loader.length, 2);
  assert.equal(pass(loader), [
    [0, 1, 2],
    [3, 4, 5],
  ]);
  assert.is(new DataLoader(counting(6), { batchSize: 3, dropLast: true }).length, 2);
});

test('shuffling gives every example once a pass, in another order each pass', () => {
  const loader = new DataLoader(counting(50), { batchSize: 8, shuffle: true, seed: 1 });
  const orders = [pass(loader).flat(), pass(loader).flat(), pass(loader).flat()];
  const inOrder = Array.from({ length: 50 }, (_, i) => i);
  for (const order of orders) assert.equal(order.toSorted(byNumber), inOrder);
  assert.is(new Set([inOrder, ...orders].map(String)).size, 4);
});

test('the same seed gives the same passes, another seed other ones', () => {
  const passes = (seed: number): number[][][] => {
    const loader = new DataLoader(counting(20), { batchSize: 6, shuffle: true, seed });
    return [pass(loader), pass(loader)];
  };
  assert.equal(passes(3), passes(3));
  assert.not.equal(passes(3), passes(4));
});

test('a pass that is broken off counts, and passes at the same time do not disturb each other', () => {
  const make = () => new DataLoader(counting(20), { batchSize: 4, shuffle: true, seed: 9 });
  const whole = make();
  const [, second, third] = [pass(whole), pass(whole), pass(whole)];
  const loader = make();
  for (const _ of loader) break;
  const [a, b] = [loader[Symbol.iterator](), loader[Symbol.iterator]()];
  const turns: number[][][] = [[], []];
  for (let i = 0; i < 5; i++) {
    for (const [which, iterator] of [a, b].entries()) {
      turns[which].push([...(iterator.next().value?.[0].data ?? [])]);
    }
  }
  assert.equal(turns, [second, third]);
});

test('without a seed the order follows from manualSeed, or from the generator given', () => {
  const order = (options: { generator?: Generator } = {}): number[][] =>
    pass(new DataLoader(counting(20), { batchSize: 20, shuffle: true, ...options }));
  manualSeed(5);
  const first = order();
  const second = order();
  manualSeed(5);
  assert.equal(order(), first);
  assert.not.equal(second, first);
  assert.equal(order({ generator: new Generator(8) }), order({ generator: new Generator(8) }));
  assert.not.equal(order({ generator: new Generator(8) }), order({ generator: new Generator(9) }));
});

test('shuffling leaves the stream of manualSeed as it is once the loader is made', () => {
  const loader = new DataLoader(counting(9), { shuffle: true });
  const stream = new Generator(2);
  manualSeed(2);
  pass(loader);
  const next = new DataLoader(counting(9), { shuffle: true });
  assert.is(next.stateDict().seed, stream.bits());
});

test('a loader goes on with the passes of the one whose state it takes over', () => {
  const make = (seed: number) => new DataLoader(counting(20), { shuffle: true, seed });
  const [first, other] = [make(1), make(2)];
  pass(first);
  pass(first);
  other.loadStateDict(first.stateDict());
  assert.equal(pass(other), pass(first));
  assert.throws(
    () => other.loadStateDict({ seed: 1 }),
    (e: Error) =>
      e instanceof StateDictError &&
      e.message === 'DataLoader: expected a state dict of seed, passes, got undefined as passes',
  );
});

test('a dataset of one’s own makes batches of any kind', () => {
  const words = ['a', 'b', 'c'];
  const dataset: Dataset<string> = {
    length: words.length,
    get: (indices) => Array.from(indices, (i) => words[i]).join(''),
  };
  assert.equal([...new DataLoader(dataset, { batchSize: 2 })], ['ab', 'c']);
});

test('a DataLoader says what is wrong with its arguments', () => {
  const cases: [() => unknown, string][] = [
    [
      () => new DataLoader(counting(3), { batchSize: 0 }),
      'DataLoader: expected an integer of at least 1 as batchSize, got 0',
    ],
    [
      () => new DataLoader(counting(3), { seed: 1, generator: new Generator(1) }),
      'DataLoader: expected a seed or a generator, got both',
    ],
    [
      () => new DataLoader(counting(3), { seed: 1.5 }),
      'DataLoader: expected an integer as the seed, got 1.5',
    ],
    [
      () => new DataLoader(zeros([3]) as never),
      'DataLoader: expected a dataset with length and get, got a tensor of shape [3]',
    ],
    [
      () => new DataLoader(counting(3), { batchsize: 2 } as never),
      "DataLoader: expected options batchSize, shuffle, seed, generator, dropLast, got 'batchsize'",
    ],
  ];
  for (const [body, message] of cases) {
    assert.throws(body, (e: Error) => e instanceof ArgumentError && e.message === message, message);
  }
});

test.run();
