import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EarlyStopping, type EarlyStoppingOptions, Linear } from '../../../nn/index.js';
import { ArgumentError, noGrad, StateDictError } from '../../../ops/index.js';

const model = new Linear(1, 1);

/** After how many of these losses training stops; null if it does not. */
function stopsAfter(losses: readonly number[], options: EarlyStoppingOptions): number | null {
  const stopping = new EarlyStopping(options);
  for (const [i, loss] of losses.entries()) {
    stopping.update({ loss }, model);
    if (stopping.stopped) return i + 1;
  }
  return null;
}

test('training stops when a number has not improved for `patience` epochs in a row', () => {
  assert.is(stopsAfter([3, 2, 2], {}), 3);
  assert.is(stopsAfter([3, 2, 2.5, 1.9, 2, 2, 1], { patience: 2 }), 6);
  assert.is(stopsAfter([3, 2, 2.5, 1.9, 2, 1.8], { patience: 2 }), null);
  assert.is(stopsAfter([5, 4, 3], {}), null);
});

test('only what is better by more than minDelta counts as an improvement', () => {
  assert.is(stopsAfter([1, 0.75, 0.5], { minDelta: 0.25 }), 2);
  assert.is(stopsAfter([1, 0.5, 0.125], { minDelta: 0.25 }), null);
  // Small steps add up: each is measured from the best so far.
  assert.is(stopsAfter([1, 0.875, 0.625], { minDelta: 0.25, patience: 2 }), null);
});

test('greater numbers are better in mode max', () => {
  assert.is(stopsAfter([0.5, 0.75, 1, 1], { mode: 'max' }), 4);
  assert.is(stopsAfter([-2, -1, 0], { mode: 'max' }), null);
});

test('NaN is no improvement, and a number after it is', () => {
  assert.is(stopsAfter([NaN, NaN], { patience: 2 }), 2);
  assert.is(stopsAfter([NaN, 1, NaN, 0.5], { patience: 2 }), null);
});

test('the model gets the weights of its best epoch again, whatever became of them', () => {
  const weights = new Linear(1, 1, { bias: false });
  const stopping = new EarlyStopping({ patience: 5, restoreBest: true });
  for (const loss of [3, 1, 2]) {
    noGrad(() => weights.weight.fill_(loss * 10));
    stopping.update({ loss }, weights);
  }
  stopping.restore(weights);
  assert.is(weights.weight.item(), 10);
});

test('without restoreBest the model keeps its weights', () => {
  const weights = new Linear(1, 1, { bias: false });
  const stopping = new EarlyStopping({ patience: 5 });
  stopping.update({ loss: 1 }, weights);
  noGrad(() => weights.weight.fill_(7));
  stopping.restore(weights);
  assert.is(weights.weight.item(), 7);
});

test('one goes on from the state of another', () => {
  const first = new EarlyStopping({ patience: 2 });
  for (const loss of [1, 2]) first.update({ loss }, model);
  const second = new EarlyStopping({ patience: 2 });
  second.loadStateDict(first.stateDict());
  assert.is(second.stopped, false);
  second.update({ loss: 1.5 }, model);
  assert.is(second.stopped, true);
  assert.throws(
    () => second.loadStateDict({ best: 1 }),
    (e: Error) =>
      e instanceof StateDictError &&
      e.message ===
        'earlyStopping: expected a state dict of best, waited, bestWeights, got undefined as waited',
  );
});

test('EarlyStopping says what is wrong with its options', () => {
  const cases: [() => unknown, string][] = [
    [
      () => new EarlyStopping({ patience: 0 }),
      'earlyStopping: expected an integer of at least 1 as patience, got 0',
    ],
    [
      () => new EarlyStopping({ minDelta: -1 }),
      'earlyStopping: expected a number of at least 0 as minDelta, got -1',
    ],
    [
      () => new EarlyStopping({ mode: 'up' as never }),
      "earlyStopping: expected 'min' or 'max' as the mode, got 'up'",
    ],
    [
      () => new EarlyStopping({ monitor: 'acc' }).update({ loss: 1, accuracy: 1 }, model),
      "earlyStopping: expected one of loss, accuracy to monitor, got 'acc'",
    ],
  ];
  for (const [body, message] of cases) {
    assert.throws(body, (e: Error) => e instanceof ArgumentError && e.message === message, message);
  }
});

test.run();
