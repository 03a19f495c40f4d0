import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Tensor } from '../../ops/index.js';
import * as lg from '../../ops/index.js';
import { at, build, same } from '../ops/naive.js';
import { type Draw, forAll } from './drawing.js';

const real = (d: Draw, least = 0, most = 4): Tensor => d.tensor(d.shape(least, most), 'float64');

test('permute reads axis dims[i] of the tensor as axis i', () => {
  forAll(150, (d) => {
    const x = real(d);
    const order = d.order(x.ndim);
    const wanted = build(
      order.map((axis) => x.shape[axis]),
      (place) =>
        at(
          x,
          order.map((_, axis) => place[order.indexOf(axis)]),
        ),
    );
    same(lg.permute(x, order), wanted);
  });
});

test('reshape, flatten, squeeze and unsqueeze keep the numbers in their order', () => {
  forAll(150, (d) => {
    const x = real(d);
    const results = [
      lg.reshape(x, [x.size]),
      lg.flatten(x),
      lg.squeeze(x),
      lg.unsqueeze(x, d.int(0, x.ndim)),
    ];
    for (const y of results) assert.equal([...y.data], [...x.data]);
  });
});

test('cat lays tensors one behind the other along the axis', () => {
  forAll(150, (d) => {
    const shape = d.shape(1, 4);
    const axis = d.int(0, shape.length - 1);
    const parts = Array.from({ length: d.int(1, 4) }, () =>
      d.tensor(shape.with(axis, d.size()), 'float64'),
    );
    const total = parts.reduce((n, part) => n + part.shape[axis], 0);
    const wanted = build(shape.with(axis, total), (place) => {
      let along = place[axis];
      for (const part of parts) {
        if (along < part.shape[axis]) return at(part, place.with(axis, along));
        along -= part.shape[axis];
      }
      return NaN;
    });
    same(lg.cat(parts, axis), wanted);
  });
});

test('stack gives each tensor its place along a new axis', () => {
  forAll(100, (d) => {
    const shape = d.shape(0, 3);
    const axis = d.int(0, shape.length);
    const parts = Array.from({ length: d.int(1, 3) }, () => d.tensor(shape, 'float64'));
    const wanted = build(shape.toSpliced(axis, 0, parts.length), (place) =>
      at(parts[place[axis]], place.toSpliced(axis, 1)),
    );
    same(lg.stack(parts, axis), wanted);
  });
});

test('split and chunk are undone by cat', () => {
  forAll(100, (d) => {
    const x = real(d, 1, 4);
    const axis = d.int(0, x.ndim - 1);
    same(lg.cat(lg.split(x, d.int(1, 3), axis), axis), x);
    same(lg.cat(lg.chunk(x, d.int(1, 4), axis), axis), x);
  });
});

test('cumsum and cumprod are, at each place, the sum and product of what stands up to it', () => {
  forAll(150, (d) => {
    const x = real(d, 1, 4);
    const axis = d.int(0, x.ndim - 1);
    const upTo = (place: number[], join: (a: number, b: number) => number, start: number): number =>
      Array.from({ length: place[axis] + 1 }, (_, i) => at(x, place.with(axis, i))).reduce(
        join,
        start,
      );
    same(
      lg.cumsum(x, axis),
      build(x.shape, (place) => upTo(place, (a, b) => a + b, 0)),
      1e-14,
    );
    same(
      lg.cumprod(x, axis),
      build(x.shape, (place) => upTo(place, (a, b) => a * b, 1)),
      1e-14,
    );
  });
});

test('recurrence follows y = a·y + b from 0 along the axis', () => {
  forAll(100, (d) => {
    const a = real(d, 1, 3);
    const b = d.tensor(a.shape, 'float64');
    const axis = d.int(0, a.ndim - 1);
    const wanted = build(a.shape, (place) => {
      let y = 0;
      for (let i = 0; i <= place[axis]; i++) {
        y = at(a, place.with(axis, i)) * y + at(b, place.with(axis, i));
      }
      return y;
    });
    same(lg.recurrence(a, b, axis), wanted, 1e-14);
  });
});

test('tensordot sums over the pairs of axes and keeps the others, those of the first in front', () => {
  forAll(100, (d) => {
    const shared = Array.from({ length: d.int(0, 2) }, () => d.int(1, 3));
    const [own, other] = [d.shape(0, 2), d.shape(0, 2)];
    const [a, b] = [
      d.tensor([...own, ...shared], 'float64'),
      d.tensor([...shared, ...other], 'float64'),
    ];
    const wanted = build([...own, ...other], (place) => {
      const [left, right] = [place.slice(0, own.length), place.slice(own.length)];
      let sum = 0;
      build(shared, (k) => {
        sum += at(a, [...left, ...k]) * at(b, [...k, ...right]);
        return 0;
      });
      return sum;
    });
    same(lg.tensordot(a, b, shared.length), wanted, 1e-12);
  });
});

test('matmul is the sum over the inner axis for each place of the broadcast batch', () => {
  forAll(100, (d) => {
    const batch = d.shape(0, 2);
    const [n, k, m] = [d.size(), d.size(), d.size()];
    const a = d.tensor([...d.narrower(batch), n, k], 'float64');
    const b = d.tensor([...batch, k, m], 'float64');
    const wanted = build([...batch, n, m], (place) => {
      const [row, col] = place.slice(-2);
      const outer = place.slice(0, -2);
      const own = outer
        .slice(outer.length - (a.ndim - 2))
        .map((i, axis) => (a.shape[axis] === 1 ? 0 : i));
      let sum = 0;
      for (let i = 0; i < k; i++) sum += at(a, [...own, row, i]) * at(b, [...outer, i, col]);
      return sum;
    });
    same(lg.matmul(a, b), wanted, 1e-12);
  });
});

test.run();
