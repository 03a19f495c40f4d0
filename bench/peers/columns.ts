/** The engines, and how each is started. The number after a name is how many threads it may use. */
import { fileURLToPath } from 'node:url';

export const OURS = ['lambdagrad 1', 'lambdagrad 2'] as const;
export const PEERS = ['tfjs wasm', 'jax-js', 'jax-js jit', 'PyTorch 1', 'PyTorch 2'] as const;
export const COLUMNS = [...OURS, ...PEERS];
export type Column = (typeof COLUMNS)[number];

/** A program and its arguments. */
export type Command = readonly [string, ...string[]];

/** What the columns run on; without a Python that has PyTorch, its columns stay empty. */
export interface Hosts {
  readonly node: string;
  readonly python?: string | undefined;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const compiled = (name: string): string => here(`dist/engines/${name}.js`);

export const NO_TORCH = 'not installed';

/** The command of each column, or why there is none. */
export function commands({ node, python }: Hosts): Record<Column, Command | string> {
  const torch = (threads: string): Command | string =>
    python === undefined ? NO_TORCH : [python, here('engines/pytorch.py'), threads, 'serve'];
  return {
    'lambdagrad 1': [node, compiled('ours'), '1'],
    'lambdagrad 2': [node, compiled('ours'), '2'],
    'tfjs wasm': [node, compiled('tfjs')],
    'jax-js': [node, compiled('jax'), 'eager'],
    'jax-js jit': [node, compiled('jax'), 'jit'],
    'PyTorch 1': torch('1'),
    'PyTorch 2': torch('2'),
  };
}

/** Our engine over growing sizes. */
export function growthCommands({ node }: Hosts): Record<(typeof OURS)[number], Command> {
  return {
    'lambdagrad 1': [node, compiled('growth'), '1'],
    'lambdagrad 2': [node, compiled('growth'), '2'],
  };
}

/** A training run that ends by printing what memory it took, with two threads. */
export function memoryCommands({ node, python }: Hosts, steps: number) {
  const count = String(steps);
  const torch: Command | string =
    python === undefined ? NO_TORCH : [python, here('engines/pytorch.py'), '2', 'memory', count];
  const ours: Command = [node, compiled('memory'), '2', count];
  return { lambdagrad: ours, PyTorch: torch };
}
