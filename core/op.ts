import { Application, type Op, RESULT } from './application.js';
import { isFloating } from './dtype.js';
import { AnomalyError, ArgumentError, DeviceError, GradientError } from './errors.js';
import type { Kernels } from './kernels.js';
import { mode, NOTHING, type Replay } from './mode.js';
import { checkFunction, checkOneOf, formatShape, show } from './shape.js';
import { numbersFor, Tensor } from './tensor.js';

/** The cotangent of one input, from the cotangent g of the result y and the op's own arguments. */
export type Vjp<A extends readonly unknown[]> = (g: Tensor, y: Tensor, ...args: A) => Tensor;

export interface OpDefinition<Call extends readonly unknown[], A extends readonly unknown[]> {
  /** What errors, printing and the gradient-check table call the op. */
  readonly name: string;
  /**
   * Turns what the caller passed into what `forward` and `vjp` see, the differentiable tensors first
   * (numbers made tensors, axes counted from the front, defaults filled in), and throws the op's
   * errors. Left out, the arguments pass as they are.
   */
  readonly check?: (...args: Call) => A;
  /** A new tensor from the numbers of the inputs, computed with kernels `k` or with other ops. */
  readonly forward: (k: Kernels, ...args: A) => Tensor;
  /**
   * One function for each of the leading tensor arguments, written in ops, so that derivatives of
   * every order follow. Empty for an op without a derivative.
   */
  readonly vjp: readonly Vjp<A>[];
  /**
   * For each vjp what it reads the numbers of: `'y'`, or an argument by its position. Of everything else
   * it gets a tensor of the right shape, dtype and device that throws a `GradientError` when its numbers
   * are read; so those need not be kept until backward. Left out, all are. An op that says what it saves
   * also promises that its vjps keep nothing themselves: the memory of g is soon used again.
   */
  readonly saves?: readonly (readonly Saved[])[];
}

/** The result of an op, or the argument at a position. */
export type Saved = 'y' | number;

export interface VariadicOpDefinition<
  Call extends readonly unknown[],
  P extends readonly unknown[],
> {
  readonly name: string;
  readonly check: (...args: Call) => readonly [readonly Tensor[], ...P];
  readonly forward: (k: Kernels, tensors: readonly Tensor[], ...params: P) => Tensor;
  /** The cotangent of tensor i. */
  readonly vjp: (
    i: number,
    g: Tensor,
    y: Tensor,
    tensors: readonly Tensor[],
    ...params: P
  ) => Tensor;
  /** Which numbers the vjps read: all, if left out. It promises as much as for `defineOp`. */
  readonly saves?: readonly ('y' | 'tensors')[];
}

/** Every op there is, by name, and whether it has a gradient: what the gradient-check sweep walks. */
export const registry = new Map<string, { readonly differentiable: boolean }>();

/**
 * An op from its forward and, beside it, its vector-Jacobian products. A later definition of the same
 * name takes its place in the registry.
 *
 * ```ts
 * const cube = defineOp({
 *   name: 'cube',
 *   forward: (_k: Kernels, x: Tensor) => mul(x, mul(x, x)),
 *   saves: [[0]],
 *   vjp: [(g, _y, x) => mul(g, mul(3, mul(x, x)))],
 * });
 * ```
 *
 * The function made throws an `ArgumentError` where a tensor was expected and something else came,
 * and a `DeviceError` for tensors of different devices.
 */
export function defineOp<
  A extends readonly [Tensor, ...unknown[]],
  Call extends readonly unknown[] = A,
>(definition: OpDefinition<Call, A>): (...call: Call) => Tensor {
  checkDefinition('defineOp', definition);
  const { name, forward, vjp } = definition;
  if (!Array.isArray(vjp)) {
    throw new ArgumentError(`defineOp: expected a list of functions as vjp, got ${show(vjp)}`);
  }
  for (const f of vjp) checkFunction('defineOp', 'as an element of vjp', f);
  const saves = savesOf(vjp.length, definition.saves);
  const check = definition.check ?? ((...call: readonly unknown[]) => call as A);
  const op: Op<A> = {
    name,
    arity: () => vjp.length,
    tensors: (args) => args,
    withTensors: (_args, tensors) => tensors as A,
    saves: (i) => saves[i],
    isPure: definition.saves !== undefined,
    forward: (k, args) => forward(k, ...args),
    vjp: (i, g, y, args) => vjp[i](g, y, ...args),
  };
  registry.set(name, { differentiable: vjp.length > 0 });
  return named(name, (...call: Call) => run(op, check(...call)));
}

