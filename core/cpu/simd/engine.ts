import type { Storage } from '../../kernels.js';
import { mode } from '../../mode.js';
import { worthwhile } from '../../reuse.js';
import { CpuStorage, floats, listed } from '../storage.js';
import { assemble, f32x4, MAX_PAGES, type ModuleBuilder } from './assembler.js';
import { defineCopies } from './copy-kernels.js';
import { defineGemm, TILES, type Tile } from './gemm-kernels.js';
import { defineGroups } from './group-kernels.js';
import { Homes, REGION } from './homes.js';
import { LINE, roundUp } from './layout.js';
import { defineMaps } from './map-kernels.js';
import { defineReductions } from './reduce-kernels.js';
import { launcher, RESERVED, Team } from './threads.js';
import { defineUpdates } from './update-kernels.js';
import { defineWinograd } from './winograd-kernels.js';

const PAGE = 65536;

/** Copies of storages lie behind the list of calls, and behind them is room for one operation. */
const COPIES = roundUp(4 * RESERVED, LINE);
const BEYOND = COPIES + REGION;

/** Whether this machine's WebAssembly has relaxed SIMD, and with it a fused multiply-add. */
function hasRelaxed(): boolean {
  const probe = assemble((module) => {
    module.function('probe', { x: 'i32' }, ({ x }, f) => {
      const value = f.let(f32x4.load(x));
      f.do(f32x4.store(x, f32x4.relaxedMadd(value, value, value)));
    });
  });
  return WebAssembly.validate(probe);
}

/** The kernels in WebAssembly, the memory that they work in, and the threads that run them. */
export class Engine {
  readonly tile: Tile;
  private readonly memory: WebAssembly.Memory;
  private readonly kernels: ReadonlyMap<string, number>;
  private readonly exports: WebAssembly.Exports;
  private readonly team: Team;
  private readonly isShared: boolean;
  private readonly homes = new Homes(COPIES);
  private top = BEYOND;
  private depth = 0;
  floats: Float32Array;
  doubles: Float64Array;
  ints: Int32Array;
  bytes: Uint8Array;

  constructor() {
    const launch = launcher();
    const shared = launch !== null;
    this.isShared = shared;
    this.tile = hasRelaxed() ? TILES.fused : TILES.plain;
    const write = (m: ModuleBuilder): void => {
      defineGemm(m, this.tile);
      defineMaps(m);
      defineCopies(m);
      defineReductions(m);
      defineGroups(m);
      defineWinograd(m);
      defineUpdates(m);
    };
    const module = new WebAssembly.Module(assemble(write, shared));
    this.memory = new WebAssembly.Memory({
      initial: Math.ceil(BEYOND / PAGE) + 16,
      maximum: MAX_PAGES,
      shared,
    });
    this.exports = new WebAssembly.Instance(module, { env: { memory: this.memory } }).exports;
    this.kernels = new Map(Object.keys(this.exports).map((name, i) => [name, i]));
    this.team = new Team(module, this.memory, this.exports, launch);
    const { buffer } = this.memory;
    this.floats = new Float32Array(buffer);
    this.doubles = new Float64Array(buffer);
    this.ints = new Int32Array(buffer);
    this.bytes = new Uint8Array(buffer);
  }

  /** How many threads share the work at this moment. */
  get threads(): number {
    return this.team.ready;
  }

  /** Calls a kernel by its name, at once. */
  call(kernel: string, ...args: number[]): void {
    (this.exports[kernel] as (...args: number[]) => void)(...args);
  }

  /** Leaves a call to the threads; `join` has it made. Calls that wait together must not meet in memory. */
  fork(kernel: string, ...args: number[]): void {
    this.team.add(this.kernels.get(kernel) as number, args);
  }

  /** Returns when every call that was left to the threads has been made. */
  join(): void {
    this.team.run();
  }

