import type * as Fs from 'node:fs';
import { LambdagradError } from '../../ops/index.js';

type NodeFs = typeof Fs;

/** Node's files. Throws a `LambdagradError` in the name of `op` where there are none, as in a page. */
function files(op: string): NodeFs {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  const fs = process?.getBuiltinModule?.('node:fs');
  if (fs !== undefined) return fs as NodeFs;
  throw new LambdagradError(`${op}: expected Node.js 20.16 or later, which has files`);
}

/** The folder of a path, with what separates it from the name: '' for a name alone. */
const folderOf = (path: string): string => path.slice(0, path.search(/[^/\\]*$/));

export const fileExists = (op: string, path: string): boolean => files(op).existsSync(path);

/** The bytes of a file; null if there is none. */
export function readFile(op: string, path: string): Uint8Array | null {
  const fs = files(op);
  return fs.existsSync(path) ? fs.readFileSync(path) : null;
}

/**
 * Puts `content` in the place of the file, or of nothing, in one step: whoever opens it, after a crash
 * too, finds all of the old content or all of the new. Missing folders are made.
 */
export function replaceFile(op: string, path: string, content: Uint8Array | string): void {
  const fs = files(op);
  const folder = folderOf(path) || '.';
  const temporary = `${path}.tmp`;
  fs.mkdirSync(folder, { recursive: true });
  try {
    writeThrough(fs, temporary, content);
    fs.renameSync(temporary, path);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(fs, folder);
}

/** Writes a file, and returns once it is on the disk. */
function writeThrough(fs: NodeFs, path: string, content: Uint8Array | string): void {
  const file = fs.openSync(path, 'w');
  try {
    fs.writeFileSync(file, content);
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}

/** Returns once a rename in the folder is on the disk, on systems that can say so. */
function syncFolder(fs: NodeFs, folder: string): void {
  let file: number;
  try {
    file = fs.openSync(folder, 'r');
  } catch {
    return; // Windows opens no folders.
  }
  try {
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}
