import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { KernelCache } from '../../gpu/cache.js';
import type { CompiledKernel, Engine } from '../../gpu/facade.js';

/** Makes kernels that do nothing, and says which are there. */
function engine() {
  const alive = new Set<string>();
  const made: string[] = [];
  const createKernel = (source: string): CompiledKernel => {
    alive.add(source);
    made.push(source);
    const kernel = { constructor: {} };
    return Object.assign(() => new Float32Array(0), {
      kernel,
      destroy: () => alive.delete(source),
    });
  };
  const stub: Engine = { createKernel, addFunction: () => {}, destroy: () => {} };
  return { stub, alive, made };
}

test('a kernel is compiled once for its source and sizes', () => {
  const { stub, made } = engine();
  const cache = new KernelCache(stub);
  const first = cache.kernel('a', 4, [4]);
  assert.is(cache.kernel('a', 4, [4]), first);
  assert.is.not(cache.kernel('a', 5, [4]), first);
  assert.is.not(cache.kernel('a', 4, [5]), first);
  assert.is(made.length, 3);
});

test('more kernels than it holds: the one not used for longest is let go', () => {
  const { stub, alive } = engine();
  const cache = new KernelCache(stub, 2);
  cache.kernel('a', 1, []);
  cache.kernel('b', 1, []);
  cache.kernel('a', 1, []);
  cache.kernel('c', 1, []);
  assert.equal([...alive], ['a', 'c']);
  cache.clear();
  assert.is(alive.size, 0);
});

test.run();
