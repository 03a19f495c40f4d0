import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mode } from '../../core/mode.js';
import {
  defineOp,
  detectAnomaly,
  enableGrad,
  GradientError,
  grad,
  isGradEnabled,
  type Kernels,
  mul,
  noGrad,
  square,
  type Tensor,
  tensor,
} from '../../ops/index.js';
import { near, raises } from './close.js';

const leaf = (x: number): Tensor => tensor(x, { dtype: 'float64', requiresGrad: true });

/** How every mode stands when nothing is under way. */
const atRest = (): void => {
  const { grad, anomaly, depth, replay } = mode;
  assert.equal(
    { grad, anomaly, depth, replay },
    { grad: true, anomaly: false, depth: 0, replay: null },
  );
};

test('inside noGrad nothing is recorded, and its body’s value comes out', () => {
  const x = leaf(2);
  const y = noGrad(() => mul(x, x));
  assert.is(y.requiresGrad, false);
  near(y, 4);
  assert.is(
    noGrad(() => isGradEnabled()),
    false,
  );
  assert.is(isGradEnabled(), true);
});

test('enableGrad records inside noGrad; both nest', () => {
  const x = leaf(2);
  noGrad(() => {
    assert.is(enableGrad(() => mul(x, x)).requiresGrad, true);
    assert.is(mul(x, x).requiresGrad, false);
  });
});

test('a leaf made in noGrad may require grad', () => {
  const x = noGrad(() => leaf(2));
  mul(x, x).backward();
  near(x.grad, 4);
});

test('what is computed in noGrad counts as a constant afterwards', () => {
  const x = leaf(3);
  const factor = noGrad(() => square(x));
  mul(x, factor).backward();
  near(x.grad, 9);
});

test('backward works inside noGrad, through a graph recorded outside', () => {
  const x = leaf(3);
  const y = square(x);
  noGrad(() => y.backward());
  near(x.grad, 6);
});

test('detach cuts the graph at one tensor', () => {
  const x = leaf(3);
  mul(x, square(x).detach()).backward();
  near(x.grad, 9);
});

test('whatever is thrown inside, the modes are as before', () => {
  const thrower = (): never => {
    throw new RangeError('mine');
  };
  for (const setting of [noGrad, enableGrad, detectAnomaly]) {
    raises(() => setting(thrower), RangeError, 'mine');
    atRest();
  }
  raises(() => grad((_x: Tensor) => thrower())(leaf(1)), RangeError, 'mine');
  atRest();
});

test('an op whose forward or vjp throws leaves the modes as before', () => {
  let fail = true;
  const touchy = defineOp({
    name: 'touchy',
    forward: (_k: Kernels, x: Tensor) => {
      if (fail) throw new RangeError('forward');
      return mul(x, 1);
    },
    vjp: [
      () => {
        throw new RangeError('vjp');
      },
    ],
  });
  const x = leaf(1);
  raises(() => touchy(x), RangeError, 'forward');
  atRest();
  fail = false;
  const y = touchy(x);
  raises(() => y.backward(), RangeError, 'vjp');
  atRest();
});

test('an asynchronous body is refused, since the setting would end at its first await', () => {
  for (const [name, setting] of Object.entries({ noGrad, enableGrad, detectAnomaly })) {
    raises(
      () => setting(async () => 1),
      GradientError,
      `${name}: expected a synchronous function, got one that returns a Promise; the setting would end at its first await`,
    );
    atRest();
  }
});

test('the forward of an op is not recorded op by op', () => {
  const twice = defineOp({
    name: 'twice',
    forward: (_k: Kernels, x: Tensor) => mul(mul(x, 2), 1),
    vjp: [(g) => mul(g, 2)],
  });
  const y = twice(leaf(1));
  assert.is(y.node?.name, 'twice');
  assert.is(y.node?.inputs.length, 1);
});

test.run();
