import { type GpuDevice, gpu, type Mode } from '../../gpu/index.js';
import { DeviceError, randn, sum, tanh, tensor } from '../../ops/index.js';
import type { Report } from '../gpu/checks.js';

/** Takes the hardware away from a device, as a driver that resets does. */
async function lose(device: GpuDevice): Promise<void> {
  if (device.mode === 'webgpu') {
    (device.context as { device: { destroy(): void } }).device.destroy();
  } else {
    (device.context as WebGLRenderingContext).getExtension('WEBGL_lose_context')?.loseContext();
  }
  await new Promise((resume) => setTimeout(resume, 100));
}

/** The error that `body` ends with, if it does. */
async function errorOf(body: () => Promise<unknown>): Promise<unknown> {
  try {
    await body();
    return null;
  } catch (error) {
    return error;
  }
}

/** A lost context and a kernel that does not compile are typed errors, and all else goes on. */
export async function lossReport(mode: Mode): Promise<Report> {
  const device = await gpu({ mode });
  const [x, here] = [randn([1000]).to(device), tensor([1, 2, 3])];
  const program = {
    name: 'broken',
    dtype: 'float32',
    length: 4,
    inputs: { x: x.storage },
  } as const;
  const broken = await errorOf(async () =>
    device.download(device.run({ ...program, body: 'return nowhere(x[i]);' })),
  );
  const after = await errorOf(() => tanh(x).read());
  await lose(device);
  const run = await errorOf(() => tanh(x).read());
  const read = await errorOf(() => x.read());
  const fresh = await gpu({ mode });
  const again = await sum(here.to(fresh)).read();
  await fresh.destroy();
  const says = (error: unknown, ...parts: string[]): boolean =>
    error instanceof DeviceError &&
    [device.adapter, ...parts].every((part) => error.message.includes(part));
  const results: Record<string, boolean> = {
    'a kernel that does not compile is named': says(broken, 'broken of 1000 numbers to 4'),
    'the device goes on after it': after === null,
    'a run on lost hardware is an error': says(run, 'tanh of [1000]', 'lost'),
    'a read from lost hardware is an error': says(read, 'reading toDevice of [1000]', 'lost'),
    'tensors on the CPU are as they were': sum(here).item() === 6,
    'a new device works': again[0] === 6,
  };
  return {
    lines: Object.entries(results).map(
      ([what, holds]) => `${mode}: ${what}${holds ? '' : ` FAILED: ${broken} ${run} ${read}`}`,
    ),
    failed: Object.values(results).includes(false),
  };
}
