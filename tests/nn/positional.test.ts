import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LearnedPositionalEncoding, PositionalEncoding } from '../../nn/index.js';
import {
  ArgumentError,
  manualSeed,
  ones,
  randn,
  ShapeError,
  type Tensor,
  transpose,
  zeros,
} from '../../ops/index.js';
import { near, raises } from '../core/close.js';

const float64 = { dtype: 'float64' } as const;

test('position p has sin(p/10000^(2i/d)) and cos(p/10000^(2i/d)) beside each other', () => {
  const rows = new PositionalEncoding(4).forward(zeros([3, 4], float64));
  const row = (p: number): number[] => [
    Math.sin(p),
    Math.cos(p),
    Math.sin(p / 100),
    Math.cos(p / 100),
  ];
  near(rows, [row(0), row(1), row(2)]);
});

test('an odd width ends with a sine', () => {
  const rows = new PositionalEncoding(3).forward(zeros([2, 3], float64));
  const slow = 10000 ** (2 / 3);
  near(rows, [
    [0, 1, 0],
    [Math.sin(1), Math.cos(1), Math.sin(1 / slow)],
  ]);
});

test('k steps further on the encoding is a rotation that does not depend on the position', () => {
  const rows = new PositionalEncoding(2).forward(zeros([9, 2], float64));
  const k = 3;
  for (let p = 0; p + k < 9; p++) {
    const [s, c] = rows.select(0, p).data;
    const rotated = [s * Math.cos(k) + c * Math.sin(k), c * Math.cos(k) - s * Math.sin(k)];
    near(rows.select(0, p + k), rotated);
  }
});

test('the encoding is added to x, for every sequence of a batch the same', () => {
  const x = randn([2, 5, 6], float64);
  const batchFirst = new PositionalEncoding(6, { batchFirst: true }).forward(x);
  const rows = new PositionalEncoding(6).forward(zeros([5, 6], float64));
  assert.equal(batchFirst.data, x.add(rows).data);
  const sequenceFirst = new PositionalEncoding(6).forward(transpose(x, 0, 1));
  assert.equal(transpose(sequenceFirst, 0, 1).data, batchFirst.data);
});

test('sequences may grow, shrink and change their dtype', () => {
  const module = new PositionalEncoding(4);
  const once = (n: number, dtype: 'float32' | 'float64'): Tensor =>
    new PositionalEncoding(4).forward(zeros([n, 4], { dtype }));
  for (const [n, dtype] of [
    [3, 'float32'],
    [7, 'float32'],
    [2, 'float32'],
    [5, 'float64'],
  ] as const) {
    const y = module.forward(zeros([n, 4], { dtype }));
    assert.is(y.dtype, dtype);
    assert.equal(y.data, once(n, dtype).data);
  }
  assert.equal(module.forward(zeros([0, 4])).shape, [0, 4]);
});

test('sinusoids are no part of the state dict, learnt positions are its weight', () => {
  const module = new PositionalEncoding(4);
  module.forward(ones([3, 4]));
  assert.equal(module.stateDict(), {});
  assert.equal(Object.keys(new LearnedPositionalEncoding(4, { maxLen: 3 }).stateDict()), [
    'weight',
  ]);
});

test('learnt positions add the rows of their weight, and are trained as far as a sequence goes', () => {
  const module = new LearnedPositionalEncoding(2, { maxLen: 4, ...float64 });
  const x = randn([3, 5, 2], float64);
  const y = module.forward(x);
  for (let p = 0; p < 3; p++) {
    const row = module.weight.select(0, p);
    assert.equal(y.select(0, p).data, x.select(0, p).add(row).data);
  }
  y.sum().backward();
  assert.equal(module.weight.grad?.toArray(), [
    [5, 5],
    [5, 5],
    [5, 5],
    [0, 0],
  ]);
  const batchFirst = new LearnedPositionalEncoding(2, { maxLen: 4, batchFirst: true, ...float64 });
  batchFirst.loadStateDict(module.stateDict());
  assert.equal(transpose(batchFirst.forward(transpose(x, 0, 1)), 0, 1).data, y.data);
});

test('learnt positions start normal with a standard deviation of 0.02', () => {
  manualSeed(3);
  const { weight } = new LearnedPositionalEncoding(50, { maxLen: 100, ...float64 });
  assert.ok(Math.abs(weight.mean().item()) < 0.001);
  assert.ok(Math.abs(weight.std().item() - 0.02) < 0.001);
});

test('in training the sum is dropped out, in evaluation it is not', () => {
  manualSeed(4);
  for (const module of [
    new PositionalEncoding(50, { dropout: 0.5 }),
    new LearnedPositionalEncoding(50, { maxLen: 40, dropout: 0.5 }),
  ]) {
    const x = ones([40, 50]).mul(10);
    const trained = module.forward(x);
    const whole = module.eval().forward(x);
    let dropped = 0;
    trained.data.forEach((y, i) => {
      if (y === 0) dropped += 1;
      else assert.is(y, 2 * whole.data[i]);
    });
    assert.ok(dropped > 900 && dropped < 1100, `${dropped} of 2000 dropped`);
  }
});

test('both print as what they were made from', () => {
  assert.is(String(new PositionalEncoding(4)), 'PositionalEncoding(4)');
  assert.is(
    String(new LearnedPositionalEncoding(4, { maxLen: 3, dropout: 0.1, batchFirst: true })),
    'LearnedPositionalEncoding(4, dropout=0.1, batchFirst=true, maxLen=3)',
  );
});

test('what does not fit is refused', () => {
  raises(
    () => new PositionalEncoding(4).forward(ones([3, 5])),
    ShapeError,
    'PositionalEncoding: expected x of width 4, got shape [3, 5]',
  );
  raises(
    () => new PositionalEncoding(4).forward(ones([4])),
    ShapeError,
    'PositionalEncoding: expected 2 or 3 dimensions of x, got shape [4]',
  );
  raises(
    () => new PositionalEncoding(0),
    ArgumentError,
    'PositionalEncoding: expected an integer of at least 1 as dModel, got 0',
  );
  const learned = new LearnedPositionalEncoding(2, { maxLen: 3, batchFirst: true });
  raises(
    () => learned.forward(ones([9, 4, 2])),
    ShapeError,
    'LearnedPositionalEncoding: expected at most 3 positions, got 4',
  );
  raises(
    () => new LearnedPositionalEncoding(2, { maxLen: 0 }),
    ArgumentError,
    'LearnedPositionalEncoding: expected an integer of at least 1 as maxLen, got 0',
  );
});

test.run();
