import type { DType, TypedArray } from '../core/dtype.js';
import { DeviceError, DTypeError } from '../core/errors.js';
import type { Device, Kernels, Storage } from '../core/kernels.js';
import { track } from '../core/lifetime.js';
import { mode } from '../core/mode.js';
import { callInWords } from '../core/op.js';
import { KernelCache } from './cache.js';
import { Cell } from './cell.js';
import { cellsIn, type Expression, fits, written } from './expression.js';
import {
  type CompiledKernel,
  type Engine,
  flat,
  type Handle,
  type Mode,
  numbersOf,
  own,
} from './facade.js';
import type { Health } from './health.js';
import { kernelsOf } from './kernels/index.js';
import { ranInstead } from './modes.js';
import type { Elementwise, Operand, Program } from './program.js';
import { fromFloats, GpuStorage } from './storage.js';

export type { Elementwise, Operand, Program } from './program.js';

/** Places in an array are counted in float32 on the GPU, which counts no further. */
export const MOST_NUMBERS = 2 ** 24;

/** A GPU, or what stands in for one, as a place where tensors live. */
export class GpuDevice implements Device {
  readonly name: string;
  readonly kernels: Kernels;
  /** How many arrays the device holds for tensors, and how many bytes they are. */
  readonly live = { arrays: 0, bytes: 0 };
  /** How many kernels were run so far. */
  launches = 0;
  private readonly cache: KernelCache;
  private destroyed = false;
  /** The end of all work so far: in webgpu each launch waits for the one before it. */
  private queue: Promise<void> = Promise.resolve();
  /** Reads that are under way. */
  private readonly reads = new Set<Promise<TypedArray>>();
  private readonly garbage = new FinalizationRegistry<Cell>((cell) => this.letGo(cell));

  constructor(
    readonly engine: Engine,
    readonly mode: Mode,
    /** What the driver calls the hardware. */
    readonly adapter: string,
    /** What tells whether the hardware still answers. */
    private readonly health: Health,
    /** gpu.js's context: a WebGL context, or in webgpu `{ adapter, device }`. */
    readonly context: unknown = null,
  ) {
    this.name = `gpu (${mode}, ${adapter})`;
    this.cache = new KernelCache(engine);
    this.kernels = kernelsOf(this);
  }

  /** Whether results can be read without waiting. */
  get synchronous(): boolean {
    return this.mode !== 'webgpu';
  }

  /** Whether programs may return quads: without a GPU they may not. */
  get hasQuads(): boolean {
    return this.mode !== 'webasm' && this.mode !== 'cpu';
  }

  /** Runs a program. Throws a `DeviceError` where it does not compile or is too long, a `DTypeError` for float64. */
  run(program: Program): GpuStorage {
    return this.storage(program.dtype, program.length, this.launched(program), null);
  }

  /** Runs a program and puts its result in the place of what `y` held. */
  runInto(y: Storage, program: Program): void {
    this.replace(y, this.launched(program));
  }

  /**
   * Writes an elementwise operation down, to be computed in one kernel with those that it takes numbers
   * from and those that take numbers from it.
   */
  element(operation: Elementwise): GpuStorage {
    const { dtype, length } = operation;
    return this.storage(dtype, length, this.noted(operation), null);
  }

  /** As `element`; the result takes the place of what `y` held. */
  elementInto(y: Storage, operation: Elementwise): void {
    this.replace(y, this.noted(operation));
  }

  /** One number so many times. It takes no memory: elementwise kernels have it as an argument. */
  constant(
    dtype: DType,
    length: number,
    value: number,
    mirror: TypedArray | null = null,
  ): GpuStorage {
    const cell = this.cell(dtype, length, `full of ${length} numbers`);
    cell.pending = { kind: 'number', value };
    return this.storage(dtype, length, cell, mirror);
  }

  upload(dtype: DType, data: TypedArray): GpuStorage {
    const { length } = data;
    const mirror = dtype === 'float32' ? null : data.slice();
    if (length === 1) return this.constant(dtype, 1, data[0], mirror);
    const cell = this.cell(dtype, length, `upload of ${length} numbers`);
    const numbers = Float32Array.from(data);
    this.start(cell, () => this.ran(this.cache.upload(length), [numbers]));
    return this.storage(dtype, length, cell, mirror);
  }

  async download(x: Storage): Promise<TypedArray> {
    const read = this.later(x as GpuStorage);
    this.reads.add(read);
    try {
      return await read;
    } finally {
      this.reads.delete(read);
    }
  }

  private async later(x: GpuStorage): Promise<TypedArray> {
    const here = this.atHand(x);
    if (here !== null) return here.slice();
    const { dtype, cell } = x;
    this.force(cell);
    if (!this.synchronous) await this.queue;
    const what = `reading ${cell.what}`;
    let numbers: Float32Array;
    try {
      numbers = await numbersOf(this.handleOf(cell));
    } catch (error) {
      // What the hardware says is the reason, and said once: the next op is not to find it.
      throw error instanceof DeviceError ? error : this.failure(what, error, this.trouble('read'));
    }
    this.checkHealth(what, 'read');
    return fromFloats(dtype, numbers.slice());
  }

