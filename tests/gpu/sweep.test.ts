import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Kernels } from '../../core/kernels.js';
import { gpu } from '../../gpu/index.js';
import { registry } from '../../ops/index.js';
import { samples } from '../samples/index.js';
import { sweepOn } from './sweep.js';

// The kernels in gpu.js's WebAssembly mode, which needs no GPU. `npm run test:gpu` takes all samples.

const device = await gpu({ mode: 'webasm' });

test('every op gives the CPU’s values and gradients on a device', async () => {
  const rows = await sweepOn(device, samples, { order: 1, most: 2 });
  assert.equal(
    rows.filter(({ failures }) => failures.length > 0),
    [],
  );
  assert.is(rows.length, registry.size);
});

test('the sweep finds a kernel that is wrong', async () => {
  const kernels = device.kernels as { -readonly [K in keyof Kernels]: Kernels[K] };
  const { softmax } = kernels;
  kernels.softmax = (x, outer, n, inner) => kernels.logSoftmax(x, outer, n, inner);
  try {
    const rows = await sweepOn(device, samples, { order: 0, most: 2 });
    const failed = rows.filter(({ failures }) => failures.length > 0).map(({ op }) => op);
    assert.ok(failed.includes('softmax'));
    assert.not(failed.includes('add'));
  } finally {
    kernels.softmax = softmax;
  }
});

test.after(() => device.destroy());
test.run();
