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
} from '../../kernels.js';
import { convKernels, partSizes } from '../conv.js';
import { batchOf, gemmKernels, productOf } from '../gemm.js';
import { mapKernels } from '../map.js';
import { normKernels } from '../norm.js';
import { reduceKernels } from '../reduce.js';
import { softmaxKernels } from '../softmax.js';
import { blank, CpuStorage, floats } from '../storage.js';
import { updateKernels } from '../update.js';
import { convolve, convolveFilter, convolveInput } from './conv.js';
import { type Engine, simd } from './engine.js';
import { Multiplication } from './gemm.js';
import { momentsOfGroups, standardizeGroups } from './groups.js';
import { applyPairs, applyRows, applyUnary, applyWhere, isPlanar } from './map.js';
import { pairFunctions, vectorFunctions } from './map-kernels.js';
import { foldColumns, foldRows } from './reduce.js';
import { applyUpdate } from './update.js';

/** Below this many products the loops are done before the engine has its operands. */
const WORTHWHILE = 2048;

/** More numbers than this (512 MiB of them) are left where they are, for the loops. */
const MOST = 2 ** 27;

const count = (loops: readonly Loop[]): number => loops.reduce((n, { size }) => n * size, 1);

/** The engine and the operands, for float32, enough work to be worth its while, and a result of `length`. */
function fast(x: Storage, y: Storage, length: number, products: number) {
  const fits = products >= WORTHWHILE && x.length + y.length + length <= MOST;
  const engine = fits ? simd() : null;
  const [a, b] = [x.data, y.data];
  return engine !== null && a instanceof Float32Array && b instanceof Float32Array
    ? { engine, a, b }
    : null;
}

const productsOf = ({ batch, rows, cols, inner }: Contraction): number =>
  count(batch) * count(rows) * count(cols) * count(inner);

function contract(
  engine: Engine,
  a: Float32Array,
  b: Float32Array,
  y: Float32Array,
  loops: Contraction,
): void {
  const product = productOf(loops);
  const [batchA, batchB, batchY] = batchOf(loops);
  engine.within(() => {
    const [atA, atB] = [engine.place(a), engine.place(b)];
    const from = (address: number, offsets: Int32Array): number[] =>
      Array.from(offsets, (offset) => address + 4 * offset);
    new Multiplication(engine, product).run(from(atA, batchA), from(atB, batchB), y, batchY);
  });
}

const convProducts = (sizes: Convolution): number => {
  const { parts, y, taps } = partSizes(sizes);
  return parts * y * taps;
};

/** From so many numbers on a function of each is worth the way to the engine and back. */
const MANY = 64;

/** From so many on it pays to fold rows or columns of them. */
const FOLDED = 512;

/** One partial map of a convolution, by its fast form or its loop, with a result of this length. */
const partialMap =
  (
    map: typeof convolve,
    loop: (a: Storage, b: Storage, sizes: Convolution) => Storage,
    lengthOf: (part: ReturnType<typeof partSizes>, groups: number) => number,
  ) =>
  (a: Storage, b: Storage, sizes: Convolution): Storage => {
    const length = lengthOf(partSizes(sizes), sizes.groups);
    const operands = fast(a, b, length, convProducts(sizes));
    if (operands === null) return loop(a, b, sizes);
    const y = floats(length);
    map(operands.engine, operands.a, operands.b, y, sizes);
    return new CpuStorage(a.device, 'float32', y);
  };

/** The engine and x's numbers, if they are float32 and enough of them. */
function engineFor(x: Storage) {
  const engine = x.length >= MANY ? simd() : null;
  const { data } = x;
  return engine !== null && data instanceof Float32Array ? { engine, data } : null;
}

/** Rows that lie one behind another are taken by a kernel, others by the loop. */
const rowwise =
  (kernel: 'softmax' | 'logSoftmax') =>
  (x: Storage, outer: number, n: number, inner: number): Storage => {
    const source = inner === 1 ? engineFor(x) : null;
    if (source === null) return softmaxKernels[kernel](x, outer, n, inner);
    const y = floats(x.length);
    applyRows(source.engine, kernel, source.data, y, n);
    return new CpuStorage(x.device, 'float32', y);
  };

