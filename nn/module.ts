import { isDType, isFloating } from '../core/dtype.js';
import { mode } from '../core/mode.js';
import { checkBoolean, checkFunction, formatShape, sameShape, show } from '../core/shape.js';
import { optionsOf } from '../ops/arguments.js';
import {
  type Device,
  type DType,
  DTypeError,
  keep,
  noGrad,
  StateDictError,
  Tensor,
} from '../ops/index.js';
import { beside } from './beside.js';
import { Buffer } from './buffer.js';
import { Parameter } from './parameter.js';

/** Tensors by the names that PyTorch gives them: `conv1.weight`, `attention.in_proj_weight`. */
export type StateDict = Record<string, Tensor>;

export interface LoadOptions {
  /** Whether names that are missing or unexpected are an error: true unless said otherwise. */
  strict?: boolean;
}

/** What a module and the state dict that was loaded into it do not have in common. */
export interface LoadReport {
  /** Names of the module's that the state dict does not have: these tensors are as they were. */
  missingKeys: string[];
  /** Names of the state dict's that the module does not have. */
  unexpectedKeys: string[];
}

/** An attribute's name as PyTorch spells it: `inProjWeight` is `in_proj_weight`. */
const snakeCase = (name: string): string =>
  name.replace(/(?<=[a-z0-9])[A-Z]/g, (c) => `_${c.toLowerCase()}`);

/** The values of an object's properties by name, those of arrays by name and place: `blocks.0`. */
function namedValues(owner: object): [string, unknown][] {
  return Object.entries(owner).flatMap(([name, value]): [string, unknown][] =>
    Array.isArray(value)
      ? value.map((element, i): [string, unknown] => [`${name}.${i}`, element])
      : [[name, value]],
  );
}

/** The tensors that make up a module's state, in the order in which a state dict lists them. */
const KINDS = [Parameter, Buffer] as const;

type Kind<T extends Tensor> = new (data: Tensor) => T;

/** Each value once, under the first of its names. */
function firstNames<T>(named: readonly [string, T][]): [string, T][] {
  const found = new Map<T, string>();
  for (const [name, value] of named) if (!found.has(value)) found.set(value, name);
  return [...found].map(([value, name]) => [name, value]);
}

/** Sees what a module's forward is given; what it returns, if anything, is given in its place. */
export type ForwardPreHook<M extends Module> =
  | ((module: M, inputs: Parameters<M['forward']>) => Parameters<M['forward']> | undefined)
  | ((module: M, inputs: Parameters<M['forward']>) => void);

/** Sees what a module's forward took and gave; what it returns, if anything, is given in its place. */
export type ForwardHook<M extends Module> =
  | ((
      module: M,
      inputs: Parameters<M['forward']>,
      output: ReturnType<M['forward']>,
    ) => ReturnType<M['forward']> | undefined)
  | ((module: M, inputs: Parameters<M['forward']>, output: ReturnType<M['forward']>) => void);

/** What stands before and after a forward: each passes on what it was given, or something else. */
interface Watcher {
  before(inputs: never[]): never[];
  after(inputs: never[], output: unknown): unknown;
}

/**
 * A named bag of parameters with a `forward`. Parameters, buffers and modules are found where they are
 * assigned, as properties or in arrays that are (not in private `#fields`):
 *
 * ```ts
 * class Classifier extends Module {
 *   hidden = new Linear(784, 128);
 *   output = new Linear(128, 10);
 *
 *   forward(x: Tensor): Tensor {
 *     return this.output.forward(relu(this.hidden.forward(x)));
 *   }
 * }
 * ```
 */
export abstract class Module {
  /** Whether layers that behave differently in training, such as dropout, do so now. */
  training = true;

  private readonly watchers = new Set<Watcher>();
  private unwatchForward = (): void => {};

  /** The module's mathematics, from the inputs to the outputs. */
  abstract forward(...inputs: never[]): unknown;

  /** The modules assigned to this one, by name, in the order of their assignment. */
  namedChildren(): [string, Module][] {
    return namedValues(this).filter((entry): entry is [string, Module] => {
      return entry[1] instanceof Module;
    });
  }

  children(): Module[] {
    return this.namedChildren().map(([, child]) => child);
  }

