import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Adam,
  CharCNN,
  LambdaResNet,
  type LambdaResNetOptions,
  type Module,
  Seq2Seq,
  TextCNN,
} from '../../nn/index.js';
import {
  ArgumentError,
  argmax,
  cat,
  crossEntropy,
  eq,
  flip,
  full,
  manualSeed,
  mean,
  noGrad,
  randint,
  reshape,
  type Shape,
  type Tensor,
  tensor,
} from '../../ops/index.js';
import { throwing } from './throwing.js';

const int32 = { dtype: 'int32' } as const;

const shapesOf = (module: Module): Record<string, Shape> =>
  Object.fromEntries(module.namedParameters().map(([name, p]) => [name, p.shape]));

/** Trains on one loss, and gives it before and after. */
function trained(module: Module, loss: () => Tensor, steps: number, lr: number): [number, number] {
  const optimizer = new Adam(module.parameters(), { lr });
  const evaluated = (): number => {
    const value = noGrad(() => {
      module.eval();
      return loss().item();
    });
    module.train();
    return value;
  };
  const before = evaluated();
  for (let i = 0; i < steps; i++) {
    optimizer.zeroGrad();
    loss().backward();
    optimizer.step();
  }
  return [before, evaluated()];
}

const accuracy = (scores: Tensor, targets: Tensor): number =>
  mean(eq(argmax(scores, -1), targets).to('float32')).item();

const small = { embeddingDim: 8, hiddenSize: 16 };

test('Seq2Seq gives the scores of each target’s next token, the state going from encoder to decoder', () => {
  manualSeed(1);
  for (const network of ['lstm', 'gru'] as const) {
    const model = new Seq2Seq(11, 7, { ...small, network, numLayers: 2 });
    const sources = randint(0, 11, [3, 5]);
    const targets = randint(0, 7, [3, 4]);
    const scores = model.forward(sources, targets);
    assert.equal(scores.shape, [3, 4, 7]);
    // Score i sees target i and those before it alone.
    const others = cat([targets.narrow(1, 0, 2), randint(0, 7, [3, 2])], 1);
    const changed = model.forward(sources, others);
    assert.equal(changed.narrow(1, 0, 2).toArray(), scores.narrow(1, 0, 2).toArray());
    assert.not.equal(
      model.forward(flip(sources, 1), targets).narrow(1, 0, 1).toArray(),
      scores.narrow(1, 0, 1).toArray(),
    );
  }
});

test('Seq2Seq: padding behind a source’s length changes nothing', () => {
  manualSeed(2);
  const model = new Seq2Seq(11, 7, small);
  const targets = randint(0, 7, [2, 4]);
  const short = randint(0, 11, [2, 3]);
  const scores = model.forward(short, targets);
  for (const lengths of [[3, 3], tensor([3, 3], int32)]) {
    const padded = model.forward(cat([short, randint(0, 11, [2, 4])], 1), targets, { lengths });
    scores.data.forEach((x, i) => {
      assert.ok(Math.abs(x - padded.data[i]) < 1e-6);
    });
  }
});

test('Seq2Seq learns to write a sequence backwards, and then writes it until its end', () => {
  manualSeed(3);
  const [start, end] = [6, 7];
  const model = new Seq2Seq(6, 8, { network: 'gru', embeddingDim: 16, hiddenSize: 32 });
  const sources = randint(0, 6, [12, 3]);
  const wanted = cat([flip(sources, 1), full([12, 1], end, int32)], 1);
  const given = cat([full([12, 1], start, int32), flip(sources, 1)], 1);
  const loss = (): Tensor =>
    crossEntropy(reshape(model.forward(sources, given), [-1, 8]), reshape(wanted, [-1]));
  const [before, after] = trained(model, loss, 50, 0.03);
  assert.ok(after < 0.1 * before, `${before} → ${after}`);
  assert.ok(accuracy(model.forward(sources, given), wanted) > 0.95);
  const written = model.eval().generate(sources, { start, end, maxLen: 8 });
  assert.is(written.dtype, 'int32');
  assert.ok(written.shape[1] >= 4 && written.shape[1] <= 8);
  assert.ok(mean(eq(written.narrow(1, 0, 4), wanted).to('float32')).item() > 0.9);
});

