import { ArgumentError, AxisError, DTypeError, ones, ShapeError } from '../../../ops/index.js';
import { index, lg, matrix, scalar, vector, type Wrong } from './wrong.js';

export const shape: readonly Wrong[] = [
  [
    () => lg.reshape(matrix, [4]),
    ShapeError,
    'reshape: shape [2, 3] (6 numbers) does not fill [4]',
  ],
  [
    () => lg.reshape(matrix, [-1, 4]),
    ShapeError,
    'reshape: shape [2, 3] (6 numbers) does not fill [-1, 4]',
  ],
  [
    () => lg.reshape(matrix, [-1, -1]),
    ShapeError,
    'reshape: shape [2, 3] (6 numbers) does not fill [-1, -1]',
  ],
  [
    () => lg.reshape(matrix, 6),
    ShapeError,
    'reshape: expected a shape of whole numbers ≥ 0, got 6',
  ],
  [
    () => lg.reshape(matrix, [2, -2]),
    ShapeError,
    'reshape: expected a shape of whole numbers ≥ 0, got [2, -2]',
  ],
  [
    () => lg.reshape(matrix, ['a']),
    ShapeError,
    `reshape: expected a shape of whole numbers ≥ 0, got ['a']`,
  ],
  [() => lg.reshape([1], [1]), ArgumentError, 'reshape: expected a tensor as x, got [1]'],
  [() => lg.flatten(matrix, 1, 0), AxisError, 'flatten: startDim 1 comes after endDim 0'],
  [() => lg.flatten(matrix, 2), AxisError, 'flatten: expected an axis (from -2 to 1), got 2'],
  [
    () => lg.permute(matrix, [0]),
    AxisError,
    'permute: expected each of the 2 axes of [2, 3] once, got [0]',
  ],
  [
    () => lg.permute(matrix, [0, 0]),
    AxisError,
    'permute: expected each of the 2 axes of [2, 3] once, got [0, 0]',
  ],
  [() => lg.permute(matrix, [0, 2]), AxisError, 'permute: expected an axis (from -2 to 1), got 2'],
  [
    () => lg.permute(matrix, 1),
    AxisError,
    'permute: expected each of the 2 axes of [2, 3] once, got 1',
  ],
  [
    () => lg.transpose(matrix, 0),
    AxisError,
    'transpose: expected an axis (from -2 to 1), got undefined',
  ],
  [
    () => lg.transpose(matrix, 0, 2),
    AxisError,
    'transpose: expected an axis (from -2 to 1), got 2',
  ],
  [() => lg.squeeze(matrix, 2), AxisError, 'squeeze: expected an axis (from -2 to 1), got 2'],
  [
    () => lg.unsqueeze(matrix),
    AxisError,
    'unsqueeze: expected an axis (from -3 to 2), got undefined',
  ],
  [() => lg.unsqueeze(matrix, 3), AxisError, 'unsqueeze: expected an axis (from -3 to 2), got 3'],
  [
    () => lg.expand(matrix, [2]),
    ShapeError,
    'expand: shape [2, 3] does not repeat to [2]: only axes of size 1 do',
  ],
  [
    () => lg.expand(matrix, [4, 3]),
    ShapeError,
    'expand: shape [2, 3] does not repeat to [4, 3]: only axes of size 1 do',
  ],
  [
    () => lg.expand(matrix, [-1, 2, 3]),
    ShapeError,
    'expand: expected a shape of whole numbers ≥ 0, got [-1, 2, 3]',
  ],
  [
    () => lg.expand(matrix),
    ShapeError,
    'expand: expected a shape of whole numbers ≥ 0, got undefined',
  ],
  [() => lg.cat([]), ShapeError, 'cat: expected a list of at least one tensor, got []'],
  [
    () => lg.cat(matrix),
    ShapeError,
    'cat: expected a list of at least one tensor, got a tensor of shape [2, 3]',
  ],
  [() => lg.cat([matrix, 1]), ArgumentError, 'cat: expected a tensor as element 1, got 1'],
  [
    () => lg.cat([matrix, vector]),
    ShapeError,
    'cat: expected equal sizes except along axis 0, got [2, 3] and [3]',
  ],
  [
    () => lg.cat([matrix, ones([2, 4])]),
    ShapeError,
    'cat: expected equal sizes except along axis 0, got [2, 3] and [2, 4]',
  ],
  [
    () => lg.cat([scalar, scalar]),
    AxisError,
    'cat: expected an axis (a 0-d tensor has no axes), got 0',
  ],
  [() => lg.cat([matrix, matrix], 2), AxisError, 'cat: expected an axis (from -2 to 1), got 2'],
  [
    () => lg.stack([matrix, vector]),
    ShapeError,
    'stack: expected equal shapes, got [2, 3] and [3]',
  ],
  [() => lg.stack([matrix], 4), AxisError, 'stack: expected an axis (from -3 to 2), got 4'],
  [() => lg.stack(null), ShapeError, 'stack: expected a list of at least one tensor, got null'],
  [
    () => lg.split(matrix, [1, 3], 1),
    ShapeError,
    'split: sizes [1, 3] do not add up to 3, the size of axis 1',
  ],
  [
    () => lg.split(matrix, 0),
    ArgumentError,
    'split: expected an integer of at least 1 as the size of a piece, got 0',
  ],
  [
    () => lg.split(matrix, 'a'),
    ArgumentError,
    `split: expected a size or a list of sizes, got 'a'`,
  ],
  [() => lg.split(matrix, 1, 2), AxisError, 'split: expected an axis (from -2 to 1), got 2'],
  [
    () => lg.chunk(matrix, 0),
    ArgumentError,
    'chunk: expected an integer of at least 1 as the number of chunks, got 0',
  ],
  [() => lg.chunk(matrix, 2, 2), AxisError, 'chunk: expected an axis (from -2 to 1), got 2'],
  [() => lg.flip(matrix, 2), AxisError, 'flip: expected an axis (from -2 to 1), got 2'],
  [
    () => lg.flip(matrix, [0, 0]),
    AxisError,
    'flip: expected each axis once, got [0, 0] for 2 dimensions',
  ],
  [() => lg.roll(matrix, 1), AxisError, 'roll: expected an axis (from -2 to 1), got undefined'],
  [() => lg.roll(matrix, 1.5, 0), ArgumentError, 'roll: expected an integer as a shift, got 1.5'],
  [() => lg.roll(matrix, [1, 2], 0), ShapeError, 'roll: expected one shift an axis, got 2 for 1'],
  [
    () => lg.repeat(matrix, [2]),
    ShapeError,
    'repeat: expected at least 2 repeats for shape [2, 3], got [2]',
  ],
  [() => lg.repeat(matrix, 2), ShapeError, 'repeat: expected a shape of whole numbers ≥ 0, got 2'],
  [
    () => lg.repeat(matrix, [1, -1]),
    ShapeError,
    'repeat: expected a shape of whole numbers ≥ 0, got [1, -1]',
  ],
  [
    () => lg.pad(matrix, [1]),
    ShapeError,
    'pad: expected pairs [before, after] for at most 2 axes, got [1]',
  ],
  [
    () => lg.pad(matrix, [1, 1, 1, 1, 1, 1]),
    ShapeError,
    'pad: expected pairs [before, after] for at most 2 axes, got [1, 1, 1, 1, 1, 1]',
  ],
  [
    () => lg.pad(matrix, 1),
    ShapeError,
    'pad: expected pairs [before, after] for at most 2 axes, got 1',
  ],
  [() => lg.pad(matrix, [1.5, 0]), ArgumentError, 'pad: expected an integer as a padding, got 1.5'],
  [() => lg.pad(matrix, [-2, -2]), ShapeError, 'pad: -2 and -2 cut more than axis 1 of [2, 3] has'],
  [
    () => lg.pad(matrix, [1, 1], 'zeros'),
    ArgumentError,
    `pad: expected 'constant' or 'reflect' or 'replicate' or 'circular' as the mode, got 'zeros'`,
  ],
  [
    () => lg.pad(matrix, [3, 0], 'reflect'),
    ShapeError,
    `pad: mode 'reflect' expects at most 2 numbers on each side of axis 1 of [2, 3], got 3 and 0`,
  ],
  [
    () => lg.pad(matrix, [-1, 0], 'circular'),
    ArgumentError,
    'pad: expected an integer of at least 0 as a padding, got -1',
  ],
  [
    () => lg.pad(index, [1, 1], 'constant', 0.5),
    DTypeError,
    'pad: expected a whole number as the value for int32, got 0.5',
  ],
  [
    () => lg.pad(matrix, [1, 1], 'constant', '0'),
    ArgumentError,
    `pad: expected a number as the value, got '0'`,
  ],
];
