// What this folder uses of gpu.js, with the types that its own declarations have wrong or leave out.

/** The ways in which gpu.js can run a kernel. */
export type Mode = 'webgpu' | 'webgl2' | 'webgl' | 'headlessgl' | 'webasm' | 'cpu';

/** Numbers that stay where a kernel left them; modes without a GPU give an array instead. */
export type Handle = Float32Array | Resident;

export interface Resident {
  toArray(): Float32Array | Promise<Float32Array>;
  delete(): void;
}

export interface CompiledKernel {
  /** Gives the handle at once, or in webgpu a promise of it that is resolved when the work is queued. */
  (...args: readonly (Handle | number)[]): Handle | Promise<Handle>;
  destroy(removeCanvas?: boolean): void;
  readonly kernel: {
    readonly constructor: { readonly mode?: string };
    readonly fallbackReason?: unknown;
    readonly context?: unknown;
  };
}

export interface KernelSettings {
  readonly output: readonly number[];
  readonly precision: 'single';
  readonly tactic: 'precision';
  readonly pipeline: boolean;
  readonly immutable: boolean;
  readonly loopMaxIterations: number;
}

export interface Engine {
  createKernel(source: string, settings: KernelSettings): CompiledKernel;
  addFunction(
    source: string,
    settings: { argumentTypes: Record<string, 'Number'>; returnType: 'Number' },
  ): unknown;
  destroy(): Promise<void> | void;
}

export interface EngineClass {
  new (settings: { mode: Mode }): Engine;
  readonly isHeadlessGLSupported: boolean;
  readonly isWebGL2Supported: boolean;
  readonly isWebGLSupported: boolean;
  isWebGPUAvailable(): Promise<boolean>;
}

/** What a WebGPU kernel returns, as far as it is used here. */
interface BufferHandle extends Resident {
  readonly buffer: unknown;
  readonly context: unknown;
  readonly kernel: unknown;
  readonly constructor: new (settings: object) => Resident;
}

/** The buffer of a WebGPU kernel that returns four numbers a thread, seen as `length` numbers. */
export function flat(handle: Handle, length: number): Handle {
  const { buffer, context, kernel, constructor: View } = handle as BufferHandle;
  const view = new View({ buffer, context, kernel, output: [length], componentCount: 1 });
  (handle as BufferHandle).delete();
  return view;
}

/** What a handle stands for; in webgpu a promise of it. */
export const numbersOf = (handle: Handle): Float32Array | Promise<Float32Array> =>
  handle instanceof Float32Array ? handle : handle.toArray();

/** Without a GPU a kernel may hand out the array that it will write to again. */
export const own = (handle: Handle): Handle =>
  handle instanceof Float32Array ? handle.slice() : handle;
