import { isDeepStrictEqual } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cpu } from '../../core/cpu/index.js';
import type { Storage } from '../../core/kernels.js';
import { worthwhile } from '../../core/reuse.js';
import { type Route, routeBetween } from '../../core/route.js';
import { leavesOf } from '../../core/tree.js';
import { grad, manualSeed, randn, registry, type Tensor } from '../../ops/index.js';
import { gaps } from '../samples/coverage.js';
import { families, samples } from '../samples/index.js';
import { inputsOf, type Sample } from '../samples/sample.js';
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

/** Gradients of a sample's float results, weighted at random, and the ops on the way to them. */
function gradientsOf(op: string, each: Sample): { gradients: Tensor[]; route: Route } {
  const inputs = inputsOf(op, each).map((x) => (isFloat(x) ? x.detach().requiresGrad_() : x));
  manualSeed(0);
  const results = leavesOf('sweep', each.call(...inputs)).filter((y) => y.requiresGrad);
  const wanted = inputs.filter(isFloat);
  const route = routeBetween(results);
  const gradOutputs = results.map((y) => randn(y.shape, { dtype: y.dtype }));
  const gradients =
    results.length === 0 ? [] : grad(results, wanted, { gradOutputs, allowUnused: true });
  return { gradients, route };
}

const isFloat = ({ dtype }: Tensor): boolean => dtype === 'float32' || dtype === 'float64';

const each = (visit: (op: string, sample: Sample) => void): void => {
  for (const [op, { differentiable }] of registry) {
    if (differentiable) for (const sample of samples[op] ?? []) visit(op, sample);
  }
};

test('every op says what it saves, and so promises to keep nothing else', () => {
  const silent = new Set<string>();
  each((op, sample) => {
    for (const { node } of gradientsOf(op, sample).route.stops) {
      if (!node.isPure) silent.add(`${node.name} in ${op}`);
    }
  });
  assert.equal([...silent], []);
});

test('every op keeps that promise: what a pass gives back is not read again', () => {
  const { from } = worthwhile;
  const { recycle } = cpu;
  const broken = new Set<string>();
  let spoilt = 0;
  const spoil = (x: Storage): void => {
    spoilt++;
    x.data.fill(NaN);
  };
  each((op, sample) => {
    const expected = gradientsOf(op, sample).gradients.map((g) => g.toArray());
    try {
      worthwhile.from = 0;
      Object.assign(cpu, { recycle: spoil });
      const actual = gradientsOf(op, sample).gradients.map((g) => g.toArray());
      if (!isDeepStrictEqual(actual, expected)) broken.add(`${op}: ${sample.title}`);
    } finally {
      worthwhile.from = from;
      Object.assign(cpu, { recycle });
    }
  });
  assert.equal([...broken], []);
  assert.ok(spoilt > 1000, `${spoilt} storages were given back`);
});

test.run();
