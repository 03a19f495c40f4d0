import {
  checkCotangent,
  checkFlags,
  clone,
  type GradOptions,
  gradient,
  zerosLike,
} from './autograd.js';
import { isFloating } from './dtype.js';
import { ArgumentError, DTypeError, GradientError, ShapeError } from './errors.js';
import { enableGrad, mode, withMode } from './mode.js';
import { optionsOf } from './options.js';
import { type Route, routeBetween } from './route.js';
import { checkFunction, formatShape, sameShape, show } from './shape.js';
import { fromData, Tensor } from './tensor.js';
import { leavesLike, leavesOf, mapTree, type Tensors, withLeaves } from './tree.js';

/** A function to a tensor, of whatever arguments. */
type Fn = (...args: never[]) => Tensor;

/** A function's arguments, numbers allowed where it takes tensors. */
type Inputs<A extends readonly unknown[]> = {
  [K in keyof A]: A[K] extends Tensor ? Tensor | number : A[K];
};

/** A function of x (a tensor, if nothing says otherwise) and of further arguments. */
type Of<X, Rest extends readonly unknown[]> = (x: X, ...rest: Rest) => Tensor;

export interface TransformOptions<N extends number = number> {
  /** Which argument to differentiate: 0 unless said otherwise. */
  argnum?: N;
}

/**
 * With tensors: the gradients of `outputs` with respect to `inputs`, of the inputs' shapes (an array
 * for an array). See `GradOptions`.
 *
 * With a function: its gradient, a function of the same arguments. `f` must give a single number; its
 * argument `argnum` may be a tensor or arrays and objects of tensors, and the gradient has that
 * structure. Gradients of gradients are taken by applying it again.
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor,
  options?: GradOptions,
): Tensor;
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options?: GradOptions,
): Tensor[];
export function grad<X = Tensor, Rest extends readonly unknown[] = []>(
  f: Of<X, Rest>,
  options?: TransformOptions<0>,
): (...args: Inputs<[X, ...Rest]>) => Tensors<X>;
export function grad<A extends readonly unknown[], N extends number>(
  f: (...args: A) => Tensor,
  options: TransformOptions<N>,
): (...args: Inputs<A>) => Tensors<A[N]>;
export function grad(
  target: Tensor | readonly Tensor[] | Fn,
  second?: Tensor | readonly Tensor[] | TransformOptions,
  options: GradOptions = {},
): unknown {
  if (typeof target === 'function') {
    const both = valueAndGradOf('grad', target, second as TransformOptions | undefined);
    return (...args: unknown[]) => both(args)[1];
  }
  checkTensors('grad', 'outputs', target);
  checkTensors('grad', 'inputs', second);
  checkFlags('grad', options, ['retainGraph', 'createGraph', 'allowUnused'], ['gradOutputs']);
  if (second instanceof Tensor) return gradient(target, [second], options)[0];
  return gradient(target, second, options);
}

/** Throws an `ArgumentError` for anything but a tensor or an array of them. */
export function checkTensors(op: string, what: string, x: unknown): asserts x is Tensor | Tensor[] {
  if (x instanceof Tensor || (Array.isArray(x) && x.every((t) => t instanceof Tensor))) return;
  throw new ArgumentError(
    `${op}: expected a tensor or an array of tensors as ${what}, got ${show(x)}`,
  );
}

/** As `grad` of a function, giving `[value, gradient]`. */
export function valueAndGrad<X = Tensor, Rest extends readonly unknown[] = []>(
  f: Of<X, Rest>,
  options?: TransformOptions<0>,
): (...args: Inputs<[X, ...Rest]>) => [Tensor, Tensors<X>];
export function valueAndGrad<A extends readonly unknown[], N extends number>(
  f: (...args: A) => Tensor,
  options: TransformOptions<N>,
): (...args: Inputs<A>) => [Tensor, Tensors<A[N]>];
export function valueAndGrad(f: Fn, options: TransformOptions = {}): unknown {
  const both = valueAndGradOf('valueAndGrad', f, options);
  return (...args: unknown[]) => both(args);
}

