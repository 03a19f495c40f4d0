import type { Calls } from './call.js';
import { contractions } from './contraction.js';
import { creations } from './create.js';
import { elementwise } from './elementwise.js';
import { indexing } from './indexing.js';
import { layers } from './layer.js';
import { losses } from './loss.js';
import { reductions } from './reduce.js';
import { shapes } from './shape.js';
import { windows } from './window.js';

/** How to call every function of the package. */
export const calls: Calls = {
  ...creations,
  ...elementwise,
  ...reductions,
  ...shapes,
  ...indexing,
  ...contractions,
  ...windows,
  ...layers,
  ...losses,
};
