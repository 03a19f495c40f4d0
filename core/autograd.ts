import type { DType } from './dtype.js';
import { ArgumentError, DTypeError, GradientError, ShapeError } from './errors.js';
import type { Kernels, Storage } from './kernels.js';
import { mode } from './mode.js';
import type { Hook, Node } from './node.js';
import { checkFinite, defineOp } from './op.js';
import { checkOptions } from './options.js';
import { Reuse } from './reuse.js';
import { onRoute, type Route, routeBetween, type Stop } from './route.js';
import { scope } from './scope.js';
import { checkBoolean, formatShape, type Shape, sameShape, show } from './shape.js';
import { Tensor } from './tensor.js';

/** The same numbers in a buffer of their own. */
export const clone = defineOp({
  name: 'clone',
  forward: (k: Kernels, x: Tensor) => new Tensor(k.cast(x.storage, x.dtype), x.shape),
  saves: [[]],
  vjp: [(g) => g],
});

/** The sum of two cotangents of one tensor. */
export const accumulate = defineOp({
  name: 'accumulate',
  forward: (k: Kernels, a: Tensor, b: Tensor) =>
    new Tensor(k.binary('add', a.storage, b.storage, flat(a.size)), a.shape),
  saves: [[], []],
  vjp: [(g) => g, (g) => g],
});

const flat = (length: number) => ({ sizes: [length], a: [1], b: [1], length });

export interface BackwardOptions {
  /** Keep what the ops saved, so that backward can come through again. Default: `createGraph`. */
  retainGraph?: boolean;
  /** Record the backward pass too, so that gradients have gradients. */
  createGraph?: boolean;
}

export interface GradOptions extends BackwardOptions {
  /** Cotangents of the outputs, of their shapes; ones for outputs of a single number. */
  gradOutputs?: Tensor | readonly Tensor[];
  /** Give zeros for an input that the outputs do not depend on, instead of throwing. */
  allowUnused?: boolean;
}

declare module './tensor.js' {
  interface Tensor {
    /**
     * Adds to `.grad` of every leaf that this tensor depends on the gradient of this tensor (of a
     * single number, or weighted by `gradient`, of its shape). Throws a `GradientError` when nothing
     * was recorded, when the graph was freed, or when a saved tensor was changed in place.
     */
    backward(gradient?: Tensor, options?: BackwardOptions): void;
  }
}

/** Throws an `ArgumentError` for an option that is none of these, or a flag that is no truth value. */
export function checkFlags(
  op: string,
  options: object,
  flags: readonly string[],
  others: readonly string[] = [],
): void {
  checkOptions(op, options, [...flags, ...others]);
  const given: Record<string, unknown> = { ...options };
  for (const flag of flags) if (given[flag] !== undefined) checkBoolean(op, flag, given[flag]);
}

Tensor.prototype.backward = function backward(gradient, options = {}) {
  checkFlags('backward', options, ['retainGraph', 'createGraph']);
  const cotangents = propagate(
    'backward',
    seeds('backward', [this], gradient, options.createGraph),
    routeBetween([this]),
    options,
  );
  const handedOut = new Set(listOf(gradient).map((g) => g.storage));
  withGrad(options, () => {
    for (const [{ owner: x }, g] of cotangents) {
      if (x === null) continue;
      x.grad = x.grad === null ? ownGradient(g, handedOut) : accumulate(x.grad, g);
    }
  });
};

/** Two inputs of a sum get the very same cotangent, but each gradient that is handed out is one's own. */
function ownGradient(g: Tensor, handedOut: Set<Storage>): Tensor {
  const own = handedOut.has(g.storage) ? clone(g) : g;
  handedOut.add(own.storage);
  return own;
}

const listOf = (x: Tensor | readonly Tensor[] | undefined): readonly Tensor[] =>
  x === undefined ? [] : x instanceof Tensor ? [x] : x;

/**
 * Gradients of `outputs` (their sum, weighted by `gradOutputs`) with respect to `inputs`, as tensors
 * of the inputs' shapes. Touches no `.grad`. Throws a `GradientError` for an input that the outputs do
 * not depend on, unless `allowUnused`. The route between them may be given, if it is known.
 */
export function gradient(
  outputs: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options: GradOptions = {},
  route?: Route,
): Tensor[] {
  const ys = outputs instanceof Tensor ? [outputs] : outputs;
  inputs.forEach((x, i) => {
    if (x instanceof Tensor && x.requiresGrad) return;
    throw new GradientError(`grad: expected inputs that require grad, input ${i} does not`);
  });
  const cotangents = propagate(
    'grad',
    seeds('grad', ys, options.gradOutputs, options.createGraph),
    route ?? routeBetween(ys, inputs),
    options,
  );
  const handedOut = new Set(listOf(options.gradOutputs).map((g) => g.storage));
  return inputs.map((x, i) => {
    const g = x.node === null ? undefined : cotangents.get(x.node);
    if (g !== undefined) return withGrad(options, () => ownGradient(g, handedOut));
    if (options.allowUnused) return zerosLike(x);
    throw new GradientError(
      `grad: the outputs do not depend on input ${i}, of shape ${formatShape(x.shape)}; { allowUnused: true } gives zeros`,
    );
  });
}

/** Zeros of x's shape, dtype and device. */
export const zerosLike = (x: Tensor): Tensor =>
  new Tensor(x.device.kernels.full(x.dtype, x.size, 0), x.shape);

