import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ROOT } from './readme.js';

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

const sources = ['core', 'ops', 'nn', 'gpu'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${folder}/${file}`),
);

/** The bundles for Node, in which the modules stand together so that they load at once. */
const BUNDLES = './dist/node/**';

test('sideEffects names the modules that change something by being imported, and no others', () => {
  const changing = sources.filter((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    return (
      /^\s*(Tensor\.prototype\.|Object\.defineProperty\(Tensor)/m.test(text) ||
      /^import '/m.test(text)
    );
  });
  assert.equal(
    [...manifest.sideEffects].sort(),
    [BUNDLES, ...changing.map((file) => `./dist/${file.replace(/ts$/, 'js')}`)].sort(),
  );
});

test('every entry of exports comes from a source file', () => {
  const entries: unknown[] = Object.values(manifest.exports);
  const files = entries.flatMap((entry) =>
    typeof entry === 'string' ? [] : Object.values(entry as Record<string, string>),
  );
  assert.is(files.length, 9);
  for (const file of files) {
    const source = file
      .replace('./dist/', '')
      .replace('node/', '')
      .replace(/\.d\.ts$|\.js$/, '.ts');
    assert.ok(sources.includes(source), `${file} has no ${source}`);
  }
});

test('the library depends on nothing at run time, and on gpu.js only if it is there', () => {
  assert.is(manifest.dependencies, undefined);
  assert.equal(Object.keys(manifest.peerDependencies), ['gpu.js']);
  assert.ok(manifest.peerDependenciesMeta['gpu.js'].optional);
});

test.run();
