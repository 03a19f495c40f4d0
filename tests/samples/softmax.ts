import type { Tensor } from '../../ops/index.js';
import * as lg from '../../ops/index.js';
import { softmaxGrad } from '../../ops/softmax.js';
import { alongAxis } from './families.js';
import { bools, each, exactly, normal, type Samples, sample } from './sample.js';

const mask = bools([false, false, true, false, true, true], 3, 2);
/** Numbers that float32 still holds a thousand away. */
const eighths = exactly([0.5, 1.25, -0.75, 2], 2, 2);

/** Scores taken away with −Infinity, in the last row all; what stays infinite is left out. */
const masked = (f: typeof lg.softmax) => (x: Tensor, m: Tensor) => {
  const y = f(lg.maskedFill(x, m, -Infinity), 1);
  return lg.where(lg.isfinite(y), y, 0);
};

export const softmaxSamples: Samples = {
  softmaxGrad: [
    sample('along the last axis', (g, y) => softmaxGrad(g, y, 1), normal(2, 3), normal(2, 3)),
    sample('along the first axis', (g, y) => softmaxGrad(g, y, 0), normal(2, 3), normal(2, 3)),
    sample('0-d', (g, y) => softmaxGrad(g, y, 0), normal(), normal()),
    sample('size 0', (g, y) => softmaxGrad(g, y, 1), normal(2, 0), normal(2, 0)),
  ],
  softmax: [
    ...alongAxis(lg.softmax),
    ...each('far away,', [1024, -1024], (far) => (x) => lg.softmax(lg.add(x, far), 1), eighths),
    sample('masked, one row wholly', masked(lg.softmax), normal(3, 2), mask),
  ],
  logSoftmax: [
    ...alongAxis(lg.logSoftmax),
    ...each('far away,', [1024, -1024], (far) => (x) => lg.logSoftmax(lg.add(x, far), 1), eighths),
    sample('masked, one row wholly', masked(lg.logSoftmax), normal(3, 2), mask),
  ],
};
