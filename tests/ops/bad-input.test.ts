import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as library from '../../ops/index.js';
import { raises } from '../core/close.js';
import { autograd } from './bad-input/autograd.js';
import { contract } from './bad-input/contract.js';
import { create } from './bad-input/create.js';
import { elementwise } from './bad-input/elementwise.js';
import { indexing } from './bad-input/indexing.js';
import { layer } from './bad-input/layer.js';
import { loss } from './bad-input/loss.js';
import { network } from './bad-input/network.js';
import { reduce } from './bad-input/reduce.js';
import { shape } from './bad-input/shape.js';
import { tensor } from './bad-input/tensor.js';
import { unary } from './bad-input/unary.js';
import { called, type Wrong } from './bad-input/wrong.js';

const families: Readonly<Record<string, readonly Wrong[]>> = {
  'creation functions': create,
  'functions of one number': unary,
  'functions of several numbers': elementwise,
  'reductions and orders': reduce,
  'functions of shape': shape,
  'functions that index': indexing,
  products: contract,
  'windows over images': network,
  'norms and attention': layer,
  losses: loss,
  'autograd and its checks': autograd,
  'methods of a tensor': tensor,
};

for (const [family, table] of Object.entries(families)) {
  test(`${family} refuse ${table.length} wrong calls, each in words that name the mistake`, () => {
    for (const [call, error, message] of table) {
      try {
        raises(call, error, message);
      } catch (failure) {
        throw new Error(`${call}\n${failure}`);
      }
    }
  });
}

/** These take nothing, or whatever they are given. */
const unrefusing = ['compose', 'getThreads', 'isGradEnabled'];

const isClass = (f: unknown): boolean => /^class\b/.test(String(f));

test('every public function has a wrong call among these', () => {
  const functions = Object.entries(library).filter(
    ([, f]) => typeof f === 'function' && !isClass(f),
  );
  const missing = functions.map(([name]) => name).filter((name) => !called.has(name));
  assert.equal(missing.sort(), unrefusing);
});

test('a wrong call leaves the running statistics of batchNorm as they were', () => {
  const { batchNorm, ones, zeros } = library;
  const [mean, variance] = [zeros([3]), ones([3])];
  const wrong = () =>
    batchNorm(ones([2, 3, 4]), mean, variance, ones([2]), null, { training: true });
  raises(wrong, library.ShapeError, 'batchNorm: expected a weight [3], got [2]');
  assert.equal(mean.toArray(), [0, 0, 0]);
  assert.equal(variance.toArray(), [1, 1, 1]);
});

test('a wrong call draws no random numbers', () => {
  const { dropout, manualSeed, ones, rand } = library;
  manualSeed(1);
  const wanted = rand([3]).toArray();
  manualSeed(1);
  assert.throws(() => dropout(ones([3]), 2));
  assert.throws(() => rand([-1]));
  assert.equal(rand([3]).toArray(), wanted);
});

test.run();