test('Seq2Seq writes what teacher forcing with its own tokens finds likeliest, and ends behind the end', () => {
  manualSeed(4);
  const [start, maxLen] = [0, 6];
  const model = new Seq2Seq(11, 5, { ...small, network: 'lstm' });
  const sources = randint(0, 11, [8, 5]);
  const lengths = [5, 1, 2, 3, 4, 5, 5, 5];
  // An end that is never written, and one that some sequences write first.
  const endless = model.generate(sources, { start, end: 4096, maxLen, lengths });
  assert.equal(endless.shape, [8, maxLen]);
  const given = cat([full([8, 1], start, int32), endless.narrow(1, 0, maxLen - 1)], 1);
  const scores = model.forward(sources, given, { lengths });
  assert.equal(argmax(scores, -1).toArray(), endless.toArray());

  const end = endless.data[1];
  const stopped = model.generate(sources, { start, end, maxLen, lengths });
  const rows = Array.from({ length: 8 }, (_, b) => Array.from(endless.narrow(0, b, 1).data));
  const ended = rows.map((row) => {
    const at = row.indexOf(end);
    return at < 0 ? row : row.map((token, i) => (i < at ? token : end));
  });
  assert.ok(rows.some((row, b) => row.join() !== ended[b].join()));
  const steps = stopped.shape[1];
  assert.equal(
    stopped.toArray(),
    ended.map((row) => row.slice(0, steps)),
  );
  assert.ok(steps === maxLen || ended.every((row) => row[steps - 1] === end));
});

test('Seq2Seq tells what is wrong with its tokens', () => {
  const model = new Seq2Seq(11, 5, small);
  const tokens = full([1, 2], 1, int32);
  assert.throws(
    () => model.forward(full([1, 2], 1), tokens),
    /^Seq2Seq: expected int32 as the sources, got float32$/,
  );
  assert.throws(
    () => model.forward(tokens, full([2], 1, int32)),
    /^Seq2Seq: expected 2 dimensions of the targets, got shape \[2\]$/,
  );
  // @ts-expect-error Start and end must be given.
  const without = (): Tensor => model.generate(tokens, { end: 1 });
  assert.throws(
    without,
    /^generate: expected an integer of at least 0 as the start token, got NaN$/,
  );
});

test('TextCNN has the filters of the paper: three sizes, 100 of each', () => {
  manualSeed(5);
  const model = new TextCNN(50, 2);
  assert.equal(shapesOf(model), {
    'embedding.weight': [50, 300],
    'convolutions.0.weight': [100, 300, 3],
    'convolutions.0.bias': [100],
    'convolutions.1.weight': [100, 300, 4],
    'convolutions.1.bias': [100],
    'convolutions.2.weight': [100, 300, 5],
    'convolutions.2.bias': [100],
    'output.weight': [2, 300],
    'output.bias': [2],
  });
  assert.equal(model.forward(randint(0, 50, [3, 7])).shape, [3, 2]);
  assert.throws(
    () => model.forward(randint(0, 50, [3, 4])),
    /^conv1d: kernel \[5\] \(dilation \[1\]\) is larger than the padded input \[4\]$/,
  );
});

test('TextCNN finds its words wherever they stand', () => {
  manualSeed(6);
  const model = new TextCNN(20, 3, { embeddingDim: 6, maps: 4, paddingIdx: 0 }).eval();
  const at = (place: number): Tensor => {
    const words = new Int32Array(24);
    words.set([3, 1, 4, 1, 5], place);
    return tensor(words, { shape: [1, 24] });
  };
  // Filters of at most 5 words, and at least 4 blanks on either side.
  assert.equal(model.forward(at(4)).toArray(), model.forward(at(13)).toArray());
  assert.not.equal(model.forward(at(4)).toArray(), model.forward(flip(at(4), 1)).toArray());
});

test('TextCNN learns whether two words stand side by side in this order', () => {
  manualSeed(7);
  const model = new TextCNN(12, 2, { embeddingDim: 8, kernelSizes: [2, 3], maps: 8 });
  const words = randint(2, 12, [64, 10]);
  const targets = new Int32Array(64);
  for (let b = 0; b < 64; b++) {
    targets[b] = b % 2;
    words.data.set(b % 2 === 1 ? [0, 1] : [1, 0], 10 * b + ((3 * b) % 9));
  }
  const labels = tensor(targets);
  const loss = (): Tensor => crossEntropy(model.forward(words), labels);
  const [before, after] = trained(model, loss, 40, 0.02);
  assert.ok(after < 0.2 * before, `${before} → ${after}`);
  assert.is(accuracy(model.eval().forward(words), labels), 1);
});

test('CharCNN has the paper’s 70 symbols and its tables’ sizes', () => {
  assert.is(CharCNN.ALPHABET.length, 70);
  assert.is(new Set(CharCNN.ALPHABET).size, 69);
  const shapes = shapesOf(new CharCNN(4, { hidden: 8 }));
  assert.equal(shapes['features.0.weight'], [256, 70, 7]);
  const convolutions = Object.entries(shapes).filter(([, shape]) => shape.length === 3);
  assert.equal(
    convolutions.map(([, [, , kernel]]) => kernel),
    [7, 7, 3, 3, 3, 3],
  );
  // (1014 − 96) / 27 = 34 places are left.
  assert.equal(shapes['classifier.1.weight'], [8, 34 * 256]);
  const large = shapesOf(new CharCNN(4, { size: 'large', length: 123, maps: 8 }));
  assert.equal(large['classifier.1.weight'], [2048, 8]);
  assert.equal(large['classifier.7.weight'], [4, 2048]);
});

