import { add, grad, manualSeed, randn, savedBytes, sum, type Tensor } from '../../ops/index.js';
import type { Sizes } from './formulas.js';
import { D, HEADS, K, type Subject } from './layers.js';

export interface Measured {
  /** Bytes that the graph keeps for its backward. */
  readonly saved: number;
  /** Medians, in ms. */
  readonly forward: number;
  readonly backward: number;
}

export interface Result {
  readonly subject: Subject;
  readonly sizes: Sizes;
  /** Null where it would take too much memory or time. */
  readonly measured: Measured | null;
}

/** Bytes, by the formulas, from which on a layer and its gradients take more than about 2 GB. */
const MOST_BYTES = 0.9e9;
/** Multiplications of a forward from which on forward and backward take more than about 20 s. */
const MOST_PRODUCTS = 9e9;
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

/** What a layer keeps and how long it takes, unless that is too much. */
export function measure(subject: Subject, sizes: Sizes): Result {
  const fits = subject.bytes(sizes) < MOST_BYTES && subject.products(sizes) < MOST_PRODUCTS;
  if (!fits) return { subject, sizes, measured: null };
  const { x, forward, parameters } = prepared(subject, sizes);
  const [forwards, backwards]: [number[], number[]] = [[], []];
  const begun = performance.now();
  let saved = 0;
  do {
    const started = performance.now();
    const y = forward();
    forwards.push(performance.now() - started);
    saved = savedBytes(y);
    const resumed = performance.now();
    grad(sum(y), [x, ...parameters]);
    backwards.push(performance.now() - resumed);
  } while (forwards.length < MOST_RUNS && performance.now() - begun < PATIENCE);
  const measured = { saved, forward: median(forwards), backward: median(backwards) };
  return { subject, sizes, measured };
}
