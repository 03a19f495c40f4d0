import { ArgumentError } from './errors.js';
import type { Storage } from './kernels.js';
import { untrack } from './lifetime.js';
import { mode, type Scope, withMode } from './mode.js';
import { show } from './shape.js';
import { Tensor } from './tensor.js';

// Memory of a device that no garbage collector looks after. On the CPU nothing is ever registered here.

/**
 * Runs `body` and then frees the device memory of all that was made in it, but for the tensors in what it
 * returns (in arrays, plain objects and maps, nested as one likes), gradients left on tensors, and what
 * `keep` was called for. A freed tensor throws a `DeviceError` when it is used. Tensors on the CPU are the
 * garbage collector's and are left alone, so a scope costs nothing there. Throws a `GradientError` when
 * `body` returns a Promise.
 *
 * ```ts
 * const loss = scope(() => {
 *   optimizer.zeroGrad();
 *   const loss = crossEntropy(model.forward(images), labels);
 *   loss.backward();
 *   optimizer.step();
 *   return loss.detach();
 * });
 * console.log(await loss.read());
 * dispose(loss);
 * ```
 */
export function scope<T>(body: () => T): T {
  const opened: Scope = { outer: mode.scope, made: new Set() };
  try {
    const result = withMode('scope', 'scope', opened, body);
    for (const x of tensorsIn(result)) hand(x.storage, opened);
    return result;
  } finally {
    for (const storage of opened.made) storage.device.free?.(storage);
  }
}

/**
 * Takes a tensor out of all scopes, so that it lives on. Returns the tensor itself. Throws an
 * `ArgumentError` for anything else.
 */
export function keep(x: Tensor): Tensor {
  if (!(x instanceof Tensor)) throw new ArgumentError(`keep: expected a tensor, got ${show(x)}`);
  untrack(x.storage);
  return x;
}

/**
 * Frees the device memory of the tensors in `tree` (one, or arrays, plain objects and maps of them) at
 * once; nothing happens to those on the CPU. Throws an `ArgumentError` for anything else: of a module,
 * pass its `parameters()` and `buffers()`.
 */
export function dispose(tree: unknown): void {
  if (!(tree instanceof Tensor) && !isPlain(tree)) {
    throw new ArgumentError(
      `dispose: expected tensors, alone or in arrays, plain objects and maps, got ${show(tree)}`,
    );
  }
  for (const { storage } of tensorsIn(tree)) {
    untrack(storage);
    storage.device.free?.(storage);
  }
}

/** Moves a storage from the scope that is closing to the one around it. */
function hand(storage: Storage, { outer, made }: Scope): void {
  if (made.delete(storage)) outer?.made.add(storage);
}

const PLAIN: readonly unknown[] = [Object.prototype, Array.prototype, Map.prototype, null];

/** Whether something holds others and nothing more: an array, a plain object or a map. */
const isPlain = (tree: unknown): tree is object =>
  typeof tree === 'object' && tree !== null && PLAIN.includes(Object.getPrototypeOf(tree));

function* tensorsIn(tree: unknown, seen = new Set<object>()): Generator<Tensor> {
  if (tree instanceof Tensor) yield tree;
  else if (isPlain(tree) && !seen.has(tree)) {
    seen.add(tree);
    for (const x of tree instanceof Map ? tree.values() : Object.values(tree)) {
      yield* tensorsIn(x, seen);
    }
  }
}
