import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

// The architecture, read from the sources: which folder may import which, and what no source may hold.
// Each rule is a function from a source to its offences, tried first on a source that offends.

const root = fileURLToPath(new URL('..', import.meta.url));

/** What each floor may import, besides itself. */
const floors: Record<string, readonly string[]> = {
  core: [],
  gpu: ['core'],
  ops: ['core'],
  nn: ['core', 'ops'],
};

/** The files that ask for what only Node has, if it is there; all else runs in a browser as it is. */
const NODE_ONLY: readonly string[] = ['core/cpu/simd/threads.ts', 'nn/train/files.ts'];

/** Packages that a floor may name: gpu.js, which is optional, and only on its own floor. */
const packages: Record<string, readonly string[]> = { gpu: ['gpu.js'] };

const MAX_LINES = 400;

interface Source {
  readonly path: string;
  readonly text: string;
}

const sourcesIn = (floor: string): Source[] =>
  readdirSync(join(root, floor), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({
      path: `${floor}/${name.replaceAll('\\', '/')}`,
      text: readFileSync(join(root, floor, name), 'utf8'),
    }));

const sources = Object.keys(floors).flatMap(sourcesIn);
const floorOf = (path: string): string => path.split('/')[0];

const COMMENT_OR_STRING =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;

/** The code with its comments blanked out. */
const uncommented = (text: string): string =>
  text.replace(COMMENT_OR_STRING, (found) => (found.startsWith('/') ? ' ' : found));

/** The code with its comments and strings blanked out. */
const bare = (text: string): string =>
  text.replace(COMMENT_OR_STRING, (found) => (found.startsWith('/') ? ' ' : "''"));

