import type { Rows } from './applied.js';

/** PyTorch's recurrent networks as they are made here. */
export const recurrent: Rows = {};
