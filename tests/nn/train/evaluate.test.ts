import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  accuracy,
  DataLoader,
  Dropout,
  evaluate,
  Linear,
  lineProgress,
  Module,
  TensorDataset,
} from '../../../nn/index.js';
import {
  ArgumentError,
  arange,
  DTypeError,
  isGradEnabled,
  type LambdagradError,
  mseLoss,
  randn,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from '../../../ops/index.js';

const is = (kind: typeof LambdagradError, message: string) => (error: Error) =>
  error instanceof kind && error.message === message;

test('accuracy is the share of examples whose greatest score is that of their label', () => {
  const logits = tensor([
    [1, 2, 0],
    [5, 4, 3],
    [0, 0, 1],
    [2, 1, 0],
  ]);
  const share = accuracy(logits, tensor([1, 0, 2, 1], { dtype: 'int32' }));
  assert.equal([...share.shape], []);
  assert.is(share.item(), 0.75);
});

test('accuracy takes scores with places after the classes, [b, classes, …]', () => {
  // Two places, of which the first prefers class 1 and the second class 0.
  const logits = tensor([
    [
      [0, 1],
      [1, 0],
    ],
  ]);
  assert.is(accuracy(logits, tensor([[1, 0]], { dtype: 'int32' })).item(), 1);
  assert.is(accuracy(logits, tensor([[1, 1]], { dtype: 'int32' })).item(), 0.5);
});

test('accuracy says which shapes do not fit', () => {
  const labels = zeros([4], { dtype: 'int32' });
  assert.throws(
    () => accuracy(zeros([3, 2]), labels),
    is(
      ShapeError,
      'accuracy: expected logits [b, classes, …] and labels [b, …], got [3, 2] and [4]',
    ),
  );
  assert.throws(
    () => accuracy(zeros([4]), labels),
    is(ShapeError, 'accuracy: expected logits [b, classes, …] and labels [b, …], got [4] and [4]'),
  );
  assert.throws(
    () => accuracy(zeros([4, 2]), zeros([4])),
    is(DTypeError, 'accuracy: expected int32 as the labels, got float32'),
  );
});

/** Hands its input on, and notes in which mode, and whether it is recorded. */
class Mirror extends Module {
  inner = new Dropout(0.5);
  notes: boolean[][] = [];

  forward(x: Tensor): Tensor {
    this.notes.push([this.training, this.inner.training, isGradEnabled()]);
    return x;
  }
}

const mean = (x: Tensor): Tensor => x.mean();

test('evaluate gives means in which each example counts once, a small last batch too', async () => {
  const loader = new DataLoader(new TensorDataset(arange(5), zeros([5])), { batchSize: 2 });
  const numbers = await evaluate(new Mirror(), loader, {
    loss: mseLoss,
    metrics: { mean, size: (x) => x.size },
  });
  // Squares 0, 1, 4, 9, 16; sizes 2, 2, 2, 2, 1.
  assert.equal(numbers, { loss: 6, mean: 2, size: 9 / 5 });
});

test('evaluate hands all but the last tensor of a batch to the model', async () => {
  class Sum extends Module {
    forward(a: Tensor, b: Tensor): Tensor {
      return a.add(b);
    }
  }
  const data = new TensorDataset(tensor([1, 2]), tensor([3, 4]), tensor([4, 8]));
  assert.equal(await evaluate(new Sum(), new DataLoader(data), { loss: mseLoss }), { loss: 2 });
});

test('evaluate is in evaluation mode, records nothing, and leaves each module its mode', async () => {
  const model = new Mirror();
  model.inner.eval();
  const data = new DataLoader(new TensorDataset(zeros([2]), zeros([2])));
  await evaluate(model, data, { loss: mseLoss });
  assert.equal(model.notes, [
    [false, false, false],
    [false, false, false],
  ]);
  assert.is(model.training, true);
  assert.is(model.inner.training, false);
  const fails = evaluate(model, data, {
    loss: () => {
      throw new Error('no loss');
    },
  });
  assert.is(await fails.catch((error: Error) => error.message), 'no loss');
  assert.is(model.training, true);
});

test('evaluate says what is wrong with its arguments', async () => {
  const model = new Linear(2, 1);
  const data = new DataLoader(new TensorDataset(randn([4, 2]), randn([4, 1])));
  const cases: [Promise<unknown>, typeof LambdagradError, string][] = [
    [
      evaluate(3 as never, data, { loss: mseLoss }),
      ArgumentError,
      'evaluate: expected a module as the model, got 3',
    ],
    [
      evaluate(model, 3 as never, { loss: mseLoss }),
      ArgumentError,
      'evaluate: expected batches, such as a DataLoader, as the data, got 3',
    ],
    [
      evaluate(model, [], { loss: mseLoss }),
      ArgumentError,
      'evaluate: expected an integer of at least 1 as the number of batches of the data, got 0',
    ],
    [
      evaluate(model, [[randn([4, 2])]], { loss: mseLoss }),
      ArgumentError,
      'evaluate: expected batches of at least two tensors, inputs and a target, got [a tensor of shape [4, 2]]',
    ],
    [
      evaluate(model, data, {} as never),
      ArgumentError,
      'evaluate: expected a function as the loss, got undefined',
    ],
    [
      evaluate(model, data, { loss: mseLoss, metrics: { val_x: mean } }),
      ArgumentError,
      "evaluate: expected metrics with other names than loss and val_…, got 'val_x'",
    ],
    [
      evaluate(model, data, { loss: (x, y) => mseLoss(x, y, { reduction: 'none' }) }).then(() =>
        evaluate(model, [[randn([4, 2]), randn([4, 1])]], {
          loss: (x, y) => mseLoss(x, y, { reduction: 'none' }),
        }),
      ),
      ShapeError,
      'evaluate: expected one number as loss, got [4, 1]',
    ],
  ];
  for (const [promise, kind, message] of cases) {
    const error: unknown = await promise.catch((caught: unknown) => caught);
    assert.instance(error, kind, message);
    assert.is((error as Error).message, message);
  }
});

test('a line of progress is rewritten while an epoch runs, and ends with its numbers', () => {
  let text = '';
  const progress = lineProgress({ write: (more) => (text += more) });
  progress.start(2, 10, 30);
  progress.update(1, { loss: 0.5, accuracy: 2 / 3 });
  progress.stop({ loss: 0.25, val_loss: 1 });
  assert.equal(text.split('\r\u001b[K'), [
    '',
    'epoch 2/10  1/30  loss 0.5000  accuracy 0.6667',
    'epoch 2/10  loss 0.2500  val_loss 1.000\n',
  ]);
});

test.run();
