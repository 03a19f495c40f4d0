import type { DType } from '../core/dtype.js';
import type { Storage } from '../core/kernels.js';
import type { Place } from './expression.js';

/** What a kernel computes: the statements that return number `i` of the result. */
export interface Program {
  /** For messages. */
  readonly name: string;
  readonly dtype: DType;
  readonly length: number;
  /** Source with `i` the place in the result, the inputs as flat arrays and the scalars by their names. */
  readonly body: string;
  readonly inputs?: Readonly<Record<string, Storage>>;
  /** Numbers that change from call to call, or have no literal. */
  readonly scalars?: Readonly<Record<string, number>>;
  /** The body returns four neighbours, and i counts fours. Such results are read by `product` alone. */
  readonly quads?: boolean;
}

/** An operation on each number apart. */
export interface Elementwise {
  readonly name: string;
  readonly dtype: DType;
  readonly length: number;
  /** An expression of the operands, whose names are single letters. */
  readonly formula: string;
  readonly operands: Readonly<Record<string, Operand>>;
}

/** A storage, read at place i or at the place that strides say, or a number. */
export type Operand = number | Storage | { readonly of: Storage; readonly place: Place };
