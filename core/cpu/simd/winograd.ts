import type { Convolution } from '../../kernels.js';
import { Memo } from '../../memo.js';
import { sizeOf } from '../../shape.js';
import { inOrder } from '../conv.js';
import type { Product } from '../gemm.js';
import type { Engine } from './engine.js';
import { Multiplication } from './gemm.js';
import { COLS, INNER } from './gemm-kernels.js';
import { LINE, roundUp } from './layout.js';
import { padded, resized } from './padding.js';
import { leftOperand, multiplyPanels, type Packing, packAll, packing, shareOf } from './panels.js';

// Convolutions of 3×3 by tiles of 2×2 results, with 16 products where there are 36 otherwise; see
// winograd-kernels.ts. Numbers of a tile are added before they are multiplied. So a rounding error is
// relative to what is largest in the tile, and what is not finite spreads through it: then nothing of it
// counts, and the caller does the work in another way.

/** Planes that squares become: one for each of 4×4 numbers. */
const PLANES = 16;
/** Numbers in planes that are made, multiplied and read together: the caches hold them. */
const TOGETHER = 2 ** 20;
/** Sets of planes that they fall into, of other images each, so that a thread can keep to some of them. */
const SETS = 2;
/** Numbers in planes that one call makes or reads, and filters. */
const SHARE = 2 ** 15;
const FILTERS = 256;
/** Numbers whose addresses, so far apart, fall into one set of the first-level cache. */
const WAY = 1024;
/** What the transforms of a tile cost for each channel, counted in products. */
const TRANSFORM = 200;

/** How results fall into tiles: so many lines of so many, a multiple of four. */
function tilesOf([, height, width]: readonly number[]) {
  const [lines, across] = [Math.ceil(height / 2), roundUp(Math.ceil(width / 2), 4)];
  return { lines, across, count: lines * across };
}

const range = (from: number, end: number): number[] =>
  Array.from({ length: Math.max(0, end - from) }, (_, i) => from + i);

/** Whether a convolution is 3×3, over two axes, and has channels enough for the transforms to pay. */
export function isTiled(sizes: Convolution): boolean {
  const { kernel, stride, dilation, input, output, padding, inChannels, outChannels } = sizes;
  if (kernel[0] !== 1 || kernel[1] !== 3 || kernel[2] !== 3) return false;
  if (input[0] !== 1 || padding[0] !== 0) return false;
  if ([...stride, ...dilation].some((n) => n !== 1)) return false;
  const products = inChannels * outChannels;
  const each = PLANES * products + TRANSFORM * (inChannels + outChannels);
  return tilesOf(output).count * each < 9 * sizeOf(output) * products;
}

/** Sets of 16 matrices of channels by tiles, all of which begin so many numbers apart. */
interface Planes {
  readonly at: number;
  readonly apart: number;
  readonly sets: number;
  readonly rows: number;
  readonly columns: number;
  /** Whether they lie as a packed right operand does, instead of row by row. */
  readonly isPacked: boolean;
}

function planesOf(
  engine: Engine,
  sets: number,
  rows: number,
  columns: number,
  isPacked = false,
): Planes {
  // All planes are written side by side. A multiple of a page apart they would drive each other out.
  const apart = roundUp(rows * columns, WAY) + LINE / 4;
  return { at: engine.room(sets * PLANES * apart), apart, sets, rows, columns, isPacked };
}

const eachPlane = <T>({ at, apart, sets }: Planes, visit: (plane: number, i: number) => T): T[] =>
  Array.from({ length: sets * PLANES }, (_, i) => visit(at + 4 * i * apart, i));

/**
 * Where a row's numbers lie in a plane, from a column on that is a multiple of four, and how many bytes
 * behind it the next row lies, up to row `end`. After every eight numbers so many bytes are left out.
 */
function placesOf({ rows, columns, isPacked }: Planes, row: number, column: number) {
  if (!isPacked)
    return { place: row * columns + column, apart: 4 * columns, leftOut: 0, end: rows };
  const first = row - (row % INNER);
  const end = Math.min(first + INNER, rows);
  const within = column % COLS;
  const place = first * columns + COLS * (row - first) + (column - within) * (end - first) + within;
  return { place, apart: 4 * COLS, leftOut: 4 * COLS * (end - first - 1), end };
}

/** The images of a pass, in as many sets as are worked on at a time. */
type Sets = readonly (readonly number[])[];

/** Images that lie one behind another, each of some channels, with zeros around as far as tiles reach. */
interface Images {
  readonly at: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** A convolution whose results, or theirs whose gradients are wanted, are of this size. */
class Tiling {
  readonly tiles: ReturnType<typeof tilesOf>;
  /** Where kernels that read planes leave what is not finite. */
  readonly check: number;

