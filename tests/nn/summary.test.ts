import { inspect } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  BatchNorm1d,
  Conv2d,
  ConvTranspose2d,
  Dropout,
  Embedding,
  Flatten,
  Linear,
  Module,
  MultiHeadAttention,
  ReLU,
  Sequential,
  type Summary,
  summary,
  TextCNN,
} from '../../nn/index.js';
import {
  ArgumentError,
  cpu,
  DTypeError,
  isGradEnabled,
  ones,
  relu,
  ShapeError,
  type Tensor,
  tensor,
} from '../../ops/index.js';
import { throwing } from './throwing.js';

const cnn = (): Sequential =>
  new Sequential(
    new Conv2d(3, 8, 3, { padding: 1 }),
    new ReLU(),
    new Flatten(),
    new Linear(128, 10),
  );

const column = <K extends keyof Summary['rows'][number]>(of: Summary, key: K) =>
  of.rows.map((row) => row[key]);

test('a convolutional network is what it is by hand', () => {
  const found = summary(cnn(), [2, 3, 4, 4]);
  assert.equal(column(found, 'name'), ['', '0', '1', '2', '3']);
  assert.equal(column(found, 'outputs'), [
    [[2, 10]],
    [[2, 8, 4, 4]],
    [[2, 8, 4, 4]],
    [[2, 128]],
    [[2, 10]],
  ]);
  // Weights 8·3·3·3 and 10·128, and a bias for each output.
  assert.equal(column(found, 'parameters'), [0, 216 + 8, 0, 0, 1280 + 10]);
  // Each of 2·8·4·4 outputs is a sum of 3·3·3 products; each of 2·10 one of 128.
  assert.equal(column(found, 'multiplyAdds'), [0, 256 * 27, 0, 0, 20 * 128]);
  // Four bytes a number; Flatten's output is ReLU's, and the model's is the last layer's.
  assert.equal(column(found, 'activationBytes'), [0, 1024, 1024, 0, 80]);
  assert.is(found.parameters, 1514);
  assert.is(found.multiplyAdds, 9472);
  assert.is(found.activationBytes, 2128);
  assert.is(found.frozen, 0);
});

test('its string, which console.log shows, is a table', () => {
  const rule = '─'.repeat(97);
  const table = [
    'name   layer                            output        parameters  multiply-adds  activation bytes',
    rule,
    '       Sequential()                     [2, 10]                0              0                 0',
    '0      Conv2d(3, 8, [3, 3], padding=1)  [2, 8, 4, 4]         224          6,912             1,024',
    '1      ReLU()                           [2, 8, 4, 4]           0              0             1,024',
    '2      Flatten(1, -1)                   [2, 128]               0              0                 0',
    '3      Linear(128, 10)                  [2, 10]            1,290          2,560                80',
    rule,
    'total                                                      1,514          9,472             2,128',
  ].join('\n');
  const found = summary(cnn(), [2, 3, 4, 4]);
  assert.is(String(found), table);
  assert.is(inspect(found), table);
});

class Residual extends Module {
  inner = new Linear(4, 4, { bias: false });
  unused = new Linear(4, 2);

  forward(x: Tensor): Tensor {
    return this.inner.forward(relu(this.inner.forward(x))).add(x);
  }
}

test('a module that is called twice costs twice, and its parameters count once', () => {
  const found = summary(new Residual(), [5, 4]);
  assert.equal(column(found, 'name'), ['', 'inner', 'unused']);
  assert.equal(column(found, 'parameters'), [0, 16, 10]);
  assert.equal(column(found, 'multiplyAdds'), [0, 2 * 5 * 16, 0]);
  assert.equal(column(found, 'outputs'), [[[5, 4]], [[5, 4]], []]);
  // The model makes relu's result, which it feeds to a layer, and the sum, which it returns.
  assert.equal(column(found, 'activationBytes'), [2 * 80, 2 * 80, 0]);
});

test('a parameter that two modules share counts for the first', () => {
  const tied = new Sequential(new Linear(3, 3), new Linear(3, 3));
  Object.assign(tied.layers[1], { weight: (tied.layers[0] as Linear).weight });
  const found = summary(tied, [1, 3]);
  assert.equal(column(found, 'parameters'), [0, 12, 3]);
});

