import { cast, type Sorted, type Tensor } from '../../../ops/index.js';
import type { Arguments } from '../arguments.js';

/** Outputs in PyTorch's order; where there are `after`, tensors changed in place, by the file's name. */
export type Result =
  | Tensor
  | readonly Tensor[]
  | Sorted
  | { readonly outputs: readonly Tensor[]; readonly after: Readonly<Record<string, Tensor>> };

/** How a function of PyTorch is written here: from its tensors and its keyword arguments. */
export type Row = (inputs: readonly Tensor[], a: Arguments) => Result;
export type Rows = Readonly<Record<string, Row>>;

/** A function of one tensor and nothing else. */
export const unary =
  (f: (x: Tensor) => Result): Row =>
  ([x]) =>
    f(x);

/** A function of two tensors and nothing else. */
export const binary =
  (f: (x: Tensor, y: Tensor) => Result): Row =>
  ([x, y]) =>
    f(x, y);

/** A function that PyTorch can also compute in place. */
export const activation =
  (f: (x: Tensor, a: Arguments) => Result): Row =>
  ([x], a) => {
    a.without('inplace');
    return f(x, a);
  };

/** x in the `dtype` that PyTorch's sums and softmaxes compute in, if one is given. */
export const typed = (x: Tensor, a: Arguments): Tensor =>
  a.has('dtype') ? cast(x, a.dtype(x.dtype)) : x;

/** A tensor that may be the next input, or an argument, or left out. */
export const optional = (
  input: Tensor | undefined,
  a: Arguments,
  name: string,
  like: Tensor,
): Tensor | null => input ?? a.tensor(name, like);
