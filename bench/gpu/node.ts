/**
 * What Node runs: one engine, on WebGPU by Google's Dawn. Arguments: a column and a size; it then answers
 * lines of JSON (see bench/peers/protocol.ts). Or `adapters`, which prints what there is to compute on.
 */
import { createInterface } from 'node:readline';
import { create, globals } from 'webgpu';
import { adapters } from './adapters.js';
import { Bench } from './bench.js';
import { COLUMNS } from './columns.js';
import { open } from './open.js';
import type { Size } from './works.js';

/** As in a page; jax-js looks at the rest of it too. */
function provideWebGPU(): void {
  Object.assign(globalThis, globals);
  const navigator = { gpu: create([]), hardwareConcurrency: 1, userAgent: 'node' };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
}

async function serve(name: string, size: Size): Promise<void> {
  const column = COLUMNS.find((each) => each === name);
  if (column === undefined) throw new Error(`no such column: ${name}`);
  const bench = new Bench(await open[column](), size);
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await bench.answer(JSON.parse(line))));
  }
}

provideWebGPU();
const [name, size] = process.argv.slice(2);
if (name === 'adapters') console.log(JSON.stringify(await adapters()));
else await serve(name, size === 'full' ? 'full' : 'small');
