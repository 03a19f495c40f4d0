import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  GRU,
  GRUCell,
  LSTM,
  LSTMCell,
  type RecurrentOptions,
  RNN,
  RNNCell,
  type SequenceOptions,
} from '../../nn/index.js';
import {
  cat,
  flip,
  gradcheck,
  gradgradcheck,
  linear,
  manualSeed,
  maskedFill,
  mul,
  narrow,
  randn,
  select,
  stack,
  sum,
  type Tensor,
  tensor,
  transpose,
  zeros,
} from '../../ops/index.js';

const dtype = 'float64';

function close(actual: Tensor, expected: Tensor, what: string): void {
  assert.equal(actual.shape, expected.shape, what);
  expected.data.forEach((b, i) => {
    const a = actual.data[i];
    assert.ok(Math.abs(a - b) < 1e-12, `${what}: expected ${b} at ${i}, got ${a}`);
  });
}

/** The three networks behind one face: the state is a list of tensors. */
interface Network {
  readonly module: RNN | LSTM | GRU;
  run(x: Tensor, state?: Tensor[], options?: SequenceOptions): [output: Tensor, state: Tensor[]];
}

const ofOneState = (module: RNN | GRU): Network => ({
  module,
  run: (x, state, options) => {
    const [y, h] = module.forward(x, state?.[0], options);
    return [y, [h]];
  },
});

const networks: Record<string, (input: number, hidden: number, o?: RecurrentOptions) => Network> = {
  RNN: (input, hidden, o) => ofOneState(new RNN(input, hidden, { ...o, dtype })),
  'RNN with relu': (input, hidden, o) =>
    ofOneState(new RNN(input, hidden, { ...o, dtype, nonlinearity: 'relu' })),
  GRU: (input, hidden, o) => ofOneState(new GRU(input, hidden, { ...o, dtype })),
  LSTM: (input, hidden, o) => lstm(new LSTM(input, hidden, { ...o, dtype })),
  'LSTM with a projection': (input, hidden, o) =>
    lstm(new LSTM(input, hidden, { ...o, dtype, projSize: hidden - 1 })),
};

function lstm(module: LSTM): Network {
  return {
    module,
    run: (x, state, options) => module.forward(x, state && [state[0], state[1]], options),
  };
}

/** A random initial state: the shapes are those of the final one. */
const randomState = (network: Network, x: Tensor): Tensor[] =>
  network.run(x)[1].map((s) => randn(s.shape, { dtype }));

test('a cell without a state starts from zeros, and takes one vector as well as a batch', () => {
  manualSeed(1);
  const x = randn([2, 3], { dtype });
  const h = zeros([2, 4], { dtype });
  for (const cell of [new RNNCell(3, 4, { dtype }), new GRUCell(3, 4, { dtype })]) {
    const y = cell.forward(x);
    assert.equal(y.shape, [2, 4]);
    close(y, cell.forward(x, h), `${cell}`);
    close(cell.forward(select(x, 0, 1)), select(y, 0, 1), `${cell} of one vector`);
  }
  const cell = new LSTMCell(3, 4, { dtype });
  const [y, c] = cell.forward(x);
  const [y0, c0] = cell.forward(x, [h, h]);
  close(y, y0, 'h');
  close(c, c0, 'c');
  const [y1, c1] = cell.forward(select(x, 0, 1));
  close(y1, select(y, 0, 1), 'h of one vector');
  close(c1, select(c, 0, 1), 'c of one vector');
});

test('the relu of an RNNCell may exceed 1 and is never below 0', () => {
  manualSeed(2);
  const cell = new RNNCell(3, 4, { nonlinearity: 'relu' });
  const y = cell.forward(randn([50, 3]).mul(10));
  assert.ok(y.data.every((v) => v >= 0));
  assert.ok(y.data.some((v) => v === 0) && y.data.some((v) => v > 1));
});

