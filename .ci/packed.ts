// Installs the packed package in an empty folder and runs the README's first example against it, from
// JavaScript and from TypeScript.
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { examples, ROOT, withFolder } from '../tests/readme.js';

const run = (folder: string, command: string, ...args: string[]): string =>
  execFileSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });

function expectOutput(what: string, actual: string, expected: string): void {
  if (actual !== expected) {
    throw new Error(`${what} printed\n${actual}\nwhere the README says\n${expected}`);
  }
  console.log(`${what}: as the README says`);
}

withFolder((folder) => {
  run(ROOT, 'npm', 'pack', '--silent', '--pack-destination', folder);
  const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  if (tarball === undefined) throw new Error('npm pack made no tarball');
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  run(folder, 'npm', 'install', '--no-audit', '--no-fund', `./${tarball}`);

  const [{ program, output }] = examples();
  writeFileSync(join(folder, 'plain.js'), program);
  expectOutput(
    'the first example in JavaScript',
    run(folder, process.execPath, 'plain.js'),
    output,
  );

  writeFileSync(join(folder, 'typed.ts'), program);
  const options = [
    '--strict',
    '--target',
    'es2022',
    '--module',
    'nodenext',
    '--outDir',
    'compiled',
  ];
  run(folder, join(ROOT, 'node_modules/.bin/tsc'), ...options, 'typed.ts');
  expectOutput(
    'the first example in TypeScript',
    run(folder, process.execPath, join('compiled', 'typed.js')),
    output,
  );

  const doors = ['lambdagrad', 'lambdagrad/nn', 'lambdagrad/gpu'];
  const imports = doors.map((door) => `await import('${door}');`).join('\n');
  writeFileSync(join(folder, 'doors.js'), imports);
  run(folder, process.execPath, 'doors.js');
  console.log(`${doors.join(', ')}: each imports, without gpu.js`);
});
