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
import { leftOperand, multiplyPanels, packAll, packing, shareOf } from './panels.js';

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

/** Sets of 16 matrices, all of which begin so many numbers apart. */
interface Planes {
  readonly at: number;
  readonly apart: number;
  readonly sets: number;
  readonly rows: number;
  readonly columns: number;
}

function planesOf(engine: Engine, sets: number, rows: number, columns: number): Planes {
  // All planes are written side by side. A multiple of a page apart they would drive each other out.
  const apart = roundUp(rows * columns, WAY) + LINE / 4;
  return { at: engine.room(sets * PLANES * apart), apart, sets, rows, columns };
}

const eachPlane = <T>({ at, apart, sets }: Planes, visit: (plane: number, i: number) => T): T[] =>
  Array.from({ length: sets * PLANES }, (_, i) => visit(at + 4 * i * apart, i));

/** Where numbers lie in a plane of rows by columns, so many bytes being left out after every eight. */
interface Order {
  place(row: number, column: number): number;
  /** Bytes from one row to the next. */
  readonly apart: number;
  readonly leftOut: number;
}

/** One row behind another. */
const inRows = ({ columns }: Planes): Order => ({
  place: (row, column) => row * columns + column,
  apart: 4 * columns,
  leftOut: 0,
});

/** As the packed columns of a right operand, whose rows from `first` to `end` are multiplied at a time. */
const packed = ({ columns }: Planes, first: number, end: number): Order => ({
  place: (row, column) =>
    first * columns +
    COLS * (row - first) +
    (column - (column % COLS)) * (end - first) +
    (column % COLS),
  apart: 4 * COLS,
  leftOut: 4 * COLS * (end - first - 1),
});

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
  private readonly check: number;

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

  /** Calls `work` for each group, with a way to go through its images: some at a time, in sets of as many. */
  eachGroup(
    work: (
      group: number,
      eachPass: (pass: (sets: readonly (readonly number[])[]) => void) => void,
    ) => void,
  ): void {
    const { batch, groups, inChannels, outChannels } = this.sizes;
    const each = PLANES * this.tiles.count * (inChannels + outChannels);
    // A set's images are those of one part of the batch, as whatever else is shared among threads is, too.
    const part = Math.ceil(batch / SETS);
    const size = Math.min(part, Math.max(1, Math.floor(TOGETHER / (SETS * each))));
    for (let group = 0; group < groups; group++) {
      this.engine.within(() => {
        work(group, (pass) => {
          for (let at = 0; at < part; at += size) {
            const sets = Array.from({ length: SETS }, (_, set) => {
              const first = set * part + at;
              const end = Math.min(first + size, (set + 1) * part, batch);
              return range(first, end).map((image) => image * groups + group);
            });
            const [first, ...others] = sets.filter((set) => set.length > 0);
            const alike = others.filter((set) => set.length === first.length);
            this.engine.within(() => pass([first, ...alike]));
            for (const set of others) {
              if (!alike.includes(set)) this.engine.within(() => pass([set]));
            }
          }
        });
      });
    }
  }

  /** Planes for sets of images of so many channels. */
  planes(sets: readonly (readonly number[])[], channels: number): Planes {
    const columns = roundUp(sets[0].length * this.tiles.count, COLS);
    return planesOf(this.engine, sets.length, channels, columns);
  }

  /** Has the images of one set become planes: their channels by their tiles. */
  toPlanes(
    kernel: 'imageToPlanes' | 'resultToPlanes',
    images: Images,
    planes: Planes,
    set: number,
    chosen: readonly number[],
  ): void {
    const order = inRows(planes);
    this.eachShare(images, planes, set, chosen, order, 0, images.channels, (walk) => {
      this.engine.fork(kernel, ...walk);
    });
  }

  /** The same, as right operands. */
  toPanels(images: Images, planes: Planes, set: number, chosen: readonly number[]): void {
    for (let first = 0; first < images.channels; first += INNER) {
      const end = Math.min(first + INNER, images.channels);
      const order = packed(planes, first, end);
      this.eachShare(images, planes, set, chosen, order, first, end, (walk) => {
        this.engine.fork('imageToPlanes', ...walk);
      });
    }
  }

  /** Leaves results in the images of one set, from planes of their channels by their tiles. */
  fromPlanes(planes: Planes, images: Images, set: number, chosen: readonly number[]): void {
    const order = inRows(planes);
    this.eachShare(images, planes, set, chosen, order, 0, images.channels, (walk) => {
      this.engine.fork('resultFromPlanes', ...walk, this.check);
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

  /** Calls `share` for some filters at a time: where they begin in a plane, begin and end at `w`, and planes lie apart. */
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

  /** Calls `share` for some channels at a time of each image, with what a kernel takes to walk through them. */
  private eachShare(
    { at, channels, height, width }: Images,
    planes: Planes,
    set: number,
    chosen: readonly number[],
    order: Order,
    first: number,
    end: number,
    share: (walk: readonly number[]) => void,
  ): void {
    const { lines, across, count } = this.tiles;
    const some = Math.ceil(SHARE / (PLANES * count));
    const area = height * width;
    const start = planes.at + 4 * set * PLANES * planes.apart;
    chosen.forEach((image, i) => {
      for (let channel = first; channel < end; channel += some) {
        share([
          ...[at + 4 * (image * channels + channel) * area, 4 * area, 4 * width],
          ...[start + 4 * order.place(channel, i * count), order.apart, 4 * planes.apart],
          ...[Math.min(some, end - channel), lines, 4 * across, order.leftOut],
        ]);
      }
    });
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
  const { lines, across } = tiling.tiles;
  const whole = [1, 2 * lines, 2 * across];
  const isWhole = whole.every((n, axis) => n === wanted[axis]);
  const length = batch * groups * made * sizeOf(whole);
  const at = isWhole ? y : engine.room(length);
  const target: Images = { at, channels: made, height: whole[1], width: whole[2] };
  const [row, inner] = turned ? [1, inChannels] : [inChannels, 1];
  const filters = leftOperand(engine, inOrder(made, row), inOrder(given, inner));
  const rows = roundUp(made, engine.tile.rows);
  tiling.eachGroup((group, eachPass) => {
    const kernel = turned ? 'turnedFilterToPlanes' : 'filterToPlanes';
    const turnedOrNot = tiling.filtersToPlanes(kernel, w + 36 * group * outChannels * inChannels);
    const lefts = eachPlane(turnedOrNot, (plane) => packing(engine, filters, plane));
    packAll(engine, 'fork', lefts);
    eachPass((sets) => {
      const rights = tiling.planes(sets, given);
      sets.forEach((chosen, set) => {
        tiling.toPanels(source, rights, set, chosen);
      });
      engine.join();
      const results = planesOf(engine, sets.length, rows, rights.columns);
      const extent = { rows, cols: rights.columns, steps: given };
      const share = shareOf(sets.length * PLANES, extent);
      eachPlane(results, (result, i) => {
        const right = rights.at + 4 * i * rights.apart;
        multiplyPanels(engine, share, extent, [lefts[i % PLANES].panels, right, result]);
      });
      engine.join();
      sets.forEach((chosen, set) => {
        tiling.fromPlanes(results, target, set, chosen);
      });
      engine.join();
    });
  });
  if (!tiling.isFinite) return false;
  if (!isWhole) resized(engine, at, length, whole, y, wanted, [0, 0, 0]);
  return true;
}

const products = new Memo<string, Product>(1000);

/** y[m, n] = Σₖ a[m, k] · b[n, k], the rows being so many numbers apart. */
const productOf = (m: number, n: number, k: number, apart: number): Product =>
  products.get(`${m},${n},${k},${apart}`, () => ({
    rowsA: inOrder(m, apart),
    rowsY: inOrder(m, n),
    colsB: inOrder(n, apart),
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
  tiling.eachGroup((group, eachPass) => {
    eachPass((sets) => {
      const planes = tiling.planes(sets, inChannels);
      const slopes = tiling.planes(sets, outChannels);
      sets.forEach((chosen, set) => {
        tiling.toPlanes('imageToPlanes', source, planes, set, chosen);
        tiling.toPlanes('resultToPlanes', gradient, slopes, set, chosen);
      });
      engine.join();
      const results = planesOf(engine, sets.length, outChannels, inChannels);
      const summed = sets[0].length * tiling.tiles.count;
      const product = productOf(outChannels, inChannels, summed, planes.columns);
      const address = (plane: number): number => plane;
      new Multiplication(engine, product).run(
        eachPlane(slopes, address),
        eachPlane(planes, address),
        results.at,
        inOrder(sets.length * PLANES, results.apart),
      );
      tiling.filtersFromPlanes(results, w + 4 * group * each);
    });
  });
  return tiling.isFinite;
}
