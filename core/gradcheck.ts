import { gradient } from './autograd.js';
import { isFloating } from './dtype.js';
import { ArgumentError, GradientError } from './errors.js';
import { enableGrad, noGrad } from './mode.js';
import { optionsOf } from './options.js';
import { Generator } from './random.js';
import { checkFunction, checkNumber, formatShape, show } from './shape.js';
import { fromData, Tensor } from './tensor.js';
import { leavesOf } from './tree.js';

/** A function of tensors, giving a tensor or arrays and objects of tensors. */
export type Differentiable = (...inputs: Tensor[]) => unknown;

export interface GradcheckOptions {
  /** The largest relative error that passes: 1e-6, and 1e-4 for second derivatives. */
  tolerance?: number;
  /** The difference quotient's step, relative to |x| where |x| > 1; a kink should be 2 steps away. */
  step?: number;
}

/** One element of one input, and the two derivatives found for it. */
export interface Comparison {
  readonly input: number;
  /** The element's index, one number an axis. */
  readonly element: readonly number[];
  readonly analytic: number;
  readonly numeric: number;
  /** |analytic − numeric| / max(|analytic|, |numeric|, 1e-3). */
  readonly error: number;
}

export interface GradcheckReport {
  /** How many elements were compared. */
  readonly compared: number;
  /** The comparison with the largest error; null if there was nothing to compare. */
  readonly worst: Comparison | null;
}

/** A gradient that differs from the difference quotient; `report` holds the numbers. */
export class GradcheckError extends GradientError {
  override name = 'GradcheckError';
  constructor(
    message: string,
    readonly report: GradcheckReport,
  ) {
    super(message);
  }
}

/** Below this size a derivative's error counts as absolute. */
const FLOOR = 1e-3;
const STEP = 2 ** -12;

/**
 * Checks the gradients of `f` at `inputs` against central differences of fourth order, in float64
 * (floating inputs of another dtype are converted). The outputs are weighted with fixed random
 * cotangents, so one number stands for the whole Jacobian row by row. Between forward and backward
 * `f` is run at other points, last with every input moved, so that state left over from another call
 * shows.
 *
 * Throws a `GradcheckError` that says which input and element, the analytic and the numeric
 * derivative and their relative error; a `GradientError` if `f` gives different values for the same
 * inputs; an `ArgumentError` if no input or no output is floating, for that would check nothing.
 * Returns the report otherwise.
 */
export function gradcheck(
  f: Differentiable,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): GradcheckReport {
  return check('gradcheck', f, inputs, settings('gradcheck', options, 1e-6));
}

/**
 * As `gradcheck`, for the second derivatives: checks the gradients of
 * (inputs, u) ↦ ∂⟨u, f(inputs)⟩/∂inputs, with u a random cotangent of f's output.
 */
export function gradgradcheck(
  f: Differentiable,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): GradcheckReport {
  checkFunction('gradgradcheck', 'to check', f);
  const given = settings('gradgradcheck', options, 1e-4);
  const xs = toFloat64('gradgradcheck', inputs);
  const outputs = noGrad(() => floatingLeaves('gradgradcheck', f(...xs)));
  checkSomeFloating('gradgradcheck', 'output', outputs);
  const generator = new Generator(2);
  const us = outputs.map((y) => randomLike(y, generator));
  const firstDerivative = (...args: Tensor[]): Tensor[] => {
    const [point, cotangents] = [args.slice(0, xs.length), args.slice(xs.length)];
    const tracked = point.map((x) =>
      isFloating(x.dtype) && !x.requiresGrad ? x.detach().requiresGrad_() : x,
    );
    return enableGrad(() => gradientsOf(f, tracked, cotangents, true).filter((g) => g !== null));
  };
  return check('gradgradcheck', firstDerivative, [...xs, ...us], given);
}

function settings(
  name: string,
  options: GradcheckOptions,
  tolerance: number,
): Required<GradcheckOptions> {
  const given = optionsOf(name, options, { tolerance, step: STEP });
  for (const [what, x] of Object.entries(given)) {
    if (checkNumber(name, `the ${what}`, x) > 0) continue;
    throw new ArgumentError(`${name}: expected a ${what} above 0, got ${x}`);
  }
  return given;
}

function check(
  name: string,
  f: Differentiable,
  inputs: readonly Tensor[],
  { tolerance, step }: Required<GradcheckOptions>,
): GradcheckReport {
  checkFunction(name, 'to check', f);
  const xs = toFloat64(name, inputs).map((x) => (isFloating(x.dtype) ? x.requiresGrad_() : x));
  const outputs = enableGrad(() => floatingLeaves(name, f(...xs)));
  checkSomeFloating(name, 'input', xs);
  checkSomeFloating(name, 'output', outputs);
  const generator = new Generator(1);
  const cotangents = outputs.map((y) => randomLike(y, generator));

  const again = noGrad(() => floatingLeaves(name, f(...xs)));
  if (!outputs.every((y, i) => y.data.every((value, j) => Object.is(value, again[i].data[j])))) {
    throw new GradientError(
      `${name}: expected the same values from the same inputs, got different ones`,
    );
  }
  const numeric = xs.map((x, i) =>
    isFloating(x.dtype) ? differences(f, xs, i, cotangents, step) : new Float64Array(0),
  );
  noGrad(() => f(...xs.map((x) => nudged(x, step))));
  const analytic = pull(outputs, xs, cotangents, false);

  let worst: Comparison | null = null;
  let compared = 0;
  analytic.forEach((g, input) => {
    for (let at = 0; g !== null && at < g.size; at++) {
      const [a, n] = [g.data[at], numeric[input][at]];
      const difference = Math.abs(a - n) / Math.max(Math.abs(a), Math.abs(n), FLOOR);
      const error = Number.isNaN(difference) ? Infinity : difference;
      compared++;
      if (worst !== null && error <= worst.error) continue;
      worst = { input, element: indexOf(at, g.shape), analytic: a, numeric: n, error };
    }
  });
  const report: GradcheckReport = { compared, worst };
  if (worst !== null) raiseIfWrong(name, worst, tolerance, xs, report);
  return report;
}

