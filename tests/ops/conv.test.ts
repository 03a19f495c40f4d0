import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  type ConvOptions,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  ShapeError,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../../ops/index.js';
import { near, raises } from '../core/close.js';
import { at, build, type Choices, forAll, indicesOf, same } from './naive.js';

const convolutions = [conv1d, conv2d, conv3d];
const transposes = [convTranspose1d, convTranspose2d, convTranspose3d];

/** Settings written out for each spatial axis, and the channels within a group. */
interface Setting {
  stride: number[];
  padding: number[];
  dilation: number[];
  groups: number;
  inGroup: number;
  outGroup: number;
  kernel: number[];
}

const setting = (choose: Choices, n: number): Setting => ({
  stride: choose.ints(n, 1, 3),
  padding: choose.ints(n, 0, 2),
  dilation: choose.ints(n, 1, 2),
  groups: choose.int(1, 3),
  inGroup: choose.int(1, 2),
  outGroup: choose.int(1, 2),
  kernel: choose.ints(n, 1, 3),
});

/** The size an axis must have for the kernel to fit `places` times, `spare` numbers left over. */
const sizes = (s: Setting, places: number[], spare: number[]): number[] =>
  places.map(
    (n, i) =>
      (n - 1) * s.stride[i] + s.dilation[i] * (s.kernel[i] - 1) + 1 - 2 * s.padding[i] + spare[i],
  );

/** For each place of the output, what each tap of the kernel meets there, if it is in the input. */
function* meetings(s: Setting, input: number[], output: number[]) {
  for (const place of indicesOf(output)) {
    for (const tap of indicesOf(s.kernel)) {
      const from = place.map((p, i) => p * s.stride[i] + tap[i] * s.dilation[i] - s.padding[i]);
      if (from.every((f, i) => f >= 0 && f < input[i])) yield { place, tap, from };
    }
  }
}

/** Σ over channels of the group and taps: y[b, o, place] += x[b, c, from] · w[o, c, tap]. */
function naive(x: Tensor, w: Tensor, s: Setting, output: number[]): Tensor {
  const y = new Map<string, number>();
  const [batch] = x.shape;
  for (const { place, tap, from } of meetings(s, x.shape.slice(2), output)) {
    for (const [b, g, o, c] of indicesOf([batch, s.groups, s.outGroup, s.inGroup])) {
      const key = String([b, g * s.outGroup + o, ...place]);
      const term = at(x, [b, g * s.inGroup + c, ...from]) * at(w, [g * s.outGroup + o, c, ...tap]);
      y.set(key, (y.get(key) ?? 0) + term);
    }
  }
  return build([batch, s.groups * s.outGroup, ...output], (index) => y.get(String(index)) ?? 0);
}

/** The same meetings read backwards: y[b, c, from] += x[b, o, place] · w[o, c, tap]. */
function naiveTranspose(x: Tensor, w: Tensor, s: Setting, output: number[]): Tensor {
  const y = new Map<string, number>();
  const [batch] = x.shape;
  for (const { place, tap, from } of meetings(s, output, x.shape.slice(2))) {
    for (const [b, g, o, c] of indicesOf([batch, s.groups, s.outGroup, s.inGroup])) {
      const key = String([b, g * s.inGroup + c, ...from]);
      const term =
        at(x, [b, g * s.outGroup + o, ...place]) * at(w, [g * s.outGroup + o, c, ...tap]);
      y.set(key, (y.get(key) ?? 0) + term);
    }
  }
  return build([batch, s.groups * s.inGroup, ...output], (index) => y.get(String(index)) ?? 0);
}

const weightOf = (choose: Choices, s: Setting): Tensor =>
  choose.tensor([s.groups * s.outGroup, s.inGroup, ...s.kernel]);

const optionsOf = ({ stride, padding, dilation, groups }: Setting) => ({
  stride,
  padding,
  dilation,
  groups,
});

