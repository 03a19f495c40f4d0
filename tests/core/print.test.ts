import { inspect } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  arange,
  full,
  mul,
  noGrad,
  ones,
  reshape,
  type Tensor,
  tensor,
  zeros,
} from '../../ops/index.js';

/** `x` prints as these lines, to the letter. */
const prints = (x: Tensor, ...lines: string[]): void => {
  assert.is(String(x), lines.join('\n'));
};

test('whole float32 numbers end in a point, as in NumPy', () => {
  prints(tensor([1, 2, 3]), 'tensor([1., 2., 3.])');
  prints(tensor([[1, -20]]), 'tensor([[  1., -20.]])');
});

test('fractions have as many decimals as they need, four at most, and one width', () => {
  prints(tensor([0.1, 0.25]), 'tensor([0.10, 0.25])');
  prints(
    tensor([
      [1.5, 2.25],
      [3, -4],
    ]),
    'tensor([[ 1.50,  2.25],',
    '        [ 3.00, -4.00]])',
  );
  prints(tensor([1 / 3, 100 / 3]), 'tensor([ 0.3333, 33.3333])');
});

test('a 0-d tensor prints its number alone', () => {
  prints(tensor(3), 'tensor(3.)');
  prints(tensor(-0.5), 'tensor(-0.5)');
  prints(tensor(true), 'tensor(true)');
  prints(tensor(7, { dtype: 'int32' }), 'tensor(7, dtype=int32)');
});

test('an empty tensor prints its shape', () => {
  prints(zeros([0]), 'tensor([], shape=[0])');
  prints(zeros([2, 0, 3], { dtype: 'int32' }), 'tensor([], shape=[2, 0, 3], dtype=int32)');
});

test('bool and int32 align without a point', () => {
  prints(tensor([true, false]), 'tensor([ true, false])');
  prints(
    tensor(
      [
        [1, 10],
        [100, -5],
      ],
      { dtype: 'int32' },
    ),
    'tensor([[  1,  10],',
    '        [100,  -5]], dtype=int32)',
  );
  prints(tensor([2147483647], { dtype: 'int32' }), 'tensor([2147483647], dtype=int32)');
});

test('nan and infinities line up with the numbers', () => {
  prints(tensor([NaN, Infinity, -Infinity, 1]), 'tensor([ nan,  inf, -inf,   1.])');
  prints(tensor([NaN, 0.125]), 'tensor([  nan, 0.125])');
  prints(tensor([NaN, NaN]), 'tensor([nan, nan])');
});

test('negative zero keeps its sign', () => {
  prints(tensor([-0, 1]), 'tensor([-0.,  1.])');
  prints(tensor([-0, 0.5]), 'tensor([-0.0,  0.5])');
});

test('tiny, huge and far-apart numbers take exponents, no longer than needed', () => {
  prints(tensor([1e-10, 1]), 'tensor([1.e-10, 1.e+00])');
  prints(tensor([1.5e10, -2e10]), 'tensor([ 1.5e+10, -2.0e+10])');
  prints(tensor([0, 1e-5]), 'tensor([0.e+00, 1.e-05])');
  prints(tensor([1234.5, 1e-5]), 'tensor([1.2345e+03, 1.0000e-05])');
  prints(tensor([1e300, NaN], { dtype: 'float64' }), 'tensor([1.e+300,     nan], dtype=float64)');
});

test('numbers within reach of one another stay in plain decimals', () => {
  prints(tensor([16777216]), 'tensor([16777216.])');
  prints(tensor([1000.5, 0.25]), 'tensor([1000.50,    0.25])');
  prints(tensor([0.00011]), 'tensor([0.0001])');
});

test('axes beyond the last two are set apart by blank lines', () => {
  prints(
    ones([2, 2, 1, 2]),
    'tensor([[[[1., 1.]],',
    '',
    '         [[1., 1.]]],',
    '',
    '',
    '        [[[1., 1.]],',
    '',
    '         [[1., 1.]]]])',
  );
});

test('a row longer than 80 columns goes on under its first number', () => {
  prints(
    arange(30),
    'tensor([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12., 13.,',
    '        14., 15., 16., 17., 18., 19., 20., 21., 22., 23., 24., 25., 26., 27.,',
    '        28., 29.])',
  );
});

test('of more than a thousand numbers the first and last three of each axis are shown', () => {
  prints(arange(2000), 'tensor([   0.,    1.,    2., ..., 1997., 1998., 1999.])');
  prints(
    reshape(arange(1200), [2, 600]),
    'tensor([[   0.,    1.,    2., ...,  597.,  598.,  599.],',
    '        [ 600.,  601.,  602., ..., 1197., 1198., 1199.]])',
  );
  prints(
    reshape(arange(1400), [700, 2]),
    'tensor([[   0.,    1.],',
    '        [   2.,    3.],',
    '        [   4.,    5.],',
    '        ...,',
    '        [1394., 1395.],',
    '        [1396., 1397.],',
    '        [1398., 1399.]])',
  );
});

test('exactly a thousand numbers are shown in full', () => {
  const text = String(zeros([1000]));
  assert.is(text.match(/0\./g)?.length, 1000);
  assert.not.match(text, '...');
});

test('what is left out does not widen the columns', () => {
  const x = full([1500], 1);
  x.data[700] = 123456;
  prints(x, 'tensor([1., 1., 1., ..., 1., 1., 1.])');
});

test('dtypes other than float32 and bool, requiresGrad and the op that made it are noted', () => {
  prints(tensor([1], { dtype: 'float64' }), 'tensor([1.], dtype=float64)');
  const x = tensor([1], { requiresGrad: true });
  prints(x, 'tensor([1.], requiresGrad=true)');
  prints(mul(x, 2), 'tensor([2.], op=mul)');
  prints(
    noGrad(() => mul(x, 2)),
    'tensor([2.])',
  );
  prints(
    tensor(1, { dtype: 'float64', requiresGrad: true }).mul(2),
    'tensor(2., dtype=float64, op=mul)',
  );
});

test('console.log shows the same text, indented inside objects', () => {
  const x = tensor([
    [1, 2],
    [3, 4],
  ]);
  assert.is(inspect(x), String(x));
  assert.is(inspect({ weight: x }), '{\n  weight: tensor([[1., 2.],\n          [3., 4.]])\n}');
  assert.is(`${tensor(1)}`, 'tensor(1.)');
});

test('a tensor of very many axes prints without running out of stack', () => {
  const x = zeros(new Array<number>(18).fill(2));
  assert.is(String(x).match(/0\./g)?.length, 2 ** 18);
});

test.run();
