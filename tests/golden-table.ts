/**
 * Holds the library against numbers that other engines computed: `npm run golden -- FOLDER` runs every
 * file of cases in the folder (`tests/golden/data` if none is given), in float64 and in float32, and fails
 * if one does not agree.
 */
import { fileURLToPath } from 'node:url';
import { PRECISIONS, type Precision, readGroups, run } from './golden/run.js';

const folder = process.argv[2] ?? fileURLToPath(new URL('./golden/data', import.meta.url));

const line = (name: string, ...cells: (number | string)[]): string =>
  name.padEnd(16) + cells.map((cell) => String(cell).padStart(9)).join('');

/** Prints what came of all cases in one precision, and returns how many failed. */
function table(precision: Precision): number {
  const all = { cases: 0, passed: 0, skipped: 0, failed: 0 };
  const notes: Record<'skipped' | 'failed', string[]> = { skipped: [], failed: [] };
  console.log(line(precision, ...Object.keys(all), 'worst'));
  for (const { name, cases } of readGroups(folder, precision)) {
    const counts = { cases: cases.length, passed: 0, skipped: 0, failed: 0 };
    let worst = 0;
    for (const c of cases) {
      const outcome = run(c, precision);
      counts[outcome.kind]++;
      if (outcome.kind === 'passed') worst = Math.max(worst, outcome.error);
      else {
        const note = outcome.kind === 'failed' ? outcome.message : outcome.reason;
        notes[outcome.kind].push(`${name}/${c.name}: ${note}`);
      }
    }
    for (const key of ['cases', 'passed', 'skipped', 'failed'] as const) all[key] += counts[key];
    console.log(
      line(name, ...Object.values(counts), counts.passed === 0 ? '–' : worst.toExponential(1)),
    );
  }
  console.log(line('all', ...Object.values(all)));
  for (const [kind, list] of Object.entries(notes)) {
    if (list.length > 0) console.log(`\n${kind}:`);
    for (const note of list) console.log(`  ${note.replaceAll('\n', '\n    ')}`);
  }
  console.log();
  return all.failed;
}

const failed = PRECISIONS.map(table);
process.exitCode = failed.some((count) => count > 0) ? 1 : 0;