/** What a source imports, in any form: from the root for the project's own files, else as written. */
function importsOf({ path, text }: Source): string[] {
  const found = uncommented(text).matchAll(
    /\b(?:from|import|require|module)\s*\(?\s*['"]([^'"\s]+)['"]/g,
  );
  return [...found].map(([, name]) =>
    name.startsWith('.')
      ? relative(root, join(root, path, '..', name)).replaceAll('\\', '/')
      : name,
  );
}

const isOwn = (name: string): boolean => floorOf(name) in floors || name.startsWith('..');

/** Every rule, by the sentence that it makes true. */
const rules: Record<string, (source: Source) => string[]> = {
  'each floor imports only from those under it': (source) =>
    importsOf(source).filter((name) => {
      const floor = floorOf(source.path);
      if (name.startsWith('node:')) return false;
      const allowed = [floor, ...floors[floor]].includes(floorOf(name));
      return !allowed && !packages[floor]?.includes(name);
    }),

  'only the files listed import what only Node has': (source) =>
    NODE_ONLY.includes(source.path)
      ? []
      : importsOf(source).filter((name) => name.startsWith('node:')),

  'ops and nn name no device, and reach for none': (source) => {
    if (!['ops', 'nn'].includes(floorOf(source.path))) return [];
    const named = uncommented(source.text).match(/(['"`])[cg]pu\1/g) ?? [];
    return [...named, ...importsOf(source).filter((name) => name.startsWith('core/cpu'))];
  },

  'no file has more than 400 lines': ({ text }) => {
    const lines = text.trimEnd().split('\n').length;
    return lines > MAX_LINES ? [`${lines} lines`] : [];
  },

  'no type is any': ({ text }) =>
    bare(text).match(/(?:[:<|&]|\bas|=>|\bextends)\s*any\b(?!\s*[(:])|\bany\s*\[\]/g) ?? [],

  'no cast goes by way of unknown': ({ text }) => bare(text).match(/\bas\s+unknown\s+as\b/g) ?? [],

  'no error of the compiler is silenced': ({ text }) =>
    text.match(/@ts-(?:ignore|nocheck|expect-error)/g) ?? [],
};

/** For each rule sources that break it, so that a rule that sees nothing does not pass for kept. */
const offenders: Record<keyof typeof rules, Source[]> = {
  'each floor imports only from those under it': [
    { path: 'core/x.ts', text: "import { add } from '../ops/index.js';" },
    { path: 'core/cpu/x.ts', text: "export { add } from '../../ops/binary.js';" },
    { path: 'gpu/x.ts', text: "import { add } from '../ops/index.js';" },
    { path: 'ops/x.ts', text: "import type { Module } from '../nn/module.js';" },
    { path: 'ops/x.ts', text: "const gpu = await import('../gpu/index.js');" },
    { path: 'nn/x.ts', text: "import '../gpu/index.js';" },
    { path: 'nn/x.ts', text: "import { GPU } from 'gpu.js';" },
    { path: 'core/x.ts', text: "import x from 'lodash';" },
  ],
  'only the files listed import what only Node has': [
    { path: 'core/x.ts', text: "import { Worker } from 'node:worker_threads';" },
    { path: 'nn/x.ts', text: "const fs = await import('node:fs');" },
  ],
  'ops and nn name no device, and reach for none': [
    { path: 'ops/x.ts', text: "if (x.device.name === 'cpu') x;" },
    { path: 'nn/x.ts', text: 'const device = "gpu";' },
    { path: 'ops/x.ts', text: "import { cpu } from '../core/cpu/index.js';" },
  ],
  'no file has more than 400 lines': [{ path: 'ops/x.ts', text: 'x;\n'.repeat(MAX_LINES + 1) }],
  'no type is any': [
    { path: 'ops/x.ts', text: 'const f = (x: any) => x;' },
    { path: 'ops/x.ts', text: 'const y = x as any;' },
    { path: 'ops/x.ts', text: 'type T = Array<any>;' },
    { path: 'ops/x.ts', text: 'type F = (...args: any[]) => any;' },
    { path: 'ops/x.ts', text: "const s = '//'; let z: number | any;" },
  ],
  'no cast goes by way of unknown': [{ path: 'nn/x.ts', text: 'x as unknown\n as T' }],
  'no error of the compiler is silenced': [{ path: 'ops/x.ts', text: '// @ts-ignore\nx;' }],
};

for (const [sentence, rule] of Object.entries(rules)) {
  test(sentence, () => {
    for (const source of offenders[sentence]) {
      assert.is.not(rule(source).length, 0, `the rule does not see ${source.text.slice(0, 80)}`);
    }
    const found = sources.flatMap((source) =>
      rule(source).map((what) => `${source.path}: ${what}`),
    );
    assert.equal(found, []);
  });
}

test('comments, strings and the function any are not mistaken for offences', () => {
  const text = [
    '// as any, as unknown as',
    '/** x: any */',
    "const s = 'x: any';",
    "export { all, any, min } from './reduce.js';",
    'const any = (name: string): Check => (a, b) => pairOf(name, a, b);',
    "interface Tensor { any: Method<(typeof methods)['any']>; }",
    'const methods = { all, any, argmax };',
    "// 'cpu'",
  ].join('\n');
  for (const rule of Object.values(rules)) assert.equal(rule({ path: 'ops/x.ts', text }), []);
});

test('there are sources on each of the floors core, ops and nn', () => {
  for (const floor of ['core', 'ops', 'nn']) {
    assert.ok(sources.some(({ path }) => floorOf(path) === floor));
  }
});

test('the list of files that need Node names only files that do', () => {
  for (const path of NODE_ONLY) {
    const source = sources.find((other) => other.path === path);
    assert.ok(source && importsOf(source).some((name) => name.startsWith('node:')), path);
  }
});

test('no floors import each other in a circle', () => {
  const edges = new Set<string>();
  for (const source of sources) {
    for (const name of importsOf(source).filter(isOwn)) {
      if (floorOf(name) !== floorOf(source.path)) {
        edges.add(`${floorOf(source.path)} -> ${floorOf(name)}`);
      }
    }
  }
  assert.ok(edges.has('ops -> core'));
  // A floor is removed once all that it imports are gone; a circle is what never is.
  const left = new Set(Object.keys(floors));
  for (const _ of Object.keys(floors)) {
    for (const floor of left) {
      if ([...left].every((other) => !edges.has(`${floor} -> ${other}`))) left.delete(floor);
    }
  }
  assert.equal([...left], []);
});

/** The names that an index hands on, each with the file that declares it. */
function publicNames(index: string): { name: string; from: Source }[] {
  const text = uncommented(sources.find(({ path }) => path === index)?.text ?? '');
  const fileOf = (name: string): Source | undefined =>
    sources.find(({ path }) => path === join(index, '..', name).replace(/\.js$/, '.ts'));
  const lists = [...text.matchAll(/export\s+(type\s+)?\{([^}]*)\}\s*from\s*'([^']+)'/g)];
  const all = [...text.matchAll(/export \* from '([^']+)'/g)].flatMap(([, file]) => {
    const from = file.endsWith('/index.js') ? undefined : fileOf(file);
    const declared = from?.text.matchAll(/^export (?:const|function|class) (\w+)/gm) ?? [];
    return [...declared].flatMap(([, name]) => (from === undefined ? [] : [{ name, from }]));
  });
  const listed = lists.flatMap(([, typeOnly, names, file]) => {
    const from = fileOf(file);
    if (typeOnly || from === undefined) return [];
    return names
      .split(',')
      .map((name) => name.trim().split(/\s+as\s+/)[0])
      .filter((name) => name !== '' && !name.startsWith('type '))
      .map((name) => ({ name, from }));
  });
  return [...all, ...listed];
}

/** Whether the declaration of `name`, or the first overload of it, follows a doc comment. */
function isDocumented(name: string, { text }: Source): boolean {
  const at = text.search(
    new RegExp(`^(?:export )?(?:abstract |async )?(?:const|function|class) ${name}\\b`, 'm'),
  );
  return at >= 0 && text.slice(0, at).trimEnd().endsWith('*/');
}

test('every public function, constant and class has a doc comment', () => {
  const source = { path: 'ops/x.ts', text: 'const a = 1;\n/** b. */\nexport const b = 2;' };
  assert.is(isDocumented('a', source), false);
  assert.is(isDocumented('b', source), true);
  const indices = Object.keys(floors).map((floor) => `${floor}/index.ts`);
  const names = indices.flatMap(publicNames);
  assert.ok(names.length > 150, `found only ${names.length} public names`);
  const bareNames = names.filter(({ name, from }) => !isDocumented(name, from));
  assert.equal(
    bareNames.map(({ name, from }) => `${from.path}: ${name}`),
    [],
  );
});

test.run();
