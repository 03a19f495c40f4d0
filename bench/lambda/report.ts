import os from 'node:os';
import { getThreads } from '../../ops/index.js';
import { attentionOverLambda, resNetTable, type Sizes } from './formulas.js';
import { D, HEADS, K, type Subject } from './layers.js';
import { type Result, sizesOf } from './measure.js';
import type { Panel } from './plot.js';

/** A table in Markdown, its columns padded so that it reads as well in a terminal. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((name, i) =>
    Math.max(3, name.length, ...rows.map((row) => row[i].length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[i]))).join(' | ')} |`;
  const rule = widths.map((width, i) =>
    i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(header), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** 123456 as `0.12`: two decimals, fewer where it is large. */
export const megabytes = (bytes: number): string => {
  const mb = bytes / 1e6;
  return mb.toFixed(mb < 10 ? 2 : mb < 100 ? 1 : 0);
};

export const milliseconds = (ms: number): string => ms.toFixed(ms < 10 ? 1 : 0);

/** One line for each n and batch, one column for each layer. */
function sizesTable(results: readonly Result[][], cell: (result: Result) => string): string {
  const header = ['n', 'b', ...results.map(([{ subject }]) => subject.name)];
  const rows = results[0].map(({ sizes }, i) => [
    String(sizes.n),
    String(sizes.batch),
    ...results.map((column) => cell(column[i])),
  ]);
  return table(header, rows);
}

export const savedTable = (results: readonly Result[][]): string =>
  sizesTable(results, ({ subject, sizes, saved }) =>
    typeof saved === 'number' ? megabytes(saved) : `${saved}, ≥ ${megabytes(subject.bytes(sizes))}`,
  );

export const timeTable = (results: readonly Result[][], what: 'forward' | 'backward'): string =>
  sizesTable(results, ({ [what]: ms }) => (typeof ms === 'number' ? milliseconds(ms) : ms));

/** What embeddings of pairs take of attention's multiplications: k/(2h) for all sizes. */
export const pairsOverAttention = (subjects: readonly Subject[], sizes: Sizes): number =>
  subjects[1].products(sizes) / subjects[0].products(sizes);

/** Multiplications for each position of each example, in thousands. */
export const productsTable = (subjects: readonly Subject[], positions: readonly number[]): string =>
  table(
    ['n', ...subjects.map(({ name }) => name), 'pairs / attention'],
    positions.map((n) => [
      String(n),
      ...subjects.map(({ products }) => (products(sizesOf(1, n)) / n / 1000).toFixed(1)),
      pairsOverAttention(subjects, sizesOf(1, n)).toFixed(2),
    ]),
  );

/** What is kept for any batch and for each example: see `savedBy`. */
export interface Kept {
  readonly n: number;
  readonly attention: { fixed: number; each: number };
  readonly pairs: { fixed: number; each: number };
}

/** From which batch on embeddings of pairs take less than attention, times the heads. */
export const crossover = ({ attention, pairs }: Kept): number =>
  (HEADS * (pairs.fixed - attention.fixed)) / (attention.each - pairs.each);

export const crossoverTable = (kept: readonly Kept[]): string =>
  table(
    ['n', 'attention, each example', 'embeddings, once', 'lambdas, each example', 'equal at b·h'],
    kept.map((row) => [
      String(row.n),
      megabytes(row.attention.each),
      megabytes(row.pairs.fixed),
      megabytes(row.pairs.each),
      row.pairs.each < row.attention.each ? crossover(row).toFixed(1) : 'never',
    ]),
  );

/** Of the formulas, and of what the graphs keep. */
export function ratioTable(results: readonly Result[][]): string {
  const [attention, pairs] = results;
  const rows = attention.flatMap(({ sizes, saved }, i) => {
    const other = pairs[i].saved;
    if (typeof saved === 'string' || typeof other === 'string') return [];
    const { n, batch } = sizes;
    const ratios = [attentionOverLambda(sizes), saved / other];
    return [[String(n), String(batch), String(batch * HEADS), ...ratios.map((r) => r.toFixed(2))]];
  });
  return table(['n', 'b', 'b·h', 'formula b·h/k', 'kept'], rows);
}

/** Kilobytes that a layer keeps for each position and example, from the least to the most. */
export function eachPosition(results: readonly Result[]): string {
  const kilobytes = results.flatMap(({ sizes, saved }) =>
    typeof saved === 'string' ? [] : [saved / (sizes.n * sizes.batch * 1000)],
  );
  return `${Math.min(...kilobytes).toFixed(2)} to ${Math.max(...kilobytes).toFixed(2)}`;
}

export const paperTable = (): string =>
  table(
    ['layers of a ResNet-50', 'bytes / 4', 'GiB'],
    resNetTable().map(([layer, space, gib]) => [layer, space, gib.toFixed(gib < 10 ? 2 : 1)]),
  );

export const machine = (): string =>
  `${process.version}, ${os.cpus()[0].model}, ${os.availableParallelism()} cores, ${getThreads()} threads, load average ${os.loadavg()[0].toFixed(1)} at the start`;

/** Bytes kept against positions, a panel for each batch. */
export const panels = (results: readonly Result[][], batches: readonly number[]): Panel[] =>
  batches.map((batch) => ({
    title: `b = ${batch} (b·h = ${batch * HEADS}, k = ${K}, d = ${D})`,
    lines: results.map((column) => ({
      name: column[0].subject.name,
      points: column.flatMap(({ sizes, saved }) =>
        typeof saved === 'number' && sizes.batch === batch ? [[sizes.n, saved] as const] : [],
      ),
    })),
  }));
