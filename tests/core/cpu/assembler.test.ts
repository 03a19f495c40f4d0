import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  assemble,
  type Body,
  f32x4,
  i32,
  i32x4,
  type Local,
  type ModuleBuilder,
} from '../../../core/cpu/simd/assembler.js';

/** The one function of a module, `f`, and the memory that it works in. */
function made(write: (module: ModuleBuilder) => void, shared = false) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared });
  const module = new WebAssembly.Module(assemble(write, shared));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return {
    f: exports.f as (...args: number[]) => void,
    ints: new Int32Array(memory.buffer),
    floats: new Float32Array(memory.buffer),
  };
}

/** What a function of n leaves in memory, which is full of −1 before, for each of some n. */
function leaves(numbers: readonly number[], write: (n: Local<'i32'>, f: Body) => void) {
  const { f, ints } = made((module) => {
    module.function('f', { n: 'i32' }, (given, body) => write(given.n, body));
  });
  return numbers.map((n) => {
    ints.fill(-1);
    f(n);
    return ints.slice();
  });
}

test('whole numbers are written as they are, from end to end of 32 bits', () => {
  const edges = [0, 1, 63, 64, 65, 127, 128, 8191, 8192, 2 ** 20, 2 ** 31 - 1];
  const numbers = edges.flatMap((n) => [n, -n, -n - 1]).map((n) => n | 0);
  const [memory] = leaves([0], (_n, f) => {
    const put = (at: number, value: number): void =>
      f.do(f32x4.store(i32.const(at), i32x4.const(value)));
    numbers.forEach((value, i) => {
      put(48 * i, value);
      // Of an instruction the same number leaves nothing, and one that differs by a bit something.
      f.if(i32.eqz(i32.sub(i32.const(value), i32.const(value))), () => put(48 * i + 16, 5));
      f.if(i32.sub(i32.const(value), i32.const(value ^ 1)), () => put(48 * i + 32, 6));
    });
  });
  numbers.forEach((value, i) => {
    const expected = [value, 5, 6].flatMap((n) => [n, n, n, n]);
    assert.equal([...memory.slice(12 * i, 12 * (i + 1))], expected);
  });
});

test('constants keep every bit, and stand beside parameters and variables', () => {
  const { f, floats, ints } = made((module) => {
    module.function('f', { n: 'i32', to: 'i32' }, ({ to }, body) => {
      const before = body.let(f32x4.const(2.5));
      body.do(f32x4.store(to, f32x4.const(-0)));
      body.do(f32x4.store(to, f32x4.const(NaN), 16));
      body.do(f32x4.store(to, f32x4.const(2 ** -149), 32));
      const after = body.let(f32x4.add(before, f32x4.const(2.5)));
      body.do(f32x4.store(to, f32x4.mul(after, before), 48));
      body.do(f32x4.store(to, i32x4.const(0x3f800000), 64));
    });
  });
  f(0, 64);
  assert.ok(Object.is(floats[16], -0));
  assert.is(ints[20], 0x7fc00000);
  assert.is(floats[24], 2 ** -149);
  assert.equal([...floats.slice(28, 32)], [12.5, 12.5, 12.5, 12.5]);
  assert.is(floats[32], 1);
});

test('loops are gone through as often as they say, which may be never', () => {
  /** How often `loop` takes its turn for n = 0, 1 and 5. */
  const turns = (loop: (f: Body, n: Local<'i32'>, turn: () => void) => void): number[] =>
    leaves([0, 1, 5], (n, f) => {
      const count = f.local('i32');
      loop(f, n, () => f.set(count, i32.add(count, i32.const(1))));
      f.do(f32x4.store(i32.const(0), i32x4.shl(i32x4.const(1), count)));
    }).map(([power]) => Math.log2(power));
  const upTo = (f: Body, n: Local<'i32'>) => {
    const at = f.local('i32');
    return { at, goesOn: i32.ltU(at, n), next: () => f.set(at, i32.add(at, i32.const(1))) };
  };
  const counting = turns((f, n, turn) => f.count(f.local('i32'), n, 2, turn));
  assert.equal(counting, [0, 1, 3]);
  const before = turns((f, n, turn) => {
    const { goesOn, next } = upTo(f, n);
    f.while(goesOn, () => {
      turn();
      next();
    });
  });
  assert.equal(before, [0, 1, 5]);
  const after = turns((f, n, turn) => {
    const { goesOn, next } = upTo(f, n);
    f.doWhile(
      () => goesOn,
      () => {
        turn();
        next();
      },
    );
  });
  assert.equal(after, [1, 1, 5]);
});

test('a condition takes one of two ways, or one and none', () => {
  const ways = leaves([0, 9], (n, f) => {
    const put = (at: number, value: number) => () =>
      f.do(f32x4.store(i32.const(at), i32x4.const(value)));
    f.if(n, put(0, 1), put(0, 2));
    f.if(n, put(16, 3));
  });
  assert.equal(
    ways.map((memory) => [memory[0], memory[4]]),
    [
      [2, -1],
      [1, 3],
    ],
  );
});

test('the memory is one that threads share if it is said to be', () => {
  const write = (module: ModuleBuilder): void => module.function('f', {}, () => {});
  assert.type(made(write, true).f, 'function');
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  const module = new WebAssembly.Module(assemble(write, true));
  assert.throws(() => new WebAssembly.Instance(module, { env: { memory } }), /shared/);
});

test.run();
