import { allocate } from '../core/dtype.js';
import { formatShape, show } from '../core/shape.js';
import {
  ArgumentError,
  DTypeError,
  type Kernels,
  noGrad,
  type Shape,
  type Storage,
  Tensor,
  zeros,
} from '../ops/index.js';
import { Module } from './module.js';
import type { Parameter } from './parameter.js';

/** What is counted of each module, and of all of them together. */
interface Counts {
  /** The numbers in its own parameters; a parameter that is shared counts where it stands first. */
  parameters: number;
  /** Products added up in contractions and convolutions; elementwise work is not counted. */
  multiplyAdds: number;
  /** The bytes of what it made and passed on: its outputs, and what it fed to modules below it. */
  activationBytes: number;
}

/** What one module has and did; what those below it have and did stands in their rows. */
export interface SummaryRow extends Readonly<Counts> {
  /** The module's name within the model, as state dicts spell it; '' for the model. */
  readonly name: string;
  /** How the module prints, without those below it: `Linear(784, 128)`. */
  readonly layer: string;
  /** The shapes of what it gave in its last call; none if it was not called. */
  readonly outputs: readonly Shape[];
}

/** The rows of a model's modules, parents first, and their sums. Its string is a table. */
export class Summary implements Readonly<Counts> {
  constructor(
    readonly rows: readonly SummaryRow[],
    /** How many of the numbers in parameters are frozen: their parameters do not require grad. */
    readonly frozen: number,
  ) {}

  get parameters(): number {
    return this.rows.reduce((sum, row) => sum + row.parameters, 0);
  }

  get multiplyAdds(): number {
    return this.rows.reduce((sum, row) => sum + row.multiplyAdds, 0);
  }

  get activationBytes(): number {
    return this.rows.reduce((sum, row) => sum + row.activationBytes, 0);
  }

  toString(): string {
    const counts = ({ parameters, multiplyAdds, activationBytes }: Readonly<Counts>): string[] =>
      [parameters, multiplyAdds, activationBytes].map(grouped);
    const cells = [
      ['name', 'layer', 'output', 'parameters', 'multiply-adds', 'activation bytes'],
      ...this.rows.map((row) => {
        return [row.name, row.layer, row.outputs.map(formatShape).join(' '), ...counts(row)];
      }),
      ['total', '', '', ...counts(this)],
    ];
    const widths = cells[0].map((_, i) => Math.max(...cells.map((row) => row[i].length)));
    const lines = cells.map((row) =>
      row.map((x, i) => (i < 3 ? x.padEnd(widths[i]) : x.padStart(widths[i]))).join('  '),
    );
    const rule = '─'.repeat(lines[0].length);
    const notes = this.frozen > 0 ? [`frozen parameters: ${grouped(this.frozen)}`] : [];
    return [lines[0], rule, ...lines.slice(1, -1), rule, ...lines.slice(-1), ...notes].join('\n');
  }

