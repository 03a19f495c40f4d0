import { readFileSync } from 'node:fs';
import os from 'node:os';

const packageAt = (path: string): { version: string } =>
  JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

/** What the numbers were measured on and with. */
export function machine(): [string, string][] {
  const peer = (name: string) => packageAt(`node_modules/${name}/package.json`).version;
  return [
    ['CPU', os.cpus()[0].model],
    ['cores', String(os.availableParallelism())],
    ['memory', `${Math.round(os.totalmem() / 2 ** 30)} GiB`],
    ['system', `${os.type()} ${os.release()} ${os.arch()}`],
    ['lambdagrad', packageAt('../../package.json').version],
    ['tfjs', peer('@tensorflow/tfjs')],
    ['jax-js', peer('@jax-js/jax')],
  ];
}
