import * as lg from '../../ops/index.js';
import { elementwise } from './families.js';
import { each, normal, type Samples, sample } from './sample.js';

export const dropoutSamples: Samples = {
  dropout: [
    ...elementwise((x) => lg.dropout(x)),
    ...each('p', [0, 0.2, 0.8, 1], (p) => (x) => lg.dropout(x, p), normal(3, 4)),
    sample('outside training', (x) => lg.dropout(x, 0.5, { training: false }), normal(2, 2)),
  ],
};