  /** The numbers at once. Throws a `DeviceError` in webgpu, unless they were uploaded as integers or are all one. */
  readNow(x: GpuStorage): TypedArray {
    const here = this.atHand(x);
    if (here !== null) return here;
    const { dtype, cell } = x;
    if (!this.synchronous) {
      throw new DeviceError(
        `${mode.called ?? 'data'}: expected numbers that can be read at once, got those of ${cell.what} on ${this.name}; await x.read() has them, and tensor(await x.read(), { shape: x.shape }) is x on the CPU`,
      );
    }
    this.force(cell);
    const numbers = numbersOf(this.handleOf(cell)) as Float32Array;
    this.checkHealth(`reading ${cell.what}`, 'read');
    return fromFloats(dtype, numbers.slice());
  }

  /** The numbers that need not be asked for, or null; not to be changed. */
  private atHand({ dtype, length, cell, mirror }: GpuStorage): TypedArray | null {
    this.checkAlive(cell);
    if (mirror !== null || length === 0) return mirror ?? fromFloats(dtype, new Float32Array(0));
    if (cell.pending?.kind !== 'number') return null;
    return fromFloats(dtype, new Float32Array(length).fill(cell.pending.value));
  }

  free(x: Storage): void {
    this.garbage.unregister(x);
    this.letGo((x as GpuStorage).cell);
  }

  /** Ends the device, after the reads under way: its kernels and context go. Tensors on it can no longer be used. */
  async destroy(): Promise<void> {
    await Promise.allSettled(this.reads);
    await this.queue;
    this.destroyed = true;
    this.cache.clear();
    await this.engine.destroy();
  }

  private storage(dtype: DType, length: number, cell: Cell, mirror: TypedArray | null): GpuStorage {
    const made = new GpuStorage(this, dtype, length, cell, mirror);
    this.garbage.register(made, cell, made);
    track(made);
    return made;
  }

  private replace(y: Storage, cell: Cell): void {
    const into = y as GpuStorage;
    const before = into.cell;
    into.cell = cell;
    into.mirror = null;
    this.garbage.unregister(into);
    this.garbage.register(into, cell, into);
    this.letGo(before);
  }

  /** A cell for what is called, or between calls for a kernel. Throws for numbers that are too many or float64. */
  private cell(dtype: DType, length: number, kernel: string): Cell {
    const what = callInWords() ?? kernel;
    if (dtype === 'float64') {
      throw new DTypeError(
        `${this.name}: expected float32, int32 or bool, got float64 for ${what}, which GPUs have not; cast it with .to('float32')`,
      );
    }
    if (length <= MOST_NUMBERS) return new Cell(length, what);
    throw new DeviceError(
      `${this.name}: expected at most ${MOST_NUMBERS} numbers in one tensor, got ${length} for ${what}`,
    );
  }

  private launched(program: Program): Cell {
    const { name, dtype, length, body, inputs = {}, scalars = {}, quads = false } = program;
    const cells = Object.values(inputs).map((x) => (x as GpuStorage).cell);
    const sizes = cells.map((cell) => cell.length);
    const cell = this.cell(dtype, length, `${name} of ${sizes.join(', ')} numbers to ${length}`);
    for (const input of cells) {
      this.checkAlive(input);
      this.force(input);
    }
    const named = new Map(Object.keys(inputs).map((key, at) => [key, cells[at]]));
    this.launch(cell, body, named, scalars, quads);
    return cell;
  }

  private launch(
    into: Cell,
    body: string,
    inputs: ReadonlyMap<string, Cell>,
    scalars: Readonly<Record<string, number>>,
    quads = false,
  ): void {
    const cells = [...inputs.values()];
    const parameters = [...inputs.keys(), ...Object.keys(scalars)];
    const source = `function (${parameters.join(', ')}) {\nconst i = this.thread.x;\n${body}\n}`;
    const sizes = cells.map(({ length }) => length);
    const threads = quads ? into.length / 4 : into.length;
    this.launches++;
    this.start(into, () => {
      const given = [...cells.map((cell) => this.handleOf(cell)), ...Object.values(scalars)];
      const handle = this.ran(this.cache.kernel(source, threads, sizes), given);
      if (!quads || !(handle instanceof Promise)) return handle;
      return handle.then((of) => flat(of, into.length));
    });
  }

  /** Runs a kernel and looks at what ran: gpu.js may fall back to the processor for any one of them. */
  private ran(kernel: CompiledKernel, given: (Handle | number)[]): Handle | Promise<Handle> {
    const checked = (handle: Handle): Handle => {
      const other = ranInstead(kernel, this.mode);
      if (other !== null) throw new Error(`expected mode '${this.mode}' to run, got ${other}`);
      if (!this.hasQuads || 'delete' in handle) return handle;
      throw new Error('expected numbers on the GPU, got an array');
    };
    const handle = kernel(...given);
    return handle instanceof Promise ? handle.then(checked) : checked(handle);
  }

