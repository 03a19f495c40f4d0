import { show } from '../../core/shape.js';
import { Generator, type Tensor, tensor } from '../../ops/index.js';

/** A tensor to call an op with, drawn from the sample's own stream of random numbers. */
export type Input = (generator: Generator) => Tensor;

/** A use of an op, giving a tensor or arrays and objects of tensors. */
export type Call = (...inputs: Tensor[]) => unknown;

/** One use of an op: what the sweep differentiates, and what it may not expect of it. */
export interface Sample {
  readonly title: string;
  readonly call: Call;
  readonly inputs: readonly Input[];
  /** The axes that the op is told, if it is told any. */
  readonly dims: readonly number[];
  readonly exceptions: Exceptions;
}

/** A bound other than the sweep's own, never without its reason. */
export interface Exceptions {
  readonly why?: string;
  /** Largest relative error of the first derivatives: 1e-6 unless said otherwise. */
  readonly first?: number;
  /** Of the second derivatives: 1e-4 unless said otherwise; Infinity where there are none. */
  readonly second?: number;
  /** Largest difference of float32 from float64, relative to the largest number: 2e-5 unless said otherwise. */
  readonly float32?: number;
}

/** Samples by the op's name in the registry. */
export type Samples = Readonly<Record<string, readonly Sample[]>>;

/** `call` applied to these inputs; the title says what is particular about them. */
export const sample = (title: string, call: Call, ...inputs: readonly Input[]): Sample => ({
  title,
  call,
  inputs,
  dims: [],
  exceptions: {},
});

/** An axis, several, or a list of them for each of two operands. */
type Axes = number | readonly number[] | readonly (readonly number[])[];

/** One sample for each axis, or list of axes, with which `call` makes a use of the op. */
export const along = <D extends Axes>(
  title: string,
  dims: readonly D[],
  call: (dim: D) => Call,
  ...inputs: readonly Input[]
): Sample[] =>
  dims.map((dim) => ({
    ...sample(`${title}, dim ${show(dim)}`, call(dim), ...inputs),
    dims: [dim].flat(2),
  }));

/** One sample for each of some settings, such as the options of an op. */
export const each = <T>(
  title: string,
  settings: readonly T[],
  call: (setting: T) => Call,
  ...inputs: readonly Input[]
): Sample[] =>
  settings.map((setting) =>
    sample(`${title} ${written(setting)}`.trim(), call(setting), ...inputs),
  );

/** A setting as it would stand in code, for a title. */
const written = (x: unknown): string =>
  typeof x === 'object' && x !== null && !Array.isArray(x)
    ? `{ ${Object.entries(x)
        .map(([key, value]) => `${key}: ${written(value)}`)
        .join(', ')} }`
    : show(x);

/** The sample with other bounds, and why. */
export const except = (of: Sample, exceptions: Exceptions & { why: string }): Sample => ({
  ...of,
  exceptions,
});

const drawn = (shape: readonly number[], draw: (generator: Generator) => number): Input => {
  const size = shape.reduce((a, b) => a * b, 1);
  return (generator) =>
    tensor(
      Float64Array.from({ length: size }, () => draw(generator)),
      { shape },
    );
};

/** Normal numbers of this shape; `normal()` is 0-d. */
export const normal = (...shape: number[]): Input => drawn(shape, (g) => g.normal());

/** Uniform numbers between two bounds. */
export const between = (low: number, high: number, ...shape: number[]): Input =>
  drawn(shape, (g) => low + (high - low) * g.uniform());

/** Numbers from 0.5 to 2: for logarithms, roots and divisors. */
export const positive = (...shape: number[]): Input => between(0.5, 2, ...shape);

/** Numbers of both signs, at least 0.2 from 0 and at most 2. */
export const nonzero = (...shape: number[]): Input =>
  drawn(shape, (g) => (g.uniform() < 0.5 ? -1 : 1) * (0.2 + 1.8 * g.uniform()));

/** Numbers in random order, no two of them nearer than 0.1, none nearer to 0 than 0.05: for maxima and order. */
export const apart = (...shape: number[]): Input => {
  const size = shape.reduce((a, b) => a * b, 1);
  return (generator) => {
    const order = generator.permutation(size);
    return tensor(
      Float64Array.from(order, (i) => 0.1 * (i - Math.floor(size / 2)) + 0.05),
      { shape },
    );
  };
};

/** Numbers picked from these. */
export const among = (values: readonly number[], ...shape: number[]): Input =>
  drawn(shape, (g) => values[g.below(values.length)]);

/** Just these numbers. */
export const exactly = (values: readonly number[], ...shape: number[]): Input => {
  const data = Float64Array.from(values);
  return () => tensor(data, { shape });
};

/** int32 numbers, for indices. */
export const integers = (values: readonly number[], ...shape: number[]): Input => {
  const data = Int32Array.from(values);
  return () => tensor(data, { shape });
};

/** Truth values, for masks. */
export const bools = (values: readonly boolean[], ...shape: number[]): Input => {
  const data = Uint8Array.from(values, Number);
  return () => tensor(data, { shape });
};

/** The sample's inputs: the same ones whatever other samples there are. */
export function inputsOf(op: string, { title, inputs }: Sample): Tensor[] {
  let seed = 0;
  for (const c of `${op}: ${title}`) seed = (Math.imul(seed, 31) + c.charCodeAt(0)) >>> 0;
  const generator = new Generator(seed);
  return inputs.map((draw) => draw(generator));
}
