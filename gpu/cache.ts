import type { CompiledKernel, Engine, KernelSettings } from './facade.js';

/** Kernels kept compiled at most; what was not used for longest goes first. */
const CAPACITY = 2048;

/** Iterations of one loop after which gpu.js would stop it without a word; no kernel here comes near. */
const LOOP_LIMIT = 2 ** 16;

const settings = (length: number): KernelSettings => ({
  output: [length],
  precision: 'single',
  tactic: 'precision',
  pipeline: true,
  immutable: true,
  loopMaxIterations: LOOP_LIMIT,
});

/** Compiled kernels by their source and sizes. */
export class KernelCache {
  // A Map remembers the order of insertion: the first is the one that was not used for longest.
  private readonly kernels = new Map<string, CompiledKernel>();

  constructor(
    private readonly engine: Engine,
    private readonly capacity = CAPACITY,
  ) {}

  /** The kernel of this source for a result of `length` numbers and inputs of these sizes. */
  kernel(source: string, length: number, sizes: readonly number[]): CompiledKernel {
    const key = `${length} ${sizes.join(' ')} ${source}`;
    const found = this.kernels.get(key);
    if (found !== undefined) {
      this.kernels.delete(key);
      this.kernels.set(key, found);
      return found;
    }
    const made = this.engine.createKernel(source, settings(length));
    this.kernels.set(key, made);
    if (this.kernels.size > this.capacity) {
      const [[oldest, kernel]] = this.kernels;
      this.kernels.delete(oldest);
      kernel.destroy();
    }
    return made;
  }

  /**
   * The kernel that takes an array to the device. It has a key of its own: gpu.js compiles a kernel for
   * arrays or for handles, and goes wrong where one gets both.
   */
  upload(length: number): CompiledKernel {
    return this.kernel('function (array) {\nreturn array[this.thread.x];\n}', length, [length]);
  }

  clear(): void {
    for (const kernel of this.kernels.values()) kernel.destroy();
    this.kernels.clear();
  }
}
