import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as nn from '../../nn/index.js';
import * as lg from '../../ops/index.js';
import { ArgumentError, type Tensor } from '../../ops/index.js';
import { throwing } from './throwing.js';

lg.manualSeed(1);
const x = lg.randn([3, 4]);
const y = lg.randn([3, 4]);
const p = x.sigmoid();
const q = y.softmax(1);
const classes = lg.tensor([3, 0, 2], { dtype: 'int32' });
const weight = lg.tensor([1, 2, 3, 4]);

type Row = [what: string, loss: nn.Loss, input: Tensor, target: Tensor, expected: Tensor];

const sum = { reduction: 'sum' } as const;
const none = { reduction: 'none' } as const;
const weighted = { weight, ignoreIndex: 0 };
const smoothed = { ...weighted, labelSmoothing: 0.1 };
const balanced = { weight, posWeight: weight, ...sum };

const rows: Row[] = [
  ['MSELoss', new nn.MSELoss(), x, y, lg.mseLoss(x, y)],
  ['MSELoss, summed', new nn.MSELoss(sum), x, y, lg.mseLoss(x, y, sum)],
  ['L1Loss', new nn.L1Loss(none), x, y, lg.l1Loss(x, y, none)],
  ['SmoothL1Loss', new nn.SmoothL1Loss({ beta: 0.5 }), x, y, lg.smoothL1Loss(x, y, { beta: 0.5 })],
  ['HuberLoss', new nn.HuberLoss({ delta: 2 }), x, y, lg.huberLoss(x, y, { delta: 2 })],
  ['CrossEntropyLoss', new nn.CrossEntropyLoss(), x, classes, lg.crossEntropy(x, classes)],
  [
    'CrossEntropyLoss with weights',
    new nn.CrossEntropyLoss(smoothed),
    x,
    classes,
    lg.crossEntropy(x, classes, smoothed),
  ],
  ['NLLLoss', new nn.NLLLoss(weighted), x, classes, lg.nllLoss(x, classes, weighted)],
  ['BCELoss', new nn.BCELoss({ weight }), p, q, lg.binaryCrossEntropy(p, q, { weight })],
  [
    'BCEWithLogitsLoss',
    new nn.BCEWithLogitsLoss(balanced),
    x,
    q,
    lg.binaryCrossEntropyWithLogits(x, q, balanced),
  ],
  [
    'KLDivLoss',
    new nn.KLDivLoss({ reduction: 'batchmean' }),
    x.logSoftmax(1),
    q,
    lg.klDiv(x.logSoftmax(1), q, { reduction: 'batchmean' }),
  ],
  [
    'CosineSimilarity',
    new nn.CosineSimilarity({ dim: 0 }),
    x,
    y,
    lg.cosineSimilarity(x, y, { dim: 0 }),
  ],
];

for (const [what, loss, input, target, expected] of rows) {
  test(`${what} computes what its function does`, () => {
    const found = loss.forward(input, target);
    assert.equal(found.data, expected.data);
    assert.equal(found.shape, expected.shape);
  });
}

test('weights are buffers: in the state dict, not among the parameters', () => {
  const loss = new nn.BCEWithLogitsLoss({ weight, posWeight: lg.ones([4]) });
  assert.equal(Object.keys(loss.stateDict()), ['weight', 'pos_weight']);
  assert.equal(loss.parameters(), []);
});

test('weights come from a state dict, and move with the module', () => {
  const loss = new nn.CrossEntropyLoss({ weight: lg.ones([4]) });
  loss.loadStateDict({ weight });
  const expected = lg.crossEntropy(x, classes, { weight }).data;
  assert.equal(loss.forward(x, classes).data, expected);
  loss.to('float64');
  assert.is(loss.stateDict().weight.dtype, 'float64');
  assert.equal(
    loss.forward(x.to('float64'), classes).data,
    lg.crossEntropy(x.to('float64'), classes, { weight: weight.to('float64') }).data,
  );
});

test('a loss prints the options that it was given, tensors by their shapes', () => {
  assert.is(String(new nn.MSELoss()), 'MSELoss()');
  assert.is(String(new nn.MSELoss(sum)), 'MSELoss(reduction=sum)');
  assert.is(
    String(new nn.CrossEntropyLoss({ weight, labelSmoothing: 0.1 })),
    'CrossEntropyLoss(weight=[4], labelSmoothing=0.1)',
  );
});

test('options that a loss does not have are refused when it is made', () => {
  const wrong: unknown = { delta: 1 };
  assert.throws(
    () => new nn.MSELoss(wrong as lg.LossOptions),
    throwing(ArgumentError, "MSELoss: expected options reduction, got 'delta'"),
  );
  const word: unknown = 'sum';
  assert.throws(
    () => new nn.NLLLoss(word as lg.LossOptions),
    throwing(
      ArgumentError,
      "NLLLoss: expected an object of options (reduction, weight, ignoreIndex), got 'sum'",
    ),
  );
});

test.run();
