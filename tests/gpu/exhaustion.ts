import type { GpuDevice } from '../../gpu/index.js';
import { add, DeviceError, dispose, full, sum, type Tensor, tensor } from '../../ops/index.js';
import type { Report } from './checks.js';

/** Numbers of each tensor that is made until the driver refuses, and how many are made at most. */
const SIZE = 2 ** 22;
const MOST = 120;
/** The ops that are called, with the shapes of what they are given. */
const OP = new RegExp(`: (reading )?(sum of \\[${SIZE}\\]|add of \\[${SIZE}\\], \\[\\]) failed: `);

/** What a driver does that has no more memory to give, and how the test makes it so. */
export interface Shortage {
  /** Limits what the driver may allocate. */
  limit(): Promise<void>;
  /** Takes the limit away. */
  lift(): Promise<void>;
  /** What the error has to say. */
  readonly says: RegExp;
  /** The device that goes on: the same one, or another where the driver ends with its memory. */
  renew(device: GpuDevice): Promise<GpuDevice>;
}

/** Fills the device's memory until an error comes, and sees what is left. */
export async function exhaustionReport(
  device: GpuDevice,
  { limit, lift, says, renew }: Shortage,
): Promise<Report> {
  const here = tensor([1, 2, 3]);
  const kept: Tensor[] = [];
  const fill = async (): Promise<number> => {
    kept.push(add(full([SIZE], 1, { device }), 1));
    return (await sum(kept[kept.length - 1]).read())[0];
  };
  // The kernels are compiled before memory is short.
  let right = (await fill()) === 2 * SIZE;
  await limit();
  let error: unknown = null;
  try {
    while (kept.length < MOST) right = (await fill()) === 2 * SIZE && right;
  } catch (caught) {
    error = caught;
  } finally {
    await lift();
  }
  dispose(kept);
  const next = await renew(device);
  // The first op that comes along, whatever it is, finds nothing left of the error.
  const first = await here.to(next).read();
  const again = await sum(add(full([1000], 1, { device: next }), 1)).read();
  if (next !== device) await next.destroy();
  const results: Record<string, boolean> = {
    'an exhausted memory is an error that says so':
      error instanceof DeviceError && says.test(error.message),
    'it names the op, the shapes and the adapter':
      `${error}`.includes(device.adapter) && OP.test(`${error}`),
    'what was read before is right': right,
    'tensors on the CPU are as they were': sum(here).item() === 6,
    'work goes on once memory is free': first[2] === 3 && again[0] === 2000,
  };
  return {
    lines: Object.entries(results).map(
      ([what, holds]) =>
        `${device.mode}: ${what}${holds ? '' : ` FAILED: ${error}`} (after ${kept.length} times ${SIZE} numbers)`,
    ),
    failed: Object.values(results).includes(false),
  };
}
