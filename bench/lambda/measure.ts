import { add, grad, manualSeed, randn, savedBytes, sum, type Tensor } from '../../ops/index.js';
import type { Sizes } from './formulas.js';
import { D, HEADS, K, type Subject } from './layers.js';

/** What there was too little of to measure something. */
export type LeftOut = 'memory' | 'time';

export interface Result {
  readonly subject: Subject;
  readonly sizes: Sizes;
  /** Bytes that the graph keeps for its backward. */
  readonly saved: number | LeftOut;
  /** Medians, in ms. */
  readonly forward: number | LeftOut;
  readonly backward: number | LeftOut;
}

/** From what on a pass is left out: bytes by the formulas, and multiplications of a forward. */
interface Limits {
  readonly bytes: number;
  readonly products: number;
}

/** Layers that take more than about 4 GB, which is all that a WebAssembly memory has, or a minute. */
const FORWARD: Limits = { bytes: 1.3e9, products: 6e11 };
/** Layers that with their gradients take more than about 2 GB or 20 s. */
const BACKWARD: Limits = { bytes: 0.9e9, products: 9e9 };
/** No further run is begun after this time, in ms, or this many runs. */
const PATIENCE = 1500;
const MOST_RUNS = 7;

export const sizesOf = (batch: number, n: number): Sizes => ({ batch, n, heads: HEADS, k: K });

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** A layer on random maps, ready to be run. */
function prepared(subject: Subject, { batch, n }: Sizes) {
  manualSeed(0);
  const side = Math.sqrt(n);
  const x = randn([batch, D, side, side]).requiresGrad_();
  const layer = subject.make(side);
  // As in a network, the input has been computed, so that it counts if the layer keeps it.
  const forward = (): Tensor => layer.forward(add(x, 0));
  return { x, forward, parameters: [...layer.parameters()] };
}

/** Bytes that the graph keeps: what there is for any batch, and what each example adds. */
export function savedBy(subject: Subject, n: number): { fixed: number; each: number } {
  const [one, two] = [1, 2].map((b) => savedBytes(prepared(subject, sizesOf(b, n)).forward()));
  return { fixed: 2 * one - two, each: two - one };
}

/** Why a pass is left out, or null. */
function leftOut({ bytes, products }: Subject, sizes: Sizes, most: Limits): LeftOut | null {
  if (bytes(sizes) >= most.bytes) return 'memory';
  return products(sizes) >= most.products ? 'time' : null;
}

/** What a layer keeps and how long it takes, less what is too much: the backward, or all. */
export function measure(subject: Subject, sizes: Sizes): Result {
  const reason = leftOut(subject, sizes, FORWARD);
  if (reason !== null) {
    return { subject, sizes, saved: reason, forward: reason, backward: reason };
  }
  const noBackward = leftOut(subject, sizes, BACKWARD);
  const { x, forward, parameters } = prepared(subject, sizes);
  const [forwards, backwards]: [number[], number[]] = [[], []];
  const begun = performance.now();
  let saved = 0;
  do {
    const started = performance.now();
    const y = forward();
    forwards.push(performance.now() - started);
    saved = savedBytes(y);
    if (noBackward !== null) continue;
    const resumed = performance.now();
    grad(sum(y), [x, ...parameters]);
    backwards.push(performance.now() - resumed);
  } while (forwards.length < MOST_RUNS && performance.now() - begun < PATIENCE);
  const backward = noBackward ?? median(backwards);
  return { subject, sizes, saved, forward: median(forwards), backward };
}

/** How long it takes, in ms, to fill so many bytes of memory that are new, and the same ones again. */
export function fillTimes(bytes: number): [fresh: number, again: number] {
  const started = performance.now();
  const numbers = new Float32Array(bytes / 4).fill(1);
  const filled = performance.now();
  numbers.fill(2);
  return [filled - started, performance.now() - filled];
}
