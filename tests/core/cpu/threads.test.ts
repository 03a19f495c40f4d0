import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { simd } from '../../../core/cpu/simd/engine.js';
import {
  conv2d,
  Generator,
  getThreads,
  grad,
  matmul,
  setThreads,
  softmax,
  sum,
  type Tensor,
  tanh,
  tensor,
} from '../../../ops/index.js';
import { ROOT } from '../../readme.js';

const generator = new Generator(5);
const normal = (...shape: number[]): Tensor => {
  const length = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Float32Array.from({ length }, () => generator.normal()),
    { shape },
  );
};

/** Work that is large enough to be shared out. */
function results(): Float32Array[] {
  const [a, b] = [normal(150, 700), normal(700, 130)];
  const [x, w] = [normal(4, 30, 24, 24).requiresGrad_(), normal(48, 30, 3, 3).requiresGrad_()];
  const long = normal(300000);
  const batch = [normal(40, 33, 64), normal(40, 64, 35)];
  return [
    matmul(a, b),
    matmul(batch[0], batch[1]),
    conv2d(x, w, null, { padding: 1 }),
    ...grad(sum(tanh(conv2d(x, w, null, { padding: 1 }))), [x, w]),
    ...grad(sum(tanh(conv2d(x, w, null, { padding: 1, stride: 2 }))), [x, w]),
    tanh(long),
    sum(long),
    softmax(normal(300, 401), -1),
    sum(normal(500, 401), 0),
    sum(normal(500, 401), 1),
  ].map((t) => t.data as Float32Array);
}

test('results are the same bit for bit with any number of threads', () => {
  const before = getThreads();
  const with1 = ((): Float32Array[] => {
    setThreads(1);
    generator.seed(7);
    return results();
  })();
  for (const threads of [2, 3, 4, 2, 1]) {
    setThreads(threads);
    assert.is(getThreads(), threads);
    // Threads start while the work goes on, so later rounds have more of them.
    for (let round = 0; round < 4; round++) {
      generator.seed(7);
      results().forEach((y, i) => {
        assert.equal(y, with1[i], `result ${i} with ${threads} threads`);
      });
    }
  }
  setThreads(before);
});

test('threads come when they are asked for, and go', () => {
  const before = getThreads();
  const [a, b] = [normal(200, 200), normal(200, 200)];
  for (const threads of [3, 1, 2]) {
    setThreads(threads);
    for (let i = 0; i < 50000 && simd()?.threads !== threads; i++) matmul(a, b);
    assert.is(simd()?.threads, threads);
  }
  setThreads(before);
});

test('setThreads expects a whole number from 1 to 64', () => {
  for (const count of [0, -1, 1.5, 65, NaN, '2', undefined]) {
    assert.throws(
      () => setThreads(count as number),
      /^setThreads: expected a whole number from 1 to 64, got /,
    );
  }
});

/** What a script that uses threads prints, how it ends, and how many threads it had. */
function run(program: string, env: Record<string, string> = {}) {
  const prelude = `
    import { matmul, randn, setThreads } from './ops/index.ts';
    import { readdirSync } from 'node:fs';
    const multiply = () => { for (let i = 0; i < 100; i++) matmul(randn([200, 200]), randn([200, 200])); };
  `;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', prelude + program],
    { cwd: ROOT, encoding: 'utf8', env: { ...process.env, ...env }, timeout: 60000 },
  );
  return { status, stdout: stdout.trim(), stderr };
}

test('a script that used threads ends by itself', () => {
  const { status, stdout, stderr } = run("setThreads(3); multiply(); console.log('done');");
  assert.is(stderr, '');
  assert.is(stdout, 'done');
  assert.is(status, 0);
});

test('a script that throws between shared work ends with its error', () => {
  const { status, stderr } = run("setThreads(3); multiply(); throw new Error('on purpose');");
  assert.is(status, 1);
  assert.match(stderr, /on purpose/);
});

test('memory that is not shared moves as it grows, and the work goes on', () => {
  // Where there is no way to start a thread, as in a page that is not isolated, memory is not shared.
  const { status, stdout, stderr } = run(`
    process.getBuiltinModule = undefined;
    multiply();
    const x = randn([900, 900]);
    const exact = matmul(x.to('float64'), x.to('float64')).data;
    const far = matmul(x, x).data.findIndex((y, i) => !(Math.abs(y - exact[i]) < 1e-3));
    console.log(String(far));
  `);
  assert.is(stderr, '');
  assert.is(stdout, '-1');
  assert.is(status, 0);
});

test('without the engine, threads are asked for in vain and the loops do the work', () => {
  const { status, stdout } = run("setThreads(2); multiply(); console.log('done');", {
    LAMBDAGRAD_CPU: 'loops',
  });
  assert.is(stdout, 'done');
  assert.is(status, 0);
});

test.run();
