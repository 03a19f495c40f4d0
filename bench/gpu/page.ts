/** What the page runs: an engine a column, all on the page's one thread. */
import type { Reply, Request } from '../peers/protocol.js';
import { adapters } from './adapters.js';
import { Bench } from './bench.js';
import type { Column } from './columns.js';
import { open } from './open.js';
import type { Size } from './works.js';

const benches = new Map<Column, Bench>();

async function answer(column: Column, size: Size, request: Request): Promise<Reply> {
  try {
    const bench = benches.get(column) ?? new Bench(await open[column](), size);
    benches.set(column, bench);
    return await bench.answer(request);
  } catch (error) {
    return { error: String(error) };
  }
}

/** What the page answers to. */
const face = { adapters, answer };
export type Face = typeof face;

Object.assign(globalThis, face);
