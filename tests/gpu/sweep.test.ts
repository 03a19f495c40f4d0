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

test('the sweep finds a kernel that reads numbers back, in a mode that lets it', async () => {
  const kernels = device.kernels as { -readonly [K in keyof Kernels]: Kernels[K] };
  const { take } = kernels;
  kernels.take = (x, index, block) => {
    index.data;
    return take(x, index, block);
  };
  try {
    const only = (op: string): boolean => op === 'gather';
    const [{ failures }] = await sweepOn(device, samples, { order: 0, most: 1, only });
    assert.is(failures.length, 1);
    assert.match(failures[0], /, integers computed there: read 6 numbers back from gpu \(webasm/);
  } finally {
    kernels.take = take;
  }
});

test.after(() => device.destroy());
test.run();
