import type { Convolution } from '../../kernels.js';
import { Memo } from '../../memo.js';
import { sizeOf } from '../../shape.js';
import { inOrder } from '../conv.js';
import type { Product } from '../gemm.js';
import type { Engine } from './engine.js';
import { Multiplication } from './gemm.js';
import { LINE, roundUp } from './layout.js';
import { padded, resized } from './padding.js';

// Convolutions of 3×3 by tiles of 2×2 results, with 16 products where there are 36 otherwise; see
// winograd-kernels.ts. Numbers of a tile are added before they are multiplied. So a rounding error is
// relative to what is largest in the tile, and what is not finite spreads through it: then nothing of it
// counts, and the caller does the work in another way.

/** Planes that squares become: one for each of 4×4 numbers. */
const PLANES = 16;
/** Numbers in planes that are made, multiplied and read together: the caches hold them. */
const TOGETHER = 2 ** 20;
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

const products = new Memo<string, Product>(1000);

/** y[m, n] = Σₖ a[m, k] · b[k, n], the rows and columns of a and b being so many numbers apart. */
const productOf = (
  [m, k, n]: readonly number[],
  a: readonly number[],
  b: readonly number[],
): Product =>
  products.get(`${m},${k},${n}|${a}|${b}`, () => ({
    rowsA: inOrder(m, a[0]),
    rowsY: inOrder(m, n),
    colsB: inOrder(n, b[1]),
    colsY: inOrder(n),
    innerA: inOrder(k, a[1]),
    innerB: inOrder(k, b[0]),
  }));

/** 16 matrices that begin so many numbers apart. */
interface Planes {
  readonly at: number;
  readonly apart: number;
  readonly rows: number;
  readonly columns: number;
}

function planesOf(engine: Engine, rows: number, columns: number): Planes {
  // All planes are written side by side. A multiple of a page apart they would drive each other out.
  const apart = roundUp(rows * columns, WAY) + LINE / 4;
  return { at: engine.room(PLANES * apart), apart, rows, columns };
}

/** Multiplies in each plane. */
function multiply(engine: Engine, product: Product, a: Planes, b: Planes, y: Planes): void {
  const each = ({ at, apart }: Planes): number[] =>
    Array.from({ length: PLANES }, (_, plane) => at + 4 * plane * apart);
  new Multiplication(engine, product).run(each(a), each(b), y.at, inOrder(PLANES, y.apart));
}

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
  /** Images that have their planes at the same time. */
  readonly together: number;
  private readonly check: number;

  constructor(
    readonly engine: Engine,
    readonly sizes: Convolution,
    size: readonly number[],
  ) {
    this.tiles = tilesOf(size);
    const { batch, inChannels, outChannels } = sizes;
    const each = PLANES * this.tiles.count * (inChannels + outChannels);
    this.together = Math.min(batch, Math.max(1, Math.floor(TOGETHER / each)));
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

  /** Calls `pass` for some images at a time, of one group after another. */
  eachPass(pass: (group: number, images: readonly number[]) => void): void {
    const { batch, groups } = this.sizes;
    for (let group = 0; group < groups; group++) {
      for (let first = 0; first < batch; first += this.together) {
        const some = Math.min(this.together, batch - first);
        const images = Array.from({ length: some }, (_, i) => (first + i) * groups + group);
        this.engine.within(() => pass(group, images));
      }
    }
  }

  /** The planes of some images: their channels by their tiles. */
  toPlanes(
    kernel: 'imageToPlanes' | 'resultToPlanes',
    images: Images,
    chosen: readonly number[],
  ): Planes {
    const planes = planesOf(this.engine, images.channels, chosen.length * this.tiles.count);
    this.eachShare(images, planes, chosen, (walk) => this.engine.fork(kernel, ...walk));
    return planes;
  }

  /** Leaves results in images, from planes of their channels by their tiles. */
  fromPlanes(planes: Planes, images: Images, chosen: readonly number[]): void {
    this.eachShare(images, planes, chosen, (walk) => {
      this.engine.fork('resultFromPlanes', ...walk, this.check);
    });
    this.engine.join();
  }

  /** The planes of a group's filters, `[out, in]` each. */
  filtersToPlanes(kernel: 'filterToPlanes' | 'turnedFilterToPlanes', w: number): Planes {
    const planes = planesOf(this.engine, this.sizes.outChannels, this.sizes.inChannels);
    this.eachFilters(planes, w, (plane, from, end, apart) => {
      this.engine.fork(kernel, from, end, plane, apart);
    });
    return planes;
  }

  /** Adds what planes `[out, in]` give to a group's filters. */
  filtersFromPlanes(planes: Planes, w: number): void {
    this.eachFilters(planes, w, (plane, from, end, apart) => {
      this.engine.fork('filterFromPlanes', plane, apart, from, end, this.check);
    });
    this.engine.join();
  }

  /** Calls `share` for some filters at a time: where they begin in a plane, begin and end at `w`, and planes lie apart. */
  private eachFilters(
    { at, apart, rows, columns }: Planes,
    w: number,
    share: (plane: number, from: number, end: number, apart: number) => void,
  ): void {
    const count = rows * columns;
    for (let first = 0; first < count; first += FILTERS) {
      const end = Math.min(first + FILTERS, count);
      share(at + 4 * first, w + 36 * first, w + 36 * end, 4 * apart);
    }
  }

  /** Calls `share` for some channels at a time of each image, with what a kernel takes to walk through them. */
  private eachShare(
    { at, channels, height, width }: Images,
    { at: planes, apart, columns }: Planes,
    chosen: readonly number[],
    share: (walk: readonly number[]) => void,
  ): void {
    const { lines, across, count } = this.tiles;
    const some = Math.ceil(SHARE / (PLANES * count));
    const area = height * width;
    chosen.forEach((image, i) => {
      for (let channel = 0; channel < channels; channel += some) {
        share([
          ...[at + 4 * (image * channels + channel) * area, 4 * area, 4 * width],
          ...[planes + 4 * (channel * columns + i * count), 4 * columns, 4 * apart],
          ...[Math.min(some, channels - channel), lines, 4 * across],
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
  const stepsW = turned ? [1, inChannels] : [inChannels, 1];
  tiling.eachPass((group, images) => {
    const filters = tiling.filtersToPlanes(
      turned ? 'turnedFilterToPlanes' : 'filterToPlanes',
      w + 36 * group * outChannels * inChannels,
    );
    const planes = tiling.toPlanes('imageToPlanes', source, images);
    engine.join();
    const result = planesOf(engine, made, planes.columns);
    const product = productOf([made, given, planes.columns], stepsW, [planes.columns, 1]);
    multiply(engine, product, filters, planes, result);
    tiling.fromPlanes(result, target, images);
  });
  if (!tiling.isFinite) return false;
  if (!isWhole) resized(engine, at, length, whole, y, wanted, [0, 0, 0]);
  return true;
}

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
  tiling.eachPass((group, images) => {
    const planes = tiling.toPlanes('imageToPlanes', source, images);
    const slopes = tiling.toPlanes('resultToPlanes', gradient, images);
    engine.join();
    const result = planesOf(engine, outChannels, inChannels);
    const { columns } = planes;
    const product = productOf([outChannels, columns, inChannels], [columns, 1], [1, columns]);
    multiply(engine, product, slopes, planes, result);
    tiling.filtersFromPlanes(result, w + 4 * group * each);
  });
  return tiling.isFinite;
}