  /** The cell of an elementwise operation that is yet to be computed. */
  private noted({ name, dtype, length, formula, operands }: Elementwise): Cell {
    const cell = this.cell(dtype, length, `${name} of ${length} numbers`);
    const taken: Cell[] = [];
    const build = (takesIn: boolean): Expression => ({
      kind: 'apply',
      formula,
      operands: Object.fromEntries(
        Object.entries(operands).map(([key, operand]) => [
          key,
          this.read(operand, takesIn ? taken : null),
        ]),
      ),
    });
    let expression = build(true);
    if (fits(expression)) for (const part of taken) part.taken = true;
    else expression = build(false);
    for (const part of cellsIn(expression)) part.holders++;
    cell.pending = expression;
    return cell;
  }

  /** An operand as an expression: one that is pending itself is taken in, if `taken` is there to say so. */
  private read(operand: Operand, taken: Cell[] | null): Expression {
    if (typeof operand === 'number') return { kind: 'number', value: operand };
    const { of, place } = 'of' in operand ? operand : { of: operand, place: null };
    const { cell } = of as GpuStorage;
    this.checkAlive(cell);
    if (cell.pending?.kind === 'number') return cell.pending;
    if (cell.pending !== null && taken !== null && !cell.taken && place === null) {
      taken.push(cell);
      return cell.pending;
    }
    this.force(cell);
    return { kind: 'cell', cell, place };
  }

  /** Has a pending cell computed. */
  private force(cell: Cell): void {
    const { pending } = cell;
    if (pending === null) return;
    const { body, cells, numbers } = written(pending);
    const inputs = new Map(cells.map((part, at) => [`a${at}`, part]));
    const scalars = Object.fromEntries(numbers.map((x, at) => [`n${at}`, x]));
    cell.pending = null;
    try {
      this.launch(cell, body, inputs, scalars);
    } finally {
      for (const part of cells) this.drop(part);
    }
  }

  /** Starts a cell's work: at once, or in webgpu when all work before it has been queued. */
  private start(cell: Cell, work: () => Handle | Promise<Handle>): void {
    if (cell.length === 0) return;
    const { what } = cell;
    const arrived = (handle: Handle): void => {
      cell.handle = handle;
      this.live.arrays++;
      this.live.bytes += 4 * cell.length;
    };
    const failed = (error: unknown): DeviceError => {
      cell.error = error instanceof DeviceError ? error : this.failure(what, error);
      return cell.error;
    };
    if (this.synchronous) {
      try {
        this.checkHealth(what);
        arrived(own(work() as Handle));
      } catch (error) {
        throw failed(error);
      }
      return;
    }
    this.queue = this.queue.then(async () => {
      try {
        this.checkHealth(what);
        arrived(await work());
      } catch (error) {
        failed(error);
      }
    });
  }

  /** Ends a storage's hold on its cell. */
  private letGo(cell: Cell): void {
    if (cell.freed) return;
    cell.freed = true;
    this.drop(cell);
  }

  /** Ends one hold on a cell: with the last one its memory goes. */
  private drop(cell: Cell): void {
    if (--cell.holders > 0) return;
    if (cell.pending !== null) {
      for (const part of cellsIn(cell.pending)) this.drop(part);
      cell.pending = null;
      return;
    }
    const end = (): void => {
      if (cell.handle === null) return;
      if ('delete' in cell.handle) cell.handle.delete();
      cell.handle = null;
      this.live.arrays--;
      this.live.bytes -= 4 * cell.length;
    };
    if (this.synchronous) end();
    else this.queue = this.queue.then(end);
  }

  private handleOf(cell: Cell): Handle {
    if (cell.error !== null) throw cell.error;
    if (cell.handle === null) throw this.failure(cell.what, 'it was never computed');
    return cell.handle;
  }

  private checkAlive(cell: Cell): void {
    if (!cell.freed) return;
    throw new DeviceError(
      `${this.name}: expected a tensor that is still there, got one that a scope or dispose has freed; return it from the scope, or keep(x) it`,
    );
  }

  /** Throws where the hardware has gone or run out of memory since: what it says from then on is zeros. */
  private checkHealth(what: string, moment: 'work' | 'read' = 'work'): void {
    const trouble = this.trouble(moment);
    if (trouble !== null) throw this.failure(what, trouble);
  }

  private trouble(moment: 'work' | 'read'): string | null {
    return this.destroyed ? 'the device was destroyed' : this.health(moment);
  }

  /** That something failed, and why: as is known, as the error says, as the hardware says, or by the error's name. */
  private failure(what: string, cause: unknown, known: string | null = null): DeviceError {
    const { name, message } = cause instanceof Error ? cause : new Error(String(cause));
    const said = known ?? (message || (this.trouble('read') ?? name));
    return new DeviceError(`${this.name}: ${what} failed: ${said}`, { cause });
  }
}
