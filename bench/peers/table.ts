/** A number, or in words why there is none. */
export type Answer = number | string;

/** What was measured: an answer a row and column. */
export class Table {
  private readonly answers = new Map<string, Answer>();

  set(row: string, column: string, answer: Answer): void {
    this.answers.set(`${row}|${column}`, answer);
  }

  answer(row: string, column: string): Answer {
    return this.answers.get(`${row}|${column}`) ?? 'not measured';
  }

  /** NaN where there is no number. */
  number(row: string, column: string): number {
    const answer = this.answer(row, column);
    return typeof answer === 'number' ? answer : Number.NaN;
  }
}