function raiseIfWrong(
  name: string,
  worst: Comparison,
  tolerance: number,
  xs: readonly Tensor[],
  report: GradcheckReport,
): void {
  if (worst.error <= tolerance) return;
  throw new GradcheckError(
    `${name}: input ${worst.input} (shape ${formatShape(xs[worst.input].shape)}), element ${formatShape(worst.element)}: ` +
      `analytic ${worst.analytic}, numeric ${worst.numeric}, relative error ${worst.error.toExponential(2)}, tolerance ${tolerance}`,
    report,
  );
}

function toFloat64(name: string, inputs: readonly Tensor[]): Tensor[] {
  if (!Array.isArray(inputs)) {
    throw new ArgumentError(`${name}: expected a list of tensors as inputs, got ${show(inputs)}`);
  }
  return inputs.map((x, i) => {
    if (!(x instanceof Tensor)) {
      throw new ArgumentError(`${name}: expected a tensor as input ${i}, got ${show(x)}`);
    }
    return isFloating(x.dtype) ? fromData('float64', Float64Array.from(x.data), x.shape) : x;
  });
}

function checkSomeFloating(name: string, what: string, tensors: readonly Tensor[]): void {
  if (tensors.some((x) => isFloating(x.dtype))) return;
  throw new ArgumentError(`${name}: expected a float32 or float64 ${what}, got none`);
}

const floatingLeaves = (name: string, tree: unknown): Tensor[] =>
  leavesOf(name, tree).filter((y) => isFloating(y.dtype));

/** Cotangents away from 0, so that no part of the output goes unseen. */
function randomLike(y: Tensor, generator: Generator): Tensor {
  const data = Float64Array.from(y.data, () => {
    const u = generator.uniform();
    return u < 0.5 ? u - 1 : u + 0.5;
  });
  return fromData('float64', data, y.shape);
}

const gradientsOf = (
  f: Differentiable,
  xs: readonly Tensor[],
  cotangents: readonly Tensor[],
  createGraph: boolean,
): (Tensor | null)[] =>
  pull(floatingLeaves('gradgradcheck', f(...xs)), xs, cotangents, createGraph);

/** ∂⟨cotangents, outputs⟩/∂x for each floating x; zeros where the outputs do not depend on it. */
function pull(
  outputs: readonly Tensor[],
  xs: readonly Tensor[],
  cotangents: readonly Tensor[],
  createGraph: boolean,
): (Tensor | null)[] {
  const floating = xs.filter((x) => isFloating(x.dtype));
  const live = outputs.map((_, i) => i).filter((i) => outputs[i].requiresGrad);
  const zeros = (x: Tensor): Tensor => fromData('float64', new Float64Array(x.size), x.shape);
  const gradients =
    live.length === 0
      ? floating.map(zeros)
      : gradient(
          live.map((i) => outputs[i]),
          floating,
          { gradOutputs: live.map((i) => cotangents[i]), allowUnused: true, createGraph },
        );
  let next = 0;
  return xs.map((x) => (isFloating(x.dtype) ? gradients[next++] : null));
}

/** x with every number moved by the step. */
const nudged = (x: Tensor, step: number): Tensor =>
  isFloating(x.dtype)
    ? fromData(
        'float64',
        Float64Array.from(x.data, (v) => v + stepAt(v, step)),
        x.shape,
      )
    : x;

const stepAt = (x: number, step: number): number => step * Math.max(1, Math.abs(x));

/** The derivative of ⟨cotangents, f⟩ by each element of input i, as a difference of fourth order. */
function differences(
  f: Differentiable,
  xs: readonly Tensor[],
  i: number,
  cotangents: readonly Tensor[],
  step: number,
): Float64Array {
  const x = xs[i];
  const quotients = new Float64Array(x.size);
  for (let at = 0; at < x.size; at++) {
    const h = stepAt(x.data[at], step);
    const outputsAt = (shift: number): Tensor[] => {
      const moved = Float64Array.from(x.data);
      moved[at] += shift;
      const args = xs.map((other, j) =>
        j === i ? fromData('float64', moved, x.shape) : other.detach(),
      );
      return noGrad(() => floatingLeaves('gradcheck', f(...args)));
    };
    const [p2, p1, m1, m2] = [2 * h, h, -h, -2 * h].map(outputsAt);
    cotangents.forEach((u, k) => {
      for (let j = 0; j < u.size; j++) {
        const slope = m2[k].data[j] - p2[k].data[j] + 8 * (p1[k].data[j] - m1[k].data[j]);
        quotients[at] += (u.data[j] * slope) / (12 * h);
      }
    });
  }
  return quotients;
}

function indexOf(at: number, shape: readonly number[]): number[] {
  const index = new Array<number>(shape.length);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = at % shape[axis];
    at = Math.floor(at / shape[axis]);
  }
  return index;
}
