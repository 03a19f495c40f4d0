import type { Rows } from './applied.js';

/** PyTorch's convolutions, pooling and norms as they are made here. */
export const windows: Rows = {};
