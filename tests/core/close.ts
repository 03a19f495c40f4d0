import * as assert from 'uvu/assert';
import { type NestedArray, Tensor } from '../../ops/index.js';

/** The same shape, and every number within `tolerance` of the expected one, relative to it above 1. */
export function near(actual: unknown, expected: NestedArray, tolerance = 1e-12): void {
  assert.instance(actual, Tensor);
  const x = actual as Tensor;
  const wanted = numbersOf(expected);
  assert.equal(x.shape, shapeOf(expected), `shape of ${x}`);
  wanted.forEach((value, i) => {
    const error = Math.abs(x.data[i] - value) / Math.max(1, Math.abs(value));
    const same = Object.is(x.data[i], value) || error <= tolerance;
    assert.ok(same, `expected ${JSON.stringify(expected)}, got ${x} (position ${i})`);
  });
}

const numbersOf = (x: NestedArray): number[] =>
  Array.isArray(x) ? x.flatMap(numbersOf) : [Number(x)];

function shapeOf(x: NestedArray): number[] {
  return Array.isArray(x) ? [x.length, ...(x.length > 0 ? shapeOf(x[0]) : [])] : [];
}

/** `body` throws an error of exactly this class, whose whole message is (or matches) `message`. */
export function raises(body: () => unknown, kind: ErrorClass, message: string | RegExp): Error {
  let thrown: unknown;
  try {
    body();
  } catch (error) {
    thrown = error;
  }
  assert.instance(thrown, Error, `expected a ${kind.name}, nothing was thrown`);
  const error = thrown as Error;
  assert.is(error.constructor, kind, `expected a ${kind.name}, got ${error.stack}`);
  if (typeof message === 'string') assert.is(error.message, message);
  else assert.match(error.message, message);
  return error;
}

type ErrorClass = new (...args: never[]) => Error;
