/** bench/GPU.md */
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { Footnotes, figures, markdownTable } from '../peers/markdown.js';
import type { Rounds } from '../peers/rounds.js';
import type { Answer, Table } from '../peers/table.js';
import { type Adapters, isSoftware } from './adapters.js';
import { type Column, OURS, PEERS } from './columns.js';
import { largest, type Mark, marksOf, reached } from './marks.js';
import { type Size, WORKS, type Work } from './works.js';

/** What was measured in the browser, or in Node. */
export interface Section {
  /** The program and its version. */
  readonly host: string;
  readonly flags: string;
  readonly adapters: Adapters;
  readonly size: Size;
  readonly columns: readonly Column[];
  readonly table: Table;
}

export interface Findings {
  readonly sections: readonly Section[];
  /** What could not be measured at all, and why. */
  readonly missing: readonly string[];
  readonly rounds: Rounds;
  readonly command: string;
}

function versionOf(path: string): string {
  const file = new URL(path, import.meta.url);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : 'not installed';
}

const PACKAGES: Readonly<Record<string, string>> = {
  lambdagrad: '../../package.json',
  'gpu.js': '../../node_modules/gpu.js/package.json',
  webgpu: '../../node_modules/webgpu/package.json',
  tfjs: 'node_modules/@tensorflow/tfjs-core/package.json',
  'jax-js': 'node_modules/@jax-js/jax/package.json',
};

function setting({ sections, rounds, command }: Findings): string {
  const rows = [
    ['CPU', os.cpus()[0].model],
    ['cores', String(os.availableParallelism())],
    ['system', `${os.type()} ${os.release()} ${os.arch()}`],
    ...sections.flatMap(({ host, flags, adapters: { webgl, webgpu } }) => [
      [host, flags],
      ...(webgl === null ? [] : [[`${host}, WebGL 2`, webgl]]),
      [`${host}, WebGPU`, webgpu ?? 'none'],
    ]),
    ...Object.entries(PACKAGES).map(([name, path]) => [name, versionOf(path)]),
    ['date', new Date().toISOString().slice(0, 10)],
  ];
  return [
    '# Measured on the GPU beside other engines',
    `Written by \`${command}\`. In the browser all engines share a page, in Node each has a process; ` +
      `they are asked in turn, ${rounds.rounds} rounds of ${rounds.ms} ms a work (at least one run), ` +
      'and a time is the median of the rounds’ medians. The numbers are on the device before a run ' +
      'begins, and a run ends when a number of each result has been read back. Beforehand every result ' +
      'is compared with ours on the CPU: what is off by more than a thousandth of what is largest in it ' +
      'is not timed. jax-js is compiled with its `jit`. Only compare numbers of one run.',
    markdownTable([['setting', ''], ...rows], 2),
  ].join('\n\n');
}

/** What these numbers do not say. */
function missing({ sections, missing }: Findings): string {
  const software = sections.filter(({ adapters }) => isSoftware(adapters));
  const lines = [
    ...software.map(
      ({ host, size }) =>
        `No GPU was measured in ${host}: its adapters are programs for the processor. How engines ` +
        'compare on a GPU does not follow from how they compare there. The work is in the ' +
        `${size} size.`,
    ),
    ...sections.flatMap(({ host, size }) => {
      const [wanted, measured] = [largest('full'), largest(size)];
      return wanted === measured
        ? []
        : [
            `${wanted} was not measured in ${host}: ${measured} stands in for it, in the marks too.`,
          ];
    }),
    ...missing,
    'headlessgl in Node was not run: none of the peers has it.',
  ];
  return ['## Not measured', lines.map((line) => `- ${line}`).join('\n')].join('\n\n');
}

function verdict(mark: Mark, table: Table): string {
  const ratio = reached(mark, table);
  if (!Number.isFinite(ratio)) return 'not measured';
  if (ratio >= mark.least) return `met: ${figures(ratio)}`;
  return `**${figures(ratio)}: ${Math.ceil(100 * (1 - ratio / mark.least))} % short**`;
}

export function marks(sections: readonly Section[]): string {
  const rows = sections.flatMap(({ host, size, columns, table }) =>
    marksOf(size)
      .filter(({ ours }) => columns.includes(ours))
      .map((mark) => [
        host,
        mark.work,
        `${mark.ours} ≥ ${mark.least} × ${mark.peer}`,
        verdict(mark, table),
      ]),
  );
  return [
    '## Marks',
    'A ratio is the peer’s time over ours.',
    markdownTable([['where', 'work', 'mark', ''], ...rows], 4),
  ].join('\n\n');
}

function times({ columns, table }: Section, works: readonly Work[]): string {
  const notes = new Footnotes();
  const cell = (answer: Answer, { flops }: Work): string => {
    if (typeof answer === 'string') return notes.mark(answer);
    const rate = flops === undefined ? '' : ` (${figures(flops / answer / 1e6)})`;
    return figures(answer) + rate;
  };
  const rows = works.map((work) => [
    work.name,
    ...columns.map((column) => cell(table.answer(work.name, column), work)),
  ]);
  return [
    '### Times',
    'Milliseconds, and GFLOP/s in brackets.',
    markdownTable([['work', ...columns], ...rows]),
    notes.toString(),
  ].join('\n\n');
}

function ratios({ columns, table }: Section, works: readonly Work[]): string {
  const ours = OURS.filter((each) => columns.includes(each));
  const peers = PEERS.filter((each) => columns.includes(each));
  const ratio = (work: string, peer: Column, own: Column): string => {
    const x = table.number(work, peer) / table.number(work, own);
    return Number.isFinite(x) ? figures(x) : '–';
  };
  const rows = works.map(({ name }) => [
    name,
    ...peers.map((peer) => ours.map((own) => ratio(name, peer, own)).join(' · ')),
  ]);
  return [
    '### Ratios',
    `A peer’s time over that of ${ours.join(' · ')}: how many times as fast lambdagrad is.`,
    markdownTable([['work', ...peers], ...rows]),
  ].join('\n\n');
}

function part(section: Section): string {
  const works = WORKS[section.size];
  const list = works.map(({ name, says }) => `- ${name}: ${says}`).join('\n');
  return [
    `## ${section.host}`,
    `The work, in the ${section.size} size, on float32 numbers from a normal distribution:`,
    list,
    times(section, works),
    ratios(section, works),
  ].join('\n\n');
}

export function report(findings: Findings): string {
  const { sections } = findings;
  const text = [setting(findings), missing(findings), marks(sections), ...sections.map(part)].join(
    '\n\n',
  );
  return `${text.replace(/\n{3,}/g, '\n\n').trim()}\n`;
}