  /** This module, whose name is '', and all below it with PyTorch's names, each once, parents first. */
  namedModules(): [string, Module][] {
    const names = new Map<Module, string>();
    const visit = (module: Module, path: string): void => {
      if (names.has(module)) return;
      names.set(module, path);
      for (const [key, child] of module.namedChildren()) {
        const name = module.stateName(key);
        visit(child, path === '' ? name : `${path}.${name}`);
      }
    };
    visit(this, '');
    return [...names].map(([module, name]) => [name, module]);
  }

  modules(): Module[] {
    return this.namedModules().map(([, module]) => module);
  }

  /** Calls `change` with every module below this one and then with this one: children come first. */
  apply(change: (module: Module) => void): this {
    checkFunction('apply', 'to call with each module', change);
    const found = new Set<Module>();
    const visit = (module: Module): void => {
      if (found.has(module)) return;
      found.add(module);
      module.children().forEach(visit);
      change(module);
    };
    visit(this);
    return this;
  }

  /** Parameters with PyTorch's names, own ones first. One that is shared has its first name only. */
  namedParameters(): [string, Parameter][] {
    return firstNames(this.tensorsOf([Parameter]));
  }

  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** Buffers, such as running means, as `namedParameters` names parameters. */
  namedBuffers(): [string, Buffer][] {
    return firstNames(this.tensorsOf([Buffer]));
  }

  buffers(): Buffer[] {
    return this.namedBuffers().map(([, buffer]) => buffer);
  }

  /** The tensors of these kinds under every name that they have, a module within itself left out. */
  private tensorsOf<T extends Tensor>(
    kinds: readonly Kind<T>[],
    prefix = '',
    above: readonly Module[] = [],
  ): [string, T][] {
    if (above.includes(this)) return [];
    const values = namedValues(this);
    const own = kinds.flatMap((kind) =>
      values.filter((entry): entry is [string, T] => entry[1] instanceof kind),
    );
    return [
      ...own.map(([name, x]): [string, T] => [`${prefix}${snakeCase(name)}`, x]),
      ...this.namedChildren().flatMap(([name, child]) =>
        child.tensorsOf(kinds, `${prefix}${this.stateName(name)}.`, [...above, this]),
      ),
    ];
  }

  /** A child's name as the state dict spells it. */
  protected stateName(name: string): string {
    return snakeCase(name);
  }

  /** Puts this module and all below it into training mode (or, given false, out of it). */
  train(training = true): this {
    for (const module of this.modules()) module.training = training;
    return this;
  }

  /** Puts this module and all below it into evaluation mode. */
  eval(): this {
    return this.train(false);
  }

  /** Whether gradients flow to the parameters: false freezes them. */
  requiresGrad_(requiresGrad = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(requiresGrad);
    return this;
  }

  /**
   * Puts parameters and buffers, which stay the same objects, on another device or into another floating
   * dtype, in which case int32 and bool ones keep theirs. What an optimiser remembers follows in its next
   * step. Throws a `DTypeError` for int32 and bool.
   */
  to(target: DType | Device): this {
    if (isDType(target) && !isFloating(target)) {
      throw new DTypeError(`to: expected float32 or float64 for a module, got ${target}`);
    }
    for (const x of new Set(this.tensorsOf<Parameter | Buffer>(KINDS).map(([, x]) => x))) {
      if (isDType(target) && !isFloating(x.dtype)) continue;
      const { storage } = keep(x.detach().to(target));
      if (storage === x.storage) continue;
      x.storage = storage;
      // A graph that was recorded before may not read the new numbers as the ones that it saved.
      storage.version = ++mode.clock;
      if (x.grad !== null) x.grad = x.grad.detach().to(target);
    }
    return this;
  }

  /**
   * Calls `hook` before every forward of this module, also where another module calls it. Returns a
   * function that removes the hook.
   */
  registerForwardPreHook<M extends Module>(this: M, hook: ForwardPreHook<M>): () => void {
    checkFunction('registerForwardPreHook', 'as the hook', hook);
    return this.watchForward({
      before: (inputs) => hook(this, inputs as Parameters<M['forward']>) ?? inputs,
      after: (_, output) => output,
    });
  }

