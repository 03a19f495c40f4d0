import { gpu, type Mode } from '../../gpu/index.js';
import { samples } from '../samples/index.js';
import { sweepOn } from './sweep.js';

// Prints what every op is off by on a device, on its sample inputs: `npm run test:gpu -- --mode webgpu`.

const [mode = 'webasm', order = '1', most = 'Infinity', only = ''] = process.argv.slice(2);
const device = await gpu({ mode: mode as Mode });
const started = performance.now();
const rows = await sweepOn(device, samples, {
  order: Number(order) as 0 | 1 | 2,
  most: Number(most),
  only: (op) => only === '' || op === only,
});
for (const { op, samples: count, worst, failures } of rows) {
  console.log(
    `${op.padEnd(28)} ${String(count).padStart(4)} ${worst.toExponential(1)} ${failures.length === 0 ? 'ok' : 'FAILED'}`,
  );
  for (const failure of failures.slice(0, 3)) console.log(`  ${failure.slice(0, 300)}`);
}
const failed = rows.filter(({ failures }) => failures.length > 0);
console.log(
  `${device.name}: ${rows.length} ops, ${rows.reduce((n, r) => n + r.samples, 0)} samples, ${failed.length} failed, ${((performance.now() - started) / 1000).toFixed(1)} s`,
);
await device.destroy();
