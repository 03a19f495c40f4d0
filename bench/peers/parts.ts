/** The parts of the report about one version of Node. */
import { COLUMNS, OURS, PEERS } from './columns.js';
import { Footnotes, figures, markdownTable } from './markdown.js';
import type { Measured } from './measure.js';
import type { Answer } from './table.js';
import { GROWTHS, type Growth, WORKS, type Work } from './works.js';

const works: readonly Work[] = WORKS;
const MEGABYTE = 1e6;

function times({ table }: Measured): string {
  const notes = new Footnotes();
  const cell = (answer: Answer, { flops }: Work): string => {
    if (typeof answer === 'string') return notes.mark(answer);
    const rate = flops === undefined ? '' : ` (${figures(flops / answer / 1e6)})`;
    return figures(answer) + rate;
  };
  const rows = works.map((work) => [
    work.unit === undefined ? work.name : `${work.name}, ${work.unit}`,
    ...COLUMNS.map((column) => cell(table.answer(work.name, column), work)),
  ]);
  return [
    '### Times',
    'Milliseconds, and GFLOP/s in brackets.',
    markdownTable([['work', ...COLUMNS], ...rows]),
    notes.toString(),
  ].join('\n\n');
}

function ratios({ table }: Measured): string {
  const ratio = (work: string, peer: string, ours: string): string => {
    const x = table.number(work, peer) / table.number(work, ours);
    return Number.isFinite(x) ? figures(x) : '–';
  };
  const rows = works.map(({ name }) => [
    name,
    ...PEERS.map((peer) => OURS.map((ours) => ratio(name, peer, ours)).join(' · ')),
  ]);
  return [
    '### Ratios',
    'A peer’s time over ours with one thread · with two: how many times as fast lambdagrad is.',
    markdownTable([['work', ...PEERS], ...rows]),
  ].join('\n\n');
}

function sizes({ table }: Measured): string {
  const cell = (what: string, unit: string): string[] => {
    const answer = table.answer(what, 'lambdagrad');
    return [what, typeof answer === 'string' ? answer : `${figures(answer)} ${unit}`];
  };
  return [
    '### Start-up and size',
    'Start-up: a process that imports the package and takes a first gradient, beyond an empty one. ' +
      'Bundles: minified and gzipped, in kilobytes of 1,000 bytes; whole is all but `lambdagrad/gpu`, ' +
      'MLP imports add, crossEntropy, grad, matmul, relu and tensor from `lambdagrad`.',
    markdownTable([
      ['what', ''],
      cell('start-up', 'ms'),
      cell('bundle, whole', 'KB'),
      cell('bundle, MLP', 'KB'),
    ]),
  ].join('\n\n');
}

function memory({ memory }: Measured, steps: number): string {
  const notes = new Footnotes();
  const megabytes = (bytes: number): string => (bytes / MEGABYTE).toFixed(0);
  const rows = Object.entries(memory).map(([name, taken]) =>
    typeof taken === 'string'
      ? [name, notes.mark(taken), '']
      : [name, taken.resident.map(megabytes).join(', '), megabytes(taken.peak)],
  );
  return [
    '### Memory',
    `Megabytes resident at every eighth of ${steps.toLocaleString('en')} Adam steps of the MNIST ` +
      'network, batch 64, and at the peak; two threads.',
    markdownTable([['engine', 'resident', 'peak'], ...rows]),
    notes.toString(),
  ].join('\n\n');
}

/** 16 KB, 1 MB: sizes that are powers of two. */
const bytesInWords = (bytes: number): string =>
  bytes < 2 ** 20 ? `${bytes / 2 ** 10} KB` : `${bytes / 2 ** 20} MB`;

function growth({ growth }: Measured): string {
  const notes = new Footnotes();
  const rate = ({ op, amount }: Growth, size: number, ours: string): string => {
    const answer = growth.answer(`${op} ${size}`, ours);
    return typeof answer === 'string' ? notes.mark(answer) : figures(amount(size) / answer / 1e6);
  };
  const matrices = GROWTHS.filter(({ op }) => op === 'matmul');
  const vectors = GROWTHS.filter(({ op }) => op !== 'matmul');
  const tableOf = (growths: readonly Growth[], first: string, label: (size: number) => string) =>
    markdownTable([
      [first, ...growths.flatMap(({ op }) => OURS.map((ours) => `${op}, ${ours}`))],
      ...growths[0].sizes.map((size) => [
        label(size),
        ...growths.flatMap((each) => OURS.map((ours) => rate(each, size, ours))),
      ]),
    ]);
  return [
    '### Growth',
    'GFLOP/s of matmul(a, b) for [n, n] by [n, n].',
    tableOf(matrices, 'n', String),
    'GB/s, read and written, of add(x, y), tanh(x) and sum(x) by the bytes of x.',
    tableOf(vectors, 'x', bytesInWords),
    notes.toString(),
  ].join('\n\n');
}

export const parts = (measured: Measured, steps: number): string =>
  [
    times(measured),
    ratios(measured),
    sizes(measured),
    memory(measured, steps),
    growth(measured),
  ].join('\n\n');
