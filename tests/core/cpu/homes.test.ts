import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cpu } from '../../../core/cpu/index.js';
import { simd } from '../../../core/cpu/simd/engine.js';
import { type Home, Homes } from '../../../core/cpu/simd/homes.js';
import { CpuStorage } from '../../../core/cpu/storage.js';
import {
  add,
  grad,
  gt,
  lt,
  matmul,
  mul,
  noGrad,
  ones,
  randn,
  relu,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../../../ops/index.js';

const room = (homes: Homes, bytes: number): Home => homes.claim(bytes / 4);

/** So many homes of 64 bytes, each claimed by an operation of its own. */
const claim = (homes: Homes, count: number): Home[] =>
  Array.from({ length: count }, () => {
    homes.operation++;
    return room(homes, 64);
  });

/** How far a region that begins at 0 is in use. */
const reach = (homes: Homes): number => Math.max(...claim(homes, 64).map(({ end }) => end));

test('copies fill a region in order, and the oldest are given up when it is full', () => {
  const homes = new Homes(64, 1024);
  const claimed = [];
  for (let i = 0; i < 10; i++) {
    homes.operation++;
    claimed.push(room(homes, 256));
  }
  assert.equal(
    claimed.slice(0, 5).map(({ at }) => at),
    [64, 320, 576, 832, 64],
  );
  assert.equal(
    claimed.map(({ isGood }) => isGood),
    [...new Array<boolean>(6).fill(false), ...new Array<boolean>(4).fill(true)],
  );
});

test('what the operation at hand needs is passed over', () => {
  const homes = new Homes(0, 1024);
  const needed = room(homes, 256);
  for (let i = 0; i < 20; i++) {
    homes.operation++;
    needed.neededBy = homes.operation;
    const { at, end } = room(homes, 128);
    assert.ok(end <= needed.at || at >= needed.end);
  }
  assert.ok(needed.isGood);
  homes.operation++;
  for (let i = 0; i < 6; i++) room(homes, 128);
  assert.not(needed.isGood);
});

test('two homes that are good never overlap', () => {
  const homes = new Homes(0, 4096);
  const all: Home[] = [];
  let seed = 1;
  for (let i = 0; i < 2000; i++) {
    seed = (seed * 16807) % 2147483647;
    if (i % 3 === 0) homes.operation++;
    all.push(room(homes, 64 * (1 + (seed % 5))));
    const good = all.filter(({ isGood }) => isGood).sort((a, b) => a.at - b.at);
    for (let j = 1; j < good.length; j++) assert.ok(good[j].at >= good[j - 1].end);
    for (const { end } of good) assert.ok(end <= 4096);
  }
});

test('the region widens for what it was too small to keep, and for nothing else', () => {
  const homes = new Homes(0, 2048, 1024);
  assert.is(reach(homes), 1024);

  const [used] = claim(homes, 8);
  homes.operation++;
  homes.needed(used);
  claim(homes, 12);
  assert.not(used.isGood);
  homes.missed(used); // last used less than a region ago: it only came first in its turn
  assert.is(reach(homes), 1024);

  const [early] = claim(homes, 20);
  homes.missed(early); // it would be here still, had the region been wider
  assert.is(reach(homes), 2048);

  const [never] = claim(homes, 40);
  homes.missed(never);
  assert.is(reach(homes), 2048);
});

test('a copy larger than an eighth of the region widens it', () => {
  const homes = new Homes(0, 2048, 1024);
  room(homes, 256);
  assert.is(reach(homes), 2048);
});

test('numbers outlive their copies', () => {
  assert.not.equal(simd(), null);
  const n = 250_000;
  const tensors = Array.from({ length: 120 }, (_, i) => add(ones([n]), i));
  tensors.forEach((x, i) => {
    const y = mul(x, 2);
    assert.is(y.data[0], 2 * (i + 1));
    assert.is(y.data[n - 1], 2 * (i + 1));
  });
});

test('changes in place, by whoever makes them, are seen by the next kernel', () => {
  const x = relu(ones([5000]));
  assert.is(add(x, 1).data[4999], 2);
  x.copy_(tensor(new Float32Array(5000).fill(5)));
  assert.is(add(x, 1).data[4999], 6);
  cpu.kernels.update('descent', x.storage, ones([5000]).storage, [], [2, 0]);
  assert.is(add(x, 1).data[4999], 4);
  assert.is(x.data[4999], 3);
});

test('whoever has a tensor’s data may write to it at any time', () => {
  const x = relu(ones([64, 64]));
  const { data } = x;
  for (const value of [2, 3, 4]) {
    data[0] = value;
    assert.is(add(x, 1).data[0], value + 1);
    assert.is(matmul(x, zeros([64, 64])).data[0], 0);
  }
  noGrad(() => x.copy_(ones([64, 64])));
  assert.is(data[0], 1);
});

test('bools and small tensors that are made one after another keep their numbers', () => {
  for (const n of [1023, 1024, 1500, 2048, 2049]) {
    const x = tensor(Float32Array.from({ length: n }, (_, i) => (i % 3) - 1));
    const [before, positive] = [add(ones([40]), n), gt(x, 0)];
    const [between, negative] = [add(ones([40]), 1), lt(x, 0)];
    const after = add(ones([300]), 2);
    for (const [mask, sign] of [
      [positive, 1],
      [negative, -1],
    ] as const) {
      assert.equal(
        [...mask.data],
        Array.from(x.data, (v) => Number(v === sign)),
      );
    }
    assert.equal([...before.data], new Array<number>(40).fill(n + 1));
    assert.equal([...between.data], new Array<number>(40).fill(2));
    assert.equal([...after.data], new Array<number>(300).fill(3));
  }
});

/** Whether x's numbers are nowhere but in the kernels' memory. */
const isAtHome = ({ storage }: Tensor): boolean =>
  storage instanceof CpuStorage && storage.home?.owner === storage;

/** More work than the kernels' memory has room for copies of. */
function fillRegion(): void {
  const x = randn([500_000]);
  for (let i = 0; i < 80; i++) mul(x, i);
}

test('gradients that live in the kernels’ memory leave it in time', () => {
  const x = randn([300, 200]).requiresGrad_();
  const [g] = grad(sum(mul(x, x)), [x]);
  assert.ok(isAtHome(g));
  fillRegion();
  assert.not(isAtHome(g));
  assert.equal(
    g.data,
    x.data.map((v) => 2 * v),
  );
});

test('what is changed in place stays in the kernels’ memory, and leaves it in time', () => {
  const x = randn([300, 200]);
  const y = mul(x, 1);
  for (let i = 0; i < 4; i++) {
    y.add_(x);
    assert.ok(isAtHome(y));
    if (i % 2 === 1) fillRegion();
    assert.is(isAtHome(y), i % 2 === 0);
  }
  const once = (v: number, n: number): number => (n === 0 ? v : Math.fround(once(v, n - 1) + v));
  assert.equal(
    y.data,
    x.data.map((v) => once(v, 4)),
  );
});

test('whoever takes the data of what lives in the kernels’ memory has an array of their own', () => {
  const x = ones([300, 200]).requiresGrad_();
  const [g] = grad(sum(mul(x, 3)), [x]);
  assert.ok(isAtHome(g));
  const { data } = g;
  assert.is(data.buffer.byteLength, data.byteLength);
  data[7] = 5;
  fillRegion();
  assert.is(g.data, data);
  assert.equal([...add(g, 1).data.slice(6, 9)], [4, 6, 4]);
});

test('an operand that is both sources of an op, and the result of one that is a source of the next', () => {
  let x = randn([300, 300]);
  const expected = x.data.map((v) => 8 * v);
  for (let i = 0; i < 3; i++) x = add(x, x);
  assert.equal(x.data, expected);
});

test('the data of small tensors has a buffer of its own, and stays theirs', () => {
  const made = Array.from({ length: 300 }, (_, i) => add(ones([40]), i));
  const lent = made.map((x) => x.data);
  lent.forEach((data, i) => {
    assert.is(data.buffer.byteLength, 160);
    assert.is(made[i].data, data);
    data[39] = -i;
  });
  made.forEach((x, i) => {
    assert.equal(add(x, 0).toArray(), [...new Array<number>(39).fill(i + 1), -i]);
  });
});

test.run();
