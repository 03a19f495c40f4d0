import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gpu } from '../../gpu/index.js';
import { memoryOver, taskNames, trainingError } from './training.js';

const device = await gpu({ mode: 'cpu' });

for (const name of taskNames) {
  test(`${name} trains on a device as on the CPU`, async () => {
    const error = await trainingError(device, name);
    assert.ok(error < 1e-4, `losses differ by ${error}`);
  });
}

test('a training loop of 2,000 steps keeps what a device holds flat', async () => {
  const fresh = await gpu({ mode: 'cpu' });
  const rows = await memoryOver(fresh, 2000, () => 0);
  await fresh.destroy();
  for (const { arrays, bytes } of rows)
    assert.equal({ arrays, bytes }, { arrays: rows[0].arrays, bytes: rows[0].bytes });
});

test.after(() => device.destroy());
test.run();
