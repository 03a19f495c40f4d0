/** Everything that is measured with one version of Node. */
import { kilobytes, PERCEPTRON, WHOLE } from './bundle.js';
import { commands, growthCommands, type Hosts, memoryCommands } from './columns.js';
import { type Footprint, footprint } from './footprint.js';
import { inTurn, type Rounds } from './rounds.js';
import { startup } from './startup.js';
import type { Answer, Table } from './table.js';
import { GROWTHS, WORKS } from './works.js';

export interface Plan {
  readonly works: Rounds;
  readonly growth: Rounds;
  /** Processes that are started to time an empty one and a first gradient. */
  readonly spawns: number;
  /** Training steps over which the memory is watched. */
  readonly steps: number;
  /** Only the work whose name contains this, and nothing else, unless empty. */
  readonly only: string;
}

export const FULL: Plan = {
  works: { rounds: 3, ms: 250 },
  growth: { rounds: 3, ms: 100 },
  spawns: 15,
  steps: 2000,
  only: '',
};

/** A look at whether everything runs; its numbers mean nothing. */
export const QUICK: Plan = {
  works: { rounds: 1, ms: 5 },
  growth: { rounds: 1, ms: 1 },
  spawns: 3,
  steps: 16,
  only: '',
};

export interface Measured {
  /** Works and engines in milliseconds, start-up in milliseconds, bundles in kilobytes. */
  readonly table: Table;
  readonly growth: Table;
  readonly memory: Readonly<Record<string, Footprint | string>>;
}

function tell(work: string, answers: ReadonlyMap<string, Answer>): void {
  const cells = [...answers].map(
    ([name, answer]) => `${name} ${typeof answer === 'number' ? answer.toPrecision(3) : '–'}`,
  );
  console.log(`${work}: ${cells.join(', ')}`);
}

export async function measure(hosts: Hosts, plan: Plan): Promise<Measured> {
  const chosen = (names: string[]) => names.filter((name) => name.includes(plan.only));
  const works = chosen(WORKS.map(({ name }) => name));
  const table = await inTurn(commands(hosts), works, plan.works, tell);

  const sizes = chosen(GROWTHS.flatMap(({ op, sizes }) => sizes.map((size) => `${op} ${size}`)));
  const growth = await inTurn(growthCommands(hosts), sizes, plan.growth, tell);
  if (plan.only !== '') return { table, growth, memory: {} };

  table.set('start-up', 'lambdagrad', startup(hosts.node, plan.spawns));
  table.set('bundle, whole', 'lambdagrad', await kilobytes(WHOLE));
  table.set('bundle, MLP', 'lambdagrad', await kilobytes(PERCEPTRON));
  const memory = Object.fromEntries(
    Object.entries(memoryCommands(hosts, plan.steps)).map(([name, command]) => [
      name,
      footprint(command),
    ]),
  );
  return { table, growth, memory };
}
