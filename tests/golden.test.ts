import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Case, ModuleCase, OpCase, OptimCase, Written } from './golden/format.js';
import { missing } from './golden/nn-rows.js';
import { check, type Outcome, PRECISIONS, readGroups, reasonToSkip, run } from './golden/run.js';

const folder = fileURLToPath(new URL('golden/data', import.meta.url));
const groups = readGroups(folder);

for (const precision of PRECISIONS) {
  for (const { name, cases } of readGroups(folder, precision)) {
    for (const c of cases) {
      const title = `${name}, ${c.name} in ${precision}`;
      const reason = reasonToSkip(c, precision);
      if (reason !== null) test.skip(`${title}: ${reason}`);
      else test(`${title}: agrees with the other engine`, () => void check(c));
    }
  }
}

// What the runner must catch, from a case that agrees.

const written = (...data: (number | string)[]): Written => ({
  dtype: 'float64',
  shape: [data.length],
  data,
});

const square: OpCase = {
  name: 'square',
  op: 'square',
  args: {},
  inputs: [written(1, -2, 'NaN')],
  outputs: [written(1, 4, 'NaN')],
  cotangents: [written(1, 1, 1)],
  grads: [written(2, -4, 'NaN')],
  second: { vectors: [written(1, 3, 1)], grads: [written(2, 6, 2)] },
};

function fails(c: Case, message: RegExp): void {
  const outcome: Outcome = run(c);
  assert.is(outcome.kind, 'failed');
  if (outcome.kind === 'failed') assert.match(outcome.message, message);
}

test('a case that agrees passes, with its worst relative error', () => {
  assert.equal(run(square), { kind: 'passed', error: 0 });
  const outputs = [written(1 + 5e-10, 4, 'NaN')];
  const outcome = run({ ...square, outputs });
  assert.is(outcome.kind, 'passed');
  if (outcome.kind === 'passed') assert.ok(outcome.error > 4e-10 && outcome.error < 6e-10);
});

test('a wrong number fails, in an output, a gradient or a second derivative', () => {
  fails(
    { ...square, outputs: [written(1 + 2e-9, 4, 'NaN')] },
    /^output 0: expected 1\.000000002 at/,
  );
  fails(
    { ...square, grads: [written(2, -4.00000001, 'NaN')] },
    /^gradient 0: expected -4\.00000001/,
  );
  const second = { vectors: [written(1, 3, 1)], grads: [written(2, 6, 2.1)] };
  fails({ ...square, second }, /^second derivative 0: expected 2\.1 at flat position 2, got 2/);
});

test('NaN agrees with NaN alone, and an infinity with itself', () => {
  fails(
    { ...square, outputs: [written('NaN', 4, 'NaN')] },
    /expected NaN at flat position 0, got 1/,
  );
  fails({ ...square, outputs: [written(1, 4, 5)] }, /expected 5 at flat position 2, got NaN/);
  const exp = { ...square, op: 'exp', inputs: [written(1000)], outputs: [written('Infinity')] };
  const { name, op, args, inputs, outputs } = exp;
  assert.is(run({ name, op, args, inputs, outputs }).kind, 'passed');
  fails({ name, op, args, inputs, outputs: [written('-Infinity')] }, /expected -Infinity/);
  fails({ name, op, args, inputs, outputs: [written(1e308)] }, /got Infinity/);
});

test('another shape, dtype or number of outputs fails', () => {
  const { name, op, args, inputs } = square;
  const wrong = (outputs: Written[]): OpCase => ({ name, op, args, inputs, outputs });
  const right = written(1, 4, 'NaN');
  fails(wrong([{ ...right, shape: [1, 3] }]), /expected float64 \[1, 3\], got float64 \[3\]/);
  fails(wrong([{ ...right, dtype: 'float32' }]), /expected float32 \[3\], got float64 \[3\]/);
  fails(wrong([right, right]), /expected 2 outputs, got 1/);
});

test('null for a gradient says that it is not looked at, for a second derivative that it is 0', () => {
  const grads = [null, written(1, 1)];
  const add: OpCase = {
    ...{ name: 'add', op: 'add', args: {}, grads },
    inputs: [written(1, 2), written(3, 4)],
    outputs: [written(4, 6)],
    cotangents: [written(1, 1)],
    second: { vectors: [written(5, 5)], grads: [null] },
  };
  assert.is(run(add).kind, 'passed');
  fails({ ...square, second: { vectors: [written(1, 3, 1)], grads: [null] } }, /expected 0 at/);
});