test('attention’s products are counted, those of its layers in their own rows', () => {
  const attention = new MultiHeadAttention(8, 2, { batchFirst: true });
  const x = ones([3, 5, 8]);
  const found = summary(attention, [x, x, x]);
  const scores = 3 * 2 * 5 * 5 * 4;
  assert.equal(column(found, 'name'), ['', 'out_proj']);
  assert.equal(column(found, 'multiplyAdds'), [3 * (15 * 8 * 8) + 2 * scores, 15 * 8 * 8]);
});

test('a transposed convolution multiplies each input with the whole filter', () => {
  const found = summary(new ConvTranspose2d(2, 4, 3, { stride: 2, groups: 2 }), [1, 2, 5, 5]);
  assert.is(found.multiplyAdds, 2 * 25 * 2 * 9);
});

test('inputs are a shape, a tensor, or a list of all that forward takes', () => {
  const embedding = new Embedding(10, 4);
  const index = tensor([1, 2, 3], { dtype: 'int32' });
  assert.equal(column(summary(embedding, index), 'outputs'), [[[3, 4]]]);
  assert.equal(column(summary(embedding, [index]), 'outputs'), [[[3, 4]]]);
  const double = new Linear(4, 2, { dtype: 'float64' });
  assert.is(summary(double, [3, 4]).activationBytes, 3 * 2 * 8);
});

test('frozen parameters are counted and told', () => {
  const model = cnn();
  model.layers[0].requiresGrad_(false);
  const found = summary(model, [1, 3, 4, 4]);
  assert.is(found.frozen, 224);
  assert.is(String(found).split('\n').at(-1), 'frozen parameters: 224');
});

test('the model is left as it was', () => {
  const model = new Sequential(new Linear(3, 3), new BatchNorm1d(3), new Dropout());
  model.layers[2].eval();
  const kernels = { ...cpu.kernels };
  const before = Object.values(model.stateDict()).map((x) => x.toArray());
  summary(model, ones([2, 3]));
  assert.equal(
    Object.values(model.stateDict()).map((x) => x.toArray()),
    before,
  );
  assert.equal(
    model.modules().map((module) => module.training),
    [true, true, true, false],
  );
  assert.not.ok(model.modules().some((module) => Object.hasOwn(module, 'forward')));
  for (const [name, kernel] of Object.entries(kernels)) {
    assert.is(cpu.kernels[name as keyof typeof kernels], kernel);
  }
  assert.ok(model.parameters().every((p) => p.grad === null));
});

test('the model is left as it was also if its forward throws', () => {
  const model = cnn();
  const { contract } = cpu.kernels;
  assert.throws(
    () => summary(model, [2, 3, 5, 5]),
    (error: Error) => error instanceof ShapeError,
  );
  assert.ok(model.training);
  assert.ok(isGradEnabled());
  assert.is(cpu.kernels.contract, contract);
  assert.not.ok(model.modules().some((module) => Object.hasOwn(module, 'forward')));
});

test('a row shows a module’s settings also where there are modules below it', () => {
  const attention = new MultiHeadAttention(8, 2, { batchFirst: true });
  const x = ones([3, 5, 8]);
  assert.equal(column(summary(attention, [x, x, x]), 'layer'), [
    'MultiHeadAttention(8, 2, batchFirst=true)',
    'Linear(8, 8)',
  ]);
});

test('a model that takes no zeros is told to be given an example', () => {
  assert.throws(
    () => summary(new TextCNN(10, 2), [1, 7]),
    throwing(
      DTypeError,
      'summary: expected an example tensor in the place of the shape [1, 7], which gave float32 zeros (TextCNN: expected int32 as the words, got float32)',
    ),
  );
  const words = tensor([[1, 2, 3, 4, 5, 6, 7]], { dtype: 'int32' });
  assert.equal(summary(new TextCNN(10, 2), words).rows[0].outputs, [[1, 2]]);
  assert.throws(
    () => summary(new TextCNN(10, 2), ones([1, 7])),
    throwing(DTypeError, 'TextCNN: expected int32 as the words, got float32'),
  );
});

test('what is no module, and what are no inputs, is refused', () => {
  const three: unknown = 3;
  assert.throws(
    () => summary(three as Module, [1]),
    throwing(ArgumentError, 'summary: expected a module, got 3'),
  );
  assert.throws(
    () => summary(cnn(), three as Tensor),
    throwing(ArgumentError, 'summary: expected a shape, a tensor or a list of inputs, got 3'),
  );
});

test.run();
