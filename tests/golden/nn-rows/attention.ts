import type { Rows } from './applied.js';

/** PyTorch's attention and transformers as they are made here. */
export const attention: Rows = {};
