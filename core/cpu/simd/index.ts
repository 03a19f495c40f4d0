import type {
  BinaryFn,
  CompareFn,
  Contraction,
  Convolution,
  Loop,
  Pairing,
  ReduceFn,
  Storage,
  UnaryFn,
  UpdateRule,
  View,
} from '../../kernels.js';
import { convKernels, partSizes } from '../conv.js';
import { copyKernels, lengthOf } from '../copy.js';
import { gemmKernels, planOf } from '../gemm.js';
import { mapKernels } from '../map.js';
import { normKernels } from '../norm.js';
import { reduceKernels } from '../reduce.js';
import { softmaxKernels } from '../softmax.js';
import type { CpuStorage } from '../storage.js';
import { updateKernels } from '../update.js';
import { convolve, convolveFilter, convolveInput } from './conv.js';
import { applyCopy, isWorthwhile } from './copy.js';
import { type Engine, simd } from './engine.js';
import { Multiplication } from './gemm.js';
import { alongAxis, momentsOfGroups, standardizeGroups } from './groups.js';
import { applyComparison, applyPairs, applyUnary, applyWhere, isFlat, isPlanar } from './map.js';
import { pairFunctions, vectorFunctions } from './map-kernels.js';
import { foldColumns, foldRows } from './reduce.js';
import { multiplySmall, smallProduct } from './small-products.js';
import { applyUpdate } from './update.js';

/** Below this many products the loops are done before the engine has its operands. */
const WORTHWHILE = 2048;

/** More numbers than this (512 MiB of them) are left where they are, for the loops. */
const MOST = 2 ** 27;

/** From so many numbers on a function of each is worth the way to the engine and back. */
const MANY = 64;

/** From so many on it pays to fold rows or columns of them. */
const FOLDED = 512;

/** The engine, if these are float32 numbers, enough of them, and not too many in all. */
function engineFor(sources: readonly Storage[], enough: boolean, length: number): Engine | null {
  if (!enough || sources.some(({ dtype }) => dtype !== 'float32')) return null;
  return sources.reduce((sum, x) => sum + x.length, length) <= MOST ? simd() : null;
}

const count = (loops: readonly Loop[]): number => loops.reduce((n, { size }) => n * size, 1);

const productsOf = ({ batch, rows, cols, inner }: Contraction): number =>
  count(batch) * count(rows) * count(cols) * count(inner);

function contract(engine: Engine, a: Storage, b: Storage, loops: Contraction): CpuStorage {
  const { product, batchA, batchB, batchY } = planOf(loops);
  return engine.result([a, b], loops.length, (y, atA, atB) => {
    const from = (address: number, offsets: Int32Array): number[] =>
      Array.from(offsets, (offset) => address + 4 * offset);
    const [left, right] = [from(atA, batchA), from(atB, batchB)];
    const small = smallProduct(product, batchY.length);
    if (small !== null) multiplySmall(engine, small, left, right, from(y, batchY));
    else new Multiplication(engine, product).run(left, right, y, batchY);
  });
}

/** One partial map of a convolution, by its fast form or its loop, with a result of this length. */
const partialMap =
  (
    map: typeof convolve,
    loop: (a: Storage, b: Storage, sizes: Convolution) => Storage,
    lengthOf: (part: ReturnType<typeof partSizes>, groups: number) => number,
  ) =>
  (a: Storage, b: Storage, sizes: Convolution): Storage => {
    const part = partSizes(sizes);
    const enough = part.parts * part.y * part.taps >= WORTHWHILE;
    const engine = engineFor([a, b], enough, lengthOf(part, sizes.groups));
    return engine === null ? loop(a, b, sizes) : map(engine, a, b, sizes);
  };

/** Whether groups of `[outer, n, inner]` are rows, or columns that come in fours, and enough numbers in all. */
const isEven = (outer: number, n: number, inner: number): boolean =>
  (inner === 1 || (inner % 4 === 0 && n > 1)) && outer * n * inner >= MANY;

const alongRows =
  (kernel: 'softmax' | 'logSoftmax') =>
  (x: Storage, outer: number, n: number, inner: number): Storage => {
    const engine = engineFor([x], isEven(outer, n, inner), x.length);
    return engine === null
      ? softmaxKernels[kernel](x, outer, n, inner)
      : alongAxis(engine, kernel, [x], { outer, n, inner });
  };

