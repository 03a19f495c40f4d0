import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Whether this system can limit a process that runs (Linux, util-linux's prlimit). */
export const canLimit = process.platform === 'linux';

/** Lets a process allocate so many MiB more; the result takes the limit away. */
export function limitMemory(pid: number, mebibytes: number): () => void {
  const set = (bytes: string): void => {
    execFileSync('prlimit', ['--pid', String(pid), `--data=${bytes}:`]);
  };
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = Number(/VmData:\s+(\d+)/.exec(status)?.[1]);
  set(String(1024 * (kilobytes + 1024 * mebibytes)));
  return () => set('unlimited');
}
