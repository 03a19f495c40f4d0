import { samples } from './samples/index.js';
import { type Row, sweep } from './samples/sweep.js';

// Prints what the derivatives of every op are off by, on its sample inputs; exits with 1 on a failure.

const columns = ['op', 'samples', 'first order', 'second order', 'float32', 'jvp', 'verdict'];

const verdict = ({ failures, differentiable }: Row): string =>
  failures.length > 0 ? 'FAILED' : differentiable ? 'ok' : 'no gradient';

function cells(row: Row): string[] {
  const { op, worst, differentiable } = row;
  const shown = (error: number): string => error.toExponential(1);
  const derivatives = [worst.first, worst.second, worst.float32, worst.jvp].map(shown);
  const errors = differentiable ? derivatives : ['', '', shown(worst.float32), ''];
  return [op, String(row.samples), ...errors, verdict(row)];
}

/** Names and verdicts to the left, numbers to the right. */
function print(table: readonly string[][]): void {
  const widths = columns.map((_, i) => Math.max(...table.map((line) => line[i].length)));
  const last = columns.length - 1;
  for (const line of table) {
    const padded = line.map((cell, i) =>
      i === 0 || i === last ? cell.padEnd(widths[i]) : cell.padStart(widths[i]),
    );
    console.log(padded.join('  ').trimEnd());
  }
}

const rows = sweep(samples);
print([columns, ...rows.map(cells)]);

const excepted = Object.entries(samples).flatMap(([op, list]) =>
  list.filter(({ exceptions }) => exceptions.why !== undefined).map((each) => ({ op, ...each })),
);
console.log('\nSamples with bounds of their own:');
for (const { op, title, exceptions } of excepted) {
  const { why, ...bounds } = exceptions;
  const list = Object.entries(bounds).map(([key, bound]) =>
    bound === Infinity ? `${key} not checked` : `${key} ${bound}`,
  );
  console.log(`${op}, ${title}: ${list.join(', ')}: ${why}`);
}

const failed = rows.filter(({ failures }) => failures.length > 0);
for (const { op, failures } of failed) {
  console.log(`\n${op} FAILED`);
  for (const failure of failures) console.log(`  ${failure}`);
}

const count = rows.reduce((sum, row) => sum + row.samples, 0);
console.log(`\n${rows.length} ops, ${count.toLocaleString('en')} samples, ${failed.length} failed`);
process.exitCode = failed.length > 0 ? 1 : 0;
