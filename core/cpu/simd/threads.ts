import { ArgumentError } from '../../errors.js';
import { show } from '../../shape.js';

// Work is a list of independent kernel calls, which lies in the memory that all threads share. It is cut
// into a part for each thread, which takes the calls of its own part one by one, and then those that the
// others have not come to. The thread that gave out the work does the same, so it waits for nobody to
// wake up, and returns when all calls are done. Which thread makes a call does not change what the call
// writes. But lists that follow each other go over the same numbers in the same order, as far as they can:
// then a thread mostly reads what it wrote, and finds it in its own caches. Numbers that another processor
// has just written may be as far away as the main memory.

/** How many calls the list holds at a time. */
export const CALLS = 512;
/** Numbers of one call: the kernel's place among the exports, and its parameters. */
export const CALL = 12;
/** Threads at most. */
const MOST = 64;

/** Where the counters stand in shared memory, each on a cache line of its own; the list follows. */
const LINE = 16;
/** Counts the lists given out. */
const RUN = LINE;
const DONE = 2 * LINE;
const READY = 3 * LINE;
const WANTED = 4 * LINE;
const ASLEEP = 5 * LINE;
const FAILED = 6 * LINE;
const PARTS = 7 * LINE;
/** For each part the next call to be taken, and beside it the one after the last. */
const NEXT = 8 * LINE;
const LIST = NEXT + MOST * LINE;

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
  /** How many threads came before it, the first one aside. */
  readonly place: number;
  readonly layout: typeof layout;
}

const layout = {
  LINE,
  RUN,
  DONE,
  READY,
  WANTED,
  ASLEEP,
  FAILED,
  PARTS,
  NEXT,
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
  let run = 0;
  let looks = 0;
  let idleSince = 0;
  while (place < Atomics.load(ints, at.WANTED)) {
    const latest = Atomics.load(ints, at.RUN);
    if (latest === run) {
      if (++looks % at.LOOKS !== 0) continue;
      const now = performance.now();
      if (looks === at.LOOKS) idleSince = now;
      if (now - idleSince < at.PATIENCE) continue;
      Atomics.add(ints, at.ASLEEP, 1);
      Atomics.wait(ints, at.RUN, run);
      Atomics.sub(ints, at.ASLEEP, 1);
      looks = 0;
      continue;
    }
    run = latest;
    looks = 0;
    const parts = Atomics.load(ints, at.PARTS);
    for (let i = 1; i <= parts; i++) {
      const part = at.NEXT + ((place + i) % parts) * at.LINE;
      let done = 0;
      for (;;) {
        const ticket = Atomics.load(ints, part);
        if (((ticket - Atomics.load(ints, part + 1)) | 0) >= 0) break;
        if (Atomics.compareExchange(ints, part, ticket, (ticket + 1) | 0) !== ticket) continue;
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
        done++;
      }
      if (done > 0) Atomics.add(ints, at.DONE, done);
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
  if (!Number.isInteger(count) || count < 1 || count > MOST) {
    throw new ArgumentError(
      `setThreads: expected a whole number from 1 to ${MOST}, got ${show(count)}`,
    );
  }
  wanted = count;
}

/** The threads that share the calls of one engine. */
export class Team {
  private ints: Int32Array;
  private readonly kernels: readonly ((...args: number[]) => void)[];
  private started = 0;
  /** The number after the last call given out, and after the last one in the list. */
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
    const { ints, next, end } = this;
    const count = (next - end) | 0;
    this.end = next;
    if (count > 1) this.gather();
    const parts = count > 1 ? Math.min(this.ready, count, MOST) : 1;
    if (parts === 1) {
      for (let i = 0; i < count; i++) this.make((end + i) | 0);
      return;
    }
    Atomics.store(ints, DONE, 0);
    Atomics.store(ints, PARTS, parts);
    for (let part = 0; part < parts; part++) {
      // In this order: who reads an old next with a new end fails to take that call.
      const at = NEXT + part * LINE;
      Atomics.store(ints, at, (end + Math.floor((part * count) / parts)) | 0);
      Atomics.store(ints, at + 1, (end + Math.floor(((part + 1) * count) / parts)) | 0);
    }
    Atomics.add(ints, RUN, 1);
    if (Atomics.load(ints, ASLEEP) > 0) Atomics.notify(ints, RUN);
    let made = 0;
    for (let part = 0; part < parts; part++) {
      const at = NEXT + part * LINE;
      for (;;) {
        const ticket = Atomics.load(ints, at);
        if (ticket === ints[at + 1]) break;
        if (Atomics.compareExchange(ints, at, ticket, (ticket + 1) | 0) !== ticket) continue;
        this.make(ticket);
        made++;
      }
    }
    while (Atomics.load(ints, DONE) + made !== count);
    if (Atomics.load(ints, FAILED) !== 0) throw new Error('a kernel failed on another thread');
  }

  /** Makes the call of that number. */
  private make(ticket: number): void {
    const { ints } = this;
    const c = LIST + (ticket & (CALLS - 1)) * CALL;
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
    Atomics.notify(ints, RUN);
    for (let place = this.started; place < helpers; place++) {
      this.launch({ module, memory, place, layout });
    }
    this.started = helpers;
  }
}
