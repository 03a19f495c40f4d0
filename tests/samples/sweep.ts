import { leavesOf } from '../../core/tree.js';
import {
  GradcheckError,
  type GradcheckReport,
  grad,
  gradcheck,
  gradgradcheck,
  jvp,
  manualSeed,
  registry,
  type Tensor,
  tensor,
  vjp,
} from '../../ops/index.js';
import { type Call, inputsOf, type Sample, type Samples } from './sample.js';

/** The largest errors that samples showed, or the bounds of such. */
export interface Errors {
  first: number;
  second: number;
  /** float32 against float64, values and gradients. */
  float32: number;
  /** ⟨u, J·t⟩ against ⟨Jᵀ·u, t⟩. */
  jvp: number;
}

export interface Row {
  readonly op: string;
  readonly samples: number;
  readonly differentiable: boolean;
  readonly worst: Errors;
  /** One line for each check that a sample did not pass. */
  readonly failures: readonly string[];
}

const BOUNDS: Errors = { first: 1e-6, second: 1e-4, float32: 2e-5, jvp: 1e-9 };

/** Every op of the registry against its samples. */
export const sweep = (samples: Samples): Row[] =>
  [...registry].map(([op, { differentiable }]) => checkOp(op, samples[op] ?? [], differentiable));

/** One op against its samples. To have none, or none with a derivative, is a failure. */
export function checkOp(op: string, samples: readonly Sample[], differentiable: boolean): Row {
  const worst: Errors = { first: 0, second: 0, float32: 0, jvp: 0 };
  const failures: string[] = [];
  let differentiated = 0;
  for (const each of samples) {
    const found = checkSample(op, each, differentiable, failures);
    if (found.differentiated) differentiated++;
    for (const key of keys) worst[key] = Math.max(worst[key], found.errors[key]);
  }
  if (samples.length === 0) failures.push('has no samples');
  else if (differentiable && differentiated === 0) failures.push('has no sample with a derivative');
  return { op, samples: samples.length, differentiable, worst, failures };
}

const keys = ['first', 'second', 'float32', 'jvp'] as const;

/** All the checks of one sample; what fails is added to `failures`. */
function checkSample(
  op: string,
  each: Sample,
  differentiable: boolean,
  failures: string[],
): { errors: Errors; differentiated: boolean } {
  const errors: Errors = { first: 0, second: 0, float32: 0, jvp: 0 };
  const bounds = { ...BOUNDS, ...each.exceptions };
  const inputs = inputsOf(op, each);
  // The random ops draw the same numbers each time they are called.
  const call: Call = (...xs) => {
    manualSeed(0);
    return each.call(...xs);
  };
  const run = (key: keyof Errors, measure: () => number): void => {
    try {
      errors[key] = measure();
      if (errors[key] <= bounds[key]) return;
      failures.push(`${each.title}: ${key} ${errors[key].toExponential(1)} > ${bounds[key]}`);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      errors[key] = error instanceof GradcheckError ? errorOf(error.report) : Infinity;
      failures.push(`${each.title}: ${error.message}`);
    }
  };

  let differentiated = false;
  run('float32', () => {
    differentiated = hasDerivative(call, inputs, differentiable);
    return float32Error(call, inputs, differentiated);
  });
  if (differentiated) {
    run('first', () => errorOf(gradcheck(call, inputs, { tolerance: bounds.first })));
    if (bounds.second < Infinity) {
      run('second', () => errorOf(gradgradcheck(call, inputs, { tolerance: bounds.second })));
    }
    run('jvp', () => transposeError(call, inputs));
  }
  return { errors, differentiated };
}

const errorOf = (report: GradcheckReport): number => report.worst?.error ?? 0;

const isFloat = (x: Tensor): boolean => x.dtype === 'float32' || x.dtype === 'float64';

/**
 * Whether the call has float numbers to differentiate, and by. Throws where the results do not say so
 * themselves: those of a differentiable op require grad, and no others.
 */
function hasDerivative(call: Call, inputs: readonly Tensor[], differentiable: boolean): boolean {
  const tracked = inputs.map((x) => (isFloat(x) ? tensor(x, { requiresGrad: true }) : x));
  const values = leavesOf('sweep', call(...tracked));
  const expected = differentiable && inputs.some(isFloat) && values.some(isFloat);
  if (values.some((y) => y.requiresGrad) === expected) return expected;
  throw new Error(`its results ${expected ? 'do not require' : 'require'} grad`);
}

function float32Error(call: Call, inputs: readonly Tensor[], differentiated: boolean): number {
  // Both start from numbers that float32 holds, so that only the arithmetic differs.
  const rounded = inputs.map((x) => (isFloat(x) ? tensor(x, { dtype: 'float32' }) : x));
  const single = evaluated(call, rounded, 'float32', differentiated);
  const double = evaluated(call, rounded, 'float64', differentiated);
  let worst = 0;
  double.forEach((y, i) => {
    const scale = Math.max(1e-2, ...Array.from(y.data, Math.abs).filter(Number.isFinite));
    y.data.forEach((value, j) => {
      worst = Math.max(worst, distance(value, single[i].data[j]) / scale);
    });
  });
  return worst;
}

/** |a − b|; 0 for equal infinities and two NaN, Infinity where just one is either. */
const distance = (a: number, b: number): number => {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  return Number.isNaN(a - b) ? Infinity : Math.abs(a - b);
};

/** Values of `call`, and the gradients of their weighted sum, with the inputs in another dtype. */
function evaluated(
  call: Call,
  inputs: readonly Tensor[],
  dtype: 'float32' | 'float64',
  differentiated: boolean,
): Tensor[] {
  const xs = inputs.map((x) => (isFloat(x) ? tensor(x, { dtype, requiresGrad: true }) : x));
  const values = leavesOf('sweep', call(...xs));
  if (!differentiated) return values;
  const outputs = values.filter((y) => y.requiresGrad);
  const gradients = grad(outputs, xs.filter(isFloat), {
    gradOutputs: outputs.map(weights),
    allowUnused: true,
  });
  return [...values, ...gradients];
}

/** Fixed numbers between ½ and 1, of both signs. */
function weights(y: Tensor): Tensor {
  const data = Float64Array.from(
    { length: y.size },
    (_, i) => (i % 2 === 0 ? 1 : -1) * (0.5 + (((i + 1) * 0.618034) % 1) / 2),
  );
  return tensor(data, { dtype: y.dtype, shape: y.shape });
}

/** How far ⟨u, J·t⟩ from jvp is from ⟨Jᵀ·u, t⟩ from vjp. */
function transposeError(call: Call, inputs: readonly Tensor[]): number {
  const floats = inputs.filter(isFloat);
  const f = (xs: Tensor[]): Tensor[] => {
    let next = 0;
    const all = inputs.map((x) => (isFloat(x) ? xs[next++] : x));
    return leavesOf('sweep', call(...all)).filter(isFloat);
  };
  const tangents = floats.map(weights);
  const [, pushed] = jvp(f, [floats], [tangents]);
  const [values, pullback] = vjp(f, floats);
  const cotangents = values.map(weights);
  const [pulled] = pullback(cotangents);
  const [forward, reverse] = [inner(cotangents, pushed), inner(pulled, tangents)];
  return Math.abs(forward - reverse) / Math.max(1, Math.abs(forward), Math.abs(reverse));
}

function inner(a: readonly Tensor[], b: readonly Tensor[]): number {
  let total = 0;
  a.forEach((x, i) => {
    x.data.forEach((value, j) => {
      total += value * b[i].data[j];
    });
  });
  return total;
}
