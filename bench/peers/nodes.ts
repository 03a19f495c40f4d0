import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A Node program of the major version; one that is not running this is fetched from npm first. */
export function nodeOf(major: string): string {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const name = `node-${process.platform}-${process.arch}`;
  const folder = fileURLToPath(new URL(`.nodes/${major}`, import.meta.url));
  const binary = `${folder}/node_modules/${name}/bin/node`;
  if (!existsSync(binary)) {
    const quiet = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
    const args = ['install', '--prefix', folder, ...quiet, `${name}@${major}`];
    execFileSync('npm', args, { stdio: ['ignore', 'inherit', 'inherit'] });
  }
  return binary;
}

export const versionOf = (node: string): string =>
  execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