  constructor(
    readonly engine: Engine,
    readonly sizes: Convolution,
    size: readonly number[],
  ) {
    this.tiles = tilesOf(size);
    this.check = engine.room(4);
    engine.floats.fill(0, this.check / 4, this.check / 4 + 4);
  }

  /** Whether all that was read from planes is finite. */
  get isFinite(): boolean {
    const { floats } = this.engine;
    return floats.subarray(this.check / 4, this.check / 4 + 4).every((x) => x === 0);
  }

  /** All images of the batch, `around` numbers wider and higher than what their tiles give. */
  images(
    source: number,
    channels: number,
    size: readonly number[],
    before: readonly number[],
    around: number,
  ): Images {
    const { batch, groups } = this.sizes;
    const [height, width] = [2 * this.tiles.lines + around, 2 * this.tiles.across + around];
    const length = batch * groups * channels * sizeOf(size);
    const at = padded(this.engine, source, length, size, [1, height, width], before);
    return { at, channels, height, width };
  }

  /** The images of a group, pass by pass, each in sets of as many. */
  passes(group: number): Sets[] {
    const { batch, groups, inChannels, outChannels } = this.sizes;
    const each = PLANES * this.tiles.count * (inChannels + outChannels);
    // A set's images are those of one part of the batch, as whatever else is shared among threads is, too.
    const part = Math.ceil(batch / SETS);
    const size = Math.min(part, Math.max(1, Math.floor(TOGETHER / (SETS * each))));
    return range(0, Math.ceil(part / size)).flatMap((pass) => {
      const sets = range(0, SETS).map((set) => {
        const first = set * part + pass * size;
        const images = range(first, Math.min(first + size, (set + 1) * part, batch));
        return images.map((image) => image * groups + group);
      });
      const alike = sets.filter(({ length }) => length === sets[0].length);
      const others = sets.filter(({ length }) => length > 0 && length !== sets[0].length);
      return [alike, ...others.map((set) => [set])];
    });
  }

  /** Has a kernel walk through the images of one set and their planes, some channels at a call. */
  walk(
    kernel: 'imageToPlanes' | 'resultToPlanes' | 'resultFromPlanes',
    { at, channels, height, width }: Images,
    planes: Planes,
    [set, chosen]: readonly [number, readonly number[]],
    ...more: number[]
  ): void {
    const { lines, across, count } = this.tiles;
    const some = Math.ceil(SHARE / (PLANES * count));
    const area = height * width;
    const start = planes.at + 4 * set * PLANES * planes.apart;
    chosen.forEach((image, i) => {
      for (let channel = 0; channel < channels; ) {
        const { place, apart, leftOut, end } = placesOf(planes, channel, i * count);
        const next = Math.min(channel + some, channels, end);
        this.engine.fork(
          kernel,
          ...[at + 4 * (image * channels + channel) * area, 4 * area, 4 * width],
          ...[start + 4 * place, apart, 4 * planes.apart],
          ...[next - channel, lines, 4 * across, leftOut],
          ...more,
        );
        channel = next;
      }
    });
  }

  /** The planes of a group's filters, `[out, in]` each. */
  filtersToPlanes(kernel: 'filterToPlanes' | 'turnedFilterToPlanes', w: number): Planes {
    const planes = planesOf(this.engine, 1, this.sizes.outChannels, this.sizes.inChannels);
    this.eachFilters(planes, 0, w, (plane, from, end, apart) => {
      this.engine.fork(kernel, from, end, plane, apart);
    });
    this.engine.join();
    return planes;
  }

  /** Adds what planes `[out, in]` give to a group's filters. */
  filtersFromPlanes(planes: Planes, w: number): void {
    for (let set = 0; set < planes.sets; set++) {
      this.eachFilters(planes, set, w, (plane, from, end, apart) => {
        this.engine.fork('filterFromPlanes', plane, apart, from, end, this.check);
      });
      this.engine.join();
    }
  }

