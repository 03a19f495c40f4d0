import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  AnomalyError,
  add,
  defineOp,
  detectAnomaly,
  div,
  exp,
  grad,
  isnan,
  type Kernels,
  log,
  mul,
  pow,
  sqrt,
  sub,
  sum,
  type Tensor,
  tensor,
  where,
} from '../../ops/index.js';
import { near, raises } from './close.js';

const leaf = (x: number | number[]): Tensor => tensor(x, { dtype: 'float64', requiresGrad: true });

test('the op that first makes a NaN is named, with the place', () => {
  raises(
    () => detectAnomaly(() => sum(mul(log(tensor([[1, 2, -3]])), 2))),
    AnomalyError,
    'log: made NaN out of finite numbers, at flat position 2 of shape [1, 3]',
  );
});

test('so is the op that first makes an infinity', () => {
  raises(
    () => detectAnomaly(() => sub(div(tensor(1), tensor(0)), 1)),
    AnomalyError,
    'div: made Infinity out of finite numbers, at flat position 0 of shape []',
  );
  raises(
    () => detectAnomaly(() => exp(mul(tensor([1, 10]), 10))),
    AnomalyError,
    'exp: made Infinity out of finite numbers, at flat position 1 of shape [2]',
  );
});

test('NaN and infinity that come from outside are no anomaly', () => {
  const y = detectAnomaly(() => add(tensor([NaN, Infinity]), 1));
  near(y, [NaN, Infinity]);
});

test('finite numbers pass, and the body’s value comes out', () => {
  near(
    detectAnomaly(() => exp(tensor(0))),
    1,
  );
});

test('outside detectAnomaly nothing is thrown', () => {
  near(log(tensor(-1)), NaN);
});

test('a backward that makes an infinity is named by the op it went through', () => {
  const x = leaf([4, 0]);
  raises(
    () => detectAnomaly(() => sum(sqrt(x)).backward()),
    AnomalyError,
    'backward through sqrt: made Infinity out of finite numbers, at flat position 1 of shape [2]',
  );
  assert.is(x.grad, null);
});

test('a graph recorded before can be searched on its way back', () => {
  const x = leaf(0);
  const y = sqrt(x);
  raises(
    () => detectAnomaly(() => grad(y, x)),
    AnomalyError,
    'grad through sqrt: made Infinity out of finite numbers, at flat position 0 of shape []',
  );
});

test('the well-known NaN of a where around an infinite slope is found', () => {
  const x = leaf([0, 4]);
  const safe = (): Tensor => sum(where(x.gt(0), sqrt(x), 0));
  near(grad(safe(), x), [NaN, 0.25]);
  raises(
    () => detectAnomaly(() => safe().backward()),
    AnomalyError,
    'backward through sqrt: made NaN out of finite numbers, at flat position 0 of shape [2]',
  );
});

test('two finite cotangents whose sum is infinite are found', () => {
  const x = tensor(0, { requiresGrad: true });
  raises(
    () => detectAnomaly(() => add(mul(x, 3e38), mul(x, 3e38)).backward()),
    AnomalyError,
    'accumulate: made Infinity out of finite numbers, at flat position 0 of shape []',
  );
});

test('a NaN in the cotangent that came is not blamed on the op', () => {
  const x = leaf(4);
  detectAnomaly(() => sqrt(x).backward(tensor(NaN, { dtype: 'float64' })));
  near(x.grad, NaN);
});

test('an op of the user’s is named too', () => {
  const broken = defineOp({
    name: 'broken',
    forward: (_k: Kernels, x: Tensor) => mul(x, 1),
    vjp: [(g) => div(g, 0)],
  });
  raises(
    () => detectAnomaly(() => broken(leaf(1)).backward()),
    AnomalyError,
    /through broken: made/,
  );
});

test('with createGraph, what the second backward makes is found', () => {
  // x^1.5 has the slope 1.5 √x, which has none that is finite at 0.
  const x = leaf(0);
  const g = grad(pow(x, 1.5), x, { createGraph: true });
  near(g, 0);
  raises(() => detectAnomaly(() => g.backward()), AnomalyError, /^backward through pow: made/);
});

test('tests for NaN are no anomaly', () => {
  const y = detectAnomaly(() => isnan(tensor([NaN, 1])));
  assert.equal(y.toArray(), [true, false]);
});

test.run();
