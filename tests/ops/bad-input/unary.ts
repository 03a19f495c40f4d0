import { ArgumentError, DTypeError } from '../../../ops/index.js';
import { lg, mask, type Wrong } from './wrong.js';

const real = [
  'exp expm1 log log1p log2 sqrt rsqrt reciprocal sin cos tan asin acos atan sinh cosh tanh erf',
  'sigmoid logSigmoid gelu leakyRelu elu selu softplus softsign silu mish hardtanh clamp',
  'isnan isinf isfinite logicalNot',
];
const numeric = 'neg abs sign square floor ceil round relu';

const names = (text: string): string[] => text.split(' ');

/** Text and lists are no numbers, and truth values have no arithmetic. */
export const unary: readonly Wrong[] = [
  ...[...real, numeric].flatMap(names).flatMap((name): Wrong[] => [
    [() => lg[name]('1'), ArgumentError, `${name}: expected a tensor or a number, got '1'`],
    [() => lg[name]([1, 2]), ArgumentError, `${name}: expected a tensor or a number, got [1, 2]`],
    [() => lg[name](), ArgumentError, `${name}: expected a tensor or a number, got undefined`],
  ]),
  ...names(numeric).map(
    (name): Wrong => [() => lg[name](mask), DTypeError, `${name}: expected numbers, got bool`],
  ),
];
