import { ArgumentError } from './errors.js';
import { show } from './shape.js';
import { fromData, Tensor } from './tensor.js';

/** Tensors in arrays and plain objects, nested as one likes; a bare tensor is the smallest tree. */
export type Tree = Tensor | readonly Tree[] | { readonly [key: string]: Tree };

/** `T` with a tensor for every number, which is what a transform hands to the function. */
export type Tensors<T> = T extends number | Tensor ? Tensor : { [K in keyof T]: Tensors<T[K]> };

/** The tensors of a tree, depth first; numbers become 0-d float32 tensors. */
export function leavesOf(op: string, tree: unknown): Tensor[] {
  const leaves: Tensor[] = [];
  mapTree(op, tree, (x) => {
    leaves.push(x);
    return x;
  });
  return leaves;
}

/**
 * The tensors of `tree`, each where `model` has one, in the order of the model's. Throws an
 * `ArgumentError` unless lengths and keys are the model's.
 */
export function leavesLike(op: string, model: unknown, tree: unknown): Tensor[] {
  const differs = (): never => {
    throw new ArgumentError(
      `${op}: expected the structure ${outline(model)}, got ${outline(tree)}`,
    );
  };
  if (isLeaf(model)) return isLeaf(tree) ? leavesOf(op, tree) : differs();
  const [wanted, given] = [model as Children, tree as Children];
  if (isLeaf(tree) || Array.isArray(model) !== Array.isArray(tree)) differs();
  const keys = Object.keys(wanted);
  if (Object.keys(given ?? {}).length !== keys.length) differs();
  return keys.flatMap((key) =>
    Object.hasOwn(given, key) ? leavesLike(op, wanted[key], given[key]) : differs(),
  );
}

type Children = Readonly<Record<string, unknown>>;

const isLeaf = (x: unknown): boolean => x instanceof Tensor || typeof x === 'number';

/** A tree's arrays and keys, without its tensors. */
function outline(tree: unknown): string {
  if (isLeaf(tree)) return 'tensor';
  if (Array.isArray(tree)) return `[${tree.map(outline).join(', ')}]`;
  if (typeof tree !== 'object' || tree === null) return show(tree);
  return `{ ${Object.entries(tree)
    .map(([key, x]) => `${key}: ${outline(x)}`)
    .join(', ')} }`;
}

/** The tree with `f` of each tensor in its place, visited depth first. */
export function mapTree<R>(op: string, tree: unknown, f: (x: Tensor) => R): unknown {
  if (tree instanceof Tensor) return f(tree);
  if (typeof tree === 'number') return f(fromData('float32', Float32Array.of(tree), []));
  if (Array.isArray(tree)) return tree.map((x) => mapTree(op, x, f));
  if (
    typeof tree === 'object' &&
    tree !== null &&
    Object.getPrototypeOf(tree) === Object.prototype
  ) {
    return Object.fromEntries(Object.entries(tree).map(([key, x]) => [key, mapTree(op, x, f)]));
  }
  throw new ArgumentError(
    `${op}: expected a tensor, or arrays and objects of tensors, got ${show(tree)}`,
  );
}

/** The tree with its leaves replaced, in order. */
export function withLeaves(op: string, tree: unknown, leaves: readonly unknown[]): unknown {
  let next = 0;
  return mapTree(op, tree, () => leaves[next++]);
}
