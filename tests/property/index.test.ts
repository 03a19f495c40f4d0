import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { index, type Selector, slice, type Tensor } from '../../ops/index.js';
import { at, build, indicesOf, same } from '../ops/naive.js';
import { selectors } from './calls/indexing.js';
import { type Draw, forAll } from './drawing.js';
import { broadcast, Refused } from './rules.js';

/** The places that Python's `range` visits, for a slice of n. */
function placesOf(n: number, start: number | null, end: number | null, step: number): number[] {
  const places: number[] = [];
  const [low, high] = step > 0 ? [0, n] : [-1, n - 1];
  const bound = (i: number | null, otherwise: number): number =>
    i === null ? otherwise : Math.min(high, Math.max(low, i < 0 ? i + n : i));
  const [from, to] = [bound(start, step > 0 ? low : high), bound(end, step > 0 ? high : low)];
  for (let i = from; step > 0 ? i < to : i > to; i += step) places.push(i);
  return places;
}

/** A part of the result: an axis with the place each of its positions reads, or a list of positions. */
type Part =
  | { readonly kind: 'axis'; readonly reads: number | null; readonly places: readonly number[] }
  | { readonly kind: 'list'; readonly reads: number; readonly positions: Tensor };

function rangeOf(text: string, n: number): number[] {
  const [start, end, step] = text.split(':').map((part) => (part === '' ? null : Number(part)));
  return placesOf(n, start, end, step ?? 1);
}

/** Each selector as what it reads of which axis. */
function partsOf(x: Tensor, given: readonly Selector[]): Part[] {
  const parts: Part[] = [];
  let axis = 0;
  const taken = (s: Selector): number =>
    s === null || s === '...' ? 0 : typeof s === 'object' && s.dtype === 'bool' ? s.ndim : 1;
  const rest = x.ndim - given.reduce((n: number, s) => n + taken(s), 0);
  const byList = given.some((s) => typeof s === 'object' && s !== null);
  const whole = (): void => {
    const places = indicesOf([x.shape[axis]]).map(([i]) => i);
    parts.push({ kind: 'axis', reads: axis++, places });
  };
  const list = (positions: Tensor): void => {
    parts.push({ kind: 'list', reads: axis++, positions });
  };
  for (const s of given.includes('...') ? given : [...given, '...']) {
    if (s === null) parts.push({ kind: 'axis', reads: null, places: [0] });
    else if (s === '...') for (let i = 0; i < rest; i++) whole();
    else if (typeof s === 'string') {
      parts.push({ kind: 'axis', reads: axis, places: rangeOf(s, x.shape[axis++]) });
    } else if (typeof s === 'number') {
      if (byList) list(build([], () => s));
      else parts.push({ kind: 'list', reads: axis++, positions: build([], () => s) });
    } else if (s.dtype === 'bool') {
      const kept = indicesOf(s.shape).filter((place) => at(s, place) !== 0);
      for (let i = 0; i < s.ndim; i++) list(build([kept.length], ([k]) => kept[k][i]));
    } else list(s);
  }
  return parts;
}

/** NumPy's x[…], read number by number. */
function naive(x: Tensor, given: readonly Selector[]): Tensor {
  const parts = partsOf(x, given);
  const lists = parts.flatMap((part) => (part.kind === 'list' ? [part] : []));
  const axes = parts.flatMap((part) => (part.kind === 'axis' ? [part] : []));
  const common = broadcast(...lists.map(({ positions }) => positions.shape));
  const first = parts.findIndex(({ kind }) => kind === 'list');
  const neighbours = parts.slice(first, first + lists.length).every(({ kind }) => kind === 'list');
  // Numbers alone are lists of no axes: where they would stand makes no difference.
  const before = first >= 0 && neighbours ? first : 0;
  const sizes = axes.map(({ places }) => places.length);
  const shape = [...sizes.slice(0, before), ...common, ...sizes.slice(before)];
  return build(shape, (place) => {
    const listAt = place.slice(before, before + common.length);
    const axisAt = [...place.slice(0, before), ...place.slice(before + common.length)];
    const from = new Array<number>(x.ndim);
    axes.forEach(({ reads, places }, i) => {
      if (reads !== null) from[reads] = places[axisAt[i]];
    });
    for (const { reads, positions } of lists) {
      const own = listAt.slice(common.length - positions.ndim);
      const i = at(
        positions,
        own.map((k, axis) => (positions.shape[axis] === 1 ? 0 : k)),
      );
      from[reads] = i < 0 ? i + x.shape[reads] : i;
    }
    return at(x, from);
  });
}

/** Selectors whose lists do broadcast. */
function fitting(d: Draw, x: Tensor): Selector[] | null {
  const drawn = selectors(d, x);
  try {
    naive(x, drawn);
    return drawn;
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

test('index reads what NumPy reads: numbers, ranges, lists, masks, new axes and the ellipsis', () => {
  let compared = 0;
  forAll(800, (d) => {
    const x = d.tensor(d.shape(), 'float64');
    const drawn = fitting(d, x);
    if (drawn === null) return;
    compared++;
    same(index(x, drawn), naive(x, drawn));
  });
  assert.ok(compared > 500, `only ${compared} indices fitted`);
});

test('slice reads the places that a range of Python visits', () => {
  forAll(300, (d) => {
    const x = d.tensor(d.shape(1, 4), 'float64');
    const axis = d.int(0, x.ndim - 1);
    const bound = (): number | null => d.pick(null, d.int(-5, 5));
    const [start, end, step] = [bound(), bound(), d.pick(1, 2, 3, -1, -2)];
    const places = placesOf(x.shape[axis], start, end, step);
    const wanted = build(x.shape.with(axis, places.length), (place) =>
      at(x, place.with(axis, places[place[axis]])),
    );
    same(slice(x, axis, start, end, step), wanted);
  });
});

test.run();