/** `valueAndGrad` in the name of the transform that is built on it, its arguments in a list. */
export function valueAndGradOf(op: string, f: Fn, options: TransformOptions = {}) {
  checkFunction(op, 'to differentiate', f);
  const { argnum } = optionsOf(op, options, { argnum: 0 });
  return (args: readonly unknown[]): [Tensor, unknown] => {
    if (!Number.isInteger(argnum) || argnum < 0 || argnum >= args.length) {
      throw new ArgumentError(
        `${op}: argnum ${show(argnum)} is not one of ${args.length} arguments`,
      );
    }
    const traced = args.map((x, i) => (i === argnum ? x : numbersToTensors(x)));
    return differentiate(op, args[argnum], (x, leaves, plain) => {
      const y = f(...(traced.with(argnum, x) as never[]));
      if (!(y instanceof Tensor)) {
        throw new GradientError(`${op}: expected the function to return a tensor, got ${show(y)}`);
      }
      if (y.size !== 1) {
        throw new GradientError(
          `${op}: expected the function to return a single number, got shape ${formatShape(y.shape)}`,
        );
      }
      const route = routeBetween([y], leaves);
      const alone = plain(route);
      const gs = y.requiresGrad
        ? gradient(y, leaves, { allowUnused: true, createGraph: !alone }, route)
        : leaves.map(zerosLike);
      return [alone ? y.detach() : y, withLeaves(op, args[argnum], gs)];
    });
  };
}

const numbersToTensors = (x: unknown): unknown =>
  typeof x === 'number' ? fromData('float32', Float32Array.of(x), []) : x;

/**
 * Runs `body` on copies of the tree's tensors that require grad. `plain` says of results, by the route
 * from them to the copies, that nothing outside differentiates through them: they may leave their graphs
 * behind. It is not so inside another transform, nor where they depend on a tensor outside that requires
 * grad.
 */
function differentiate<T>(
  op: string,
  tree: unknown,
  body: (tree: unknown, leaves: Tensor[], plain: (route: Route) => boolean) => T,
): T {
  const sources = leavesOf(op, tree);
  for (const x of sources) {
    if (isFloating(x.dtype)) continue;
    throw new DTypeError(`${op}: expected float32 or float64 to differentiate, got ${x.dtype}`);
  }
  const { grad: recording, depth } = mode;
  return withMode(op, 'depth', mode.depth + 1, () =>
    enableGrad(() => {
      const leaves = sources.map((x) => (x.requiresGrad ? clone(x) : x.detach().requiresGrad_()));
      const plain = (route: Route): boolean => depth === 0 && !(recording && route.dependsOnOthers);
      return body(withLeaves(op, tree, leaves), leaves, plain);
    }),
  );
}

/**
 * The value of `f` at the primals, and its pullback: from a cotangent (of the output's structure) to
 * one cotangent for each primal. The pullback may be called again and again.
 */
export function vjp<P extends readonly unknown[], R>(
  f: (...primals: P) => R,
  ...primals: P
): [R, Pullback<P, R>] {
  return pullbackOf('vjp', f, primals);
}

type Pullback<P, R> = (cotangent: Tensors<R> | Tensor) => Tensors<P>;

/** `vjp` in the name of the transform that is built on it. */
export function pullbackOf<P extends readonly unknown[], R>(
  op: string,
  f: (...primals: P) => R,
  primals: P,
): [R, Pullback<P, R>] {
  checkFunction(op, 'to differentiate', f);
  return differentiate(op, primals, (inputs, leaves, plain) => {
    const value = f(...(inputs as P));
    const ys = leavesOf(op, value);
    const route = routeBetween(ys, leaves);
    const alone = plain(route);
    const pullback = (cotangent: unknown): Tensors<P> => {
      const us = leavesLike(op, value, cotangent);
      const followed = mode.depth > 0 || (mode.grad && us.some((u) => u.requiresGrad));
      const gs = pull(op, ys, leaves, us, !alone || followed, route);
      return withLeaves(op, primals, gs) as Tensors<P>;
    };
    const result = alone ? mapTree(op, value, (y) => y.detach()) : value;
    return [result as R, pullback];
  });
}

