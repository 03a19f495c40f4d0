import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Adam, CharTransformer } from '../../nn/index.js';
import {
  ArgumentError,
  cat,
  crossEntropy,
  Generator,
  manualSeed,
  randint,
  randn,
  ShapeError,
  type Tensor,
  tensor,
} from '../../ops/index.js';
import { raises } from '../core/close.js';

/** The first `n` characters of each text. */
const first = (texts: Tensor, n: number): Tensor => texts.narrow(1, 0, n);

test('what comes later does not change a bit of the character model’s logits before', () => {
  for (const tied of [true, false]) {
    const model = new CharTransformer(11, { tied, dModel: 32, maxLen: 40 });
    const tokens = randint(0, 11, [3, 40]);
    const changed = cat([first(tokens, 17), randint(0, 11, [3, 23])], 1);
    const [a, b] = [tokens, changed].map((t) => model.forward(t));
    assert.equal(a.shape, [3, 40, 11]);
    assert.equal(first(a, 17).data, first(b, 17).data);
    assert.not.equal(a.data, b.data);
  }
});

test('the output’s weight is the embedding, or one of its own', () => {
  const count = (tied: boolean): number => {
    const options = { tied, dModel: 8, nhead: 2, numLayers: 1, maxLen: 5 };
    const parameters = new CharTransformer(7, options).parameters();
    return parameters.reduce((sum, p) => sum + p.size, 0);
  };
  const layer = 4 * 8 * 8 + 4 * 8 + 2 * 8 * 32 + 32 + 8 + 4 * 8;
  assert.is(count(true), 7 * 8 + 5 * 8 + layer + 2 * 8);
  assert.is(count(false), count(true) + 7 * 8);
});

test('an untrained character model expects every character about equally', () => {
  manualSeed(5);
  const model = new CharTransformer(20);
  const tokens = randint(0, 20, [4, 30]);
  const loss = crossEntropy(model.forward(tokens).reshape([-1, 20]), tokens.reshape([-1])).item();
  assert.ok(Math.abs(loss - Math.log(20)) < 0.1, `${loss}`);
});

/** The periodic text 0 1 2 3 0 1 2 3 … from character `start` on. */
const cycle = (start: number, length: number): number[] =>
  Array.from({ length }, (_, i) => (start + i) % 4);

test('a character model learns a text and goes on with it, further than it looks back', () => {
  manualSeed(6);
  const model = new CharTransformer(4, { dModel: 16, nhead: 2, numLayers: 1, maxLen: 8 });
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const texts = tensor(
    [0, 1, 2, 3].map((start) => cycle(start, 9)),
    { dtype: 'int32' },
  );
  const targets = texts.narrow(1, 1, 8).reshape([-1]);
  for (let step = 0; step < 60; step++) {
    optimizer.zeroGrad();
    crossEntropy(model.forward(first(texts, 8)).reshape([-1, 4]), targets).backward();
    optimizer.step();
  }
  const prompt = tensor([[2], [3]], { dtype: 'int32' });
  const written = model.eval().generate(prompt, 20, { temperature: 0 });
  assert.is(written.dtype, 'int32');
  assert.equal(written.toArray(), [cycle(2, 21), cycle(3, 21)]);
});

test('at temperature 0 each next character is the likeliest after the last maxLen ones', () => {
  manualSeed(8);
  const model = new CharTransformer(30, { dModel: 16, maxLen: 5, tied: false });
  const written = model.generate(randint(0, 30, [3, 4]), 8, { temperature: 0 });
  assert.equal(written.shape, [3, 12]);
  for (let at = 4; at < 12; at++) {
    const from = Math.max(0, at - 5);
    const logits = model.forward(written.narrow(1, from, at - from)).select(1, -1);
    assert.equal(written.select(1, at).data, logits.argmax(-1).data);
  }
});

test('characters are drawn with the model’s probabilities, tempered', () => {
  manualSeed(7);
  const model = new CharTransformer(3, { dModel: 8, nhead: 2, numLayers: 1, tied: false });
  const state = model.stateDict();
  model.loadStateDict({ ...state, 'output.weight': randn(state['output.weight'].shape) });
  const prompt = tensor([[1]], { dtype: 'int32' }).expand([3000, 1]);
  const draw = (seed: number, temperature: number): Tensor =>
    model.generate(prompt, 1, { temperature, generator: new Generator(seed) }).select(1, 1);
  for (const temperature of [0.7, 2]) {
    const expected = model.forward(first(prompt, 1)).select(1, 0).select(0, 0);
    const p = expected.div(temperature).softmax(-1).data;
    const counts = [0, 0, 0];
    for (const c of draw(1, temperature).data) counts[c] += 1;
    counts.forEach((n, c) => {
      const deviation = Math.sqrt(3000 * p[c] * (1 - p[c]));
      assert.ok(Math.abs(n - 3000 * p[c]) < 4 * deviation, `${n} of 3000 for ${p[c]}`);
    });
  }
  assert.equal(draw(1, 1).data, draw(1, 1).data);
  assert.not.equal(draw(1, 1).data, draw(2, 1).data);
});

test('the character model refuses what it cannot read', () => {
  const model = new CharTransformer(4, { maxLen: 3 });
  raises(
    () => model.forward(randint(0, 4, [2, 4])),
    ShapeError,
    'LearnedPositionalEncoding: expected at most 3 positions, got 4',
  );
  raises(
    () => model.forward(randint(0, 4, [2])),
    ShapeError,
    'CharTransformer: expected 2 dimensions of the tokens, got shape [2]',
  );
  raises(
    () => model.generate(randint(0, 4, [2, 1]), 1, { temperature: -1 }),
    ArgumentError,
    'generate: expected a finite temperature ≥ 0, got -1',
  );
});

test.run();
