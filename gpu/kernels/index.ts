import type { Kernels } from '../../core/kernels.js';
import type { GpuDevice } from '../device.js';
import { contractKernels } from './contract.js';
import { convKernels } from './conv.js';
import { copyKernels } from './copy.js';
import { gatherKernels } from './gather.js';
import { mapKernels } from './map.js';
import { normKernels } from './norm.js';
import { reduceKernels } from './reduce.js';
import { softmaxKernels } from './softmax.js';
import { sortKernels } from './sort.js';
import { updateKernels } from './update.js';

/** Every kernel of the core, written with gpu.js. */
export const kernelsOf = (device: GpuDevice): Kernels => ({
  ...mapKernels(device),
  ...reduceKernels(device),
  ...sortKernels(device),
  ...softmaxKernels(device),
  ...normKernels(device),
  ...copyKernels(device),
  ...gatherKernels(device),
  ...contractKernels(device),
  ...convKernels(device),
  ...updateKernels(device),
});
