import { Leaf, type Node } from './node.js';
import type { Tensor } from './tensor.js';

/** The way that a backward pass takes through a graph. */
export interface Route {
  /** Where it begins: the outputs that require grad. */
  readonly starts: readonly Stop[];
  /** The places from which a target is reached, each after all that it depends on. */
  readonly stops: readonly Stop[];
  /** The places whose gradients are wanted; null for all. */
  readonly targets: ReadonlySet<Node> | null;
  /** Whether the outputs depend on leaves that require grad and are no targets. */
  readonly dependsOnOthers: boolean;
}

/** A place in the graph, among the stops of a route or beside it. */
export interface Stop {
  readonly node: Node;
  /** What it depends on; null for what does not require grad. */
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
  const targets = wanted === null ? null : new Set(wanted.flatMap(({ node }) => node ?? []));
  // Nothing below the only target is asked for, so it does not matter if that was freed.
  const only = wanted?.length === 1 ? wanted[0].node : null;
  const found = new Map<Node, Stop>();
  const stops: Stop[] = [];
  const open: Stop[] = [];
  let dependsOnOthers = false;

  const enter = (node: Node): Stop => {
    const known = found.get(node);
    if (known !== undefined) return known;
    const stop: Stop = { node, inputs: [], at: -1 };
    found.set(node, stop);
    open.push(stop);
    return stop;
  };

  const starts: Stop[] = [];
  for (const y of outputs) {
    if (y.node === null) continue;
    starts.push(enter(y.node));
    while (open.length > 0) {
      const stop = open[open.length - 1];
      const { node, inputs } = stop;
      if (node !== only && inputs.length < node.inputs.length) {
        const input = node.inputs[inputs.length];
        inputs.push(input === null ? null : enter(input));
        continue;
      }
      open.pop();
      const asked = targets === null || targets.has(node);
      // The only target is not looked below: if it is no leaf itself, the leaves there are others.
      if (node instanceof Leaf ? !asked : node === only) dependsOnOthers = true;
      if (asked || inputs.some(onRoute)) stop.at = stops.push(stop) - 1;
    }
  }
  return { starts, stops, targets, dependsOnOthers };
}
