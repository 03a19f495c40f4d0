import { checkBoolean, checkNumber, show } from '../core/shape.js';
import { optionsOf, promoted } from '../ops/arguments.js';
import {
  ArgumentError,
  add,
  cast,
  clamp,
  div,
  GradientError,
  minimum,
  mul,
  noGrad,
  norm,
  stack,
  Tensor,
  zeros,
} from '../ops/index.js';

/** What has a gradient to be clipped. */
type Parameters = Tensor | readonly Tensor[];

export interface ClipOptions {
  /** p of the norm (Σ|g|ᵖ)^(1/p): 2 unless said otherwise; Infinity for the largest |g|. */
  normType?: number;
  /** Throw a `GradientError`, and change nothing, when the norm is NaN or infinite. */
  errorIfNonfinite?: boolean;
}

/** The parameters that have a gradient, with it. */
function withGradients(op: string, parameters: Parameters): [p: Tensor, g: Tensor][] {
  const list = parameters instanceof Tensor ? [parameters] : parameters;
  if (!Array.isArray(list) || !list.every((p) => p instanceof Tensor)) {
    throw new ArgumentError(`${op}: expected parameters, got ${show(parameters)}`);
  }
  return list.flatMap((p): [Tensor, Tensor][] => (p.grad === null ? [] : [[p, p.grad]]));
}

const checkBound = (op: string, what: string, x: unknown): number => {
  if (checkNumber(op, what, x) >= 0) return Number(x);
  throw new ArgumentError(`${op}: expected a number of at least 0 as ${what}, got ${show(x)}`);
};

/**
 * Scales all gradients down by one factor, so that their norm, taken over all of them together, is at
 * most `maxNorm` (Pascanu et al. 2013, arXiv 1211.5063, algorithm 1). Each `grad` becomes a new tensor.
 * Returns the norm before.
 */
export function clipGradNorm(
  parameters: Parameters,
  maxNorm: number,
  options: ClipOptions = {},
): Tensor {
  const { normType, errorIfNonfinite } = optionsOf('clipGradNorm', options, {
    normType: 2,
    errorIfNonfinite: false,
  });
  checkBound('clipGradNorm', 'maxNorm', maxNorm);
  checkNumber('clipGradNorm', 'normType', normType);
  checkBoolean('clipGradNorm', 'errorIfNonfinite', errorIfNonfinite);
  const clipped = withGradients('clipGradNorm', parameters);
  if (clipped.length === 0) return zeros([]);
  return noGrad(() => {
    const norms = promoted(clipped.map(([, g]) => norm(g, null, false, normType)));
    const total = norm(stack(norms), null, false, normType);
    if (errorIfNonfinite && !Number.isFinite(total.item())) {
      throw new GradientError(`clipGradNorm: expected a finite norm, got ${total.item()}`);
    }
    const factor = minimum(div(maxNorm, add(total, 1e-6)), 1);
    for (const [p, g] of clipped) p.grad = mul(g, cast(factor, g.dtype));
    return total;
  });
}

/** Holds every number of every gradient between −clipValue and clipValue. Each `grad` becomes a new tensor. */
export function clipGradValue(parameters: Parameters, clipValue: number): void {
  checkBound('clipGradValue', 'clipValue', clipValue);
  noGrad(() => {
    for (const [p, g] of withGradients('clipGradValue', parameters)) {
      p.grad = clamp(g, -clipValue, clipValue);
    }
  });
}
