/** `lambdagrad/gpu`: tensors on the GPU, through the optional package gpu.js. */
import { type Device, DeviceError } from '../core/index.js';

/** Named at run time, so that neither a compiler nor a bundler asks for a package that is optional. */
const PACKAGE = 'gpu.js';

/**
 * The GPU as a device for `x.to(device)`. This version has no kernels for it yet and computes on the
 * CPU only, so the promise is always rejected with a `DeviceError`: one that names gpu.js where that is
 * not installed, and one that says that there are no kernels where it is.
 */
export async function gpu(): Promise<Device> {
  try {
    await import(PACKAGE);
  } catch {
    throw new DeviceError(`gpu: expected the package ${PACKAGE} to be installed, found none`);
  }
  throw new DeviceError('gpu: this version has no kernels for the GPU yet, only for the CPU');
}
