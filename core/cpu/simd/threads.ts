import { ArgumentError } from '../../errors.js';
import { show } from '../../shape.js';

// Work is a list of independent kernel calls, which lies in the memory that all threads share. Each
// thread takes a ticket, makes the call of that number, and says that it is done; the thread that gave
// out the work takes tickets like the others, so it waits for nobody to wake up, and returns when all
// calls are done. Which thread makes a call does not change what the call writes.

/** How many calls the list holds at a time. */
export const CALLS = 512;
/** Numbers of one call: the kernel's place among the exports, and its parameters. */
export const CALL = 12;

/** Where the counters stand in shared memory, each on a cache line of its own; the list follows. */
const LINE = 16;
const NEXT = LINE;
const END = 2 * LINE;
const DONE = 3 * LINE;
const READY = 4 * LINE;
const WANTED = 5 * LINE;
const ASLEEP = 6 * LINE;
const FAILED = 7 * LINE;
const LIST = 8 * LINE;

/** Numbers at the beginning of the memory that are taken up by the counters and the list. */
export const RESERVED = LIST + CALLS * CALL;

/**
 * Milliseconds that a thread with nothing to do goes on looking before it falls asleep: longer than what
 * lies between most products of a training step, as to wake it takes as long as a small product, and not
 * much longer, as somebody else may want its processor.
 */
const PATIENCE = 0.5;
/** Looks between two glances at the clock, which takes longer than a look. */
const LOOKS = 256;

/** What every further thread begins with. */
interface Start {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** How many threads came before it. */
  readonly place: number;
  readonly layout: typeof layout;
}

const layout = {
  NEXT,
  END,
  DONE,
  READY,
  WANTED,
  ASLEEP,
  FAILED,
  LIST,
  CALLS,
  CALL,
  PATIENCE,
  LOOKS,
};

/**
 * The life of a further thread. It travels as source text, so it may name nothing from around it, nor
 * define functions of its own, to which a compiler might add calls of helpers.
 */
function serve({ module, memory, place, layout: at }: Start): void {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = Object.values(exports) as ((...args: number[]) => void)[];
  const ints = new Int32Array(memory.buffer);
  Atomics.add(ints, at.READY, 1);
  let looks = 0;
  let idleSince = 0;
  while (place < Atomics.load(ints, at.WANTED)) {
    const ticket = Atomics.load(ints, at.NEXT);
    const end = Atomics.load(ints, at.END);
    if (((ticket - end) | 0) < 0) {
      if (Atomics.compareExchange(ints, at.NEXT, ticket, (ticket + 1) | 0) !== ticket) continue;
      const c = at.LIST + (ticket & (at.CALLS - 1)) * at.CALL;
      try {
        kernels[ints[c]](
          ints[c + 1],
          ints[c + 2],
          ints[c + 3],
          ints[c + 4],
          ints[c + 5],
          ints[c + 6],
          ints[c + 7],
          ints[c + 8],
          ints[c + 9],
          ints[c + 10],
          ints[c + 11],
        );
      } catch {
        Atomics.store(ints, at.FAILED, 1);
      }
      Atomics.add(ints, at.DONE, 1);
      looks = 0;
    } else if (++looks % at.LOOKS === 0) {
      const now = performance.now();
      if (looks === at.LOOKS) idleSince = now;
      if (now - idleSince < at.PATIENCE) continue;
      Atomics.add(ints, at.ASLEEP, 1);
      Atomics.wait(ints, at.END, end);
      Atomics.sub(ints, at.ASLEEP, 1);
      looks = 0;
    }
  }
  Atomics.sub(ints, at.READY, 1);
}

/** Starts a thread that runs `serve`, and does not keep the process alive; see `launcher`. */
export type Launch = (start: Start) => void;

interface Workers {
  Worker: new (
    source: string,
    options: { eval: true; workerData: Start; execArgv: string[] },
  ) => { unref(): void; on(event: 'error', listener: () => void): void };
}

interface Globals {
  readonly process?: { getBuiltinModule?(name: string): unknown };
  readonly navigator?: { hardwareConcurrency?: number };
  readonly crossOriginIsolated?: boolean;
  readonly Worker?: new (url: string) => { postMessage(message: unknown): void };
}

const globals = globalThis as Globals;

const builtin = (name: string): unknown => globals.process?.getBuiltinModule?.(name);

/**
 * How a thread is started here: as a worker thread of Node, or as a worker of a cross-origin isolated
 * page; null where threads cannot share memory. A thread that fails to start is never ready, and the
 * others do its share.
 */