convolutions.forEach((conv, axis) => {
  const n = axis + 1;

  test(`conv${n}d is its sum over taps for any stride, padding, dilation and groups`, () => {
    forAll(150, (choose) => {
      const s = setting(choose, n);
      const output = choose.ints(n, 1, 3);
      const spare = s.stride.map((stride) => choose.int(0, stride - 1));
      const size = sizes(s, output, spare);
      if (size.some((k) => k < 1)) return;
      const x = choose.tensor([choose.int(1, 2), s.groups * s.inGroup, ...size]);
      const w = weightOf(choose, s);
      const bias = choose.tensor([w.shape[0]]);
      const expected = naive(x, w, s, output);
      same(conv(x, w, null, optionsOf(s)), expected);
      const column = bias.reshape([w.shape[0], ...output.map(() => 1)]);
      same(conv(x, w, bias, optionsOf(s)), expected.add(column));
      same(
        conv(x.to('float32'), w.to('float32'), null, optionsOf(s)).to('float64'),
        expected,
        1e-5,
      );
    });
  });

  test(`convTranspose${n}d is the same sum read backwards, also with output padding`, () => {
    forAll(150, (choose) => {
      const s = setting(choose, n);
      const size = choose.ints(n, 1, 3);
      const outputPadding = s.stride.map((stride, i) =>
        choose.int(0, Math.max(stride, s.dilation[i]) - 1),
      );
      const output = sizes(s, size, outputPadding);
      if (output.some((k) => k < 1)) return;
      const x = choose.tensor([choose.int(1, 2), s.groups * s.outGroup, ...size]);
      const w = weightOf(choose, s);
      const options = { ...optionsOf(s), outputPadding };
      const expected = naiveTranspose(x, w, s, output);
      same(transposes[axis](x, w, null, options), expected);
      const bias = choose.tensor([expected.shape[1]]);
      const column = bias.reshape([bias.size, ...output.map(() => 1)]);
      same(transposes[axis](x, w, bias, options), expected.add(column));
    });
  });

  test(`⟨conv${n}d(x), g⟩ = ⟨x, convTranspose${n}d(g)⟩`, () => {
    forAll(100, (choose) => {
      const s = setting(choose, n);
      const output = choose.ints(n, 1, 3);
      const outputPadding = s.stride.map((stride) => choose.int(0, stride - 1));
      const size = sizes(s, output, outputPadding);
      if (size.some((k) => k < 1)) return;
      const x = choose.tensor([2, s.groups * s.inGroup, ...size]);
      const g = choose.tensor([2, s.groups * s.outGroup, ...output]);
      const w = weightOf(choose, s);
      const there = sum(conv(x, w, null, optionsOf(s)).mul(g));
      const back = transposes[axis](g, w, null, { ...optionsOf(s), outputPadding });
      same(sum(x.mul(back)), there);
    });
  });

  test(`conv${n}d and convTranspose${n}d take an input without a batch axis, and give one without`, () => {
    forAll(50, (choose) => {
      const s = setting(choose, n);
      const output = choose.ints(n, 1, 3);
      const size = sizes(
        s,
        output,
        s.stride.map(() => 0),
      );
      if (size.some((k) => k < 1)) return;
      const x = choose.tensor([s.groups * s.inGroup, ...size]);
      const g = choose.tensor([s.groups * s.outGroup, ...output]);
      const w = weightOf(choose, s);
      const [out, into] = [choose.tensor([g.shape[0]]), choose.tensor([x.shape[0]])];
      const options = optionsOf(s);
      same(conv(x, w, out, options), conv(x.unsqueeze(0), w, out, options).squeeze(0));
      const transpose = transposes[axis];
      same(transpose(g, w, into, options), transpose(g.unsqueeze(0), w, into, options).squeeze(0));
    });
  });

  test(`'same' keeps the size in conv${n}d, an even kernel's odd zero standing at the end`, () => {
    forAll([40, 30, 15][axis], (choose) => {
      const s = { ...setting(choose, n), stride: Array(n).fill(1), kernel: choose.ints(n, 1, 4) };
      const size = choose.ints(n, 1, 4);
      const reach = s.kernel.map((k, i) => s.dilation[i] * (k - 1));
      s.padding = reach.map((r) => Math.floor(r / 2));
      const x = choose.tensor([1, s.groups * s.inGroup, ...size]);
      const w = weightOf(choose, s);
      const options: ConvOptions = { dilation: s.dilation, groups: s.groups, padding: 'same' };
      same(conv(x, w, null, options), naive(x, w, s, size));
    });
  });
});

test("'same' with an even kernel sees one more number behind than in front", () => {
  const x = tensor([[[1, 2, 3, 4]]]);
  near(conv1d(x, tensor([[[1, 1]]]), null, { padding: 'same' }), [[[3, 5, 7, 4]]]);
  near(conv1d(x, tensor([[[1, 0, 0, 0]]]), null, { padding: 'same' }), [[[0, 1, 2, 3]]]);
});

