import { setTimeout } from 'node:timers/promises';
import { median, type Reply, type Request } from '../peers/protocol.js';
import type { Rounds } from '../peers/rounds.js';
import { Table } from '../peers/table.js';
import type { Column } from './columns.js';

export type Ask = (request: Request) => Promise<Reply>;

/** What one engine leaves behind is not to be done in the turn of the next. */
const REST_MS = 30;

/**
 * Times every work on every engine, turn by turn (A B C A B C …), so that what slows the machine down
 * for a while slows all of them. The answer is the median of the rounds, in milliseconds.
 */
export async function inTurn(
  engines: ReadonlyMap<Column, Ask>,
  works: readonly string[],
  { rounds, ms }: Rounds,
): Promise<Table> {
  const table = new Table();
  for (const work of works) {
    const medians = new Map<Column, number[]>();
    for (let round = 0; round < rounds; round++) {
      for (const [column, ask] of engines) {
        if (round > 0 && !medians.has(column)) continue;
        await setTimeout(REST_MS);
        const reply = await ask({ work, ms });
        if ('error' in reply) {
          medians.delete(column);
          table.set(work, column, reply.error);
        } else medians.set(column, [...(medians.get(column) ?? []), reply.median]);
      }
    }
    for (const [column, times] of medians) table.set(work, column, median(times));
    tell(work, [...engines.keys()], table);
  }
  return table;
}

function tell(work: string, columns: readonly Column[], table: Table): void {
  const cells = columns.map((column) => {
    const answer = table.answer(work, column);
    return `${column} ${typeof answer === 'number' ? answer.toPrecision(3) : '–'}`;
  });
  console.log(`${work}: ${cells.join(', ')}`);
}
