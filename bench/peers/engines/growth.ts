/** lambdagrad over growing sizes, works named `matmul 64` or `tanh 4096`. Argument: threads. */
import { add, matmul, randn, setThreads, sum, tanh } from 'lambdagrad';
import { type Run, type Setup, serve } from '../protocol.js';
import { GROWTHS, type Growth } from '../works.js';

function run(op: Growth['op'], size: number): Run {
  if (op === 'matmul') {
    const [a, b] = [randn([size, size]), randn([size, size])];
    return () => matmul(a, b).data;
  }
  const x = randn([size / 4]);
  if (op === 'add') {
    const y = randn([size / 4]);
    return () => add(x, y).data;
  }
  return op === 'tanh' ? () => tanh(x).data : () => sum(x).data;
}

const works = GROWTHS.flatMap(({ op, sizes }) =>
  sizes.map((size): [string, Setup] => [`${op} ${size}`, () => run(op, size)]),
);

setThreads(Number(process.argv[2]));
await serve(Object.fromEntries(works));
