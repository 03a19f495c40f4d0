/**
 * `npm run bench:gpu`: the same work in lambdagrad and in other engines on the GPU, in a page of Chromium
 * and in Node, in turn. Writes bench/GPU.md.
 *
 * Options, all after `--`: --chromium PATH; --headed, in a window and on the machine's GPU; --args="…", the
 * flags of Chromium instead of those chosen here; --size full or small (small for software adapters);
 * --only browser or node. Two more are for trying things out, and print instead: --quick, one round, and
 * --works TEXT, for the works whose names contain it.
 *
 * Node computes on what Vulkan driver it finds: where there is no GPU, Chromium's own will do, with
 * VK_ICD_FILENAMES=/usr/lib/chromium/vk_swiftshader_icd.json LD_LIBRARY_PATH=/usr/lib/chromium.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Engine, gist } from '../peers/engine.js';
import type { Rounds } from '../peers/rounds.js';
import { type Adapters, isSoftware } from './adapters.js';
import { bundle, here } from './bundle.js';
import { Chromium, type Launch } from './chromium.js';
import { COLUMNS, type Column } from './columns.js';
import { marks, report, type Section } from './report.js';
import { type Ask, inTurn } from './turns.js';
import { type Size, WORKS } from './works.js';

const { values } = parseArgs({
  options: {
    chromium: { type: 'string' },
    headed: { type: 'boolean', default: false },
    args: { type: 'string' },
    size: { type: 'string' },
    only: { type: 'string', default: 'browser,node' },
    quick: { type: 'boolean', default: false },
    works: { type: 'string', default: '' },
  },
});

const FULL: Rounds = { rounds: 3, ms: 150 };
const QUICK: Rounds = { rounds: 1, ms: 20 };
const rounds = values.quick ? QUICK : FULL;

const namesOf = (size: Size): string[] =>
  WORKS[size].map(({ name }) => name).filter((name) => name.includes(values.works));

function sizeFor(adapters: Adapters): Size {
  if (values.size === 'full' || values.size === 'small') return values.size;
  return isSoftware(adapters) ? 'small' : 'full';
}

async function inBrowser(launch: Launch): Promise<Section> {
  const chromium = await Chromium.launch(launch);
  try {
    const host = `Chromium ${chromium.version}`;
    const adapters = await chromium.adapters();
    const size = sizeFor(adapters);
    console.log(`\n${host}: ${adapters.webgl}; ${adapters.webgpu}; ${size} size`);
    const engines = new Map(
      COLUMNS.map((column): [Column, Ask] => [
        column,
        (request) => chromium.ask(column, size, request),
      ]),
    );
    const table = await inTurn(engines, namesOf(size), rounds);
    const flags = chromium.flags.join(' ');
    return { host, flags, adapters, size, columns: COLUMNS, table };
  } finally {
    await chromium.close();
  }
}

/** In Node there is WebGPU alone. Gives the reason where there is none. */
async function inNode(): Promise<Section | string> {
  const host = `Node ${process.versions.node}`;
  const program = here('dist/node.js');
  const asked = spawnSync(process.execPath, [program, 'adapters'], { encoding: 'utf8' });
  if (asked.status !== 0) return `${host}: ${gist(asked.stderr)}`;
  const adapters: Adapters = JSON.parse(asked.stdout);
  if (adapters.webgpu === null) return `${host}: there is no Vulkan driver that Dawn takes`;
  const size = sizeFor(adapters);
  console.log(`\n${host}: ${adapters.webgpu}; ${size} size`);
  const columns = COLUMNS.filter((column) => column.endsWith('webgpu'));
  const engines = columns.map(
    (column) => [column, new Engine([process.execPath, program, column, size])] as const,
  );
  const asks = new Map(engines.map(([column, engine]) => [column, engine.ask.bind(engine)]));
  const table = await inTurn(asks, namesOf(size), rounds);
  await Promise.all(engines.map(([, engine]) => engine.close()));
  const flags = `VK_ICD_FILENAMES=${process.env.VK_ICD_FILENAMES ?? ''}`;
  return { host, flags, adapters, size, columns, table };
}

await bundle();
const sections: Section[] = [];
const missing: string[] = [];
if (values.only.includes('browser')) {
  const flags = values.args?.split(' ').filter((flag) => flag !== '');
  sections.push(await inBrowser({ path: values.chromium, headed: values.headed, flags }));
} else missing.push('The browser, by --only.');
if (values.only.includes('node')) {
  const found = await inNode();
  if (typeof found === 'string') missing.push(`${found}.`);
  else sections.push(found);
} else missing.push('Node, by --only.');

if (values.works !== '') console.log(`\n${marks(sections)}`);
else {
  const command = `npm run bench:gpu -- ${process.argv.slice(2).join(' ')}`.replace(/ -- $/, '');
  const text = report({ sections, missing, rounds, command });
  if (values.quick) console.log(`\n${text}`);
  else {
    writeFileSync(here('../GPU.md'), text);
    console.log('\nWritten to bench/GPU.md');
  }
}