  /**
   * Calls `hook` after every forward of this module, also where another module calls it. Returns a
   * function that removes the hook.
   */
  registerForwardHook<M extends Module>(this: M, hook: ForwardHook<M>): () => void {
    checkFunction('registerForwardHook', 'as the hook', hook);
    return this.watchForward({
      before: (inputs) => inputs,
      after: (inputs, output) =>
        hook(this, inputs as Parameters<M['forward']>, output as ReturnType<M['forward']>) ??
        output,
    });
  }

  /** While there are watchers, this object has a `forward` of its own, which calls them and the class's. */
  private watchForward(watcher: Watcher): () => void {
    if (this.watchers.size === 0) {
      const own = Object.getOwnPropertyDescriptor(this, 'forward');
      const { forward } = this;
      this.forward = (...given: never[]): unknown => {
        let inputs = given;
        for (const { before } of this.watchers) inputs = before(inputs);
        let output = forward.apply(this, inputs);
        for (const { after } of this.watchers) output = after(inputs, output);
        return output;
      };
      this.unwatchForward = () => {
        if (own === undefined) Reflect.deleteProperty(this, 'forward');
        else Object.defineProperty(this, 'forward', own);
      };
    }
    this.watchers.add(watcher);
    return () => {
      if (this.watchers.delete(watcher) && this.watchers.size === 0) this.unwatchForward();
    };
  }

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.grad = null;
  }

  /** The parameters and buffers, detached, by PyTorch's names. They share the module's numbers. */
  stateDict(): StateDict {
    return Object.fromEntries(this.tensorsOf<Tensor>(KINDS).map(([name, x]) => [name, x.detach()]));
  }

  /**
   * Copies the numbers of `state` into the parameters and buffers, each into the dtype and onto the
   * device that it has, and reports the names that the two do not have in common. Throws a
   * `StateDictError`, before anything is copied, if there are such names (unless `strict` is false), and
   * for a shape that is not the module's.
   */
  loadStateDict(state: Readonly<StateDict>, options: LoadOptions = {}): LoadReport {
    if (typeof state !== 'object' || state === null) {
      throw new StateDictError(`loadStateDict: expected tensors by name, got ${show(state)}`);
    }
    const { strict } = optionsOf('loadStateDict', options, { strict: true });
    checkBoolean('loadStateDict', 'strict', strict);
    const own = this.tensorsOf<Tensor>(KINDS);
    const names = new Set(own.map(([name]) => name));
    const missingKeys = [...names].filter((name) => !Object.hasOwn(state, name));
    const unexpectedKeys = Object.keys(state).filter((name) => !names.has(name));
    if (strict && missingKeys.length + unexpectedKeys.length > 0) {
      throw new StateDictError(
        `loadStateDict: expected tensors named ${[...names].join(', ')}; missing: ${missingKeys.join(', ') || 'none'}; unexpected: ${unexpectedKeys.join(', ') || 'none'}`,
      );
    }
    const given = own.filter(([name]) => Object.hasOwn(state, name));
    for (const [name, x] of given) {
      const numbers = state[name];
      if (numbers instanceof Tensor && sameShape(numbers.shape, x.shape)) continue;
      throw new StateDictError(
        `loadStateDict: expected ${name} of shape ${formatShape(x.shape)}, got ${numbers instanceof Tensor ? formatShape(numbers.shape) : show(numbers)}`,
      );
    }
    noGrad(() => {
      for (const [name, x] of given) x.copy_(beside(state[name], x));
    });
    return { missingKeys, unexpectedKeys };
  }

  /** The settings that `toString` shows between the brackets: `784, 128, bias=false`. */
  protected describe(): string {
    return '';
  }

  /** This module alone, with its settings: `Linear(784, 128)`. */
  heading(): string {
    return `${this.constructor.name}(${this.describe()})`;
  }

  /** The module and those below it, one a line, indented. */
  toString(): string {
    return this.outline([]);
  }

  private outline(above: readonly Module[]): string {
    if (above.includes(this)) return `${this.constructor.name}(…)`;
    const children = this.namedChildren();
    const heading = this.heading();
    if (children.length === 0) return heading;
    const lines = children.map(([key, child]) =>
      `${key}: ${child.outline([...above, this])}`.replaceAll('\n', '\n  '),
    );
    return `${heading.slice(0, -1)}\n  ${lines.join('\n  ')}\n)`;
  }

  /** What `console.log` shows in Node. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}
