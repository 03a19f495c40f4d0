import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type GpuDevice, gpu, type Mode } from '../../gpu/index.js';
import { samples } from '../samples/index.js';
import { loopsOf, type Memory, memoryReport, trainingReport } from './checks.js';
import { exhaustionReport, type Shortage } from './exhaustion.js';
import { indicesReport } from './indices.js';
import { canLimit, limitMemory } from './limit.js';
import { deviceOrReason, failedIn, lineOf, summaryOf } from './report.js';
import { skip } from './skip.js';
import { sweepOn } from './sweep.js';

// Prints what every op is off by on a device, on its sample inputs, and exits with 1 on a failure:
// `npm run test:gpu -- --mode webgpu --order 1 --most 3 --op softmax`, and with
// `--training` small trainings, two long ones and, in webgpu on Linux, what happens when memory runs out.

const { values } = parseArgs({
  options: {
    mode: { type: 'string', default: 'webasm' },
    order: { type: 'string', default: '1' },
    most: { type: 'string', default: 'Infinity' },
    op: { type: 'string', multiple: true, default: [] },
    training: { type: 'boolean', default: false },
  },
});

/** MiB that a process with the driver in it may grow by: it goes up and down by 50 by itself. */
const RESIDENT = 64;
/** Steps of the wide training: the quads of one product, left behind by each, would come to some 200 MiB. */
const WIDE_STEPS = 900;

const device = await deviceOrReason(values.mode as Mode);
if (typeof device === 'string') skip(`the ops in mode ${values.mode}`, device);
else {
  const started = performance.now();
  const rows = await sweepOn(device, samples, {
    order: Number(values.order),
    most: Number(values.most),
    only: (op) => values.op.length === 0 || values.op.includes(op),
  });
  for (const row of rows) console.log(lineOf(row));
  console.log(summaryOf(device, rows, started));
  process.exitCode = failedIn(rows).length === 0 && rows.length > 0 ? 0 : 1;
  await device.destroy();
  if (values.training) await train(values.mode as Mode);
}

/** Small trainings and long ones, memory being looked at after a collection. */
async function train(mode: Mode): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const look = async (): Promise<Memory> => {
    collect();
    const { heapUsed, rss } = process.memoryUsage();
    return { heap: heapUsed, resident: rss };
  };
  const checks = [
    trainingReport,
    indicesReport,
    ...loopsOf(1000, WIDE_STEPS).map(
      (loop) => (on: GpuDevice) => memoryReport(on, loop, look, RESIDENT),
    ),
  ];
  if (mode === 'webgpu' && canLimit) checks.push((on) => exhaustionReport(on, shortage()));
  for (const check of checks) {
    const fresh = await gpu({ mode });
    const { lines, failed } = await check(fresh);
    for (const line of lines) console.log(line);
    if (failed) process.exitCode = 1;
    await fresh.destroy();
  }
}

/** A driver in software lives in this process, which may grow by so much and no more. */
function shortage(): Shortage {
  let free = (): void => {};
  return {
    limit: async () => {
      free = limitMemory(process.pid, 600);
    },
    lift: async () => free(),
    says: /its memory is exhausted/,
    renew: async (device) => device,
  };
}
