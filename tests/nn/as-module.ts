import { readFileSync } from 'node:fs';
import type { Keywords, ModuleCase, OpCase } from '../golden/format.js';

/** An op's cases in one of the golden files. */
export const opCases = (file: string, prefixes: readonly string[]): OpCase[] => {
  const url = new URL(`../golden/data/${file}.json`, import.meta.url);
  const cases: OpCase[] = JSON.parse(readFileSync(url, 'utf8'));
  return cases.filter(({ op }) => prefixes.some((prefix) => op.startsWith(prefix)));
};

/** `max_pool2d` as the module is called: `MaxPool2d`. */
const moduleName = (op: string): string =>
  op
    .split('_')
    .map((word) => word[0].toUpperCase() + word.slice(1))
    .join('');

/**
 * The case of an op as one of the module that applies it: the inputs after the first are its weight and
 * its bias, and `args` is what else the module is made of.
 */
export function asModule(c: OpCase, args: Keywords, op = moduleName(c.op)): ModuleCase {
  const [x, ...parameters] = c.inputs;
  const [byX, ...byParameters] = c.grads ?? [];
  const named = <T>(list: readonly T[]): Record<string, T> =>
    Object.fromEntries(list.map((value, i) => [['weight', 'bias'][i], value]));
  return {
    name: c.name,
    op,
    args: { ...c.args, ...args },
    inputs: [x],
    outputs: c.outputs,
    cotangents: c.cotangents ?? [],
    grads: [byX],
    parameters: named(parameters),
    parameter_grads: named(byParameters),
  };
}
