import { contract } from './contract.js';
import { elementwise } from './elementwise.js';
import { loss } from './loss.js';
import { network } from './network.js';
import { reduce } from './reduce.js';
import type { Rows } from './row.js';
import { shape } from './shape.js';

/** Every function of PyTorch that there is something for here, and how it is written. */
export const rows: Rows = { ...elementwise, ...reduce, ...shape, ...contract, ...network, ...loss };
