/**
 * `npm run bench:peers`: the same work in lambdagrad and in other engines, in turn, on this machine.
 * Writes bench/RESULTS.md.
 *
 * Options: --nodes 20,24,26 (this one's; others are fetched), --python PATH (the first that has
 * PyTorch). Two more are for trying things out, and print instead: --quick, whose numbers mean
 * nothing, and --only TEXT, for the works whose names contain it.
 */
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { FULL, measure, QUICK } from './measure.js';
import { nodeOf, versionOf } from './nodes.js';
import { findTorch } from './pytorch.js';
import { marks, report, type Section } from './report.js';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: process.versions.node.split('.')[0] },
    python: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
});

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The built package as if it were installed beside the peers, so that it is used as users use it. */
function linkPackage(): void {
  rmSync(here('node_modules/lambdagrad'), { recursive: true, force: true });
  symlinkSync(here('../..'), here('node_modules/lambdagrad'), 'junction');
}

linkPackage();
const plan = { ...(values.quick ? QUICK : FULL), only: values.only };
const torch = findTorch(values.python);
const sections: Section[] = [];
for (const major of values.nodes.split(',')) {
  const node = nodeOf(major);
  const version = versionOf(node);
  console.log(`\nNode ${version}`);
  sections.push({ version, measured: await measure({ node, python: torch?.python }, plan) });
}

const command = `npm run bench:peers -- ${process.argv.slice(2).join(' ')}`.replace(/ -- $/, '');
if (values.only !== '') {
  console.log(`\n${marks(sections, values.only)}`);
} else {
  const text = report({ sections, plan, command, torch: torch?.version });
  if (values.quick) {
    console.log(`\n${text}`);
  } else {
    writeFileSync(here('../RESULTS.md'), text);
    console.log('\nWritten to bench/RESULTS.md');
  }
}
