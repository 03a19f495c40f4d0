/** bench/RESULTS.md */
import { machine } from './machine.js';
import { figures, markdownTable } from './markdown.js';
import { judge, MARKS, type Mark } from './marks.js';
import type { Measured, Plan } from './measure.js';
import { parts } from './parts.js';
import { INSTALL_TORCH } from './pytorch.js';
import { WORKS } from './works.js';

/** What was measured with one version of Node. */
export interface Section {
  readonly version: string;
  readonly measured: Measured;
}

export interface Findings {
  readonly sections: readonly Section[];
  readonly plan: Plan;
  readonly command: string;
  /** PyTorch's version, if there is one. */
  readonly torch: string | undefined;
}

function markCells(mark: Mark): string[] {
  if ('below' in mark) return [mark.work, mark.ours, `< ${mark.below} ${mark.unit}`];
  const peers = mark.over.length === 1 ? mark.over[0] : `the faster of ${mark.over.join(', ')}`;
  return [mark.work, mark.ours, `≥ ${mark.least} × ${peers}`];
}

/** Whether the mark is met, or how far it is short. */
function verdictCell(mark: Mark, { table }: Measured): string {
  const { reached, says } = judge(mark, table);
  if (says === 'not measured') return says;
  if (says === 'met') return `met: ${figures(reached)}`;
  const short =
    'over' in mark
      ? `${Math.ceil(100 * (1 - reached / mark.least))} % short`
      : `${Math.ceil(100 * (reached / mark.below - 1))} % too much`;
  return `**${reached.toPrecision(4)}: ${short}**`;
}

/** The verdicts on every mark, or on those of works whose names contain `only`. */
export function marks(sections: readonly Section[], only = ''): string {
  const chosen = MARKS.filter(({ work }) => work.includes(only));
  const heading = ['work', 'ours', 'mark', ...sections.map(({ version }) => `Node ${version}`)];
  const rows = chosen.map((mark) => [
    ...markCells(mark),
    ...sections.map(({ measured }) => verdictCell(mark, measured)),
  ]);
  const counts = sections.map(({ version, measured }) => {
    const met = chosen.filter((mark) => judge(mark, measured.table).says === 'met');
    return `${met.length} of ${chosen.length} met with Node ${version}`;
  });
  return [
    '## Marks',
    'A ratio is the peer’s time over ours.',
    markdownTable([heading, ...rows], heading.length),
    `${counts.join(', ')}.`,
  ].join('\n\n');
}

function setting({ sections, plan, command, torch }: Findings): string {
  const rows = [
    ...machine(),
    ['PyTorch', torch ?? 'not installed'],
    ['Node', sections.map(({ version }) => version).join(', ')],
    ['date', new Date().toISOString().slice(0, 10)],
  ];
  const { rounds, ms } = plan.works;
  return [
    '# Measured beside other engines',
    `Written by \`${command}\`. Each engine has a process of its own; they are asked in turn, ` +
      `${rounds} rounds of ${ms} ms a work, and a time is the median of the rounds’ medians. A ` +
      'number after an engine’s name says how many threads it may use; tfjs and jax-js have one in ' +
      'Node. Only compare numbers of one run.',
    ...(torch === undefined ? [INSTALL_TORCH] : []),
    markdownTable([['setting', ''], ...rows], 2),
    'The work, on float32 numbers from a normal distribution:',
    WORKS.map(({ name, says }) => `- ${name}: ${says}`).join('\n'),
  ].join('\n\n');
}

export function report(findings: Findings): string {
  const { sections, plan } = findings;
  const each = sections.map(
    ({ version, measured }) => `## Node ${version}\n\n${parts(measured, plan.steps)}`,
  );
  const text = [setting(findings), marks(sections), ...each].join('\n\n');
  return `${text.replace(/\n{3,}/g, '\n\n').trim()}\n`;
}