test('CharCNN starts normal, with the deviation of its size', () => {
  manualSeed(8);
  for (const [size, std] of [
    ['small', 0.05],
    ['large', 0.02],
  ] as const) {
    const model = new CharCNN(2, { size, length: 123, maps: 64, hidden: 256 });
    const weight = model.stateDict()['classifier.4.weight'];
    assert.equal(weight.shape, [256, 256]);
    const deviation = Math.sqrt(mean(weight.mul(weight)).item());
    assert.ok(Math.abs(deviation / std - 1) < 0.02, `${deviation}`);
    assert.ok(Math.abs(mean(weight).item()) < 0.02 * std);
  }
});

test('CharCNN encodes texts backwards in small letters, with blanks for what is no symbol', () => {
  const model = new CharCNN(2, { length: 123, maps: 2, hidden: 2 });
  const codes = model.encode(['Ab z\n', 'x'.repeat(200) + 'é'.repeat(2), '']);
  assert.is(codes.dtype, 'int32');
  assert.equal(codes.shape, [3, 123]);
  const [first, second, third] = [0, 1, 2].map((b) => Array.from(codes.narrow(0, b, 1).data));
  assert.equal(first.slice(0, 6), [70, 26, 0, 2, 1, 0]);
  assert.ok(first.slice(6).every((c) => c === 0));
  assert.equal(second, [0, 0, ...new Array<number>(121).fill(24)]);
  assert.ok(third.every((c) => c === 0));
  assert.equal(model.forward(codes).shape, [3, 2]);
});

test('CharCNN learns to tell two kinds of texts apart', () => {
  manualSeed(9);
  const model = new CharCNN(2, { length: 123, maps: 16, hidden: 16, std: 0.15, dropout: 0.1 });
  const texts = Array.from({ length: 8 }, (_, i) =>
    (i % 2 === 0 ? 'the cat sat. ' : 'tac eht tas! ').repeat(12).slice(i),
  );
  const symbols = model.encode(texts);
  const labels = tensor(Int32Array.from(texts, (_, i) => i % 2));
  const loss = (): Tensor => crossEntropy(model.forward(symbols), labels);
  const [before, after] = trained(model, loss, 30, 0.005);
  assert.ok(after < 0.2 * before, `${before} → ${after}`);
  assert.is(accuracy(model.eval().forward(symbols), labels), 1);
});

test('CharCNN tells how long its texts must be', () => {
  assert.throws(
    () => new CharCNN(2, { length: 122 }),
    (e: unknown) =>
      e instanceof ArgumentError &&
      e.message === 'CharCNN: expected a length of at least 123, got 122',
  );
  const model = new CharCNN(2, { length: 123, maps: 2, hidden: 2 });
  assert.throws(
    () => model.forward(full([1, 100], 0, int32)),
    /^CharCNN: expected 123 symbols of each text, got 100$/,
  );
  // @ts-expect-error There are two sizes.
  const medium = (): CharCNN => new CharCNN(2, { size: 'medium' });
  assert.throws(medium, /^CharCNN: expected 'small' or 'large' as the size, got 'medium'$/);
});

test('LambdaResNet refuses mixers that it does not know, and stems without a middle', () => {
  const refused = (options: object, message: string) =>
    assert.throws(
      () => new LambdaResNet(options as LambdaResNetOptions),
      throwing(ArgumentError, `LambdaResNet: expected ${message}`),
    );
  const mixer = "'convolution' or 'lambda' or 'attention' as a mixer, got 'conv'";
  refused({ mixers: ['conv', 'lambda'] }, mixer);
  refused({ blocks: [1, 2], mixers: ['lambda', ['convolution', 'conv']] }, mixer);
  refused({ stemKernel: 4 }, 'an odd stemKernel, got 4');
  refused({ stemKernel: 0 }, 'an integer of at least 1 as stemKernel, got 0');
});

test('models print what their layers do not tell', () => {
  const strides = new LambdaResNet().stages.map((block) => block.heading());
  assert.equal(strides, ['Bottleneck()', 'Bottleneck(stride=2)']);
  assert.is(new CharCNN(4, { maps: 4, hidden: 4 }).heading(), 'CharCNN(4, length=1014)');
});

test.run();
