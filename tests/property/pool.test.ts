import { test } from 'uvu';
import type { Tensor } from '../../ops/index.js';
import * as lg from '../../ops/index.js';
import { at, build, indicesOf, same } from '../ops/naive.js';
import { type Draw, forAll } from './drawing.js';

interface Window {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly ceilMode: boolean;
}

const each = (n: number, draw: () => number): number[] => Array.from({ length: n }, draw);

function drawWindow(d: Draw, n: number, dilated: boolean): Window {
  const kernel = each(n, () => d.int(1, 3));
  return {
    kernel,
    stride: each(n, () => d.int(1, 3)),
    padding: kernel.map((k) => d.int(0, Math.floor(k / 2))),
    dilation: each(n, () => (dilated ? d.int(1, 2) : 1)),
    ceilMode: d.pick(true, false),
  };
}

/** An input in which every window finds at least one number. */
function drawInput(d: Draw, { kernel, dilation }: Window): Tensor {
  const sizes = kernel.map((k, i) => dilation[i] * (k - 1) + 1 + d.int(0, 4));
  return d.tensor([d.int(1, 2), d.int(1, 2), ...sizes], 'float64');
}

/** Where the windows begin: all that end inside the padding, and in ceil mode one that reaches further. */
function starts(size: number, w: Window, i: number): number[] {
  const found: number[] = [];
  const edge = size + w.padding[i] - 1;
  for (let start = -w.padding[i]; start < size; start += w.stride[i]) {
    const end = start + w.dilation[i] * (w.kernel[i] - 1);
    const reachesFurther = end > edge && end - w.stride[i] < edge;
    if (end <= edge || (w.ceilMode && reachesFurther)) found.push(start);
  }
  return found;
}

/** The result whose every element `f` makes of the places under its window. */
function pooled(
  x: Tensor,
  w: Window,
  f: (image: readonly number[], places: number[][]) => number,
): Tensor {
  const [batch, channels, ...sizes] = x.shape;
  const begin = sizes.map((size, i) => starts(size, w, i));
  return build([batch, channels, ...begin.map((list) => list.length)], ([b, c, ...at]) => {
    const corner = at.map((o, i) => begin[i][o]);
    const taps = indicesOf(w.kernel).map((tap) => tap.map((k, i) => corner[i] + k * w.dilation[i]));
    return f([b, c], taps);
  });
}

const inside = (place: readonly number[], sizes: readonly number[]): boolean =>
  place.every((p, i) => p >= 0 && p < sizes[i]);

const maxPools = [lg.maxPool1d, lg.maxPool2d, lg.maxPool3d];
const avgPools = [lg.avgPool1d, lg.avgPool2d, lg.avgPool3d];

maxPools.forEach((maxPool, i) => {
  test(`maxPool${i + 1}d is the largest number under each window`, () => {
    forAll(100, (d) => {
      const w = drawWindow(d, i + 1, true);
      const x = drawInput(d, w);
      const wanted = pooled(x, w, (image, places) => {
        const seen = places.filter((place) => inside(place, x.shape.slice(2)));
        return Math.max(...seen.map((place) => at(x, [...image, ...place])));
      });
      const { stride, padding, dilation, ceilMode } = w;
      same(maxPool(x, w.kernel, { stride, padding, dilation, ceilMode }), wanted);
    });
  });
});

avgPools.forEach((avgPool, i) => {
  test(`avgPool${i + 1}d is the mean under each window, padding counted or not`, () => {
    forAll(100, (d) => {
      const w = drawWindow(d, i + 1, false);
      const x = drawInput(d, w);
      const countIncludePad = d.pick(true, false);
      const sizes = x.shape.slice(2);
      // Zeros of the padding count if asked for; what hangs over the padding never does.
      const padded = (place: readonly number[]): boolean =>
        place.every((p, axis) => p < sizes[axis] + w.padding[axis]);
      const wanted = pooled(x, w, (image, places) => {
        const seen = places.filter((place) => inside(place, sizes));
        const count = countIncludePad ? places.filter(padded).length : seen.length;
        return seen.reduce((sum, place) => sum + at(x, [...image, ...place]), 0) / count;
      });
      const { stride, padding, ceilMode } = w;
      same(avgPool(x, w.kernel, { stride, padding, ceilMode, countIncludePad }), wanted, 1e-12);
    });
  });
});

