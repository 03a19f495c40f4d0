import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as lg from '../../ops/index.js';
import { LambdagradError, Tensor } from '../../ops/index.js';
import type { Call } from './calls/call.js';
import { calls } from './calls/index.js';
import { Draw } from './drawing.js';
import { Refused, type Shapes } from './rules.js';

/** What is called with functions or classes, which tests of its own cover. */
const others = new Set(
  [
    'einsumPath compose defineOp defineVariadicOp detectAnomaly enableGrad noGrad isGradEnabled',
    'gradcheck gradgradcheck grad valueAndGrad vjp jvp hvp jacobian hessian manualSeed',
    'getThreads setThreads savedBytes scope keep dispose',
  ].flatMap((names) => names.split(' ')),
);

const isClass = (f: unknown): boolean => /^class\b/.test(String(f));

type Fn = (...args: unknown[]) => unknown;

const functions = new Map<string, Fn>(
  Object.entries(lg).flatMap(([name, f]) =>
    typeof f === 'function' && !isClass(f) ? [[name, f as Fn] as const] : [],
  ),
);

test('every function that the package exports has its calls here or is named as one of the others', () => {
  const missing = [...functions.keys()].filter((name) => !(name in calls) && !others.has(name));
  assert.equal(missing, []);
  const unknown = Object.keys(calls).filter((name) => !functions.has(name));
  assert.equal(unknown, []);
});

/** An argument as it reads in the report of a failure. */
function written(x: unknown): string {
  if (x instanceof Tensor) return `${x.dtype} [${x.shape}]`;
  if (Array.isArray(x)) return `[${x.map(written).join(', ')}]`;
  if (typeof x !== 'object' || x === null) return String(x);
  return `{ ${Object.entries(x).map(([key, value]) => `${key}: ${written(value)}`)} }`;
}

/** The shapes that the rule gives, or null where it refuses. */
function expected(call: Call, args: readonly unknown[]): Shapes | null {
  try {
    return call.rule(...args);
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

function tensorsOf(result: unknown): Tensor[] {
  if (result instanceof Tensor) return [result];
  if (Array.isArray(result)) return result.flatMap(tensorsOf);
  return Object.values(result as object).flatMap(tensorsOf);
}

const holdsFinite = (x: unknown): boolean =>
  x instanceof Tensor
    ? x.size > 0 && x.data.every(Number.isFinite)
    : Array.isArray(x)
      ? x.every(holdsFinite)
      : typeof x !== 'number' || Number.isFinite(x);

/** Makes the call; gives whether it was a right one. */
function check(name: string, call: Call, f: Fn, args: readonly unknown[]): boolean {
  const shapes = expected(call, args);
  if (shapes === null) {
    checkRefusal(name, f, args);
    return false;
  }
  const results = tensorsOf(f(...args));
  assert.equal(
    results.map((y) => y.shape),
    shapes,
  );
  for (const y of results) {
    assert.is(
      y.data.length,
      y.shape.reduce((a, b) => a * b, 1),
    );
    if (y.dtype === 'bool') assert.ok(y.data.every((x) => x === 0 || x === 1));
  }
  if (call.undefinedAt === undefined && args.every(holdsFinite)) {
    for (const y of results) assert.not.ok(y.data.some(Number.isNaN), 'a NaN from finite numbers');
  }
  return true;
}

/** Where the rule refuses, the function must, in its own name. */
function checkRefusal(name: string, f: Fn, args: readonly unknown[]): void {
  try {
    f(...args);
  } catch (error) {
    assert.instance(error, LambdagradError, `expected an error of the library, got ${error}`);
    const prefix = name === 'variance' ? 'var: ' : `${name}: `;
    assert.is((error as Error).message.slice(0, prefix.length), prefix, String(error));
    return;
  }
  assert.unreachable('expected to be refused');
}

for (const [name, call] of Object.entries(calls)) {
  const f = functions.get(name);
  if (f === undefined) continue;
  test(`${name} gives the shapes of its rule, and refuses what the rule refuses`, () => {
    let accepted = 0;
    let refused = 0;
    const property = fc.property(fc.gen(), (g) => {
      const draw = new Draw(g);
      const args = call.args(draw);
      const given = draw.once(2) ? draw.spoilt(args) : args;
      try {
        if (check(name, call, f, given)) accepted++;
        else refused++;
      } catch (error) {
        throw new Error(`${name}(${given.map(written).join(', ')}): ${error}`);
      }
    });
    fc.assert(property, { seed: 20, numRuns: 250, includeErrorInReport: true });
    assert.ok(accepted >= 50 && refused >= 15, `${accepted} calls right, ${refused} wrong`);
  });
}

test.run();
