import {
  ArgumentError,
  DeviceError,
  DTypeError,
  IndexError,
  ShapeError,
} from '../../../ops/index.js';
import { index, lg, mask, matrix, vector, type Wrong } from './wrong.js';

export const create: readonly Wrong[] = [
  [() => lg.zeros(3), ShapeError, 'zeros: expected a shape of whole numbers ≥ 0, got 3'],
  [
    () => lg.zeros([2, -1]),
    ShapeError,
    'zeros: expected a shape of whole numbers ≥ 0, got [2, -1]',
  ],
  [() => lg.ones([1.5]), ShapeError, 'ones: expected a shape of whole numbers ≥ 0, got [1.5]'],
  [() => lg.zeros('2'), ShapeError, `zeros: expected a shape of whole numbers ≥ 0, got '2'`],
  [
    () => lg.empty([65536, 65536]),
    ShapeError,
    'empty: shape [65536, 65536] has more than 2147483647 numbers',
  ],
  [
    () => lg.zeros(new Array(2)),
    ShapeError,
    'zeros: expected a shape of whole numbers ≥ 0, got [undefined, undefined]',
  ],
  [() => lg.full([2], '5'), ArgumentError, `full: expected a number or a truth value, got '5'`],
  [() => lg.full([2], null), ArgumentError, 'full: expected a number or a truth value, got null'],
  [
    () => lg.full([2], NaN, { dtype: 'int32' }),
    DTypeError,
    'full: expected numbers from -2147483648 to 2147483647 for int32, got NaN',
  ],
  [
    () => lg.zeros([2], { dtype: 'float16' }),
    DTypeError,
    `zeros: expected one of bool, int32, float32, float64 as dtype, got 'float16'`,
  ],
  [
    () => lg.zeros([2], { requires_grad: true }),
    ArgumentError,
    `zeros: expected options dtype, device, requiresGrad, got 'requires_grad'`,
  ],
  [
    () => lg.zeros([2], { requiresGrad: 'yes' }),
    ArgumentError,
    `zeros: expected true or false as requiresGrad, got 'yes'`,
  ],
  [
    () => lg.zeros([2], { dtype: 'int32', requiresGrad: true }),
    DTypeError,
    'zeros: expected float32 or float64 with requiresGrad, got int32',
  ],
  [
    () => lg.zeros([2], { device: 'cpu' }),
    DeviceError,
    `zeros: expected a device such as cpu, got 'cpu'`,
  ],
  [
    () => lg.zeros([2], 'int32'),
    ArgumentError,
    `zeros: expected an object of options (dtype, device, requiresGrad), got 'int32'`,
  ],
  [
    () => lg.zeros([2], null),
    ArgumentError,
    'zeros: expected an object of options (dtype, device, requiresGrad), got null',
  ],
  [
    () => lg.tensor([[1, 2], [3]]),
    ShapeError,
    'tensor: expected nested arrays of shape [2, 2], got a row of 1 at depth 1',
  ],
  [
    () => lg.tensor([1, [2]]),
    ShapeError,
    'tensor: expected nested arrays of shape [2], got a deeper array at depth 1',
  ],
  [
    () => lg.tensor([[1], 2]),
    ShapeError,
    'tensor: expected nested arrays of shape [2, 1], got 2 at depth 1',
  ],
  [() => lg.tensor('abc'), DTypeError, `tensor: expected numbers or truth values, got 'abc'`],
  [() => lg.tensor(), DTypeError, 'tensor: expected numbers or truth values, got undefined'],
  [() => lg.tensor([1, null]), DTypeError, 'tensor: expected numbers or truth values, got null'],
  [
    () => lg.tensor([1, 2, 3], { shape: [2, 2] }),
    ShapeError,
    'tensor: shape [2, 2] needs 4 numbers, got 3',
  ],
  [
    () => lg.tensor([NaN], { dtype: 'int32' }),
    DTypeError,
    'tensor: expected numbers from -2147483648 to 2147483647 for int32, got NaN',
  ],
  [
    () => lg.tensor([2 ** 31], { dtype: 'int32' }),
    DTypeError,
    'tensor: expected numbers from -2147483648 to 2147483647 for int32, got 2147483648',
  ],
  [
    () => lg.tensor(new Int16Array(2)),
    DTypeError,
    'tensor: expected a Float32Array, Float64Array, Int32Array or Uint8Array (bool), got Int16Array',
  ],
  [
    () => lg.tensor([1], { type: 'int32' }),
    ArgumentError,
    `tensor: expected options shape, dtype, device, requiresGrad, got 'type'`,
  ],
  [() => lg.arange(NaN), ArgumentError, 'arange: expected finite numbers, got NaN'],
  [() => lg.arange(0, 5, 0), ArgumentError, 'arange: a step of 0 does not lead from 0 to 5'],
  [() => lg.arange(0, 5, -1), ArgumentError, 'arange: a step of -1 does not lead from 0 to 5'],
  [() => lg.arange('5'), ArgumentError, `arange: expected finite numbers, got '5'`],
  [
    () => lg.linspace(0, 1),
    ArgumentError,
    'linspace: expected an integer of at least 0 as steps, got undefined',
  ],
  [
    () => lg.linspace(0, 1, 2.5),
    ArgumentError,
    'linspace: expected an integer of at least 0 as steps, got 2.5',
  ],
  [
    () => lg.linspace(0, Infinity, 3),
    ArgumentError,
    'linspace: expected finite numbers, got Infinity',
  ],
  [
    () => lg.eye(-1),
    ArgumentError,
    'eye: expected an integer of at least 0 as the number of rows, got -1',
  ],
  [
    () => lg.eye(2.5),
    ArgumentError,
    'eye: expected an integer of at least 0 as the number of rows, got 2.5',
  ],
  [
    () => lg.rand([2], { dtype: 'int32' }),
    DTypeError,
    'rand: expected float32 or float64, got int32',
  ],
  [() => lg.randn(2), ShapeError, 'randn: expected a shape of whole numbers ≥ 0, got 2'],
  [
    () => lg.randint(5, 5, [2]),
    ArgumentError,
    'randint: expected an integer of at least 6 as high, got 5',
  ],
  [
    () => lg.randint(0, 2.5, [2]),
    ArgumentError,
    'randint: expected an integer of at least 1 as high, got 2.5',
  ],
  [
    () => lg.randint(0, 2 ** 40, [2]),
    DTypeError,
    'randint: expected numbers from -2147483648 to 2147483647 for int32, got 1099511627775',
  ],
  [
    () => lg.randperm(-1),
    ArgumentError,
    'randperm: expected an integer of at least 0 as n, got -1',
  ],
  [() => lg.oneHot([0, 1]), ArgumentError, 'oneHot: expected a tensor as the index, got [0, 1]'],
  [() => lg.oneHot(vector), DTypeError, 'oneHot: expected int32 as the index, got float32'],
  [() => lg.oneHot(index, 1), IndexError, 'oneHot: expected classes from 0 to 0, got 1'],
  [
    () => lg.oneHot(index, 0),
    ArgumentError,
    'oneHot: expected an integer of at least 1 as numClasses, got 0',
  ],
  [() => lg.zerosLike([1]), ArgumentError, 'zerosLike: expected a tensor as the model, got [1]'],
  [() => lg.onesLike(1), ArgumentError, 'onesLike: expected a tensor as the model, got 1'],
  [() => lg.emptyLike(), ArgumentError, 'emptyLike: expected a tensor as the model, got undefined'],
  [() => lg.randLike(index), DTypeError, 'randLike: expected float32 or float64, got int32'],
  [() => lg.randnLike(mask), DTypeError, 'randnLike: expected float32 or float64, got bool'],
  [
    () => lg.fullLike(matrix, 'a'),
    ArgumentError,
    `fullLike: expected a number or a truth value, got 'a'`,
  ],
  [
    () => lg.setThreads(0),
    ArgumentError,
    'setThreads: expected a whole number from 1 to 64, got 0',
  ],
  [
    () => lg.setThreads(1.5),
    ArgumentError,
    'setThreads: expected a whole number from 1 to 64, got 1.5',
  ],
  [() => lg.manualSeed(1.5), ArgumentError, 'manualSeed: expected an integer as the seed, got 1.5'],
  [() => lg.manualSeed('x'), ArgumentError, `manualSeed: expected an integer as the seed, got 'x'`],
];
