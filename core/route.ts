import type { Tensor } from './tensor.js';

/** The way that a backward pass takes through a graph. */
export interface Route {
  /** Where it begins: the outputs that require grad. */
  readonly starts: readonly Stop[];
  /** The tensors from which a target is reached, each after all that it was made from. */
  readonly stops: readonly Stop[];
  /** The tensors whose gradients are wanted; null for all. */
  readonly targets: ReadonlySet<Tensor> | null;
  /** Whether the outputs depend on leaves that require grad and are no targets. */
  readonly dependsOnOthers: boolean;
}

/** A tensor that requires grad, among the stops of a route or beside it. */
export interface Stop {
  readonly tensor: Tensor;
  /** What it was made from; null for what does not require grad. */
  readonly inputs: (Stop | null)[];
  /** Its position among the stops; −1 beside the route, where no target is reached. */
  at: number;
}

export const onRoute = (stop: Stop | null): stop is Stop => stop !== null && stop.at >= 0;

/** The route from the outputs to these targets, or to every leaf: a depth-first search. */
export function routeBetween(
  outputs: readonly Tensor[],
  wanted: readonly Tensor[] | null = null,
): Route {
  const targets = wanted === null ? null : new Set(wanted);
  // Nothing below the only target is asked for, so it does not matter if that was freed.
  const only = wanted?.length === 1 ? wanted[0] : null;
  const found = new Map<Tensor, Stop>();
  const stops: Stop[] = [];
  const open: Stop[] = [];
  let dependsOnOthers = false;

  const enter = (tensor: Tensor): Stop => {
    const known = found.get(tensor);
    if (known !== undefined) return known;
    const stop: Stop = { tensor, inputs: [], at: -1 };
    found.set(tensor, stop);
    open.push(stop);
    return stop;
  };

  const starts: Stop[] = [];
  for (const y of outputs) {
    if (!y.requiresGrad) continue;
    starts.push(enter(y));
    while (open.length > 0) {
      const stop = open[open.length - 1];
      const { tensor, inputs } = stop;
      const node = tensor === only ? null : tensor.node;
      if (node !== null && inputs.length < node.arity) {
        const x = node.input(inputs.length);
        inputs.push(x.requiresGrad ? enter(x) : null);
        continue;
      }
      open.pop();
      const asked = targets === null || targets.has(tensor);
      // The only target is not looked below: if it is no leaf itself, the leaves there are others.
      if (tensor.isLeaf ? !asked : tensor === only) dependsOnOthers = true;
      if (asked || inputs.some(onRoute)) stop.at = stops.push(stop) - 1;
    }
  }
  return { starts, stops, targets, dependsOnOthers };
}
