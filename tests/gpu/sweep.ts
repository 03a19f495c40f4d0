import { leavesOf } from '../../core/tree.js';
import type { GpuDevice } from '../../gpu/index.js';
import {
  cast,
  DeviceError,
  DTypeError,
  grad,
  manualSeed,
  registry,
  scope,
  type Tensor,
  type TypedArray,
  tensor,
} from '../../ops/index.js';
import { inputsOf, type Sample, type Samples } from '../samples/sample.js';

/** What a device made of one op's samples. */
export interface Row {
  readonly op: string;
  readonly samples: number;
  /** Largest difference from float64 on the CPU, relative to the largest number of its tensor. */
  readonly worst: number;
  readonly failures: readonly string[];
}

/** Largest relative error unless `looser` says otherwise. */
const BOUND = 1e-4;

/** Ops that need a looser bound on a GPU, and why. */
const looser: Readonly<Record<string, readonly [bound: number, why: string]>> = {
  std: [5e-4, 'its second derivative divides by the cube of a deviation that is near 0'],
};

/** How far derivatives are taken: 0 for values alone. */
export interface SweepOptions {
  readonly order?: number;
  /** Samples of each op at most, from all over its list. */
  readonly most?: number;
  /** How many of them have second derivatives taken at most. */
  readonly second?: number;
  readonly only?: (op: string) => boolean;
}

const isFloat = (x: Tensor): boolean => x.dtype === 'float32' || x.dtype === 'float64';

/**
 * Samples that the device has to refuse where it alone has the integers and truth values: they say how
 * large the result is.
 */
const mustBeSeen = (op: string, inputs: readonly Tensor[]): boolean =>
  op === 'index' && inputs.some(({ dtype }) => dtype === 'bool');

/**
 * Every op of the registry on `device` against the CPU in float64, values and gradients: with integers and
 * truth values that were uploaded, and again with such as the device computed. No op may read them back.
 */
export async function sweepOn(
  device: GpuDevice,
  samples: Samples,
  { order = 2, most = Infinity, second = Infinity, only = () => true }: SweepOptions = {},
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const op of registry.keys()) {
    if (!only(op)) continue;
    const failures: string[] = [];
    let worst = 0;
    const list = spread(samples[op] ?? [], most);
    for (const [at, each] of list.entries()) {
      const bound = Math.max(looser[op]?.[0] ?? BOUND, 10 * (each.exceptions.float32 ?? 0));
      const derivatives = at < second ? order : Math.min(order, 1);
      for (const isUploaded of inputsOf(op, each).every(isFloat) ? [true] : [true, false]) {
        const title = isUploaded ? each.title : `${each.title}, integers computed there`;
        try {
          const error = await errorOf(device, op, each, derivatives, isUploaded);
          worst = Math.max(worst, error);
          if (!(error <= bound)) failures.push(`${title}: ${error.toExponential(1)} > ${bound}`);
        } catch (error) {
          if (!(error instanceof Error)) throw error;
          failures.push(`${title}: ${error.message}`);
        }
      }
    }
    rows.push({ op, samples: list.length, worst, failures });
  }
  return rows;
}

/** So many of a list at most, evenly from all of it. */
function spread<T>(list: readonly T[], most: number): T[] {
  const n = Math.min(most, list.length);
  return Array.from({ length: n }, (_, i) => list[Math.floor((i * list.length) / n)]);
}

/** The tensor on the device; integers and truth values as the result of an op, so that nobody else has them. */
function computedOn(device: GpuDevice, x: Tensor): Tensor {
  const moved = x.to(device);
  return isFloat(x) ? moved : cast(cast(moved, 'float32'), x.dtype);
}

/** Runs what may not read numbers back that the device alone has, as where it would have to wait for them. */
export function withoutReading<T>(device: GpuDevice, run: () => T): T {
  const { readNow } = device;
  device.readNow = (x) => {
    if (!x.isAway) return readNow.call(device, x);
    throw new DeviceError(`read ${x.length} numbers back from ${device.name}`);
  };
  try {
    return run();
  } finally {
    device.readNow = readNow;
  }
}

