import {
  ArgumentError,
  argmax,
  cast,
  DTypeError,
  GradientError,
  ShapeError,
  square,
  sum,
} from '../../../ops/index.js';
import { applied, index, leaf, lg, matrix, method, scalar, vector, type Wrong } from './wrong.js';

export const autograd: readonly Wrong[] = [
  [
    () => lg.grad(3),
    ArgumentError,
    'grad: expected a tensor or an array of tensors as outputs, got 3',
  ],
  [
    () => lg.grad(matrix, matrix),
    GradientError,
    'grad: expected inputs that require grad, input 0 does not',
  ],
  [
    () => lg.grad(leaf(), null),
    ArgumentError,
    'grad: expected a tensor or an array of tensors as inputs, got null',
  ],
  [
    () => lg.grad(leaf(), [leaf()]),
    GradientError,
    'grad: expected an output of a single number, got shape [2, 3]; pass a cotangent of that shape',
  ],
  [
    () => lg.grad(leaf(), leaf(), { create_graph: true }),
    ArgumentError,
    `grad: expected options retainGraph, createGraph, allowUnused, gradOutputs, got 'create_graph'`,
  ],
  [
    () => lg.grad(leaf(), leaf(), { createGraph: 1 }),
    ArgumentError,
    'grad: expected true or false as createGraph, got 1',
  ],
  [
    () => lg.grad(square, { argnums: 1 }),
    ArgumentError,
    `grad: expected options argnum, got 'argnums'`,
  ],
  [
    () => applied(lg.grad(square), matrix),
    GradientError,
    'grad: expected the function to return a single number, got shape [2, 3]',
  ],
  [
    () =>
      applied(
        lg.grad(() => 3),
        scalar,
      ),
    GradientError,
    'grad: expected the function to return a tensor, got 3',
  ],
  [
    () => applied(lg.grad(square, { argnum: 1 }), scalar),
    ArgumentError,
    'grad: argnum 1 is not one of 1 arguments',
  ],
  [
    () => applied(lg.grad(square), index),
    DTypeError,
    'grad: expected float32 or float64 to differentiate, got int32',
  ],
  [
    () => applied(lg.grad(square), 'a'),
    ArgumentError,
    `grad: expected a tensor, or arrays and objects of tensors, got 'a'`,
  ],
  [() => applied(lg.grad(square)), ArgumentError, 'grad: argnum 0 is not one of 0 arguments'],
  [
    () => lg.valueAndGrad('a'),
    ArgumentError,
    `valueAndGrad: expected a function to differentiate, got 'a'`,
  ],
  [
    () => applied(lg.valueAndGrad(square), matrix),
    GradientError,
    'valueAndGrad: expected the function to return a single number, got shape [2, 3]',
  ],
  [() => lg.vjp(3, matrix), ArgumentError, 'vjp: expected a function to differentiate, got 3'],
  [
    () => lg.vjp(square, index),
    DTypeError,
    'vjp: expected float32 or float64 to differentiate, got int32',
  ],
  [
    () => lg.vjp(() => 'a', matrix),
    ArgumentError,
    `vjp: expected a tensor, or arrays and objects of tensors, got 'a'`,
  ],
  [
    () => lg.jvp(square, matrix, [matrix]),
    ArgumentError,
    'jvp: expected a list of primals, got a tensor of shape [2, 3]',
  ],
  [
    () => lg.jvp(square, [matrix], [vector]),
    ShapeError,
    'jvp: expected tangent 0 of shape [2, 3] and dtype float32, got [3] and float32',
  ],
  [
    () => lg.jvp(null, [matrix], [matrix]),
    ArgumentError,
    'jvp: expected a function to differentiate, got null',
  ],
  [
    () => lg.hvp(square, matrix, matrix),
    GradientError,
    'hvp: expected the function to return a single number, got shape [2, 3]',
  ],
  [
    () => lg.hvp(null, matrix, matrix),
    ArgumentError,
    'hvp: expected a function to differentiate, got null',
  ],
  [
    () => lg.hvp(sum, matrix, vector),
    ShapeError,
    `hvp: expected a cotangent of the output's shape [2, 3], got [3]`,
  ],
  [
    () => lg.hvp(sum, index, index),
    DTypeError,
    'hvp: expected float32 or float64 to differentiate, got int32',
  ],
  [() => lg.jacobian(3), ArgumentError, 'jacobian: expected a function to differentiate, got 3'],
  [
    () => applied(lg.jacobian(square), index),
    DTypeError,
    'jacobian: expected float32 or float64 to differentiate, got int32',
  ],
  [
    () => applied(lg.jacobian(argmax), matrix),
    DTypeError,
    'jacobian: expected float outputs, got int32',
  ],
  [
    () => lg.hessian(null),
    ArgumentError,
    'hessian: expected a function to differentiate, got null',
  ],
  [
    () => applied(lg.hessian(square), matrix),
    GradientError,
    'hessian: expected the function to return a single number, got shape [2, 3]',
  ],
  [
    () => applied(lg.hessian(sum), index),
    DTypeError,
    'hessian: expected float32 or float64 to differentiate, got int32',
  ],
  [() => lg.scope(3), ArgumentError, 'scope: expected a function to run, got 3'],
  [
    () => lg.scope(async () => 1),
    GradientError,
    'scope: expected a synchronous function, got one that returns a Promise; the setting would end at its first await',
  ],
  [() => lg.keep(3), ArgumentError, 'keep: expected a tensor, got 3'],
  [
    () => lg.dispose(3),
    ArgumentError,
    'dispose: expected tensors, alone or in arrays, plain objects and maps, got 3',
  ],
  [() => lg.noGrad(3), ArgumentError, 'noGrad: expected a function to run, got 3'],
  [
    () => lg.noGrad(async () => 1),
    GradientError,
    'noGrad: expected a synchronous function, got one that returns a Promise; the setting would end at its first await',
  ],
  [
    () => lg.enableGrad(matrix),
    ArgumentError,
    'enableGrad: expected a function to run, got a tensor of shape [2, 3]',
  ],
  [
    () => lg.detectAnomaly(),
    ArgumentError,
    'detectAnomaly: expected a function to run, got undefined',
  ],
  [
    () => method(matrix, 'backward'),
    GradientError,
    'backward: expected an output that requires grad, got one that depends on no tensor that does',
  ],
  [
    () => method(square(leaf()), 'backward'),
    GradientError,
    'backward: expected an output of a single number, got shape [2, 3]; pass a cotangent of that shape',
  ],
  [
    () => method(square(leaf()), 'backward', vector),
    ShapeError,
    `backward: expected a cotangent of the output's shape [2, 3], got [3]`,
  ],
  [
    () => method(square(leaf()), 'backward', 3),
    ArgumentError,
    `backward: expected a tensor as the output's cotangent, got 3`,
  ],
  [
    () => method(square(leaf()), 'backward', cast(matrix, 'float64')),
    DTypeError,
    `backward: expected a cotangent of the output's dtype float32, got float64`,
  ],
  [
    () => method(sum(leaf()), 'backward', undefined, { retain: true }),
    ArgumentError,
    `backward: expected options retainGraph, createGraph, got 'retain'`,
  ],
  [
    () => method(sum(leaf()), 'backward', undefined, true),
    ArgumentError,
    'backward: expected an object of options (retainGraph, createGraph), got true',
  ],
  [
    () => lg.gradcheck(3, [matrix]),
    ArgumentError,
    'gradcheck: expected a function to check, got 3',
  ],
  [
    () => lg.gradcheck(sum, matrix),
    ArgumentError,
    'gradcheck: expected a list of tensors as inputs, got a tensor of shape [2, 3]',
  ],
  [() => lg.gradcheck(sum, [1]), ArgumentError, 'gradcheck: expected a tensor as input 0, got 1'],
  [
    () => lg.gradcheck(sum, [index]),
    ArgumentError,
    'gradcheck: expected a float32 or float64 input, got none',
  ],
  [
    () => lg.gradcheck(argmax, [matrix]),
    ArgumentError,
    'gradcheck: expected a float32 or float64 output, got none',
  ],
  [
    () => lg.gradcheck(sum, [matrix], { tolerance: 0 }),
    ArgumentError,
    'gradcheck: expected a tolerance above 0, got 0',
  ],
  [
    () => lg.gradcheck(sum, [matrix], { tol: 1 }),
    ArgumentError,
    `gradcheck: expected options tolerance, step, got 'tol'`,
  ],
  [
    () => lg.gradcheck(sum, [matrix], { step: NaN }),
    ArgumentError,
    'gradcheck: expected a number as the step, got NaN',
  ],
  [
    () => lg.gradcheck(() => 'a', [matrix]),
    ArgumentError,
    `gradcheck: expected a tensor, or arrays and objects of tensors, got 'a'`,
  ],
  [
    () => lg.gradgradcheck(3, [matrix]),
    ArgumentError,
    'gradgradcheck: expected a function to check, got 3',
  ],
  [
    () => lg.gradgradcheck(sum, 3),
    ArgumentError,
    'gradgradcheck: expected a list of tensors as inputs, got 3',
  ],
  [() => lg.defineOp(), ArgumentError, 'defineOp: expected a definition, got undefined'],
  [
    () => lg.defineOp({ name: '', forward: square, vjp: [] }),
    ArgumentError,
    `defineOp: expected a name, got ''`,
  ],
  [
    () => lg.defineOp({ name: 'f', vjp: [] }),
    ArgumentError,
    'defineOp: expected a function as forward, got undefined',
  ],
  [
    () => lg.defineOp({ name: 'f', forward: square }),
    ArgumentError,
    'defineOp: expected a list of functions as vjp, got undefined',
  ],
  [
    () => lg.defineOp({ name: 'f', forward: square, vjp: [3] }),
    ArgumentError,
    'defineOp: expected a function as an element of vjp, got 3',
  ],
  [
    () => lg.defineOp({ name: 'f', forward: square, vjp: [square], saves: [] }),
    ArgumentError,
    `defineOp: expected as saves a list of 'y' and positions of arguments for each of 1 vjps, got []`,
  ],
  [
    () => lg.defineOp({ name: 'f', forward: square, vjp: [square], saves: [['x']] }),
    ArgumentError,
    `defineOp: expected as saves a list of 'y' and positions of arguments for each of 1 vjps, got [['x']]`,
  ],
  [
    () => applied(lg.defineOp({ name: 'f', forward: () => 3, vjp: [] }), matrix),
    ArgumentError,
    'f: expected forward to return a tensor, got 3',
  ],
  [
    () => applied(lg.defineOp({ name: 'f', forward: () => matrix, vjp: [] }), 3),
    ArgumentError,
    'f: expected a tensor as argument 1, got 3',
  ],
  [
    () => applied(lg.defineOp({ name: 'f', forward: () => matrix, vjp: [square, square] }), matrix),
    ArgumentError,
    'f: expected a tensor as argument 2, got undefined',
  ],
  [
    () => lg.defineVariadicOp({ name: 'f', forward: square, vjp: square }),
    ArgumentError,
    'defineVariadicOp: expected a function as check, got undefined',
  ],
  [
    () =>
      lg.defineVariadicOp({ name: 'f', check: square, forward: square, vjp: square, saves: 'y' }),
    ArgumentError,
    `defineVariadicOp: expected a list of 'y' and 'tensors' as saves, got 'y'`,
  ],
  [
    () =>
      lg.defineVariadicOp({ name: 'f', check: square, forward: square, vjp: square, saves: [3] }),
    ArgumentError,
    `defineVariadicOp: expected 'y' or 'tensors' as an element of saves, got 3`,
  ],
  [
    () => lg.savedBytes(1 as never),
    ArgumentError,
    'savedBytes: expected a tensor or an array of tensors as outputs, got 1',
  ],
];
