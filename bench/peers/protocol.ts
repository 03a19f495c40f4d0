/**
 * How the runner talks with an engine: a line of JSON each way. An engine that is not asked waits on
 * its standard input, so it takes no time from the others.
 */
import { createInterface } from 'node:readline';

/** Run `work` for about `ms` milliseconds. */
export interface Request {
  readonly work: string;
  readonly ms: number;
}

export interface Timing {
  /** Milliseconds of one run. */
  readonly median: number;
  readonly runs: number;
}

export type Reply = Timing | { readonly error: string };

/** One run of some work, finished when it returns or when its promise resolves. */
export type Run = () => unknown;

/** Makes the inputs of some work and gives what is to be timed. */
export type Setup = () => Run | Promise<Run>;

/** What is shorter than this is repeated until it is not, so that reading the clock costs nothing. */
const SAMPLE_MS = 0.1;
const FEWEST_SAMPLES = 3;

/** Milliseconds that `repeats` runs took. An engine without promises is not made to wait for one. */
async function sample(run: Run, repeats: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < repeats; i++) {
    const result = run();
    if (result instanceof Promise) await result;
  }
  return performance.now() - start;
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Runs it for so long, and at least twice, that compilers are done with it. */
async function warm(run: Run, ms: number): Promise<void> {
  const end = performance.now() + ms;
  do {
    await sample(run, 2);
  } while (performance.now() < end);
}

async function time(run: Run, ms: number): Promise<Timing> {
  const first = await sample(run, 1);
  const repeats = first < SAMPLE_MS ? Math.ceil(SAMPLE_MS / Math.max(first, 1e-4)) : 1;
  const samples = repeats === 1 ? [first] : [];
  const end = performance.now() + ms;
  while (samples.length < FEWEST_SAMPLES || performance.now() < end) {
    samples.push((await sample(run, repeats)) / repeats);
  }
  return { median: median(samples), runs: samples.length * repeats };
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Answers requests until the input ends. Only the work last asked for is kept, warm. */
export async function serve(setups: Readonly<Record<string, Setup>>): Promise<void> {
  let current: { work: string; run: Run } | undefined;

  async function answer({ work, ms }: Request): Promise<Timing> {
    if (current?.work !== work) {
      const setup = setups[work];
      if (setup === undefined) throw new Error(`no such work: ${work}`);
      current = { work, run: await setup() };
      await warm(current.run, ms);
    }
    return time(current.run, ms);
  }

  for await (const line of createInterface({ input: process.stdin })) {
    const request: Request = JSON.parse(line);
    const reply: Reply = await answer(request).catch((error) => ({ error: reasonOf(error) }));
    process.stdout.write(`${JSON.stringify({ work: request.work, ...reply })}\n`);
  }
}