test('two layers in both directions are their cells run step by step, from the state given', () => {
  manualSeed(3);
  const options = { numLayers: 2, bidirectional: true, dtype } as const;
  const network = new LSTM(3, 4, options);
  const [x, h0, c0] = [
    [5, 2, 3],
    [4, 2, 4],
    [4, 2, 4],
  ].map((shape) => randn(shape, { dtype }));
  const state = network.stateDict();
  let below = Array.from({ length: 5 }, (_, t) => select(x, 0, t));
  const [hs, cs]: Tensor[][] = [[], []];
  for (const layer of [0, 1]) {
    const outputs = ['', '_reverse'].map((suffix) => {
      const cell = new LSTMCell(below[0].shape[1], 4, { dtype });
      const names = ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'];
      cell.loadStateDict(
        Object.fromEntries(names.map((name) => [name, state[`${name}_l${layer}${suffix}`]])),
      );
      let [h, c] = [select(h0, 0, hs.length), select(c0, 0, hs.length)];
      const steps = suffix === '' ? below : below.toReversed();
      const ys = steps.map((step) => {
        [h, c] = cell.forward(step, [h, c]);
        return h;
      });
      hs.push(h);
      cs.push(c);
      return suffix === '' ? ys : ys.reverse();
    });
    below = outputs[0].map((y, t) => cat([y, outputs[1][t]], 1));
  }
  const [y, [h, c]] = network.forward(x, [h0, c0]);
  close(y, stack(below), 'output');
  close(h, stack(hs), 'h');
  close(c, stack(cs), 'c');
});

test('a projected LSTM hands W_hr·h on, to the next step, the output and the next layer', () => {
  manualSeed(4);
  const network = new LSTM(2, 3, { projSize: 2, numLayers: 2, bidirectional: true, dtype });
  const state = network.stateDict();
  assert.equal(state.weight_hr_l0.shape, [2, 3]);
  assert.equal(state.weight_hh_l0.shape, [12, 2]);
  assert.equal(state.weight_ih_l1_reverse.shape, [12, 4]);

  const single = new LSTM(2, 3, { projSize: 2, dtype });
  const { weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, weight_hr_l0 } = single.stateDict();
  const x = randn([4, 2], { dtype });
  const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
  let h = zeros([2], { dtype });
  let c = [0, 0, 0];
  const outputs = Array.from({ length: 4 }, (_, t) => {
    const fromInput = linear(select(x, 0, t), weight_ih_l0, bias_ih_l0).data;
    const fromHidden = linear(h, weight_hh_l0, bias_hh_l0).data;
    const gate = (k: number, j: number): number => fromInput[3 * k + j] + fromHidden[3 * k + j];
    c = c.map((v, j) => sigmoid(gate(1, j)) * v + sigmoid(gate(0, j)) * Math.tanh(gate(2, j)));
    const full = c.map((v, j) => sigmoid(gate(3, j)) * Math.tanh(v));
    h = linear(tensor(full, { dtype }), weight_hr_l0);
    return h;
  });
  const [y, [hn, cn]] = single.forward(x);
  close(y, stack(outputs), 'output');
  close(hn, h.reshape([1, 2]), 'h');
  close(cn, tensor([c], { dtype }), 'c');
});

