import type { Calls } from './call.js';
import { contractions } from './contraction.js';
import { creations } from './create.js';
import { elementwise } from './elementwise.js';
import { indexing } from './indexing.js';
import { losses } from './loss.js';
import { network } from './network.js';
import { reductions } from './reduce.js';
import { shapes } from './shape.js';

/** How to call every function of the package. */
export const calls: Calls = {
  ...creations,
  ...elementwise,
  ...reductions,
  ...shapes,
  ...indexing,
  ...contractions,
  ...network,
  ...losses,
};
