import {
  ArgumentError,
  DeviceError,
  DTypeError,
  Generator,
  GradientError,
  ones,
  ShapeError,
} from '../../../ops/index.js';
import { index, leaf, matrix, method, vector, type Wrong } from './wrong.js';

export const tensor: readonly Wrong[] = [
  [
    () => method(index, 'requiresGrad_'),
    DTypeError,
    'requiresGrad_: expected float32 or float64, got int32',
  ],
  [
    () => method(matrix, 'requiresGrad_', 'no'),
    ArgumentError,
    `requiresGrad_: expected true or false as requiresGrad, got 'no'`,
  ],
  [
    () => method(matrix, 'retainGrad'),
    GradientError,
    'retainGrad: expected a tensor that requires grad, got one that does not',
  ],
  [
    () => method(matrix, 'registerHook', () => 1),
    GradientError,
    'registerHook: expected a tensor that requires grad, got one that does not',
  ],
  [
    () => method(leaf(), 'registerHook', 3),
    ArgumentError,
    'registerHook: expected a function as the hook, got 3',
  ],
  [
    () => method(matrix, 'copy_', vector),
    ShapeError,
    'copy_: expected shape [2, 3] and dtype float32, got [3] and float32',
  ],
  [
    () => method(matrix, 'copy_', [1]),
    ArgumentError,
    'copy_: expected a tensor as the source, got [1]',
  ],
  [
    () => method(leaf(), 'copy_', matrix),
    GradientError,
    'copy_: an in-place change is not recorded; wrap it in noGrad(() => …), or detach() the source',
  ],
  [
    () => method(matrix, 'item'),
    ShapeError,
    'item: expected a tensor of one number, got shape [2, 3]',
  ],
  [() => method(matrix, 'to', 'cpu'), DeviceError, `to: expected a dtype or a device, got 'cpu'`],
  [() => method(matrix, 'to'), DeviceError, 'to: expected a dtype or a device, got undefined'],
  [
    () => method(matrix, 'add_', ones([2, 2, 3])),
    ShapeError,
    'add_: operand [2, 2, 3] does not broadcast to shape [2, 3]',
  ],
  [
    () => method(matrix, 'mul_', 'a'),
    ArgumentError,
    `mul_: expected a tensor or a number, got 'a'`,
  ],
  [
    () => method(index, 'div_', 2),
    DTypeError,
    'div_: expected a result that int32 holds, got float32',
  ],
  [
    () => method(index, 'add_', 0.5),
    DTypeError,
    'add_: expected a result that int32 holds, got float32',
  ],
  [
    () => method(index, 'fill_', NaN),
    DTypeError,
    'fill_: expected numbers from -2147483648 to 2147483647 for int32, got NaN',
  ],
  [
    () => method(matrix, 'fill_', '1'),
    ArgumentError,
    `fill_: expected a number or a truth value, got '1'`,
  ],
  [
    () => Reflect.construct(Generator, [NaN]),
    ArgumentError,
    'Generator: expected an integer as the seed, got NaN',
  ],
  [
    () => method(new Generator(1), 'permutation', -2),
    ArgumentError,
    'permutation: expected an integer of at least 0 as n, got -2',
  ],
];