for (const [name, make] of Object.entries(networks)) {
  const deep = { numLayers: 2, bidirectional: true };

  test(`${name}: batchFirst swaps the first two axes of input and output, and of no state`, () => {
    manualSeed(5);
    const network = make(3, 4, deep);
    const other = make(3, 4, { ...deep, batchFirst: true });
    other.module.loadStateDict(network.module.stateDict());
    const x = randn([5, 2, 3], { dtype });
    const state = randomState(network, x);
    const [y, final] = network.run(x, state);
    const [swapped, same] = other.run(transpose(x, 0, 1), state);
    close(transpose(swapped, 0, 1), y, 'output');
    final.forEach((s, i) => {
      close(same[i], s, `state ${i}`);
    });
  });

  test(`${name}: one sequence without the batch's axis is a batch of one without it`, () => {
    manualSeed(6);
    for (const batchFirst of [false, true]) {
      const network = make(3, 4, { ...deep, batchFirst });
      const x = randn([5, 3], { dtype });
      const axis = batchFirst ? 0 : 1;
      const state = randomState(network, x);
      const [y, final] = network.run(x, state);
      const batch = network.run(
        x.unsqueeze(axis),
        state.map((s) => s.unsqueeze(1)),
      );
      close(y, batch[0].squeeze(axis), 'output');
      final.forEach((s, i) => {
        close(s, batch[1][i].squeeze(1), `state ${i}`);
      });
    }
  });

  test(`${name}: the reverse direction is the forward one with its weights, over the input reversed`, () => {
    manualSeed(7);
    const both = make(3, 4, { bidirectional: true });
    const one = make(3, 4);
    const reverse = Object.entries(both.module.stateDict())
      .filter(([key]) => key.endsWith('_reverse'))
      .map(([key, w]) => [key.replace('_reverse', ''), w]);
    one.module.loadStateDict(Object.fromEntries(reverse));
    const x = randn([5, 2, 3], { dtype });
    const [y, final] = both.run(x);
    const [backwards, last] = one.run(flip(x, 0));
    const width = backwards.shape[2];
    close(narrow(y, 2, width, width), flip(backwards, 0), 'output');
    final.forEach((s, i) => {
      close(narrow(s, 0, 1, 1), last[i], `state ${i}`);
    });
  });

  test(`${name}: a padded batch with lengths is each of its sequences alone, gradients included`, () => {
    manualSeed(8);
    const lengths = [3, 6, 1, 5];
    const network = make(3, 4, deep);
    const { module } = network;
    const x = randn([6, 4, 3], { dtype }).requiresGrad_();
    const initial = randomState(network, x);
    const [y, final] = network.run(x, initial, { lengths });
    const u = randn(y.shape, { dtype });
    const us = final.map((s) => randn(s.shape, { dtype }));
    const total = (ts: Tensor[], vs: Tensor[]): Tensor =>
      ts.map((t, i) => sum(mul(t, vs[i]))).reduce((a, b) => a.add(b));
    total([y, ...final], [u, ...us]).backward();
    const inBatch = module.parameters().map((p) => p.grad ?? zeros(p.shape, { dtype }));
    const xGrad = x.grad ?? zeros(x.shape, { dtype });
    module.zeroGrad();

    lengths.forEach((length, b) => {
      const part = (t: Tensor): Tensor => narrow(t, 1, b, 1);
      const own = part(x.detach()).narrow(0, 0, length).requiresGrad_();
      const [z, last] = network.run(own, initial.map(part));
      close(part(y).narrow(0, 0, length), z, `output ${b}`);
      assert.ok(
        part(y)
          .narrow(0, length, 6 - length)
          .data.every((v) => v === 0),
      );
      last.forEach((s, i) => {
        close(part(final[i]), s, `state ${i} of ${b}`);
      });
      total([z, ...last], [part(u).narrow(0, 0, length), ...us.map(part)]).backward();
      close(
        part(xGrad).narrow(0, 0, length),
        own.grad ?? zeros(own.shape),
        `gradient of sequence ${b}`,
      );
      assert.ok(
        part(xGrad)
          .narrow(0, length, 6 - length)
          .data.every((v) => v === 0),
      );
    });
    module.namedParameters().forEach(([key, p], i) => {
      assert.ok(
        inBatch[i].data.some((v) => v !== 0),
        key,
      );
      close(inBatch[i], p.grad ?? zeros(p.shape), `gradient of ${key}`);
    });
  });

  test(`${name}: gradcheck by input, state and every weight, with lengths`, () => {
    manualSeed(9);
    const network = make(1, 2, { bidirectional: true });
    const { module } = network;
    const x = randn([3, 2, 1], { dtype });
    const state = randomState(network, x);
    const weights = module.parameters().map((p) => p.detach());
    const keys = Object.entries(module).flatMap(([key, value]) =>
      module.parameters().includes(value) ? [key] : [],
    );
    assert.is(keys.length, weights.length);
    const f = (...inputs: Tensor[]): Tensor[] => {
      keys.forEach((key, i) => {
        Object.assign(module, { [key]: inputs[1 + state.length + i] });
      });
      const [y, final] = network.run(inputs[0], inputs.slice(1, 1 + state.length), {
        lengths: [2, 3],
      });
      return [y, ...final];
    };
    const report = gradcheck(f, [x, ...state, ...weights]);
    assert.is(
      report.compared,
      [x, ...state, ...weights].reduce((n, t) => n + t.size, 0),
    );
  });
}