/** The kernels that have a fast form; each falls back to its loop. */
export const simdKernels = {
  unary(fn: UnaryFn, x: Storage, p: number, q: number): Storage {
    const engine = engineFor([x], fn in vectorFunctions && x.length >= MANY, x.length);
    return engine === null ? mapKernels.unary(fn, x, p, q) : applyUnary(engine, fn, x);
  },

  binary(fn: BinaryFn, a: Storage, b: Storage, pairing: Pairing, into?: Storage): Storage {
    const enough = fn in pairFunctions && isPlanar(pairing);
    const engine = engineFor([a, b], enough, pairing.length);
    return engine === null
      ? mapKernels.binary(fn, a, b, pairing, into)
      : applyPairs(engine, fn, a, b, pairing, into);
  },

  compare(fn: CompareFn, a: Storage, b: Storage, pairing: Pairing): Storage {
    const engine = engineFor([a, b], isFlat(pairing), pairing.length);
    return engine === null
      ? mapKernels.compare(fn, a, b, pairing)
      : applyComparison(engine, fn, a, b, pairing);
  },

  where(condition: Storage, a: Storage, b: Storage): Storage {
    const engine = engineFor([a, b], a.length >= WORTHWHILE, a.length);
    return engine === null
      ? mapKernels.where(condition, a, b)
      : applyWhere(engine, condition.data as Uint8Array, a, b);
  },

  copy(x: Storage, view: View): Storage {
    const engine = engineFor([x], isWorthwhile(x, view), lengthOf(view));
    return engine === null ? copyKernels.copy(x, view) : applyCopy(engine, x, view);
  },

  reduce(fn: ReduceFn, x: Storage, outer: number, n: number, inner: number): Storage {
    const long = inner === 1 ? n >= 8 : inner >= 4 && n * inner >= 32;
    const engine = engineFor([x], long && x.length >= FOLDED, outer * inner);
    if (engine === null || fn === 'prod') return reduceKernels.reduce(fn, x, outer, n, inner);
    return inner === 1 ? foldRows(engine, fn, x, n) : foldColumns(engine, fn, x, n, inner);
  },

  softmax: alongRows('softmax'),
  logSoftmax: alongRows('logSoftmax'),

  softmaxGrad(g: Storage, y: Storage, outer: number, n: number, inner: number): Storage {
    const engine = engineFor([g, y], isEven(outer, n, inner), g.length);
    return engine === null
      ? softmaxKernels.softmaxGrad(g, y, outer, n, inner)
      : alongAxis(engine, 'softmaxGrad', [g, y], { outer, n, inner });
  },

  moments(x: Storage, outer: number, n: number, inner: number): Storage {
    const engine = engineFor([x], x.length >= MANY, 2 * n);
    return engine === null
      ? normKernels.moments(x, outer, n, inner)
      : momentsOfGroups(engine, x, { outer, n, inner });
  },

  standardize(x: Storage, outer: number, n: number, inner: number, eps: number): Storage {
    const engine = engineFor([x], x.length >= MANY, x.length);
    return engine === null
      ? normKernels.standardize(x, outer, n, inner, eps)
      : standardizeGroups(engine, 'standardize', [x], { outer, n, inner }, eps);
  },

  standardizeGrad(
    g: Storage,
    x: Storage,
    outer: number,
    n: number,
    inner: number,
    eps: number,
  ): Storage {
    const engine = engineFor([g, x], x.length >= MANY, g.length);
    return engine === null
      ? normKernels.standardizeGrad(g, x, outer, n, inner, eps)
      : standardizeGroups(engine, 'standardizeGrad', [g, x], { outer, n, inner }, eps);
  },

  update(
    rule: UpdateRule,
    p: Storage,
    g: Storage,
    slots: readonly Storage[],
    settings: readonly number[],
  ): void {
    const engine = engineFor([p, g, ...slots], p.length >= MANY, 0);
    if (engine === null) updateKernels.update(rule, p, g, slots, settings);
    else applyUpdate(engine, rule, p, g, slots, settings);
  },

  contract(a: Storage, b: Storage, loops: Contraction): Storage {
    const engine = engineFor([a, b], productsOf(loops) >= WORTHWHILE, loops.length);
    return engine === null ? gemmKernels.contract(a, b, loops) : contract(engine, a, b, loops);
  },

  conv: partialMap(convolve, convKernels.conv, ({ parts, y }) => parts * y),
  convInput: partialMap(convolveInput, convKernels.convInput, ({ parts, x }) => parts * x),
  convFilter: partialMap(convolveFilter, convKernels.convFilter, ({ w }, groups) => groups * w),
};