test('an op that has no row fails', () => {
  fails({ ...square, op: 'sqare' }, /^there is no row for sqare$/);
  fails({ ...square, op: 'toString' }, /^there is no row for toString$/);
});

test('an argument or an input that the row does not read fails', () => {
  fails({ ...square, args: { beta: 2 } }, /^the row of square does not read 'beta'$/);
  fails(
    { ...square, inputs: [...square.inputs, written(1)], grads: [written(2, -4, 'NaN'), null] },
    /^the row of square does not read input 1$/,
  );
  fails({ ...square, op: 'softmax' }, /^the case gives no argument dim\/axis$/);
  fails({ ...square, op: 'softmax', args: { dim: 'last' } }, /^expected a number/);
});

test('a field that nothing checks fails', () => {
  const third = { ...square, third: [written(0, 0, 0)] };
  fails(third, /^nothing checks the case's third$/);
});

test('a remark among the arguments is no argument', () => {
  assert.is(run({ ...square, args: { note: 'the first case' } }).kind, 'passed');
});

test('an argument with a value that has no counterpart here fails', () => {
  const pool = { ...square, op: 'max_pool1d', args: { kernel_size: 1, return_indices: true } };
  fails(pool, /^return_indices = true has no counterpart here$/);
});

test('a part of nn that is still to be written is skipped, with its reason', () => {
  assert.is(missing('LambdaLayer', {}, {}), 'nn has no LambdaLayer yet');
  assert.is(missing('LambdaLayer', {}, { LambdaLayer: null }), null);
  assert.is(missing('LambdaLayer', { LambdaLayer: null }, {}), null);
  for (const { cases } of groups) {
    for (const outcome of cases.map((c) => run(c))) {
      if (outcome.kind === 'skipped') assert.match(outcome.reason, /^nn has no [A-Za-z0-9]+ yet$/);
    }
  }
});

test('a module or an optimiser that nobody plans fails', () => {
  const { second: _, ...once } = square;
  const module: ModuleCase = { ...once, op: 'Linaer', parameters: {}, parameter_grads: {} };
  fails(module, /^there is no row for the module Linaer$/);
  const optim: OptimCase = {
    ...{ name: 'x', op: 'SDG', args: {}, scheduler: null, scheduler_args: null },
    ...{ clip_grad_norm: null, loss: 'mean((tanh(X@w+b)-Y)^2)', losses: [], lrs: [] },
    ...{ X: written(1), Y: written(1), w0: written(1), b0: written(1), trajectory: [] },
  };
  fails(optim, /^there is no row for the optimiser SDG$/);
});

test('in float32 a case is computed in float32, and held to 1e-4', () => {
  const data = [1 + 5e-5, 4, 'NaN'];
  const single = { dtype: 'float32', shape: [3], data } as const;
  const args = {
    name: 'square',
    op: 'square',
    args: {},
    inputs: [{ ...single, data: [1, -2, 'NaN'] }],
  };
  const outcome = run({ ...args, outputs: [single] }, 'float32');
  assert.is(outcome.kind, 'passed');
  if (outcome.kind === 'passed') assert.ok(outcome.error > 4e-5 && outcome.error < 6e-5);
  fails(
    { ...args, outputs: [{ ...single, data: [1 + 2e-4, 4, 'NaN'] }] },
    /^output 0: expected 1\.0002 at flat position 0, got 1 /,
  );
  const dtypes = readGroups(folder, 'float32').map((group) => JSON.stringify(group.cases));
  assert.not.ok(dtypes.some((text) => text.includes('"dtype":"float64"')));
});

test('float32 leaves out what it says it does, and no more', () => {
  const skipped = groups.flatMap(({ cases }) =>
    cases.filter((c) => reasonToSkip(c, 'float32') !== reasonToSkip(c)).map(({ name }) => name),
  );
  assert.equal(skipped, ['logsumexp_neginf', 'softmax_huge']);
});

test('the table exits with 1 and names what failed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'golden-'));
  try {
    const wrong = { ...square, name: 'wrong', outputs: [written(1, 5, 'NaN')] };
    writeFileSync(join(folder, 'squares.json'), JSON.stringify([square, wrong]));
    const table = fileURLToPath(new URL('golden-table.ts', import.meta.url));
    const shown = spawnSync(process.execPath, ['--import', 'tsx', table, folder], {
      encoding: 'utf8',
    });
    assert.is(shown.status, 1);
    const [double, single] = shown.stdout.split('float32');
    for (const table of [double, single]) {
      assert.match(table, /squares +2 +1 +0 +1/);
      assert.match(table, /squares\/wrong: output 0: expected 5 at flat position 1, got 4/);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