/** What both kinds of definition must have. */
function checkDefinition(op: string, definition: { name: string; forward: unknown }): void {
  if (typeof definition !== 'object' || definition === null) {
    throw new ArgumentError(`${op}: expected a definition, got ${show(definition)}`);
  }
  const { name, forward } = definition;
  if (typeof name !== 'string' || name === '') {
    throw new ArgumentError(`${op}: expected a name, got ${show(name)}`);
  }
  checkFunction(op, 'as forward', forward);
}

/** An op over any number of tensors, given as one list, such as `cat`. */
export function defineVariadicOp<Call extends readonly unknown[], P extends readonly unknown[]>(
  definition: VariadicOpDefinition<Call, P>,
): (...call: Call) => Tensor {
  checkDefinition('defineVariadicOp', definition);
  const { name, check, forward, vjp } = definition;
  checkFunction('defineVariadicOp', 'as check', check);
  checkFunction('defineVariadicOp', 'as vjp', vjp);
  const { saves = ['y', 'tensors'] } = definition;
  if (!Array.isArray(saves)) {
    throw new ArgumentError(
      `defineVariadicOp: expected a list of 'y' and 'tensors' as saves, got ${show(saves)}`,
    );
  }
  for (const x of saves) checkOneOf('defineVariadicOp', 'an element of saves', x, ['y', 'tensors']);
  const saved = (saves.includes('y') ? RESULT : 0) | (saves.includes('tensors') ? ~RESULT : 0);
  const op: Op<readonly [readonly Tensor[], ...P]> = {
    name,
    arity: (args) => args[0].length,
    tensors: (args) => args[0],
    withTensors: ([, ...params], tensors) => [tensors as Tensor[], ...params],
    saves: () => saved,
    isPure: definition.saves !== undefined,
    forward: (k, args) => forward(k, ...args),
    vjp: (i, g, y, args) => vjp(i, g, y, ...args),
  };
  registry.set(name, { differentiable: true });
  return named(name, (...call: Call) => run(op, check(...call)));
}

/**
 * A function written in ops, which differentiates by itself; named so that the sweep covers it, and so that
 * errors of the ops in it speak of it.
 */
export function compose<F>(name: string, f: F): F {
  registry.set(name, { differentiable: true });
  if (typeof f !== 'function') return f;
  const noted = (...given: readonly unknown[]): unknown => {
    if (mode.called !== null) return f(...given);
    mode.called = name;
    mode.given = given;
    try {
      return f(...given);
    } finally {
      mode.called = null;
      mode.given = NOTHING;
    }
  };
  // To keep the arguments costs a fifth of a small call.
  const call = (...given: readonly unknown[]): unknown =>
    mode.notes ? noted(...given) : f(...given);
  return named(name, call as F);
}

/** f under this name, which is how stack traces and the outlines of modules call it. */
const named = <F>(name: string, f: F): F => Object.defineProperty(f, 'name', { value: name });

/** The most arguments of an op that chooses among them what to save. */
const MOST = 30;

/** What each of the vjps saves, as bits: everything, unless it is said. */
function savesOf(vjps: number, saves: unknown): number[] {
  if (saves === undefined) return new Array(vjps).fill(~0);
  const isSaved = (x: unknown): x is Saved =>
    x === 'y' || (Number.isInteger(x) && (x as number) >= 0 && (x as number) < MOST);
  const isList = (list: unknown): list is Saved[] => Array.isArray(list) && list.every(isSaved);
  if (Array.isArray(saves) && saves.length === vjps && saves.every(isList)) {
    return saves.map((list) =>
      list.reduce<number>((set, x) => set | (x === 'y' ? RESULT : (2 * RESULT) << x), 0),
    );
  }
  throw new ArgumentError(
    `defineOp: expected as saves a list of 'y' and positions of arguments for each of ${vjps} vjps, got ${show(saves)}`,
  );
}