export function launcher(): Launch | null {
  const node = builtin('node:worker_threads') as Workers | undefined;
  if (node !== undefined) {
    const source = `(${serve})(require('node:worker_threads').workerData)`;
    return (workerData) => {
      const worker = new node.Worker(source, { eval: true, workerData, execArgv: [] });
      worker.on('error', () => {});
      worker.unref();
    };
  }
  const { Worker, crossOriginIsolated } = globals;
  if (Worker === undefined || crossOriginIsolated !== true) return null;
  const url = URL.createObjectURL(new Blob([`onmessage = ({ data }) => (${serve})(data)`]));
  return (start) => {
    new Worker(url).postMessage(start);
  };
}

/** From so many threads on, small machines aside, memory is what work waits for. */
const MOST_BY_ITSELF = 8;

function processors(): number {
  const os = builtin('node:os') as { availableParallelism?(): number } | undefined;
  const count = os?.availableParallelism?.() ?? globals.navigator?.hardwareConcurrency ?? 1;
  return Math.min(count, MOST_BY_ITSELF);
}

let wanted: number | undefined;

/** How many threads large CPU kernels use, this one included, where there can be more than one. */
export const getThreads = (): number => {
  wanted ??= processors();
  return wanted;
};

/**
 * Sets how many threads large CPU kernels use, this one included; as many as there are processors, but
 * at most 8, unless said otherwise. Results do not depend on it. Where memory cannot be shared (pages
 * that are not cross-origin isolated) there is one thread whatever is set. Throws an `ArgumentError`
 * unless `count` is a whole number from 1 to 64.
 */
export function setThreads(count: number): void {
  if (!Number.isInteger(count) || count < 1 || count > 64) {
    throw new ArgumentError(`setThreads: expected a whole number from 1 to 64, got ${show(count)}`);
  }
  wanted = count;
}

/** The threads that share the calls of one engine. */
export class Team {
  private ints: Int32Array;
  private readonly kernels: readonly ((...args: number[]) => void)[];
  private started = 0;
  /** The ticket after the last one given out, and that of the last call in the list. */
  private end = 0;
  private next = 0;

  constructor(
    private readonly module: WebAssembly.Module,
    private readonly memory: WebAssembly.Memory,
    exports: WebAssembly.Exports,
    private readonly launch: Launch | null,
  ) {
    this.ints = new Int32Array(memory.buffer, 0, RESERVED);
    this.kernels = Object.values(exports) as ((...args: number[]) => void)[];
  }

  /** To be called when the memory has grown: one that is not shared has moved. */
  moved(): void {
    this.ints = new Int32Array(this.memory.buffer, 0, RESERVED);
  }

  /** How many threads a call of `run` is shared among. */
  get size(): number {
    return this.launch === null ? 1 : getThreads();
  }

  /** How many threads, this one included, have come up so far. */
  get ready(): number {
    return 1 + Atomics.load(this.ints, READY);
  }

  /** Puts a call on the list. */
  add(kernel: number, args: readonly number[]): void {
    if (((this.next - this.end) | 0) === CALLS) this.run();
    const { ints } = this;
    const at = LIST + (this.next & (CALLS - 1)) * CALL;
    ints[at] = kernel;
    for (let i = 0; i < args.length; i++) ints[at + 1 + i] = args[i];
    this.next = (this.next + 1) | 0;
  }

  /** Has every call on the list made, in any order, and returns when all are done. */
  run(): void {
    const { ints, next } = this;
    const count = (next - this.end) | 0;
    if (count > 1) this.gather();
    this.end = next;
    Atomics.store(ints, DONE, 0);
    Atomics.store(ints, END, next);
    if (count > 1 && Atomics.load(ints, ASLEEP) > 0) Atomics.notify(ints, END);
    for (;;) {
      const ticket = Atomics.load(ints, NEXT);
      if (ticket === next) break;
      if (Atomics.compareExchange(ints, NEXT, ticket, (ticket + 1) | 0) !== ticket) continue;
      this.make(LIST + (ticket & (CALLS - 1)) * CALL);
      Atomics.add(ints, DONE, 1);
    }
    while (Atomics.load(ints, DONE) !== count);
    if (Atomics.load(ints, FAILED) !== 0) throw new Error('a kernel failed on another thread');
  }

  private make(c: number): void {
    const { ints } = this;
    this.kernels[ints[c]](
      ints[c + 1],
      ints[c + 2],
      ints[c + 3],
      ints[c + 4],
      ints[c + 5],
      ints[c + 6],
      ints[c + 7],
      ints[c + 8],
      ints[c + 9],
      ints[c + 10],
      ints[c + 11],
    );
  }

  /** Starts the threads that are missing, and lets go of those too many. */
  private gather(): void {
    const helpers = this.size - 1;
    if (helpers === this.started || this.launch === null) return;
    const { module, memory, ints } = this;
    Atomics.store(ints, WANTED, helpers);
    Atomics.notify(ints, END);
    for (let place = this.started; place < helpers; place++) {
      this.launch({ module, memory, place, layout });
    }
    this.started = helpers;
  }
}
