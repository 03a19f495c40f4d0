/** `npm run bench`: kernels and training steps on the CPU, as operations a second. */
import Benchmark from 'benchmark';
import { type Case, cases } from './cases.js';

const filter = process.argv[2] ?? '';

/** What a run cost, in words: the time of one, and the arithmetic or the numbers it got through. */
function row({ name, flops, bytes }: Case, seconds: number, error: number): string {
  const time =
    seconds < 1e-3 ? `${(1e6 * seconds).toFixed(2)} µs` : `${(1e3 * seconds).toFixed(2)} ms`;
  const rate =
    flops !== undefined
      ? `${(flops / seconds / 1e9).toFixed(2)} GFLOP/s`
      : bytes !== undefined
        ? `${(bytes / seconds / 1e9).toFixed(2)} GB/s`
        : '';
  return `${name.padEnd(44)}${time.padStart(12)}${`±${error.toFixed(1)} %`.padStart(10)}${rate.padStart(16)}`;
}

console.log(`${process.version} ${process.platform} ${process.arch}\n`);
for (const each of cases().filter(({ name }) => name.includes(filter))) {
  new Benchmark(each.name, each.run, { maxTime: 1 })
    .on('complete', ({ target }: { target: Benchmark }) => {
      console.log(row(each, target.stats.mean, target.stats.rme));
    })
    .on('error', ({ target }: { target: Benchmark & { error?: Error } }) => {
      throw target.error ?? new Error(`${each.name} failed`);
    })
    .run();
}