test("'valid' adds no zeros, and one number stands for every axis", () => {
  const x = build([1, 2, 6, 7], ([, c, i, j]) => c + i * j);
  const w = build([3, 2, 2, 3], ([o, c, i, j]) => o - c + i - j);
  same(conv2d(x, w, null, { padding: 'valid', stride: 2 }), conv2d(x, w, null, { stride: [2, 2] }));
  same(conv2d(x, w, null, { padding: 1 }), conv2d(x, w, null, { padding: [1, 1] }));
});

test('a batch of none gives a batch of none', () => {
  assert.equal(conv1d(zeros([0, 1, 4]), zeros([2, 1, 3])).shape, [0, 2, 2]);
  assert.equal(convTranspose1d(zeros([0, 1, 4]), zeros([1, 2, 3])).shape, [0, 2, 6]);
});

test('channels, groups and bias that do not go together are refused', () => {
  const x = zeros([2, 3, 8, 8]);
  raises(
    () => conv2d(x, zeros([8, 4, 3, 3])),
    ShapeError,
    'conv2d: weight [8, 4, 3, 3] needs 4 input channels per group, input [2, 3, 8, 8] has 3 (groups = 1)',
  );
  raises(
    () => conv2d(x, zeros([4, 1, 3, 3]), null, { groups: 3 }),
    ShapeError,
    'conv2d: weight [4, 1, 3, 3] does not divide into 3 groups',
  );
  raises(
    () => convTranspose2d(x, zeros([4, 2, 3, 3])),
    ShapeError,
    'convTranspose2d: weight [4, 2, 3, 3] needs 4 input channels, input [2, 3, 8, 8] has 3 (groups = 1)',
  );
  raises(
    () => conv2d(x, zeros([8, 3, 3, 3]), zeros([4])),
    ShapeError,
    'conv2d: expected a bias [8], got [4]',
  );
});

test('a kernel larger than the input, or of the wrong dimensions, is refused', () => {
  raises(
    () => conv1d(zeros([1, 1, 3]), zeros([1, 1, 3]), null, { dilation: 2, padding: [0] }),
    ShapeError,
    'conv1d: kernel [3] (dilation [2]) is larger than the padded input [3]',
  );
  raises(
    () => conv2d(zeros([3, 3]), zeros([1, 1, 3, 3])),
    ShapeError,
    'conv2d: expected 3 or 4 dimensions of the input, got shape [3, 3]',
  );
  raises(
    () => conv1d(zeros([1, 1, 3]), zeros([1, 1, 0])),
    ShapeError,
    'conv1d: expected a kernel of at least one element, got [1, 1, 0]',
  );
  raises(
    () => convTranspose1d(zeros([1, 1, 1]), zeros([1, 1, 2]), null, { padding: 1 }),
    ShapeError,
    'convTranspose1d: input [1, 1, 1] gives an output of sizes [0]',
  );
});

test('settings out of range are refused', () => {
  const [x, w] = [zeros([1, 1, 5, 5]), zeros([1, 1, 2, 2])];
  const wrong: [ConvOptions, string][] = [
    [{ stride: 0 }, 'expected an integer of at least 1 as the stride, got 0'],
    [{ padding: -1 }, 'expected an integer of at least 0 as the padding, got -1'],
    [{ dilation: 1.5 }, 'expected an integer of at least 1 as the dilation, got 1.5'],
    [{ groups: 0 }, 'expected an integer of at least 1 as groups, got 0'],
    [{ stride: [1, 1, 1] }, 'expected 2 numbers as the stride, one a spatial axis, got [1, 1, 1]'],
    [{ padding: 'same', stride: 2 }, "padding 'same' expects a stride of 1, got [2, 2]"],
  ];
  for (const [options, message] of wrong) {
    raises(() => conv2d(x, w, null, options), ArgumentError, `conv2d: ${message}`);
  }
  raises(
    () => convTranspose2d(x, w, null, { stride: 2, outputPadding: 2 }),
    ArgumentError,
    'convTranspose2d: expected an output padding below the stride [2, 2] or the dilation [1, 1], got [2, 2]',
  );
});

test.run();
