import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type LambdaLayer, LambdaResNet, type Mixer } from '../../nn/index.js';
import { crossEntropy, manualSeed, randn, tensor } from '../../ops/index.js';

const MIXERS: readonly Mixer[] = ['convolution', 'lambda', 'attention'];

const small = { channels: 1, size: 12, classes: 5, stem: 4, widths: [4, 8], blocks: [1, 2] };

test('images become scores, whatever mixes their places, and every parameter has a gradient', () => {
  for (const mixer of MIXERS) {
    manualSeed(0);
    const model = new LambdaResNet({ ...small, mixers: ['convolution', mixer], heads: 2, dimK: 4 });
    const scores = model.forward(randn([3, 1, 12, 12]));
    assert.equal(scores.shape, [3, 5], mixer);
    crossEntropy(scores, tensor([0, 1, 2], { dtype: 'int32' })).backward();
    for (const [name, p] of model.namedParameters())
      assert.ok(p.grad !== null, `${mixer}: ${name}`);
  }
});

test('a stage of stride 2 halves the map, a lambda layer knows how many places are left', () => {
  for (const [strides, sides] of [
    [null, [6, 3]],
    [
      [2, 1],
      [3, 3],
    ],
    [
      [1, 1],
      [6, 6],
    ],
  ] as const) {
    const model = new LambdaResNet({ ...small, mixers: ['lambda', 'lambda'], heads: 2, strides });
    const tables = model.stages.map(({ mixer }) => (mixer as LambdaLayer).relPosEmb?.shape[0]);
    // A table of offsets has 2·side − 1 along an axis; a stride comes after the layer that has it.
    const before = strides === null || strides[0] === 1 ? [6, 6] : [6, 3];
    assert.is(tables[0], 2 * before[0] - 1);
    assert.is(tables[2], 2 * sides[1] - 1);
    assert.equal(model.forward(randn([2, 1, 12, 12])).shape, [2, 5]);
  }
});

test('a block begins as its shortcut: what its mixer does is multiplied by 0 at first', () => {
  manualSeed(0);
  const model = new LambdaResNet({
    ...small,
    blocks: [2, 1],
    mixers: ['lambda', 'lambda'],
    heads: 2,
  });
  model.eval();
  const x = randn([2, 16, 6, 6]).relu();
  assert.equal(model.stages[1].forward(x).data, x.data);
});

test('mixers may differ from block to block, and the stem’s kernel may be larger', () => {
  const model = new LambdaResNet({
    ...small,
    stemKernel: 5,
    mixers: ['convolution', ['convolution', 'lambda']],
    heads: 2,
  });
  assert.equal(model.stem.weight.shape, [4, 1, 5, 5]);
  assert.equal(
    model.stages.map(({ mixer }) => mixer.constructor.name),
    ['Conv2d', 'Conv2d', 'LambdaLayer'],
  );
  assert.equal(model.forward(randn([2, 1, 12, 12])).shape, [2, 5]);
});

test('stages that do not agree in number are an error that says how many there are', () => {
  assert.throws(
    () => new LambdaResNet({ ...small, mixers: ['lambda'] }),
    /LambdaResNet: expected widths, blocks, strides and mixers of as many stages, got 2, 2, 2 and 1/,
  );
  assert.throws(
    () => new LambdaResNet({ ...small, mixers: ['lambda', 'lambda'], strides: [1] }),
    /got 2, 2, 1 and 2/,
  );
  assert.throws(
    () => new LambdaResNet({ ...small, mixers: ['lambda', ['lambda']] }),
    /expected a mixer for each of 2 blocks of stage 1, got 1/,
  );
});

test.run();