  /**
   * Calls `share` for some filters at a time: where they begin in a set's first plane, where they begin and
   * end at `w`, and how many bytes lie between planes.
   */
  private eachFilters(
    { at, apart, rows, columns }: Planes,
    set: number,
    w: number,
    share: (plane: number, from: number, end: number, apart: number) => void,
  ): void {
    const count = rows * columns;
    for (let first = 0; first < count; first += FILTERS) {
      const end = Math.min(first + FILTERS, count);
      const plane = at + 4 * (set * PLANES * apart + first);
      share(plane, w + 36 * first, w + 36 * end, 4 * apart);
    }
  }
}

/**
 * y = x ⋆ w, or with `turned` the gradient of x from that of y, for addresses of images, filters and
 * result. False where the result is not finite, and does not count.
 */
export function convolveTiles(
  engine: Engine,
  sizes: Convolution,
  [x, w, y]: readonly number[],
  turned: boolean,
): boolean {
  const { batch, groups, inChannels, outChannels, kernel, padding } = sizes;
  const [size, wanted] = turned ? [sizes.output, sizes.input] : [sizes.input, sizes.output];
  const [given, made] = turned ? [outChannels, inChannels] : [inChannels, outChannels];
  const tiling = new Tiling(engine, sizes, wanted);
  const before = turned ? padding.map((p, axis) => kernel[axis] - 1 - p) : padding;
  const source = tiling.images(x, given, size, before, 2);
  const { lines, across, count } = tiling.tiles;
  const whole = [1, 2 * lines, 2 * across];
  const isWhole = whole.every((n, axis) => n === wanted[axis]);
  const length = batch * groups * made * sizeOf(whole);
  const at = isWhole ? y : engine.room(length);
  const target: Images = { at, channels: made, height: whole[1], width: whole[2] };
  const [row, inner] = turned ? [1, inChannels] : [inChannels, 1];
  const left = leftOperand(engine, inOrder(made, row), inOrder(given, inner));
  const multiplyPass = (filters: readonly Packing[], sets: Sets): void => {
    const columns = roundUp(sets[0].length * count, COLS);
    const planes = planesOf(engine, sets.length, given, columns, true);
    for (const each of sets.entries()) tiling.walk('imageToPlanes', source, planes, each);
    engine.join();
    const rows = left.side.count;
    const results = planesOf(engine, sets.length, rows, columns);
    const extent = { rows, cols: columns, steps: given };
    const share = shareOf(sets.length * PLANES, extent);
    const rights = eachPlane(planes, (plane) => plane);
    eachPlane(results, (result, i) => {
      const filter = filters[i % PLANES].panels;
      multiplyPanels(engine, share, extent, [filter, rights[i], result]);
    });
    engine.join();
    for (const each of sets.entries()) {
      tiling.walk('resultFromPlanes', target, results, each, tiling.check);
    }
    engine.join();
  };
  for (let group = 0; group < groups; group++) {
    engine.within(() => {
      const toPlanes = turned ? 'turnedFilterToPlanes' : 'filterToPlanes';
      const planes = tiling.filtersToPlanes(toPlanes, w + 36 * group * outChannels * inChannels);
      const filters = eachPlane(planes, (plane) => packing(engine, left, plane));
      packAll(engine, 'fork', filters);
      for (const sets of tiling.passes(group)) engine.within(() => multiplyPass(filters, sets));
    });
  }
  if (!tiling.isFinite) return false;
  if (!isWhole) resized(engine, at, length, whole, y, wanted, [0, 0, 0]);
  return true;
}

const products = new Memo<string, Product>(1000);

/** y[m, n] = Σₖ a[m, k] · b[n, k]. */
const productOf = (m: number, n: number, k: number): Product =>
  products.get(`${m},${n},${k}`, () => ({
    rowsA: inOrder(m, k),
    rowsY: inOrder(m, n),
    colsB: inOrder(n, k),
    colsY: inOrder(n),
    innerA: inOrder(k),
    innerB: inOrder(k),
  }));

/** w = the gradient of the filters, from that of y and from x; false where it is not finite. */
export function filterTiles(
  engine: Engine,
  sizes: Convolution,
  [g, x, w]: readonly number[],
): boolean {
  const { groups, inChannels, outChannels, input, output, padding } = sizes;
  const tiling = new Tiling(engine, sizes, output);
  const source = tiling.images(x, inChannels, input, padding, 2);
  const gradient = tiling.images(g, outChannels, output, [0, 0, 0], 0);
  const each = 9 * outChannels * inChannels;
  engine.floats.fill(0, w / 4, w / 4 + groups * each);
  const addPass = (target: number, sets: Sets): void => {
    const columns = sets[0].length * tiling.tiles.count;
    const planes = planesOf(engine, sets.length, inChannels, columns);
    const slopes = planesOf(engine, sets.length, outChannels, columns);
    for (const each of sets.entries()) {
      tiling.walk('imageToPlanes', source, planes, each);
      tiling.walk('resultToPlanes', gradient, slopes, each);
    }
    engine.join();
    const results = planesOf(engine, sets.length, outChannels, inChannels);
    new Multiplication(engine, productOf(outChannels, inChannels, columns)).run(
      eachPlane(slopes, (plane) => plane),
      eachPlane(planes, (plane) => plane),
      results.at,
      inOrder(sets.length * PLANES, results.apart),
    );
    tiling.filtersFromPlanes(results, target);
  };
  for (let group = 0; group < groups; group++) {
    for (const sets of tiling.passes(group)) {
      engine.within(() => addPass(w + 4 * group * each, sets));
    }
  }
  return tiling.isFinite;
}
