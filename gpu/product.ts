import type { DType } from '../core/dtype.js';
import type { Storage } from '../core/kernels.js';
import { type GpuDevice, MOST_NUMBERS } from './device.js';
import { fold } from './fold.js';
import { unravel } from './source.js';
import type { GpuStorage } from './storage.js';

/** A matrix for each of a batch, by where its numbers lie. */
export interface Factor {
  readonly inputs: Readonly<Record<string, Storage>>;
  /**
   * Statements that set the variable `value`, which is 0, to the number at indices `first` and `second` of
   * matrix `batch`. Names that they declare end in `tag`.
   */
  readonly read: (
    batch: string,
    first: string,
    second: string,
    value: string,
    tag: string,
  ) => string;
}

/** y[b, r, c] = Σₖ left[b, r, k] · right[b, k, c]. */
export interface Product {
  readonly name: string;
  readonly dtype: DType;
  readonly batch: number;
  readonly rows: number;
  readonly cols: number;
  readonly inner: number;
  readonly left: Factor;
  readonly right: Factor;
  readonly length: number;
  /** Statements that name the indices `b`, `r` and `c` of the number at a place of the result. */
  readonly locate: (place: string) => string;
}

/** Products below this are not worth the four kernels that it takes to do them by quads. */
const WORTHWHILE = 2 ** 16;
/** Steps of the inner loop of one thread, four products for each of four numbers. */
const LONGEST = 1024;
const SHORTEST = 64;
/** Threads that keep a GPU busy: a long sum is cut into parts until there are as many. */
const BUSY = 2 ** 14;

/** Computes a product by quads where that is worth it, else number by number. */
export function product(device: GpuDevice, of: Product): GpuStorage {
  if (isWorthQuads(device, of)) return byQuads(device, of);
  const { name, dtype, inner, left, right, length, locate } = of;
  return fold(device, {
    name,
    dtype,
    fn: 'sum',
    length,
    loops: [['k', inner]],
    inputs: { ...left.inputs, ...right.inputs },
    before: locate('row'),
    inside: (add) => `let u = 0;
${left.read('b', 'r', 'k', 'u', '_u')}
let v = 0;
${right.read('b', 'k', 'c', 'v', '_v')}
${add('u * v')}`,
  });
}

/** Whether a product is done by quads: not without a GPU, nor when it is small or packing takes too much. */
function isWorthQuads(device: GpuDevice, product: Product): boolean {
  const { batch, rows, cols, inner } = product;
  const { steps, width, threads, parts } = layoutOf(product);
  const packed = 4 * Math.max(batch * rows * steps, 4 * batch * steps * width, parts * threads);
  return (
    device.hasQuads &&
    batch * rows * cols * inner >= WORTHWHILE &&
    Math.min(inner, cols) >= 4 &&
    packed <= MOST_NUMBERS
  );
}

/** Quads along the inner loop and along a row, threads for one part of the sums, and how they are cut. */
function layoutOf({ batch, rows, cols, inner }: Product) {
  const [steps, width] = [Math.ceil(inner / 4), Math.ceil(cols / 4)];
  const threads = batch * rows * width;
  const wanted = Math.max(steps / LONGEST, Math.min(BUSY / threads, steps / SHORTEST));
  const chunk = Math.ceil(steps / Math.max(1, Math.floor(wanted)));
  return { steps, width, threads, chunk, parts: Math.ceil(steps / chunk) };
}

/** Source that reads a quad of an array by its place among quads, to be used by `laneOf` under this name. */
const quadIn = (device: GpuDevice, array: string, place: string, name: string): string =>
  device.synchronous ? `const ${name} = ${array}[${place}];` : `const ${name} = (${place}) * 4;`;

/** Source of one number of a quad that was read: WebGL has textures of quads, WebGPU flat buffers. */
const laneOf = (device: GpuDevice, array: string, name: string, lane: number): string =>
  device.synchronous ? `${name}[${lane}]` : `${array}[${name} + ${lane}]`;

/** The matrices `[batch, first, second]` in quads of neighbours along `second`, zeros behind the last. */
function pack(
  device: GpuDevice,
  { name, dtype, batch }: Product,
  factor: Factor,
  [first, padded]: readonly [number, number],
  second: number,
): GpuStorage {
  const quads = Math.ceil(second / 4);
  const lanes = [0, 1, 2, 3].map(
    (lane) => `const s${lane} = 4 * p2 + ${lane};
let v${lane} = 0;
if (p1 < ${first} && s${lane} < ${second}) {
${factor.read('p0', 'p1', `s${lane}`, `v${lane}`, `_${lane}`)}
}`,
  );
  return device.run({
    name: `${name} (packing)`,
    dtype,
    length: batch * padded * quads * 4,
    quads: true,
    inputs: factor.inputs,
    body: `${unravel('i', [batch, padded, quads], 'p')}\n${lanes.join('\n')}\nreturn [v0, v1, v2, v3];`,
  });
}

/**
 * A product in which a thread computes four neighbours at once, from operands packed in quads: five reads
 * give sixteen products. Sums are cut into parts, which are added as the result is unpacked.
 */
function byQuads(device: GpuDevice, product: Product): GpuStorage {
  const { name, dtype, batch, rows, cols, inner, left, right, length, locate } = product;
  const { steps, width, threads, chunk, parts } = layoutOf(product);
  const a = pack(device, product, left, [rows, rows], inner);
  const b = pack(device, product, right, [inner, 4 * steps], cols);
  const lanes = [0, 1, 2, 3];
  const reads = lanes.map((k) => quadIn(device, 'b', `atB + ${k * width}`, `b${k}`));
  const sums = lanes.map((lane) => {
    const terms = lanes.map(
      (k) => `${laneOf(device, 'a', 'u', k)} * ${laneOf(device, 'b', `b${k}`, lane)}`,
    );
    return `y${lane} += ${terms.join(' + ')};`;
  });
  const partial = device.run({
    name,
    dtype,
    length: parts * threads * 4,
    quads: true,
    inputs: { a, b },
    body: `${unravel('i', [parts, batch, rows, width], 'p')}
${lanes.map((lane) => `let y${lane} = 0;`).join('\n')}
const fromA = (p1 * ${rows} + p2) * ${steps};
const fromB = p1 * ${4 * steps * width} + p3;
for (let step = 0; step < ${chunk}; step++) {
const k = p0 * ${chunk} + step;
if (k < ${steps}) {
${quadIn(device, 'a', 'fromA + k', 'u')}
const atB = fromB + k * ${4 * width};
${reads.join('\n')}
${sums.join('\n')}
}
}
return [y0, y1, y2, y3];`,
  });
  device.free(a);
  device.free(b);
  const y = device.run({
    name: `${name} (unpacking)`,
    dtype,
    length,
    inputs: { partial },
    body: `${locate('i')}
const lane = c % 4;
const quad = (b * ${rows} + r) * ${width} + Math.floor((c - lane) / 4 + 0.5);
let sum = 0;
for (let part = 0; part < ${parts}; part++) {
${quadIn(device, 'partial', `part * ${threads} + quad`, 'q')}
if (lane < 0.5) { sum += ${laneOf(device, 'partial', 'q', 0)}; }
if (lane > 0.5 && lane < 1.5) { sum += ${laneOf(device, 'partial', 'q', 1)}; }
if (lane > 1.5 && lane < 2.5) { sum += ${laneOf(device, 'partial', 'q', 2)}; }
if (lane > 2.5) { sum += ${laneOf(device, 'partial', 'q', 3)}; }
}
return sum;`,
  });
  device.free(partial);
  return y;
}
