import { setTimeout } from 'node:timers/promises';
import type { Command } from './columns.js';
import { Engine } from './engine.js';
import { median } from './protocol.js';
import { type Answer, Table } from './table.js';

export interface Rounds {
  readonly rounds: number;
  /** Milliseconds of one engine's turn. */
  readonly ms: number;
}

/** Threads that have run out of work look for more for some tens of ms before they sleep. */
const REST_MS = 50;

/**
 * Times every work on every engine, turn by turn (A B C A B C …), so that what slows the machine down
 * for a while slows all of them. The answer is the median of the rounds, in milliseconds.
 */
export async function inTurn(
  commands: Readonly<Record<string, Command | string>>,
  works: readonly string[],
  { rounds, ms }: Rounds,
  tell: (work: string, answers: ReadonlyMap<string, Answer>) => void,
): Promise<Table> {
  const engines = Object.entries(commands).map(([name, command]) => ({
    name,
    engine: new Engine(command),
  }));
  const table = new Table();
  for (const work of works) {
    const medians = new Map<string, number[]>();
    const reasons = new Map<string, string>();
    for (let round = 0; round < rounds; round++) {
      for (const { name, engine } of engines) {
        if (reasons.has(name)) continue;
        await setTimeout(REST_MS);
        const reply = await engine.ask({ work, ms });
        if ('error' in reply) reasons.set(name, reply.error);
        else medians.set(name, [...(medians.get(name) ?? []), reply.median]);
      }
    }
    const answers = new Map(
      engines.map(({ name }) => [name, reasons.get(name) ?? median(medians.get(name) ?? [])]),
    );
    for (const [name, answer] of answers) table.set(work, name, answer);
    tell(work, answers);
  }
  await Promise.all(engines.map(({ engine }) => engine.close()));
  return table;
}
