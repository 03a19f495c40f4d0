import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { registry } from '../../ops/index.js';
import { gaps } from '../samples/coverage.js';
import { families, samples } from '../samples/index.js';
import { checkOp } from '../samples/sweep.js';

test('the samples of every op show what they must', () => {
  assert.equal(gaps(samples), []);
});

test('no op has samples in two files', () => {
  const names = families.flatMap((family) => Object.keys(family));
  assert.equal(
    names.filter((op, i) => names.indexOf(op) !== i),
    [],
  );
});

for (const [op, { differentiable }] of registry) {
  const checks = differentiable ? 'derivatives, float32 and jvp agree' : 'float32 agrees';
  test(`${op}: ${checks} on every sample`, () => {
    assert.equal(checkOp(op, samples[op] ?? [], differentiable).failures, []);
  });
}

test.run();
