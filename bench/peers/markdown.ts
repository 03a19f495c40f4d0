/** A table in Markdown: the first row is its heading, the first `texts` columns are text, not numbers. */
export function markdownTable(
  [heading, ...rows]: readonly (readonly string[])[],
  texts = 1,
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = heading.map((_, i) => (i < texts ? '---' : '--:'));
  return [heading, rule, ...rows].map(line).join('\n');
}

/** Three figures, and no exponent. */
export const figures = (x: number): string =>
  Math.abs(x) >= 100 ? x.toFixed(0) : String(Number(x.toPrecision(3)));

/** Numbers the reasons why cells are empty, each once. */
export class Footnotes {
  private readonly reasons: string[] = [];

  /** The cell: a dash and the number of its reason. */
  mark(reason: string): string {
    const line = reason.replace(/\s+/g, ' ').trim();
    const short = line.length > 240 ? `${line.slice(0, 240)}…` : line;
    if (!this.reasons.includes(short)) this.reasons.push(short);
    return `– [${this.reasons.indexOf(short) + 1}]`;
  }

  toString(): string {
    return this.reasons.map((reason, i) => `[${i + 1}] ${reason}`).join('  \n');
  }
}
