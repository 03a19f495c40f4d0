import type { Storage } from '../../kernels.js';
import { CpuStorage, floats } from '../storage.js';
import type { Engine } from './engine.js';
import { columnKernel } from './group-kernels.js';

/** x as `[outer, n, inner]`, whose groups are what lies at one place of the middle axis. */
export interface Groups {
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
}

/** How a kernel walks through groups: what it is called, and how many it takes at a step, and from where. */
interface Walk {
  readonly kernel: string;
  readonly isLong: boolean;
  /** Groups that are taken together. */
  readonly side: number;
  readonly steps: number;
  /** Bytes from one step to the next, and from one stretch or row to the next. */
  readonly apart: number;
  readonly outer: number;
  readonly stretch: number;
}

/** Kernels with an exponential for each number, in which there is enough work to share it among threads. */
const LONG = ['softmax', 'logSoftmax'];

/** Groups of single numbers are columns, which are taken four at a time. */
function walkOf(kernel: string, { outer, n, inner }: Groups): Walk {
  const isLong = LONG.includes(kernel);
  return inner === 1 && outer > 1 && n % 4 === 0
    ? {
        kernel: columnKernel(kernel),
        isLong,
        side: 4,
        steps: n / 4,
        apart: 16,
        outer,
        stretch: 4 * n,
      }
    : { kernel, isLong, side: 1, steps: n, apart: 4 * inner, outer, stretch: 4 * n * inner };
}

/** Numbers whose groups one thread takes at a time. */
const SHARED = 2 ** 16;

/** Calls the kernel for all groups: x, z and further operands are addresses. */
function walk(
  engine: Engine,
  { kernel, isLong, steps, apart, outer, stretch }: Walk,
  addresses: readonly number[],
  ...settings: number[]
): void {
  const some = isLong ? Math.max(1, Math.floor((4 * SHARED) / (apart * outer))) : steps;
  const share = some < steps ? 'fork' : 'call';
  for (let step = 0; step < steps; step += some) {
    const [x, z, ...others] = addresses.map((at) => at + step * apart);
    const count = Math.min(some, steps - step);
    engine[share](kernel, x, z, count, apart, outer, stretch, ...others, ...settings);
  }
  engine.join();
}

/** Bytes of a row of a strip: so much of each row is copied together. */
const STRIP = 256;
/** Rows that lie a multiple of so many bytes apart share a few sets of a cache, and drive each other out. */
const CROWDED = 1024;

/** As `walk`, but for columns whose rows would crowd the caches: in strips that are copied side by side. */
function walkStrips(
  engine: Engine,
  way: Walk,
  addresses: readonly number[],
  ...settings: number[]
): void {
  const { kernel, side, steps, apart, outer, stretch } = way;
  if (side === 1 || outer < 16 || stretch % CROWDED !== 0) {
    walk(engine, way, addresses, ...settings);
    return;
  }
  const copies = addresses.map(() => engine.room(side * steps * outer));
  const eachStrip = (visit: (at: number, copied: number) => void): void => {
    for (let at = 0; at < stretch; at += STRIP) visit(at, at * outer);
    engine.join();
  };
  eachStrip((at, copied) => {
    addresses.forEach((from, i) => {
      if (i === RESULT) return;
      engine.fork('spread', from + at, copies[i] + copied, 1, 0, 0, outer, stretch, STRIP, STRIP);
    });
  });
  eachStrip((_at, copied) => {
    const [x, z, ...others] = copies.map((copy) => copy + copied);
    engine.fork(kernel, x, z, STRIP / apart, apart, outer, STRIP, ...others, ...settings);
  });
  eachStrip((at, copied) => {
    const [from, to] = [copies[RESULT] + copied, addresses[RESULT] + at];
    engine.fork('spread', from, to, 1, 0, 0, outer, STRIP, stretch, STRIP);
  });
}

/** The result's place among the addresses of a walk. */
const RESULT = 1;

/** A float32 number as the whole number that has its bits, which is how kernels take it. */
const bits = (x: number): number => new Int32Array(Float32Array.of(x).buffer)[0];

/** `standardize` of x, or, with a cotangent in the place of x and x behind it, what it hands back. */
export function standardizeGroups(
  engine: Engine,
  kernel: 'standardize' | 'standardizeGrad',
  sources: readonly Storage[],
  groups: Groups,
  eps: number,
): CpuStorage {
  const settings = [bits(1 / (groups.outer * groups.inner)), bits(eps)];
  return engine.result(sources, sources[0].length, (z, x, ...beside) => {
    walkStrips(engine, walkOf(kernel, groups), [x, z, ...beside], ...settings);
  });
}

/** Means and biased variances of the groups, the means first. */
export function momentsOfGroups(engine: Engine, x: Storage, groups: Groups): CpuStorage {
  const { outer, n, inner } = groups;
  const y = floats(2 * n);
  const way = walkOf('moments', groups);
  const { side, steps } = way;
  const nth = bits(1 / (outer * inner));
  engine.within(() => {
    const source = engine.source(x);
    const results = engine.room(8 * steps);
    walk(engine, way, [source, 0], nth, results);
    for (let group = 0; group < n; group++) {
      const place = group % side;
      const at = results / 4 + (8 * (group - place)) / side + place;
      y[group] = engine.floats[at];
      y[n + group] = engine.floats[at + 4];
    }
  });
  return new CpuStorage(x.device, 'float32', y);
}

/** f(x) or f(x, y) along the middle axis of `[outer, n, inner]`, by a kernel over rows or columns. */
export function alongAxis(
  engine: Engine,
  kernel: string,
  sources: readonly Storage[],
  { outer, n, inner }: Groups,
): CpuStorage {
  return engine.result(sources, sources[0].length, (z, x, ...beside) => {
    const addresses = [x, z, ...beside];
    if (inner === 1) {
      walk(engine, walkOf(kernel, { outer: 1, n: outer, inner: n }), addresses);
    } else {
      const columns = walkOf(kernel, { outer: n, n: inner, inner: 1 });
      for (let o = 0; o < outer; o++) {
        const plane = addresses.map((at) => at + 4 * o * n * inner);
        engine.within(() => walkStrips(engine, columns, plane));
      }
    }
  });
}