/** The kernels that have a fast form; each falls back to its loop. */
export const simdKernels = {
  unary(fn: UnaryFn, x: Storage, p: number, q: number): Storage {
    const source = fn in vectorFunctions ? engineFor(x) : null;
    if (source === null) return mapKernels.unary(fn, x, p, q);
    const y = floats(x.length);
    applyUnary(source.engine, fn, source.data, y);
    return new CpuStorage(x.device, 'float32', y);
  },

  binary(fn: BinaryFn, a: Storage, b: Storage, pairing: Pairing, into?: Storage): Storage {
    const engine = fn in pairFunctions && isPlanar(pairing) ? simd() : null;
    const [left, right] = [a.data, b.data];
    if (engine === null || !(left instanceof Float32Array && right instanceof Float32Array)) {
      return mapKernels.binary(fn, a, b, pairing, into);
    }
    const y = into ?? blank(a, 'float32', pairing.length);
    applyPairs(engine, fn, left, right, y.data as Float32Array, pairing);
    return y;
  },

  compare(fn: CompareFn, a: Storage, b: Storage, pairing: Pairing): Storage {
    const engine = isPlanar(pairing) ? simd() : null;
    const [left, right] = [a.data, b.data];
    if (engine === null || !(left instanceof Float32Array && right instanceof Float32Array)) {
      return mapKernels.compare(fn, a, b, pairing);
    }
    // Of large bools, as of float32 numbers, memory need not be cleared first.
    const { buffer } = floats(Math.ceil(pairing.length / 4));
    const y = new Uint8Array(buffer, 0, pairing.length);
    applyPairs(engine, fn, left, right, y, pairing);
    return new CpuStorage(a.device, 'bool', y);
  },

  where(condition: Storage, a: Storage, b: Storage): Storage {
    const source = a.length >= WORTHWHILE ? engineFor(a) : null;
    if (source === null) return mapKernels.where(condition, a, b);
    const y = floats(a.length);
    const [chosen, other] = [condition.data as Uint8Array, b.data as Float32Array];
    applyWhere(source.engine, chosen, source.data, other, y);
    return new CpuStorage(a.device, 'float32', y);
  },

  reduce(fn: ReduceFn, x: Storage, outer: number, n: number, inner: number): Storage {
    const long = inner === 1 ? n >= 8 : inner >= 4 && n * inner >= 32;
    const source = long && x.length >= FOLDED ? engineFor(x) : null;
    if (source === null || fn === 'prod') return reduceKernels.reduce(fn, x, outer, n, inner);
    const y = floats(outer * inner);
    if (inner === 1) foldRows(source.engine, fn, source.data, y, n);
    else foldColumns(source.engine, fn, source.data, y, n, inner);
    return new CpuStorage(x.device, 'float32', y);
  },

  softmax: rowwise('softmax'),
  logSoftmax: rowwise('logSoftmax'),

  softmaxGrad(g: Storage, y: Storage, outer: number, n: number, inner: number): Storage {
    const source = inner === 1 && n % 4 === 0 ? engineFor(g) : null;
    if (source === null) return softmaxKernels.softmaxGrad(g, y, outer, n, inner);
    const result = floats(g.length);
    applyRows(source.engine, 'softmaxGrad', source.data, result, n, y.data as Float32Array);
    return new CpuStorage(g.device, 'float32', result);
  },

  moments(x: Storage, outer: number, n: number, inner: number): Storage {
    const source = (outer * inner) % 4 === 0 ? engineFor(x) : null;
    if (source === null) return normKernels.moments(x, outer, n, inner);
    const y = floats(2 * n);
    momentsOfGroups(source.engine, source.data, y, { outer, n, inner });
    return new CpuStorage(x.device, 'float32', y);
  },

  standardize(x: Storage, outer: number, n: number, inner: number, eps: number): Storage {
    const source = (outer * inner) % 4 === 0 ? engineFor(x) : null;
    if (source === null) return normKernels.standardize(x, outer, n, inner, eps);
    const y = floats(x.length);
    standardizeGroups(source.engine, source.data, null, y, { outer, n, inner }, eps);
    return new CpuStorage(x.device, 'float32', y);
  },

  standardizeGrad(
    g: Storage,
    x: Storage,
    outer: number,
    n: number,
    inner: number,
    eps: number,
  ): Storage {
    const source = (outer * inner) % 4 === 0 ? engineFor(g) : null;
    if (source === null) return normKernels.standardizeGrad(g, x, outer, n, inner, eps);
    const y = floats(g.length);
    const from = x.data as Float32Array;
    standardizeGroups(source.engine, source.data, from, y, { outer, n, inner }, eps);
    return new CpuStorage(g.device, 'float32', y);
  },

  update(
    rule: UpdateRule,
    p: Storage,
    g: Storage,
    slots: readonly Storage[],
    settings: readonly number[],
  ): void {
    const source = engineFor(p);
    if (source === null) updateKernels.update(rule, p, g, slots, settings);
    else {
      const kept = slots.map(({ data }) => data as Float32Array);
      applyUpdate(source.engine, rule, source.data, g.data as Float32Array, kept, settings);
    }
  },

  contract(a: Storage, b: Storage, loops: Contraction): Storage {
    const operands = fast(a, b, loops.length, productsOf(loops));
    if (operands === null) return gemmKernels.contract(a, b, loops);
    const y = floats(loops.length);
    contract(operands.engine, operands.a, operands.b, y, loops);
    return new CpuStorage(a.device, 'float32', y);
  },

  conv: partialMap(convolve, convKernels.conv, ({ parts, y }) => parts * y),
  convInput: partialMap(convolveInput, convKernels.convInput, ({ parts, x }) => parts * x),
  convFilter: partialMap(convolveFilter, convKernels.convFilter, ({ w }, groups) => groups * w),
};
