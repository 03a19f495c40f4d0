import type { Mode } from './facade.js';

/** What is wrong with the hardware, in words, or null: asked before work, and more closely after a read. */
export type Health = (moment: 'work' | 'read') => string | null;

/** A GPUDevice, as far as it is used here. */
interface WebGpuDevice extends EventTarget {
  readonly lost: Promise<{ readonly message: string; readonly reason: string }>;
}

/** Looks after a mode's context. gpu.js says nothing when one is lost, or when memory runs out. */
export function healthOf(mode: Mode, context: unknown): Health {
  if (mode === 'webgpu') return webgpuHealth((context as { device: WebGpuDevice }).device);
  if (mode === 'webasm' || mode === 'cpu') return () => null;
  return webglHealth(context as WebGLRenderingContext);
}

function webgpuHealth(device: WebGpuDevice): Health {
  let lost: string | null = null;
  let error: string | null = null;
  void device.lost.then(({ reason, message }) => {
    lost = `the device was lost (${reason}${message === '' ? '' : `: ${message}`})`;
  });
  device.addEventListener('uncapturederror', (event) => {
    error ??= inWords((event as Event & { error?: Error }).error);
  });
  return () => {
    if (lost !== null) return lost;
    const said = error;
    error = null;
    return said;
  };
}

const EXHAUSTED = 'its memory is exhausted';

/** What an error says, without the places in the driver where it came up. */
function inWords(error: Error | undefined): string {
  if (error === undefined) return 'an error on the device';
  const [first] = error.message.split('\n');
  const isFull = error.constructor.name === 'GPUOutOfMemoryError' || /OUT_OF_\w*MEMORY/.test(first);
  return isFull ? `${EXHAUSTED} (${first})` : first;
}

function webglHealth(gl: WebGLRenderingContext): Health {
  gl.getError();
  // A browser tells of a loss between tasks; until then isContextLost() denies it, getError() is silent, and
  // what is read is zeros. The driver is asked whether it knows this program: one that has gone does not.
  const program = gl.createProgram();
  return (moment) => {
    // To ask the driver is to wait for all work so far, as a read does anyway.
    const asks = moment === 'read';
    if (gl.isContextLost() || (asks && !gl.isProgram(program))) return 'the context was lost';
    const error = asks ? gl.getError() : gl.NO_ERROR;
    if (error === gl.NO_ERROR) return null;
    return error === gl.OUT_OF_MEMORY ? EXHAUSTED : `WebGL error ${error}`;
  };
}