async function errorOf(
  device: GpuDevice,
  op: string,
  each: Sample,
  order: number,
  isUploaded: boolean,
): Promise<number> {
  const place = (x: Tensor): Tensor => (isUploaded ? x.to(device) : computedOn(device, x));
  const rounded = inputsOf(op, each).map((x) => (isFloat(x) ? tensor(x, { dtype: 'float32' }) : x));
  const run = (): Tensor[] => scope(() => results(each, rounded, place, order));
  if (results(each, rounded, (x) => x, 0).some(({ dtype }) => dtype === 'float64')) {
    return refusal(DTypeError, run);
  }
  const reads = op === 'toDevice';
  // A single number, or none, stays in this process too.
  if (reads && !device.synchronous && rounded[0].size > 1) return refusal(DeviceError, run);
  if (!isUploaded && mustBeSeen(op, rounded)) return refusal(DeviceError, run);
  const expected = results(
    each,
    rounded,
    (x) => (isFloat(x) ? tensor(x, { dtype: 'float64' }) : x),
    order,
  );
  const found = reads ? run() : withoutReading(device, run);
  if (found.length !== expected.length) {
    throw new Error(`gave ${found.length} tensors, on the CPU ${expected.length}`);
  }
  let worst = 0;
  for (const [i, y] of expected.entries()) {
    const got = await found[i].read();
    if (String(found[i].shape) !== String(y.shape)) {
      throw new Error(`result ${i}: shape [${found[i].shape}], on the CPU [${y.shape}]`);
    }
    worst = Math.max(worst, relativeError(y.data, got));
  }
  return worst;
}

/** 0 if the device refuses what it cannot do, as it must: float64, or numbers at once where it has to wait. */
function refusal(type: typeof DTypeError | typeof DeviceError, run: () => unknown): number {
  try {
    run();
  } catch (error) {
    if (error instanceof type) return 0;
    throw error;
  }
  throw new Error(`expected a ${type.name}, got none`);
}

/** Values, gradients of their weighted sum, and gradients of the gradients' weighted sum. */
function results(
  each: Sample,
  inputs: readonly Tensor[],
  place: (x: Tensor) => Tensor,
  order: number,
): Tensor[] {
  const xs = inputs.map((x) => {
    const moved = place(x);
    return isFloat(moved) && order > 0 ? moved.detach().requiresGrad_() : moved;
  });
  manualSeed(0);
  const values = leavesOf('sweep', each.call(...xs));
  const all = [...values];
  let outputs = values.filter((y) => y.requiresGrad);
  const wrt = xs.filter((x) => x.requiresGrad);
  for (let k = 1; k <= order && outputs.length > 0; k++) {
    const gradients = grad(outputs, wrt, {
      gradOutputs: outputs.map(weights),
      allowUnused: true,
      createGraph: k < order,
    });
    all.push(...gradients);
    outputs = gradients.filter((g) => g.requiresGrad);
  }
  return all.map((x) => x.detach());
}

/** Fixed numbers between ½ and 1, of both signs, on y's device. */
function weights(y: Tensor): Tensor {
  const data = Float64Array.from(
    { length: y.size },
    (_, i) => (i % 2 === 0 ? 1 : -1) * (0.5 + (((i + 1) * 0.618034) % 1) / 2),
  );
  return tensor(data, { dtype: y.dtype, shape: y.shape, device: y.device });
}

export function relativeError(expected: TypedArray, got: TypedArray): number {
  let scale = 1e-2;
  for (const x of expected) if (Number.isFinite(x)) scale = Math.max(scale, Math.abs(x));
  let worst = 0;
  expected.forEach((value, i) => {
    if (value === got[i] || (Number.isNaN(value) && Number.isNaN(got[i]))) return;
    const distance = Math.abs(value - got[i]);
    worst = Math.max(worst, (Number.isNaN(distance) ? Infinity : distance) / scale);
  });
  return worst;
}
