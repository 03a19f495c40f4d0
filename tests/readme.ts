import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A program in the README, and what the README says that it prints. */
export interface Example {
  readonly name: string;
  readonly program: string;
  readonly output: string;
}

/** The README's examples: a comment with the name, a block of TypeScript, a block of output. */
export function examples(): Example[] {
  const text = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const pattern = /<!-- example: ([\w-]+) -->\n```ts\n(.*?)```\n```\n(.*?)```/gs;
  return [...text.matchAll(pattern)].map(([, name, program, output]) => ({
    name,
    program,
    output,
  }));
}

/** A folder that is there while `body` runs. */
export function withFolder<T>(body: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'lambdagrad-'));
  try {
    return body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a TypeScript program prints, with this checkout as the package `lambdagrad`. */
export const outputOf = (program: string): string =>
  withFolder((folder) => {
    const file = join(folder, 'example.ts');
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(file, program);
    return execFileSync(process.execPath, ['--import', 'tsx', file], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, FORCE_COLOR: '0', TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.json') },
    });
  });