/** One cotangent for each output: as given, or a one for an output of a single number. */
function seeds(
  name: string,
  outputs: readonly Tensor[],
  given: Tensor | readonly Tensor[] | undefined,
  createGraph = false,
): Tensor[] {
  const list = given instanceof Tensor ? [given] : given;
  if (list !== undefined && !Array.isArray(list)) {
    throw new ArgumentError(
      `${name}: expected a tensor as the output's cotangent, got ${show(given)}`,
    );
  }
  if (list !== undefined && list.length !== outputs.length) {
    throw new GradientError(
      `${name}: expected ${outputs.length} cotangents, one an output, got ${list.length}`,
    );
  }
  return outputs.map((y, i) => {
    if (!y.requiresGrad) {
      throw new GradientError(
        `${name}: expected an output that requires grad, got one that depends on no tensor that does`,
      );
    }
    if (list === undefined && y.size !== 1) {
      throw new GradientError(
        `${name}: expected an output of a single number, got shape ${formatShape(y.shape)}; pass a cotangent of that shape`,
      );
    }
    const g = list ? list[i] : new Tensor(y.device.kernels.full(y.dtype, y.size, 1), y.shape);
    checkCotangent(name, 'output', g, y);
    return createGraph ? g : g.detach();
  });
}

export function checkCotangent(
  name: string,
  what: string,
  g: unknown,
  x: { readonly shape: Shape; readonly dtype: DType },
): asserts g is Tensor {
  if (!(g instanceof Tensor)) {
    throw new ArgumentError(
      `${name}: expected a tensor as the ${what}'s cotangent, got ${show(g)}`,
    );
  }
  if (!sameShape(g.shape, x.shape)) {
    throw new ShapeError(
      `${name}: expected a cotangent of the ${what}'s shape ${formatShape(x.shape)}, got ${formatShape(g.shape)}`,
    );
  }
  if (g.dtype !== x.dtype) {
    throw new DTypeError(
      `${name}: expected a cotangent of the ${what}'s dtype ${x.dtype}, got ${g.dtype}`,
    );
  }
}

/** Runs `body` recording only if a graph of the gradients was asked for. */
function withGrad<T>(options: BackwardOptions, body: () => T): T {
  const before = mode.grad;
  mode.grad = options.createGraph ?? false;
  try {
    return body();
  } finally {
    mode.grad = before;
  }
}

/**
 * Reverse mode: goes the route back from the outputs, so that each tensor comes after everything that
 * was made from it, and hands each op's cotangent on to its inputs. Returns the cotangents that were
 * asked for; the others are let go as soon as they have been used.
 */
function propagate(
  name: string,
  seeded: readonly Tensor[],
  { starts, stops, targets }: Route,
  options: BackwardOptions,
): Map<Node, Tensor> {
  const cotangents = new Array<Tensor | undefined>(stops.length);
  const asked = new Map<Node, Tensor>();
  // A recorded pass keeps what it makes, and one in anomaly mode is there to be looked into.
  const reuse = options.createGraph || mode.anomaly ? null : new Reuse();
  const add = (stop: Stop, g: Tensor): void => {
    const sum = cotangents[stop.at];
    const total = sum === undefined ? g : accumulate(sum, g);
    cotangents[stop.at] = total;
    reuse?.hold(total.storage);
    if (sum !== undefined) reuse?.drop(sum.storage);
  };
  const { replay, made } = mode;
  // Where memory must be freed, cotangents that nobody asked for end with the pass, unless a graph has them.
  const freeing = !options.createGraph && seeded.some((g) => g.device.free !== undefined);
  const within = freeing ? scope : <T>(body: () => T): T => body();
  try {
    within(() => {
      withGrad(options, () => {
        starts.forEach((stop, i) => {
          if (onRoute(stop)) add(stop, seeded[i]);
        });
        for (let at = stops.length - 1; at >= 0; at--) {
          const { node, inputs } = stops[at];
          const arrived = cotangents[at];
          if (arrived === undefined) continue;
          cotangents[at] = undefined;
          if (node.hooks !== null || !node.isPure) reuse?.spare(arrived.storage);
          mode.made = null;
          const g = node.hooks === null ? arrived : throughHooks(name, node.hooks, arrived, node);
          if (targets === null ? node.owner?.requiresGrad : targets.has(node)) {
            asked.set(node, g);
            reuse?.spare(g.storage);
          }
          for (let i = 0; i < inputs.length; i++) {
            const input = inputs[i];
            if (!onRoute(input)) continue;
            mode.replay = node;
            mode.made = node.isPure && reuse !== null ? reuse.recent : null;
            const gx = node.vjp(i, g);
            mode.replay = replay;
            checkCotangent(`${name}: vjp of ${node.name}`, `input ${i}`, gx, input.node);
            if (mode.anomaly) checkFinite(`${name} through ${node.name}`, gx, [g, ...node.saved]);
            mode.made = reuse?.recent ?? null;
            add(input, gx);
          }
          reuse?.drop(arrived.storage);
          reuse?.settle();
        }
      });
      return asked;
    });
  } finally {
    mode.replay = replay;
    mode.made = made;
  }
  if (!(options.retainGraph ?? options.createGraph ?? false)) {
    for (const { node, inputs } of stops) if (inputs.some(onRoute)) node.free();
  }
  return asked;
}

/** The cotangent g of y as its hooks leave it. */
function throughHooks(name: string, hooks: ReadonlySet<Hook>, g: Tensor, y: Node): Tensor {
  let result = g;
  for (const hook of [...hooks]) {
    result = hook(result) ?? result;
    checkCotangent(`${name}: hook`, 'tensor', result, y);
  }
  return result;
}
