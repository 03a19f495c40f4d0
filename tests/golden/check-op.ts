import { grad, Tensor, zerosLike } from '../../ops/index.js';
import { Arguments, watched } from './arguments.js';
import { compare, type Kind } from './compare.js';
import { type OpCase, read, type Written } from './format.js';
import { rows } from './rows/index.js';
import type { Result } from './rows/row.js';

/** Runs a row, and throws unless it has read every input and every argument that the case gives. */
export function call<T>(
  name: string,
  row: (inputs: readonly Tensor[], a: Arguments) => T,
  inputs: readonly Tensor[],
  a: Arguments,
): T {
  const [list, unread] = watched(inputs);
  const result = row(list, a);
  const left = [...unread().map((i) => `input ${i}`), ...a.unused().map((arg) => `'${arg}'`)];
  if (left.length === 0) return result;
  throw new Error(`the row of ${name} does not read ${left.join(', ')}`);
}

function listOf(result: Result): readonly Tensor[] {
  if (result instanceof Tensor) return [result];
  if ('indices' in result) return [result.values, result.indices];
  return 'outputs' in result ? result.outputs : result;
}

/** The row's outputs, as many as the file has; of values and indices it may have the values alone. */
export function outputsOf(result: Result, wanted: number): readonly Tensor[] {
  const all = listOf(result);
  if (all.length === wanted) return all;
  if ('indices' in result && wanted === 1) return [result.values];
  throw new Error(`expected ${wanted} outputs, got ${all.length}`);
}

/**
 * The gradients by `xs` of Σ⟨ys, cotangents⟩, null standing for a cotangent of 0. What depends on
 * nothing that requires grad has no part in it.
 */
export function pulledBack(
  ys: readonly Tensor[],
  cotangents: readonly (Written | null)[],
  xs: readonly Tensor[],
  createGraph = false,
): Tensor[] {
  if (ys.length !== cotangents.length) {
    throw new Error(`expected ${ys.length} cotangents, got ${cotangents.length}`);
  }
  const live = ys.flatMap((y, i) => {
    const g = cotangents[i];
    return g === null || !y.requiresGrad ? [] : [{ y, g: read(g) }];
  });
  if (live.length === 0) return xs.map((x) => zerosLike(x));
  return grad(
    live.map(({ y }) => y),
    xs,
    { gradOutputs: live.map(({ g }) => g), allowUnused: true, createGraph },
  );
}

/** The errors of several tensors; null in the file stands for zeros. */
export function compareAll(
  what: string,
  actual: readonly Tensor[],
  expected: readonly (Written | null)[],
  kind: Kind = 'value',
): number[] {
  if (actual.length !== expected.length) {
    throw new Error(`${what}: expected ${expected.length} of them, got ${actual.length}`);
  }
  return actual.map((x, i) => compare(`${what} ${i}`, x, expected[i] ?? zerosFor(x), kind));
}

const zerosFor = ({ dtype, shape, size }: Tensor): Written => ({
  dtype,
  shape,
  data: new Array<number>(size).fill(0),
});

/** The worst relative error of an op's outputs, gradients and second derivatives. */
export function checkOp(c: OpCase): number {
  // `linalg.norm` and `special.expit` are known by their last name.
  const name = c.op.slice(c.op.lastIndexOf('.') + 1);
  const row = Object.hasOwn(rows, name) ? rows[name] : undefined;
  if (row === undefined) throw new Error(`there is no row for ${c.op}`);
  const inputs = c.inputs.map(read);
  const expected = c.grads ?? inputs.map(() => null);
  if (expected.length !== inputs.length) {
    throw new Error(`the case has ${inputs.length} inputs and ${expected.length} gradients`);
  }
  const xs = inputs.filter((_, i) => expected[i] !== null).map((x) => x.requiresGrad_());
  const result = call(c.op, row, inputs, new Arguments(c.args));
  const ys = outputsOf(result, c.outputs.length);
  const errors = compareAll('output', ys, c.outputs);
  if (c.grads !== undefined) {
    const gs = pulledBack(ys, c.cotangents ?? [], xs, c.second !== undefined);
    const wanted = expected.filter((g) => g !== null);
    errors.push(...compareAll('gradient', gs, wanted, 'derivative'));
    if (c.second !== undefined) {
      const seconds = pulledBack(gs, c.second.vectors, xs);
      errors.push(...compareAll('second derivative', seconds, c.second.grads, 'derivative'));
    }
  } else if (c.cotangents !== undefined || c.second !== undefined) {
    throw new Error('the case has cotangents or second derivatives but no gradients');
  }
  const after = result instanceof Tensor || !('after' in result) ? {} : result.after;
  for (const name of ['running_mean_after', 'running_var_after'] as const) {
    const written = c[name];
    if (written === undefined) continue;
    if (after[name] === undefined) throw new Error(`the row of ${c.op} gives no ${name}`);
    errors.push(compare(name, after[name], written));
  }
  return Math.max(0, ...errors);
}