function run<A extends readonly unknown[]>(op: Op<A>, args: A): Tensor {
  const recording = mode.grad;
  const isInner = mode.called !== null;
  if (!isInner) {
    mode.called = op.name;
    mode.given = args;
  }
  try {
    const tensors = op.tensors(args);
    const first = tensorAt(op.name, tensors, 0);
    const arity = op.arity(args);
    let tracked = arity > 0 && first.requiresGrad;
    for (let i = 1; i < Math.max(arity, tensors.length); i++) {
      const x = i < arity ? tensorAt(op.name, tensors, i) : tensors[i];
      if (!(x instanceof Tensor)) continue;
      if (x.device !== first.device) throw mixedDevices(first, x);
      tracked ||= i < arity && x.requiresGrad;
    }
    if (mode.replay !== null) checkFresh(mode.replay, tensors);

    mode.grad = false;
    let y = op.forward(first.device.kernels, args);
    if (!(y instanceof Tensor)) {
      throw new ArgumentError(`${op.name}: expected forward to return a tensor, got ${show(y)}`);
    }
    if (tensors.includes(y)) y = y.detach();
    if (mode.anomaly && mode.replay === null) checkFinite(op.name, y, tensors);
    if (recording && tracked && isFloating(y.dtype)) y.node = new Application(op, args, y);
    return y;
  } finally {
    mode.grad = recording;
    if (!isInner) {
      mode.called = null;
      mode.given = NOTHING;
    }
  }
}

/** The tensors that the user called an op with, those in lists too. */
const givenTensors = (): Tensor[] =>
  mode.given.flat().filter((x): x is Tensor => x instanceof Tensor);

/**
 * What a device is asked to do, in the user's words: the op that is called and the shapes of its tensors, as
 * in `matmul of [3, 4], [4, 5]`. Null between calls.
 */
export function callInWords(): string | null {
  const { called, replay } = mode;
  if (called === null) return null;
  const shapes = givenTensors().map(({ shape }) => formatShape(shape));
  const through = replay === null ? '' : ` (backward through ${replay.called ?? replay.name})`;
  return `${called}${shapes.length === 0 ? '' : ` of ${shapes.join(', ')}`}${through}`;
}

function tensorAt(name: string, tensors: readonly unknown[], i: number): Tensor {
  const x = tensors[i];
  if (x instanceof Tensor) return x;
  throw new ArgumentError(`${name}: expected a tensor as argument ${i + 1}, got ${show(x)}`);
}

/** Of the tensors that the user gave rather than of a and b, if the difference is among those. */
function mixedDevices(a: Tensor, b: Tensor): DeviceError {
  const [first, ...others] = givenTensors();
  const other = others.find(({ device }) => device !== first.device);
  const [here, there] = other === undefined ? [a, b] : [first, other];
  return new DeviceError(
    `${mode.called}: expected all tensors on ${here.device.name}, got one on ${there.device.name}; move it with .to(device)`,
  );
}

/** A vjp may not read numbers that were changed in place after its op saved them. */
function checkFresh(replay: Replay, tensors: readonly unknown[]): void {
  for (const x of tensors) {
    if (x instanceof Tensor && x.storage.version > replay.time && isSaved(replay, x)) {
      throw new GradientError(
        `backward: a tensor of shape ${formatShape(x.shape)} that ${replay.name} saved for its gradient was changed in place afterwards; change a clone() of it instead`,
      );
    }
  }
}

const isSaved = ({ saved }: Replay, x: Tensor): boolean =>
  saved.some(({ storage }) => storage === x.storage);

/** Anomaly mode: throws if `y` has a NaN or an infinity although none of its sources has. */
export function checkFinite(name: string, y: Tensor, sources: readonly unknown[]): void {
  const at = firstNonFinite(y);
  if (at < 0) return;
  if (sources.some((x) => x instanceof Tensor && firstNonFinite(x) >= 0)) return;
  throw new AnomalyError(
    `${name}: made ${numbersFor('detectAnomaly', y)[at]} out of finite numbers, at flat position ${at} of shape ${formatShape(y.shape)}`,
  );
}

function firstNonFinite(t: Tensor): number {
  const data = numbersFor('detectAnomaly', t);
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return i;
  return -1;
}
