/** How much memory training takes: Adam on the MNIST network, batch 64. */
import { spawnSync } from 'node:child_process';
import type { Command } from './columns.js';
import { gist } from './engine.js';

/** How often a run reads its memory, evenly spaced (engines/pytorch.py has the same number). */
export const READINGS = 8;

/** No run takes this long. */
const PATIENCE_MS = 900_000;

/** In bytes. */
export interface Footprint {
  readonly resident: readonly number[];
  readonly peak: number;
}

/** What the command printed at its end, or why it did not. */
export function footprint(command: Command | string): Footprint | string {
  if (typeof command === 'string') return command;
  const [program, ...args] = command;
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: PATIENCE_MS,
  });
  if (status === 0) return JSON.parse(stdout);
  return error?.message ?? gist(stderr);
}
