import { bytesOf } from './dtype.js';
import type { Storage } from './kernels.js';
import { Leaf } from './node.js';
import { routeBetween } from './route.js';
import { Tensor } from './tensor.js';
import { checkTensors } from './transforms.js';

/**
 * Bytes of the buffers that the graphs under `outputs` keep for a backward, each once; the leaves that
 * require grad are left out, as they are there with or without a graph.
 */
export function savedBytes(outputs: Tensor | readonly Tensor[]): number {
  checkTensors('savedBytes', 'outputs', outputs);
  const kept = new Set<Storage>();
  const leaves = new Set<Storage>();
  for (const { node } of routeBetween(outputs instanceof Tensor ? [outputs] : outputs).stops) {
    if (node instanceof Leaf) leaves.add(node.owner.storage);
    for (const { storage } of node.saved) kept.add(storage);
  }
  let bytes = 0;
  for (const storage of kept) {
    if (!leaves.has(storage)) bytes += storage.length * bytesOf(storage.dtype);
  }
  return bytes;
}
