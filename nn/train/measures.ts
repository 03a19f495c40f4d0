import { checkFunction, checkInteger, formatShape, show } from '../../core/shape.js';
import {
  ArgumentError,
  cpu,
  type Device,
  dispose,
  noGrad,
  ShapeError,
  Tensor,
} from '../../ops/index.js';
import { Module } from '../module.js';
import type { Batch } from './data.js';
import { VALIDATION } from './history.js';

/** A module that takes the inputs of a batch. */
export type Model<Output> = Module & { forward(...inputs: Tensor[]): Output };

/** Batches to go through again and again, such as a `DataLoader`. */
export interface Batches extends Iterable<Batch> {
  /** How many batches there are. */
  readonly length: number;
}

/** One number, to be made small, from a model's output and the target. */
export type LossFunction<Output> = (output: Output, target: Tensor) => Tensor;

/** One number, to be looked at, from a model's output and the target. */
export type Metric<Output> = (output: Output, target: Tensor) => Tensor | number;

export type Metrics<Output> = Readonly<Record<string, Metric<Output>>>;

/** What is measured of a model. */
export interface Measures<Output> {
  loss: LossFunction<Output>;
  /** By the names that they have in the result; none unless said otherwise. */
  metrics?: Metrics<Output>;
}

/** Throws an `ArgumentError` unless model, batches, loss and metrics are what they should be. */
export function checkMeasured<Output>(
  op: string,
  model: Model<Output>,
  data: Batches,
  loss: LossFunction<Output> | undefined,
  metrics: Metrics<Output>,
): LossFunction<Output> {
  if (!(model instanceof Module)) {
    throw new ArgumentError(`${op}: expected a module as the model, got ${show(model)}`);
  }
  checkBatches(op, 'the data', data);
  checkFunction(op, 'as the loss', loss);
  for (const [name, metric] of Object.entries(metrics)) {
    checkFunction(op, `as the metric ${name}`, metric);
    if (name !== 'loss' && !name.startsWith(VALIDATION)) continue;
    throw new ArgumentError(
      `${op}: expected metrics with other names than loss and ${VALIDATION}…, got '${name}'`,
    );
  }
  return loss as LossFunction<Output>;
}

/** Throws an `ArgumentError` unless `data` can be iterated, and has at least one batch. */
export function checkBatches(op: string, what: string, data: Batches): void {
  if (typeof data?.[Symbol.iterator] !== 'function') {
    throw new ArgumentError(
      `${op}: expected batches, such as a DataLoader, as ${what}, got ${show(data)}`,
    );
  }
  checkInteger(op, `the number of batches of ${what}`, data.length, 1);
}

/** The inputs of a batch and its target, which stands last. Throws an `ArgumentError` without both. */
export function parted(op: string, batch: Batch): [inputs: Tensor[], target: Tensor] {
  const tensors: readonly unknown[] = Array.isArray(batch) ? batch : [];
  if (tensors.length < 2 || !tensors.every((x) => x instanceof Tensor)) {
    throw new ArgumentError(
      `${op}: expected batches of at least two tensors, inputs and a target, got ${show(batch)}`,
    );
  }
  return [batch.slice(0, -1), batch[batch.length - 1]];
}

/** The modules' modes as they are now: call the result to have them again. */
export function modesOf(model: Module): () => void {
  const modes = model.modules().map((module) => [module, module.training] as const);
  return () => {
    for (const [module, training] of modes) module.training = training;
  };
}

/** What was measured of one batch, by name, the loss among it. */
export type Measured = Record<string, Tensor | number>;

/** The device that a model is on: that of its first parameter or buffer, else the CPU. */
export const deviceOf = (model: Module): Device =>
  [...model.parameters(), ...model.buffers()][0]?.device ?? cpu;

/** How many examples a batch has. */
export const examplesIn = (target: Tensor): number => target.shape[0] ?? 1;

/** Running means of the loss and of metrics over batches, each counting as often as it has examples. */
export class Means<Output> {
  private readonly sums = new Map<string, number>();
  private examples = 0;

  constructor(
    private readonly op: string,
    private readonly metrics: Metrics<Output>,
  ) {
    for (const name of ['loss', ...Object.keys(metrics)]) this.sums.set(name, 0);
  }

  /** The loss and the metrics of a batch, on whatever device they are. */
  measure(error: Tensor, output: Output, target: Tensor): Measured {
    return noGrad(() => ({
      loss: error instanceof Tensor ? error.detach() : error,
      ...Object.fromEntries(
        Object.entries(this.metrics).map(([name, metric]) => [name, metric(output, target)]),
      ),
    }));
  }

  /**
   * Adds what was measured of a batch of so many examples, which is then disposed of, and returns its loss.
   * Throws a `ShapeError` unless loss and metrics are one number each.
   */
  async add(measured: Measured, examples: number): Promise<number> {
    this.examples += examples;
    const numbers: Record<string, number> = {};
    for (const [name, x] of Object.entries(measured)) {
      numbers[name] = await numberOf(this.op, name, x);
      this.sums.set(name, (this.sums.get(name) ?? 0) + numbers[name] * examples);
    }
    dispose(measured);
    return numbers.loss;
  }

  values(): Record<string, number> {
    return Object.fromEntries([...this.sums].map(([name, sum]) => [name, sum / this.examples]));
  }
}

/** The one number of a tensor, on whatever device it is. */
async function numberOf(op: string, name: string, x: Tensor | number): Promise<number> {
  if (typeof x === 'number') return x;
  if (!(x instanceof Tensor) || x.size !== 1) {
    throw new ShapeError(
      `${op}: expected one number as ${name}, got ${x instanceof Tensor ? formatShape(x.shape) : show(x)}`,
    );
  }
  return (await x.read())[0];
}
