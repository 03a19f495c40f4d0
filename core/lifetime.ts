import type { Storage } from './kernels.js';
import { mode } from './mode.js';

// Which scope frees a storage, on devices whose memory must be given back. Elsewhere nothing is tracked.

/** Called by a device for each storage that it makes: the innermost scope, if any, will free it. */
export const track = (storage: Storage): void => {
  mode.scope?.made.add(storage);
};

/** Takes a storage out of all scopes, so that it lives on. */
export function untrack(storage: Storage): void {
  for (let at = mode.scope; at !== null; at = at.outer) at.made.delete(storage);
}

/** Whether an open scope will free the storage. */
export function isTracked(storage: Storage): boolean {
  for (let at = mode.scope; at !== null; at = at.outer) if (at.made.has(storage)) return true;
  return false;
}

/** Hands a storage that nobody needs any longer to the innermost scope, if there is one. */
export function release(storage: Storage): void {
  if (storage.device.free !== undefined) track(storage);
}
