import type { DType, TypedArray } from '../core/dtype.js';
import { DeviceError, DTypeError } from '../core/errors.js';
import type { Device, Kernels, Storage } from '../core/kernels.js';
import { track } from '../core/lifetime.js';
import { KernelCache } from './cache.js';
import type { Engine, Handle, Mode } from './facade.js';
import { kernelsOf } from './kernels/index.js';
import { type Cell, fromFloats, GpuStorage } from './storage.js';

/** Places in an array are counted in float32 on the GPU, which counts no further. */
const LONGEST = 2 ** 24;

/** What a kernel computes: the statements that return number `i` of the result. */
export interface Program {
  /** For messages. */
  readonly name: string;
  readonly dtype: DType;
  readonly length: number;
  /** Source with `i` the place in the result, the inputs as flat arrays and the scalars by their names. */
  readonly body: string;
  readonly inputs?: Readonly<Record<string, Storage>>;
  /** Numbers that change from call to call, or have no literal. */
  readonly scalars?: Readonly<Record<string, number>>;
}

/** A GPU, or what stands in for one, as a place where tensors live. */
export class GpuDevice implements Device {
  readonly name: string;
  readonly kernels: Kernels;
  private readonly cache: KernelCache;
  /** The end of all work so far: in webgpu each launch waits for the one before it. */
  private queue: Promise<void> = Promise.resolve();
  private readonly garbage = new FinalizationRegistry<Cell>((cell) => this.freeCell(cell));

  constructor(
    readonly engine: Engine,
    readonly mode: Mode,
    /** What the driver calls the hardware. */
    readonly adapter: string,
  ) {
    this.name = `gpu (${mode}, ${adapter})`;
    this.cache = new KernelCache(engine);
    this.kernels = kernelsOf(this);
  }

  /** Whether results can be read without waiting. */
  get synchronous(): boolean {
    return this.mode !== 'webgpu';
  }

  /** Runs a program. Throws a `DeviceError` where it does not compile or is too long, a `DTypeError` for float64. */
  run(program: Program): GpuStorage {
    this.checkDType(program.name, program.dtype);
    return this.storage(program.dtype, program.length, this.launch(program), null);
  }

  /** Runs a program and puts its result in the place of what `y` held. */
  runInto(y: Storage, program: Program): void {
    const into = y as GpuStorage;
    const before = into.cell;
    into.cell = this.launch(program);
    into.mirror = null;
    this.garbage.unregister(into);
    this.garbage.register(into, into.cell, into);
    this.freeCell(before);
  }

  upload(dtype: DType, data: TypedArray): GpuStorage {
    this.checkDType('upload', dtype);
    this.checkLength('upload', data.length);
    const cell = this.cellOf(
      () => this.cache.upload(data.length)(Float32Array.from(data)),
      `upload of ${data.length} numbers`,
      data.length,
    );
    return this.storage(dtype, data.length, cell, dtype === 'float32' ? null : data.slice());
  }

  async download(x: Storage): Promise<TypedArray> {
    const { dtype, length, cell } = x as GpuStorage;
    this.checkAlive(cell);
    if (length === 0) return fromFloats(dtype, new Float32Array(0));
    if (!this.synchronous) await this.queue;
    return fromFloats(dtype, (await numbersOf(this.handleOf(cell))).slice());
  }

  /** The numbers at once. Throws a `DeviceError` in webgpu, which cannot. */
  readNow({ dtype, length, cell }: GpuStorage): TypedArray {
    this.checkAlive(cell);
    if (length === 0) return fromFloats(dtype, new Float32Array(0));
    if (this.synchronous) {
      return fromFloats(dtype, (numbersOf(this.handleOf(cell)) as Float32Array).slice());
    }
    throw new DeviceError(
      `${this.name}: numbers computed here cannot be read at once; use await x.read()`,
    );
  }

  free(x: Storage): void {
    this.garbage.unregister(x);
    this.freeCell((x as GpuStorage).cell);
  }

  /** Ends the device: its kernels and context go. Tensors on it can no longer be used. */
  async destroy(): Promise<void> {
    await this.queue;
    this.cache.clear();
    await this.engine.destroy();
  }

  private storage(dtype: DType, length: number, cell: Cell, mirror: TypedArray | null): GpuStorage {
    const made = new GpuStorage(this, dtype, length, cell, mirror);
    this.garbage.register(made, cell, made);
    track(made);
    return made;
  }

  private launch({ name, length, body, inputs = {}, scalars = {} }: Program): Cell {
    this.checkLength(name, length);
    const cells = Object.values(inputs).map((x) => (x as GpuStorage).cell);
    for (const cell of cells) this.checkAlive(cell);
    const parameters = [...Object.keys(inputs), ...Object.keys(scalars)];
    const source = `function (${parameters.join(', ')}) {\nconst i = this.thread.x;\n${body}\n}`;
    const sizes = Object.values(inputs).map((x) => x.length);
    return this.cellOf(
      () =>
        this.cache.kernel(
          source,
          length,
          sizes,
        )(...cells.map((cell) => this.handleOf(cell)), ...Object.values(scalars)),
      `${name} of ${sizes.join(', ')} numbers to ${length}`,
      length,
    );
  }

  /** The cell of what `start` starts: at once, or in webgpu when all work before it has been queued. */
  private cellOf(start: () => Handle | Promise<Handle>, what: string, length: number): Cell {
    const cell: Cell = { handle: null, error: null, freed: false };
    if (length === 0) return cell;
    if (this.synchronous) {
      try {
        cell.handle = own(start() as Handle);
      } catch (error) {
        throw this.failure(what, error);
      }
      return cell;
    }
    this.queue = this.queue.then(async () => {
      try {
        cell.handle = await start();
      } catch (error) {
        cell.error = error instanceof DeviceError ? error : this.failure(what, error);
      }
    });
    return cell;
  }

  private freeCell(cell: Cell): void {
    if (cell.freed) return;
    cell.freed = true;
    const end = (): void => {
      if (cell.handle !== null && 'delete' in cell.handle) cell.handle.delete();
      cell.handle = null;
    };
    if (this.synchronous) end();
    else this.queue = this.queue.then(end);
  }

  private handleOf(cell: Cell): Handle {
    if (cell.error !== null) throw cell.error;
    if (cell.handle === null) throw this.failure('a kernel', 'its input was never computed');
    return cell.handle;
  }

  private checkAlive(cell: Cell): void {
    if (!cell.freed) return;
    throw new DeviceError(
      `${this.name}: expected a tensor that is still there, got one that a scope has freed; return it from the scope, or keep(x) it`,
    );
  }

  private checkDType(name: string, dtype: DType): void {
    if (dtype !== 'float64') return;
    throw new DTypeError(
      `${this.name}: expected float32, int32 or bool, got float64 for ${name}; GPUs here have no float64`,
    );
  }

  private checkLength(name: string, length: number): void {
    if (length <= LONGEST) return;
    throw new DeviceError(
      `${this.name}: expected at most ${LONGEST} numbers in one tensor, got ${length} for ${name}`,
    );
  }

  private failure(what: string, error: unknown): DeviceError {
    const said = error instanceof Error ? error.message : String(error);
    return new DeviceError(`${this.name}: ${what} failed: ${said}`, { cause: error });
  }
}

/** What a handle stands for; in webgpu a promise of it. */
const numbersOf = (handle: Handle): Float32Array | Promise<Float32Array> =>
  handle instanceof Float32Array ? handle : handle.toArray();

/** Without a GPU a kernel may hand out the array that it will write to again. */
const own = (handle: Handle): Handle => (handle instanceof Float32Array ? handle.slice() : handle);
