import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { GpuDevice } from '../../gpu/index.js';
import { add, DeviceError, dispose, full, sum, type Tensor, tensor } from '../../ops/index.js';
import type { Report } from './checks.js';

// A driver that has no more memory to give: the process, and with it a driver in software, may grow by so
// much and no more.

/** MiB that the process may grow by. */
const LEFT = 1000;
/** Numbers of each tensor that is made until the driver refuses, and how many are made at most. */
const SIZE = 2 ** 23;
const MOST = 60;

/** Limits this process's address space (Linux, util-linux's prlimit); the result takes the limit away. */
function limit(): () => void {
  const set = (bytes: string): void => {
    execFileSync('prlimit', ['--pid', String(process.pid), `--as=${bytes}:`]);
  };
  const [, kilobytes] = /VmSize:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  set(String(1024 * (Number(kilobytes) + 1024 * LEFT)));
  return () => set('unlimited');
}

/** Fills the device's memory until an error comes, and sees what is left. */
export async function exhaustionReport(device: GpuDevice): Promise<Report> {
  const here = tensor([1, 2, 3]);
  const kept: Tensor[] = [];
  // The first kernels are compiled before memory is short.
  await add(full([8], 1, { device }), 1).read();
  const lift = limit();
  let error: unknown = null;
  try {
    while (kept.length < MOST) {
      kept.push(add(full([SIZE], 1, { device }), kept.length));
      await sum(kept[kept.length - 1]).read();
    }
  } catch (caught) {
    error = caught;
  } finally {
    lift();
  }
  dispose(kept);
  const says = (text: string): boolean =>
    error instanceof DeviceError && error.message.includes(text);
  const again = await sum(add(full([1000], 1, { device }), 1)).read();
  const results: Record<string, boolean> = {
    'an exhausted memory is an error that says so': says('its memory is exhausted'),
    'it names the op, the shapes and the adapter':
      says(device.adapter) && /\w+ of \d+ numbers/.test(`${error}`),
    'tensors on the CPU are as they were': sum(here).item() === 6,
    'the device goes on once memory is free': again[0] === 2000,
  };
  return {
    lines: Object.entries(results).map(
      ([what, holds]) =>
        `${device.mode}: ${what}${holds ? '' : ` FAILED: ${error}`} (after ${kept.length} times ${SIZE} numbers)`,
    ),
    failed: Object.values(results).includes(false),
  };
}