  /** Runs `body`, and takes back all the room that it was given. The outermost call is an operation. */
  within<T>(body: () => T): T {
    const before = this.top;
    this.depth++;
    try {
      return body();
    } finally {
      this.top = before;
      if (--this.depth === 0) this.homes.operation++;
    }
  }

  /** The address of x's numbers, until the operation ends. */
  source(x: Storage): number {
    const numbers = x.data as Float32Array;
    if (!(x instanceof CpuStorage) || x.lent || !this.homes.fits(x.length)) {
      return this.place(numbers);
    }
    const { home } = x;
    if (home !== null) {
      if (home.isGood) {
        this.homes.needed(home);
        return home.at;
      }
      this.homes.missed(home);
    }
    x.home = this.homes.claim(x.length);
    this.floats.set(numbers, x.home.at / 4);
    return x.home.at;
  }

  /** To be called when a kernel has changed x's numbers at the address that `source` gave. */
  changed(x: Storage, at: number): void {
    const there = this.numbersAt(at, x.length);
    if (!(x instanceof CpuStorage) || x.home?.at !== at || !this.canLive(x.length)) {
      x.data.set(there);
    } else if (x.home.owner === null) {
      x.moveIn(x.home, there);
    }
  }

  /**
   * Whether so many numbers may be nowhere but in their home: not where threads share no memory, as that
   * of one thread moves when it grows.
   */
  private canLive(length: number): boolean {
    return this.isShared && length >= worthwhile.from;
  }

  private numbersAt(at: number, length: number): Float32Array {
    return this.floats.subarray(at / 4, at / 4 + length);
  }

  /**
   * A storage of `length` numbers, which `write` leaves at the address that it is given; those of the
   * sources, of which there is one at least, follow it.
   */
  result(
    sources: readonly Storage[],
    length: number,
    write: (y: number, ...sources: number[]) => void,
  ): CpuStorage {
    return this.within(() => {
      const addresses = sources.map((x) => this.source(x));
      const home = this.homes.fits(length) ? this.homes.claim(length) : null;
      const at = home === null ? this.room(length) : home.at;
      write(at, ...addresses);
      const there = this.numbersAt(at, length);
      // Most cotangents are dead before their home is given up, and are never copied then.
      const stays = home !== null && mode.made !== null && this.canLive(length);
      const array = stays ? there : floats(length);
      const y = listed(new CpuStorage(sources[0].device, 'float32', array));
      if (stays) y.moveIn(home, there);
      else array.set(there);
      y.home = home;
      return y;
    });
  }

  /** The address of room for `count` four-byte numbers, until the end of the `within` around it. */
  room(count: number): number {
    const address = this.top;
    this.top += roundUp(4 * count, LINE);
    const missing = this.top - this.floats.byteLength;
    if (missing > 0) {
      this.memory.grow(Math.ceil(missing / PAGE));
      this.team.moved();
      const { buffer } = this.memory;
      this.floats = new Float32Array(buffer);
      this.doubles = new Float64Array(buffer);
      this.ints = new Int32Array(buffer);
      this.bytes = new Uint8Array(buffer);
    }
    return address;
  }

  /** A copy of numbers in the engine's memory, until the end of the `within` around it: its address. */
  place(numbers: Float32Array | Int32Array): number {
    const address = this.room(numbers.length);
    (numbers instanceof Int32Array ? this.ints : this.floats).set(numbers, address / 4);
    return address;
  }
}

let engine: Engine | null | undefined;

/** The engine, made when it is first needed; null where there are no vectors or `loops` are wanted. */
export function simd(): Engine | null {
  if (engine === undefined) {
    try {
      engine = wantsLoops() ? null : new Engine();
    } catch {
      engine = null;
    }
  }
  return engine;
}

/** `LAMBDAGRAD_CPU=loops` in the environment keeps to the plain loops. */
function wantsLoops(): boolean {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.LAMBDAGRAD_CPU === 'loops';
}
