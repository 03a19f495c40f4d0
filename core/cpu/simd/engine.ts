import { assemble, MAX_PAGES } from './assembler.js';
import { defineGemm, multiplyThenAdd } from './gemm-kernels.js';
import { defineMaps } from './map-kernels.js';

const PAGE = 65536;
/** Addresses begin on cache lines. */
const LINE = 64;

/** n, or the next multiple above it. */
export const roundUp = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple;

/** The kernels in WebAssembly, and the memory that they work in. */
export class Engine {
  private readonly memory = new WebAssembly.Memory({ initial: 16, maximum: MAX_PAGES });
  private readonly exports: WebAssembly.Exports;
  private top = LINE;
  floats = new Float32Array(this.memory.buffer);
  doubles = new Float64Array(this.memory.buffer);
  ints = new Int32Array(this.memory.buffer);

  constructor() {
    const binary = assemble((m) => {
      defineGemm(m, multiplyThenAdd);
      defineMaps(m);
    });
    const module = new WebAssembly.Module(binary);
    this.exports = new WebAssembly.Instance(module, { env: { memory: this.memory } }).exports;
  }

  /** Calls a kernel by its name. */
  call(kernel: string, ...args: number[]): void {
    (this.exports[kernel] as (...args: number[]) => void)(...args);
  }

  /** Runs `body`, and takes back all the room that it was given. */
  within<T>(body: () => T): T {
    const before = this.top;
    try {
      return body();
    } finally {
      this.top = before;
    }
  }

  /** The address of room for `count` four-byte numbers, until the end of the `within` around it. */
  room(count: number): number {
    const address = this.top;
    this.top += roundUp(4 * count, LINE);
    const missing = this.top - this.memory.buffer.byteLength;
    if (missing > 0) {
      this.memory.grow(Math.ceil(missing / PAGE));
      this.floats = new Float32Array(this.memory.buffer);
      this.doubles = new Float64Array(this.memory.buffer);
      this.ints = new Int32Array(this.memory.buffer);
    }
    return address;
  }

  /** A copy of numbers in the engine's memory: its address. */
  place(numbers: Float32Array): number {
    const address = this.room(numbers.length);
    this.floats.set(numbers, address / 4);
    return address;
  }

  /** A table of offsets, counted in numbers, as byte offsets, its last one repeated up to a multiple. */
  table(offsets: Int32Array, multiple = 1): number {
    const count = roundUp(offsets.length, multiple);
    const address = this.room(count);
    const { ints } = this;
    const at = address / 4;
    for (let i = 0; i < offsets.length; i++) ints[at + i] = 4 * offsets[i];
    ints.fill(4 * offsets[offsets.length - 1], at + offsets.length, at + count);
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
