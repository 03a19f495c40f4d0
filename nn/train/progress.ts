import { checkFunction, show } from '../../core/shape.js';
import { ArgumentError } from '../../ops/index.js';
import type { Numbers } from './history.js';

/** What `fit` tells while it runs; a progress bar of any library can be put behind it. */
export interface Progress {
  /** Epoch `epoch` of `epochs` begins, which has so many batches. */
  start(epoch: number, epochs: number, batches: number): void;
  /** So many batches are done; the running means so far. */
  update(done: number, numbers: Numbers): void;
  /** The epoch has ended, with its numbers, or broken off (null). */
  stop(numbers: Numbers | null): void;
}

/** Where lines are written: what a terminal of Node is like. */
export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Clears what stands on the terminal's line. */
const ANEW = '\r\u001b[K';

/** How often the line is written, in milliseconds. */
const INTERVAL = 100;

/** One line an epoch, rewritten while it runs: `epoch 2/10  37/938  loss 0.1234`. */
export function lineProgress(terminal: Terminal): Progress {
  let [title, total, last] = ['', 0, -Infinity];
  return {
    start(epoch, epochs, batches) {
      title = `epoch ${epoch}/${epochs}`;
      total = batches;
      last = -Infinity;
    },
    update(done, numbers) {
      const now = performance.now();
      if (now - last < INTERVAL) return;
      last = now;
      terminal.write(`${ANEW}${title}  ${done}/${total}${shown(numbers)}`);
    },
    stop(numbers) {
      terminal.write(numbers === null ? '\n' : `${ANEW}${title}${shown(numbers)}\n`);
    },
  };
}

const shown = (numbers: Numbers): string =>
  Object.entries(numbers)
    .map(([name, x]) => `  ${name} ${x.toPrecision(4)}`)
    .join('');

const SILENT: Progress = { start() {}, update() {}, stop() {} };

/**
 * What shows progress: the one given; nothing for false; unless said otherwise a line on the terminal,
 * and nothing where the output is none. Throws an `ArgumentError` for anything else.
 */
export function progressOf(op: string, given: Progress | boolean | undefined): Progress {
  if (given === false) return SILENT;
  if (given === undefined || given === true) {
    const { process } = globalThis as { process?: { stdout?: Terminal } };
    const terminal = process?.stdout;
    return terminal?.isTTY ? lineProgress(terminal) : SILENT;
  }
  if (typeof given !== 'object' || given === null) {
    throw new ArgumentError(
      `${op}: expected { start, update, stop } or a truth value as progress, got ${show(given)}`,
    );
  }
  for (const name of ['start', 'update', 'stop'] as const) {
    checkFunction(op, `as progress.${name}`, given[name]);
  }
  return given;
}