test('unfold lays the numbers under each window out as a column', () => {
  forAll(100, (d) => {
    const w = { ...drawWindow(d, 2, true), ceilMode: false };
    const x = drawInput(d, w);
    const [batch, channels, ...sizes] = x.shape;
    const begin = sizes.map((size, i) => starts(size, w, i));
    const places = indicesOf(begin.map((list) => list.length));
    const taps = indicesOf([channels, ...w.kernel]);
    const wanted = build([batch, taps.length, places.length], ([b, row, column]) => {
      const [c, ...tap] = taps[row];
      const place = tap.map((k, i) => begin[i][places[column][i]] + k * w.dilation[i]);
      return inside(place, sizes) ? at(x, [b, c, ...place]) : 0;
    });
    const { stride, padding, dilation } = w;
    same(lg.unfold(x, w.kernel, { stride, padding, dilation }), wanted);
  });
});

/** What the windows of an adaptive pool make of the numbers under them. */
function adaptive(x: Tensor, target: readonly number[], f: (numbers: number[]) => number): Tensor {
  const [outer, sizes] = [x.shape.slice(0, -target.length), x.shape.slice(-target.length)];
  const begin = (i: number, axis: number) => Math.floor((i * sizes[axis]) / target[axis]);
  const end = (i: number, axis: number) => Math.ceil(((i + 1) * sizes[axis]) / target[axis]);
  return build([...outer, ...target], (index) => {
    const [image, place] = [index.slice(0, outer.length), index.slice(outer.length)];
    const reach = place.map((i, axis) => end(i, axis) - begin(i, axis));
    return f(
      indicesOf(reach).map((tap) =>
        at(x, [...image, ...tap.map((k, axis) => begin(place[axis], axis) + k)]),
      ),
    );
  });
}

const adaptivePools = [
  [lg.adaptiveMaxPool1d, lg.adaptiveAvgPool1d],
  [lg.adaptiveMaxPool2d, lg.adaptiveAvgPool2d],
  [lg.adaptiveMaxPool3d, lg.adaptiveAvgPool3d],
];

const meanOf = (numbers: number[]): number => numbers.reduce((a, b) => a + b) / numbers.length;

adaptivePools.forEach(([maxPool, avgPool], i) => {
  test(`adaptiveMaxPool${i + 1}d and adaptiveAvgPool${i + 1}d take windows that together cover the input`, () => {
    forAll(100, (d) => {
      const batch = d.once(3) ? [] : [d.int(1, 2)];
      const x = d.tensor([...batch, 2, ...each(i + 1, () => d.int(1, 6))], 'float64');
      const target = each(i + 1, () => d.int(1, 7));
      same(
        maxPool(x, target),
        adaptive(x, target, (numbers) => Math.max(...numbers)),
      );
      same(avgPool(x, target), adaptive(x, target, meanOf), 1e-12);
    });
  });
});

const unbatched: [string, (x: Tensor) => Tensor, number][] = [
  ['maxPool1d', (x) => lg.maxPool1d(x, 2, { padding: 1, dilation: 2 }), 1],
  ['maxPool2d', (x) => lg.maxPool2d(x, [2, 3], { stride: 1, ceilMode: true }), 2],
  ['maxPool3d', (x) => lg.maxPool3d(x, 2, { padding: [0, 1, 1] }), 3],
  ['avgPool1d', (x) => lg.avgPool1d(x, 3, { padding: 1, ceilMode: true }), 1],
  ['avgPool2d', (x) => lg.avgPool2d(x, 2, { padding: 1, countIncludePad: false }), 2],
  ['avgPool3d', (x) => lg.avgPool3d(x, 2, { stride: [2, 1, 1], padding: 1 }), 3],
];

for (const [name, pool, axes] of unbatched) {
  test(`${name} without a batch axis gives what a batch of one gives, without the axis`, () => {
    forAll(30, (d) => {
      const x = d.tensor([d.int(1, 3), ...each(axes, () => d.int(3, 5))], 'float64');
      same(pool(x), pool(x.unsqueeze(0)).squeeze(0));
    });
  });
}

test.run();