test('second derivatives of LSTM and GRU pass gradgradcheck', () => {
  manualSeed(10);
  for (const make of [networks.LSTM, networks.GRU]) {
    const network = make(2, 2);
    const x = randn([3, 1, 2], { dtype });
    const report = gradgradcheck(
      (input, ...state) => network.run(input, state)[0],
      [x, ...randomState(network, x)],
    );
    assert.ok(report.compared > 0);
  }
});

test('padding is never read: NaN there changes neither outputs nor gradients', () => {
  manualSeed(11);
  const gru = new GRU(3, 4, { numLayers: 2, bidirectional: true, batchFirst: true, dtype });
  const lengths = tensor([2, 4], { dtype: 'int32' });
  const x = randn([2, 4, 3], { dtype });
  const padding = tensor([
    [false, false, true, true],
    [false, false, false, false],
  ]).unsqueeze(2);
  const results = [0, NaN].map((filler) => {
    gru.zeroGrad();
    const [y, h] = gru.forward(maskedFill(x, padding, filler), null, { lengths });
    sum(y).add(sum(h)).backward();
    return [y, h, ...gru.parameters().map((p) => p.grad ?? zeros(p.shape))];
  });
  results[0].forEach((t, i) => {
    assert.ok(t.data.every(Number.isFinite));
    close(results[1][i], t, `result ${i}`);
  });
});

test('lengths that are all the whole length change nothing', () => {
  manualSeed(12);
  const rnn = new RNN(3, 4, { dtype });
  const x = randn([5, 2, 3], { dtype });
  const [y, h] = rnn.forward(x);
  const [y2, h2] = rnn.forward(x, null, { lengths: [5, 5] });
  close(y2, y, 'output');
  close(h2, h, 'state');
});

test('dropout acts between layers, in training only', () => {
  manualSeed(13);
  const x = randn([5, 2, 3], { dtype });
  const one = new GRU(3, 4, { dropout: 0.9, dtype });
  close(one.forward(x)[0], one.forward(x)[0], 'one layer in training');

  const two = new GRU(3, 4, { numLayers: 2, dropout: 1, dtype });
  const [, h] = two.forward(x);
  const alone = new GRU(4, 4, { dtype });
  const upper = Object.entries(two.stateDict())
    .filter(([key]) => key.endsWith('l1'))
    .map(([key, w]) => [key.replace('l1', 'l0'), w]);
  alone.loadStateDict(Object.fromEntries(upper));
  close(h.narrow(0, 1, 1), alone.forward(zeros([5, 2, 4], { dtype }))[1], 'all dropped');

  const plain = new GRU(3, 4, { numLayers: 2, dtype });
  plain.loadStateDict(two.stateDict());
  const expected = plain.forward(x)[0];
  close(two.eval().forward(x)[0], expected, 'in evaluation');
  assert.ok(
    two
      .train()
      .forward(x)[0]
      .data.some((v, i) => v !== expected.data[i]),
  );
});

test.run();
