import { type DType, type Tensor, tensor } from '../../ops/index.js';

/** A tensor as the files write it: flat, row-major, the floats that JSON cannot write as strings. */
export interface Written {
  readonly dtype: keyof typeof dtypes;
  readonly shape: readonly number[];
  readonly data: readonly (number | boolean | string)[];
}

type Maybe<T> = T | null;
type Named<T> = Readonly<Record<string, T>>;
/** PyTorch's keyword arguments. */
export type Keywords = Named<unknown>;

/** The gradients of Σ⟨grads, vectors⟩; both lists go over the gradients that are not null. */
export interface Second {
  readonly vectors: readonly Maybe<Written>[];
  readonly grads: readonly Maybe<Written>[];
}

/** A function of PyTorch applied once, with the vector-Jacobian product of `cotangents`. */
export interface OpCase {
  readonly name: string;
  readonly op: string;
  readonly args: Keywords;
  readonly inputs: readonly Written[];
  readonly outputs: readonly Written[];
  readonly cotangents?: readonly Maybe<Written>[];
  readonly grads?: readonly Maybe<Written>[];
  readonly second?: Second;
  readonly running_mean_after?: Written;
  readonly running_var_after?: Written;
}

/** A module of PyTorch: also its parameters, their gradients, and what it keeps running. */
export interface ModuleCase extends OpCase {
  readonly parameters: Named<Written>;
  readonly parameter_grads: Named<Maybe<Written>>;
  readonly buffers_after?: Named<Written>;
}

/** The lambda layer, its inputs and gradients by name. */
export interface LambdaCase {
  readonly name: string;
  readonly op: 'lambda';
  readonly args: Keywords;
  readonly inputs: Named<Written>;
  readonly output: Written;
  readonly cotangent: Written;
  readonly grads: Named<Maybe<Written>>;
}

/** Steps of an optimiser on one small loss; `lrs` are the rates used, `trajectory` what came of them. */
export interface OptimCase {
  readonly name: string;
  readonly op: string;
  readonly args: Keywords;
  readonly loss: string;
  readonly X: Written;
  readonly Y: Written;
  readonly w0: Written;
  readonly b0: Written;
  readonly scheduler: Maybe<string>;
  readonly scheduler_args: Maybe<Keywords>;
  readonly clip_grad_norm: Maybe<number>;
  readonly losses: readonly number[];
  readonly lrs: readonly number[];
  readonly trajectory: readonly { readonly w: readonly number[]; readonly b: readonly number[] }[];
}

export type Case = OpCase | ModuleCase | LambdaCase | OptimCase;

export const isOptim = (c: Case): c is OptimCase => 'trajectory' in c;
export const isLambda = (c: Case): c is LambdaCase => 'output' in c;
export const isModule = (c: Case): c is ModuleCase => 'parameters' in c;

const COMMON = ['name', 'op', 'args', 'inputs', 'grads'];
const APPLIED = [...COMMON, 'outputs', 'cotangents'];
const STEPS = ['X', 'Y', 'w0', 'b0', 'losses', 'lrs', 'trajectory', 'clip_grad_norm'];
const FIELDS = {
  op: [...APPLIED, 'second', 'running_mean_after', 'running_var_after'],
  module: [...APPLIED, 'parameters', 'parameter_grads', 'buffers_after'],
  lambda: [...COMMON, 'output', 'cotangent'],
  optim: ['name', 'op', 'args', 'loss', ...STEPS, 'scheduler', 'scheduler_args'],
};

/** Fields of a case that no check looks at: they would be promises that nobody keeps. */
export function unknownFields(c: Case): string[] {
  const kind = isOptim(c) ? 'optim' : isModule(c) ? 'module' : isLambda(c) ? 'lambda' : 'op';
  return Object.keys(c).filter((field) => !FIELDS[kind].includes(field));
}

/** What a tensor of the file's dtype is here: indices and counts are int32. */
const dtypes = {
  float32: 'float32',
  float64: 'float64',
  int32: 'int32',
  int64: 'int32',
  bool: 'bool',
} as const;

export const dtypeOf = ({ dtype }: Written): DType => {
  if (dtype in dtypes) return dtypes[dtype];
  throw new Error(`the file has a tensor of dtype ${dtype}, which there is none for here`);
};

export const isWritten = (x: unknown): x is Written =>
  typeof x === 'object' && x !== null && 'dtype' in x && 'shape' in x && 'data' in x;

/** A number of the file, `"NaN"`, `"Infinity"` and `"-Infinity"` among them. */
export function numberOf(x: unknown): number {
  if (typeof x === 'number') return x;
  if (typeof x === 'boolean') return Number(x);
  if (x === 'NaN' || x === 'Infinity' || x === '-Infinity') return Number(x);
  throw new Error(`expected a number in the file, got ${JSON.stringify(x)}`);
}

export function read(written: Written): Tensor {
  const dtype = dtypeOf(written);
  const data = Float64Array.from(written.data, numberOf);
  if (dtype === 'int32' && data.some((x) => x !== Math.trunc(x) || Math.abs(x) >= 2 ** 31)) {
    throw new Error('the file has a whole number that int32 cannot hold');
  }
  return tensor(data, { dtype, shape: written.shape });
}