/** Cotangents of `leaves` from those of `ys`, by the route between them; zeros where nothing depends on a leaf. */
function pull(
  op: string,
  ys: readonly Tensor[],
  leaves: readonly Tensor[],
  cotangents: readonly Tensor[],
  createGraph: boolean,
  route: Route,
): Tensor[] {
  ys.forEach((y, i) => {
    if (isFloating(y.dtype)) checkCotangent(op, 'output', cotangents[i], y);
  });
  const live = ys.map((_, i) => i).filter((i) => ys[i].requiresGrad);
  if (live.length === 0) return leaves.map(zerosLike);
  return gradient(
    live.map((i) => ys[i]),
    leaves,
    {
      gradOutputs: live.map((i) => cotangents[i]),
      allowUnused: true,
      retainGraph: true,
      createGraph,
    },
    route,
  );
}

/**
 * The value of `f` at the primals and its derivative along the tangents (one for each primal, of its
 * structure): `[f(x), J·t]`. Forward mode by reverse mode twice: the pullback is linear in the
 * cotangent, and J·t is the pullback of that.
 */
export function jvp<P extends readonly unknown[], R>(
  f: (...primals: P) => R,
  primals: P,
  tangents: Tensors<P>,
): [R, Tensors<R>] {
  checkFunction('jvp', 'to differentiate', f);
  if (!Array.isArray(primals)) {
    throw new ArgumentError(`jvp: expected a list of primals, got ${show(primals)}`);
  }
  const directions = leavesLike('jvp', primals, tangents);
  return differentiate('jvp', primals, (inputs, leaves, plain) => {
    checkTangents(leaves, directions);
    const value = f(...(inputs as P));
    const ys = leavesOf('jvp', value);
    const route = routeBetween(ys, leaves);
    const cotangents = ys.map((y) => zerosLike(y).requiresGrad_(isFloating(y.dtype)));
    const pulled = pull('jvp', ys, leaves, cotangents, true, route);
    const alone = plain(route) && plain(routeBetween(directions, leaves));
    const live = pulled.map((_, i) => i).filter((i) => pulled[i].requiresGrad);
    const floating = cotangents.filter((u) => u.requiresGrad);
    const products =
      live.length === 0
        ? floating.map(zerosLike)
        : gradient(
            live.map((i) => pulled[i]),
            floating,
            {
              gradOutputs: live.map((i) => directions[i]),
              allowUnused: true,
              createGraph: !alone,
              retainGraph: true,
            },
          );
    let next = 0;
    const along = ys.map((y) => (isFloating(y.dtype) ? products[next++] : zerosLike(y)));
    const result = alone ? mapTree('jvp', value, (y) => y.detach()) : value;
    return [result as R, withLeaves('jvp', value, along) as Tensors<R>];
  });
}

function checkTangents(leaves: readonly Tensor[], tangents: readonly Tensor[]): void {
  leaves.forEach((x, i) => {
    if (sameShape(x.shape, tangents[i].shape) && x.dtype === tangents[i].dtype) return;
    throw new ShapeError(
      `jvp: expected tangent ${i} of shape ${formatShape(x.shape)} and dtype ${x.dtype}, got ${formatShape(tangents[i].shape)} and ${tangents[i].dtype}`,
    );
  });
}

/**
 * The Hessian of `f` at x times v: `H·v`, of x's structure, without forming H. `f` must give a single
 * number. It is the pullback of the gradient, H being its own transpose.
 */
export function hvp<X>(f: (x: X) => Tensor, x: X, v: Tensors<X>): Tensors<X> {
  const both = valueAndGradOf('hvp', f);
  const [, pullback] = pullbackOf('hvp', (at: X) => both([at])[1] as X, [x]);
  return pullback(v)[0] as Tensors<X>;
}
