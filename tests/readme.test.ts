import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { examples, outputOf, ROOT } from './readme.js';

test('the README has examples, and each of its TypeScript blocks is one', () => {
  const text = readFileSync(join(ROOT, 'README.md'), 'utf8');
  assert.ok(examples().length >= 5);
  assert.is(text.match(/```ts\n/g)?.length, examples().length);
});

for (const { name, program, output } of examples()) {
  test(`the README's example “${name}” prints what the README says`, () => {
    assert.is(outputOf(program), output);
  });
}

test.run();
