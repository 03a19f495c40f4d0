import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gpu } from '../../gpu/index.js';
import { Embedding } from '../../nn/index.js';
import {
  ArgumentError,
  DeviceError,
  embedding,
  gather,
  gt,
  IndexError,
  index,
  indexSelect,
  oneHot,
  type Tensor,
  tensor,
  zeros,
} from '../../ops/index.js';
import { throwing } from '../nn/throwing.js';
import { indicesReport } from './indices.js';
import { withoutReading } from './sweep.js';

// In gpu.js's WebAssembly mode, which needs no GPU.

const device = await gpu({ mode: 'webasm' });

const on = (x: Tensor): Tensor => x.to(device);
const integers = (...values: number[]): Tensor => on(tensor(Int32Array.from(values)));
/** The same numbers as an op's result: nobody but the device has them. */
const computed = (...values: number[]): Tensor => integers(...values).add(0);

test('indices that a device computed are used there, and not read back', async () => {
  const { lines, failed } = await indicesReport(device);
  assert.not.ok(failed, lines.join('\n'));
});

test('computed indices that lie outside are held inside, uploaded ones are refused', async () => {
  const x = on(tensor([1, 2, 3]));
  const y = withoutReading(device, () => gather(x, 0, computed(-1, 7, -9, 0)));
  assert.equal([...(await y.read())], [3, 3, 1, 1]);
  assert.throws(
    () => gather(x, 0, integers(-1, 7)),
    throwing(IndexError, 'gather: expected indices from -3 to 2, got 7'),
  );
  assert.throws(
    () => embedding(computed(0, 1), on(zeros([0, 2]))),
    throwing(IndexError, 'embedding: expected no indices into an axis of size 0, got 2'),
  );
});

test('what depends on numbers that a device alone has is refused, with what to do', () => {
  const x = on(tensor([1, -2, 3]));
  assert.throws(
    () => index(x, [gt(x, 0)]),
    (error: unknown) =>
      error instanceof DeviceError &&
      /^index: expected a mask .* the result's size .* use where\(mask, x, 0\)/.test(error.message),
  );
  assert.throws(
    () => oneHot(computed(0, 2)),
    (error: unknown) =>
      error instanceof ArgumentError && /^oneHot: expected numClasses with/.test(error.message),
  );
});

test('an index computed on another device than its tensor is refused by the op that was called', () => {
  assert.throws(
    () => indexSelect(tensor([1, 2]), 0, computed(1, 0)),
    (error: unknown) =>
      error instanceof DeviceError &&
      /expected all tensors on (cpu|gpu).*move it with/.test(error.message),
  );
});

test('a 1 lies on the device of the index that says where, unless another is named', async () => {
  for (const at of [integers(1, 0), computed(1, 0)]) {
    const y = oneHot(at, 2, { dtype: 'int32' });
    assert.is(y.device, device);
    assert.is(y.dtype, 'int32');
    assert.equal([...(await y.read())], [0, 1, 1, 0]);
    assert.ok(oneHot(at, 2, { requiresGrad: true }).requiresGrad);
  }
  assert.equal([...(await oneHot(computed(3, -1, 1), 2).read())], [0, 0, 0, 0, 0, 1]);
});

test('a table whose rows are short enough stays as it was on the CPU, and may be saved meanwhile', () => {
  const layer = new Embedding(3, 2, { maxNorm: 1e6 });
  const { version } = layer.weight.storage;
  layer.forward(tensor(Int32Array.of(0, 2)));
  assert.is(layer.weight.storage.version, version);
});

test.after(() => device.destroy());
test.run();
