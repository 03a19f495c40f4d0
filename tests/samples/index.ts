import { attentionSamples } from './attention.js';
import { binarySamples } from './binary.js';
import { convSamples } from './conv.js';
import { dropoutSamples } from './dropout.js';
import { einsumSamples } from './einsum.js';
import { gatherSamples } from './gather.js';
import { indexSamples } from './index-by.js';
import { lambdaSamples } from './lambda.js';
import { lossSamples } from './loss.js';
import { matmulSamples } from './matmul.js';
import { normSamples } from './norm.js';
import { padSamples } from './pad.js';
import { poolSamples } from './pool.js';
import { reduceSamples } from './reduce.js';
import { resizeSamples } from './resize.js';
import type { Samples } from './sample.js';
import { scanSamples } from './scan.js';
import { shapeSamples } from './shape.js';
import { sliceSamples } from './slice.js';
import { softmaxSamples } from './softmax.js';
import { unarySamples } from './unary.js';
import { whereSamples } from './where.js';

/** The samples of each file. */
export const families: readonly Samples[] = [
  unarySamples,
  binarySamples,
  whereSamples,
  reduceSamples,
  scanSamples,
  softmaxSamples,
  shapeSamples,
  sliceSamples,
  gatherSamples,
  indexSamples,
  padSamples,
  matmulSamples,
  einsumSamples,
  convSamples,
  poolSamples,
  resizeSamples,
  normSamples,
  attentionSamples,
  lambdaSamples,
  dropoutSamples,
  lossSamples,
];

/** Sample inputs for every op, by its name in the registry. */
export const samples: Samples = Object.assign({}, ...families);