  /** What `console.log` shows in Node. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** 1234567 as 1,234,567. */
const grouped = (n: number): string => n.toLocaleString('en-US');

/**
 * What a model consists of, and what one forward of it costs: the forward is run, in evaluation mode and
 * without gradients, on zeros of shape `inputs` or on the inputs that are given, one tensor or a list
 * of all that `forward` takes. The model is left as it was. Throws a `DTypeError` if it takes no zeros.
 *
 * ```ts
 * console.log(summary(model, [1, 3, 32, 32]));
 * ```
 */
export function summary(model: Module, inputs: Shape | Tensor | readonly unknown[]): Summary {
  if (!(model instanceof Module)) {
    throw new ArgumentError(`summary: expected a module, got ${show(model)}`);
  }
  const named = model.namedModules();
  const owned = ownParameters(named.map(([, module]) => module));
  const { outputs, costs } = observed(model, inputs);
  const rows = named.map(([name, module]) => ({
    name,
    layer: module.heading(),
    outputs: outputs.get(module) ?? [],
    parameters: numbersIn(owned.get(module) ?? []),
    ...(costs.get(module) ?? { multiplyAdds: 0, activationBytes: 0 }),
  }));
  return new Summary(rows, numbersIn(model.parameters().filter((p) => !p.requiresGrad)));
}

const numbersIn = (parameters: readonly Parameter[]): number =>
  parameters.reduce((sum, p) => sum + p.size, 0);

/** The parameters of each module that neither a module below it has nor one that stands before it. */
function ownParameters(modules: readonly Module[]): Map<Module, Parameter[]> {
  const counted = new Set<Parameter>();
  return new Map(
    modules.map((module) => {
      const below = new Set(module.children().flatMap((child) => child.parameters()));
      const own = module.parameters().filter((p) => !below.has(p) && !counted.has(p));
      for (const p of own) counted.add(p);
      return [module, own];
    }),
  );
}

/** One forward on what `inputs` stands for. */
function observed(model: Module, inputs: Shape | Tensor | readonly unknown[]) {
  if (inputs instanceof Tensor) return observe(model, [inputs]);
  if (!Array.isArray(inputs)) {
    throw new ArgumentError(
      `summary: expected a shape, a tensor or a list of inputs, got ${show(inputs)}`,
    );
  }
  if (!inputs.every((n) => typeof n === 'number')) return observe(model, inputs);
  const [parameter] = model.parameters();
  const x = zeros(inputs, { dtype: parameter?.dtype, device: parameter?.device });
  try {
    return observe(model, [x]);
  } catch (error) {
    if (!(error instanceof DTypeError)) throw error;
    throw new DTypeError(
      `summary: expected an example tensor in the place of the shape ${formatShape(inputs)}, which gave ${x.dtype} zeros (${error.message})`,
      { cause: error },
    );
  }
}

type Costs = Omit<Counts, 'parameters'>;

/** One forward, watched: the shapes that each module gave, and what each did itself. */
function observe(model: Module, inputs: readonly unknown[]) {
  const modules = model.modules();
  const training = modules.map((module) => module.training);
  const outputs = new Map<Module, Shape[]>();
  const costs = new Map<Module, Costs>(
    modules.map((module) => [module, { multiplyAdds: 0, activationBytes: 0 }]),
  );
  const passedOn = new Set<Storage>();
  // The modules whose forward is under way, the innermost last.
  const running: Module[] = [];
  const add = (column: keyof Costs, n: number): void => {
    const cost = costs.get(running[running.length - 1]);
    if (cost !== undefined) cost[column] += n;
  };
  const passOn = (tensors: readonly Tensor[]): void => {
    for (const { storage } of tensors) {
      if (passedOn.has(storage)) continue;
      passedOn.add(storage);
      add('activationBytes', storage.length * allocate(storage.dtype, 1).BYTES_PER_ELEMENT);
    }
  };
  const enter = (module: Module, given: readonly unknown[]): void => {
    passOn(tensorsIn(given));
    running.push(module);
  };
  const leave = (module: Module, output: unknown): void => {
    const made = tensorsIn(output);
    outputs.set(
      module,
      made.map((x) => x.shape),
    );
    passOn(made);
    running.pop();
  };
  const devices = new Set([...tensorsIn(inputs), ...model.parameters()].map((x) => x.device));
  const undo = [
    ...Array.from(devices, ({ kernels }) => watchProducts(kernels, (n) => add('multiplyAdds', n))),
    ...modules.flatMap((module) => [
      module.registerForwardPreHook(enter),
      module.registerForwardHook((_, _given, output) => leave(module, output)),
    ]),
  ];
  try {
    model.eval();
    noGrad(() => model.forward(...(inputs as never[])));
  } finally {
    for (const stop of undo) stop();
    modules.forEach((module, i) => {
      module.training = training[i];
    });
  }
  return { outputs, costs };
}

/** The tensors in arrays and objects, nested as one likes. */
function tensorsIn(x: unknown): Tensor[] {
  if (x instanceof Tensor) return [x];
  return typeof x === 'object' && x !== null ? Object.values(x).flatMap(tensorsIn) : [];
}

/** Calls `count` with the products of each contraction and convolution, until the result is called. */
function watchProducts(kernels: Kernels, count: (products: number) => void): () => void {
  const { contract, conv, convInput, convFilter } = kernels;
  const product = (sizes: readonly number[]): number => sizes.reduce((n, size) => n * size, 1);
  const counted =
    (kernel: Kernels['conv']): Kernels['conv'] =>
    (a, b, sizes) => {
      const { batch, groups, inChannels, outChannels, output, kernel: window } = sizes;
      count(product([batch, groups, inChannels, outChannels, ...output, ...window]));
      return kernel.call(kernels, a, b, sizes);
    };
  kernels.contract = (a, b, loops) => {
    const { batch, rows, cols, inner } = loops;
    count(product([batch, rows, cols, inner].flat().map(({ size }) => size)));
    return contract.call(kernels, a, b, loops);
  };
  kernels.conv = counted(conv);
  kernels.convInput = counted(convInput);
  kernels.convFilter = counted(convFilter);
  return () => {
    Object.assign(kernels, { contract, conv, convInput, convFilter });
  };
}
