/** An engine that is asked for timings, wherever it runs. */
import { cpu, type Tensor } from 'lambdagrad';
import { median, type Reply, type Request, type Run, type Timing } from '../peers/protocol.js';
import { type Engine, inputsOf, type Prepared } from './engine.js';
import { ours } from './engines/ours.js';
import { type Size, WORKS, type Work } from './works.js';

/** Results may differ by so much of what is largest in them. */
const TOLERANCE = 1e-3;

/** Answers for one engine. What was last asked for is kept, on the device and warm. */
export class Bench {
  private current: { readonly name: string; readonly prepared: Prepared } | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly size: Size,
  ) {}

  async answer({ work: name, ms }: Request): Promise<Reply> {
    try {
      await this.engine.activate();
      const kept = this.current?.name === name ? this.current.prepared : null;
      const { run } = kept ?? (await this.prepare(name, ms));
      return await time(run, ms);
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Uploads the inputs, checks the results and warms up. */
  private async prepare(name: string, ms: number): Promise<Prepared> {
    this.current?.prepared.free();
    this.current = undefined;
    const work = WORKS[this.size].find((each) => each.name === name);
    if (work === undefined) throw new Error(`no such work: ${name}`);
    const inputs = inputsOf(work);
    const prepared = this.engine.prepare(work, inputs);
    checkResults(await prepared.whole(), await expectedOf(work, inputs), inputs, work);
    await time(prepared.run, ms);
    this.current = { name, prepared };
    return prepared;
  }
}

/** What our engine gives on the CPU. */
const expectedOf = (work: Work, inputs: readonly Tensor[]): Promise<Float32Array[]> =>
  ours(cpu).prepare(work, inputs).whole();

/** Throws where a result is not the expected one; of parameters, their change is looked at. */
function checkResults(
  results: readonly Float32Array[],
  expected: readonly Float32Array[],
  inputs: readonly Tensor[],
  { parameters }: Work,
): void {
  expected.forEach((right, i) => {
    const start = i < parameters ? inputs[i].data : new Float32Array(right.length);
    const scale = right.reduce((most, x, j) => Math.max(most, Math.abs(x - start[j])), 0);
    const off = right.reduce((most, x, j) => Math.max(most, Math.abs(results[i][j] - x)), 0);
    if (results[i].length === right.length && off <= TOLERANCE * scale) return;
    throw new Error(
      `result ${i} is wrong: off by ${(off / scale).toPrecision(2)} of what is largest in it`,
    );
  });
}

/** Runs it for so long, at least once. */
async function time(run: Run, ms: number): Promise<Timing> {
  const samples: number[] = [];
  const end = performance.now() + ms;
  do {
    const start = performance.now();
    await run();
    samples.push(performance.now() - start);
  } while (performance.now() < end);
  return { median: median(samples), runs: samples.length };
}
