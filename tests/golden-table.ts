/**
 * Holds the library against numbers that other engines computed: `npm run golden -- FOLDER` runs every
 * file of cases in the folder (`tests/golden/data` if none is given) and fails if one does not agree.
 */
import { fileURLToPath } from 'node:url';
import { readGroups, run } from './golden/run.js';

const folder = process.argv[2] ?? fileURLToPath(new URL('./golden/data', import.meta.url));
const skipped = new Map<string, number>();
const failures: string[] = [];
const rows = readGroups(folder).map(({ name, cases }) => {
  const counts = { passed: 0, skipped: 0, failed: 0 };
  let worst = 0;
  for (const c of cases) {
    const outcome = run(c);
    counts[outcome.kind]++;
    if (outcome.kind === 'passed') worst = Math.max(worst, outcome.error);
    else if (outcome.kind === 'failed') failures.push(`${name}/${c.name}: ${outcome.message}`);
    else skipped.set(outcome.reason, (skipped.get(outcome.reason) ?? 0) + 1);
  }
  return { name, cases: cases.length, ...counts, worst };
});

const line = (name: string, ...cells: (number | string)[]): string =>
  name.padEnd(16) + cells.map((cell) => String(cell).padStart(9)).join('');
const total = (key: 'cases' | 'passed' | 'skipped' | 'failed'): number =>
  rows.reduce((sum, row) => sum + row[key], 0);

console.log(line('group', 'cases', 'passed', 'skipped', 'failed', 'worst'));
for (const row of rows) {
  const worst = row.passed === 0 ? '–' : row.worst.toExponential(1);
  console.log(line(row.name, row.cases, row.passed, row.skipped, row.failed, worst));
}
console.log(line('all', total('cases'), total('passed'), total('skipped'), total('failed')));
if (skipped.size > 0) {
  console.log('\nskipped:');
  for (const [reason, count] of skipped) console.log(`  ${reason}: ${count}`);
}
if (failures.length > 0) {
  console.log('\nfailed:');
  for (const failure of failures) console.log(`  ${failure.replaceAll('\n', '\n    ')}`);
}
process.exitCode = failures.length > 0 ? 1 : 0;
