import { allocate, type DType, isFloating, promote } from '../core/dtype.js';
import { ArgumentError, DTypeError, ShapeError } from '../core/errors.js';
import type { Device } from '../core/kernels.js';
import { formatShape, show } from '../core/shape.js';
import { fromData, Tensor } from '../core/tensor.js';
import { cast } from './cast.js';

export { optionsOf } from '../core/options.js';

/** Where a tensor is expected, a number stands for the 0-d tensor of it. */
export type TensorLike = Tensor | number | boolean;

const wrap = (x: number | boolean, dtype: DType, device: Device | undefined): Tensor => {
  const data = allocate(dtype, 1);
  data[0] = Number(x);
  return fromData(dtype, data, [], { device });
};

/** A number does not raise its partner's precision: it takes on the dtype, if that can hold it. */
function dtypeBeside(x: number | boolean, partner: DType): DType {
  if (typeof x === 'boolean' || isFloating(partner)) return partner;
  return Number.isInteger(x) && Math.abs(x) < 2 ** 31 ? 'int32' : 'float32';
}

/** `x` as a tensor. Throws an `ArgumentError` for anything but a tensor or a number. */
export function tensorOf(op: string, x: unknown, partner?: Tensor): Tensor {
  if (x instanceof Tensor) return x;
  if (typeof x === 'boolean') return wrap(x, partner?.dtype ?? 'bool', partner?.device);
  if (typeof x !== 'number') {
    throw new ArgumentError(`${op}: expected a tensor or a number, got ${show(x)}`);
  }
  return wrap(
    x,
    partner === undefined ? 'float32' : dtypeBeside(x, partner.dtype),
    partner?.device,
  );
}

/** `x` itself. Throws an `ArgumentError` for anything but a tensor. */
export function onlyTensor(op: string, what: string, x: unknown): Tensor {
  if (x instanceof Tensor) return x;
  throw new ArgumentError(`${op}: expected a tensor as ${what}, got ${show(x)}`);
}

/** `x` as a float tensor: int32 and bool become float32, as in PyTorch. */
export function floatingOf(op: string, x: TensorLike): Tensor {
  const t = tensorOf(op, x);
  return isFloating(t.dtype) ? t : cast(t, 'float32');
}

/** Both operands as tensors of the dtype that they promote to. */
export function pairOf(op: string, a: TensorLike, b: TensorLike): [Tensor, Tensor] {
  const x = a instanceof Tensor ? a : tensorOf(op, a, b instanceof Tensor ? b : undefined);
  const y = b instanceof Tensor ? b : tensorOf(op, b, x);
  if (x.dtype === y.dtype) return [x, y];
  const dtype = promote(x.dtype, y.dtype);
  return [cast(x, dtype), cast(y, dtype)];
}

/** All as tensors of the dtype that they promote to. */
export function promoted(tensors: readonly Tensor[]): Tensor[] {
  const dtype = tensors.reduce<DType>((d, t) => promote(d, t.dtype), 'bool');
  return tensors.map((t) => (t.dtype === dtype ? t : cast(t, dtype)));
}

/** A tensor of whole numbers (or bool), for use as an index. */
export function indexTensor(op: string, what: string, x: unknown): Tensor {
  const t = onlyTensor(op, what, x);
  if (t.dtype === 'int32') return t;
  throw new DTypeError(`${op}: expected int32 as ${what}, got ${t.dtype}`);
}

/** A tensor of at least (or exactly) so many dimensions. */
export function checkDimensions(op: string, what: string, x: Tensor, least: number, most = least) {
  if (x.ndim >= least && x.ndim <= most) return;
  const wanted =
    least === most ? `${least}` : most === Infinity ? `at least ${least}` : `${least} or ${most}`;
  const noun = wanted.endsWith('1') ? 'dimension' : 'dimensions';
  throw new ShapeError(
    `${op}: expected ${wanted} ${noun} of ${what}, got shape ${formatShape(x.shape)}`,
  );
}
