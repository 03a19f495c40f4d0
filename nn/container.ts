import { isPlainObject } from '../core/options.js';
import { checkFunction, show } from '../core/shape.js';
import { ArgumentError, IndexError, type Tensor } from '../ops/index.js';
import { Module } from './module.js';

/** A module from one tensor to one. */
export type Layer = Module & { forward(x: Tensor): Tensor };

/** A function of tensors as a module, so that it has a line where modules are listed. */
class FunctionLayer extends Module {
  constructor(private readonly f: (x: Tensor) => Tensor) {
    super();
    checkFunction('Sequential', 'or a module as each layer', f);
  }

  forward(x: Tensor): Tensor {
    return this.f(x);
  }

  protected override describe(): string {
    return this.f.name;
  }
}

/** What a Sequential is made of: modules or plain functions, each from one tensor to one. */
type Step = Layer | ((x: Tensor) => Tensor);

type NamedSteps = Readonly<Record<string, Step>>;

const areNamed = (steps: readonly Step[] | readonly [NamedSteps]): steps is readonly [NamedSteps] =>
  steps.length === 1 && isPlainObject(steps[0]);

function entriesOf(named: NamedSteps): [string, Step][] {
  const entries = Object.entries(named);
  for (const [name] of entries) {
    checkName('Sequential', name);
    // An object lists such names first, whatever order they were written in.
    if (!/^\d+$/.test(name)) continue;
    throw new ArgumentError(`Sequential: expected a name that is no number, got ${show(name)}`);
  }
  return entries;
}

/**
 * Layers one after the other, each fed with what the one before it gives: modules or plain functions.
 * They are named by their places, `0.weight`, functions counted too; or, given as an object, by its
 * keys, which state dicts spell as they are written.
 *
 * ```ts
 * new Sequential({ conv: new Conv2d(1, 8, 3), act: relu, pool: new MaxPool2d(2) });
 * ```
 */
export class Sequential extends Module {
  readonly layers: readonly Layer[];
  private readonly names: readonly string[];

  /** Throws an `ArgumentError` for a name that is empty, has dots or is a number. */
  constructor(...steps: readonly Step[] | readonly [named: NamedSteps]) {
    super();
    const entries = areNamed(steps) ? entriesOf(steps[0]) : [...steps.entries()];
    this.names = entries.map(([name]) => `${name}`);
    this.layers = entries.map(([, step]) =>
      step instanceof Module ? step : new FunctionLayer(step),
    );
  }

  override namedChildren(): [string, Module][] {
    return this.layers.map((layer, i) => [this.names[i], layer]);
  }

  protected override stateName(name: string): string {
    return name;
  }

  forward(x: Tensor): Tensor {
    return this.layers.reduce((y, layer) => layer.forward(y), x);
  }
}

/** Throws an `ArgumentError` for a name that would not stand for one step of a path. */
function checkName(op: string, name: string): void {
  if (name !== '' && !name.includes('.')) return;
  throw new ArgumentError(`${op}: expected a name without dots, got ${show(name)}`);
}

function checkModule(op: string, what: string, x: unknown): void {
  if (x instanceof Module) return;
  throw new ArgumentError(`${op}: expected a module as ${what}, got ${show(x)}`);
}

/** A list of modules, named by their places; how they are called is for its owner to say. */
export class ModuleList<M extends Module = Module> extends Module implements Iterable<M> {
  private readonly list: M[] = [];

  constructor(modules: Iterable<M> = []) {
    super();
    for (const module of modules) this.append(module);
  }

  get length(): number {
    return this.list.length;
  }

  /** The module at place `i`, negative ones counting from the end. Throws an `IndexError` outside. */
  at(i: number): M {
    const module = this.list.at(i);
    if (module !== undefined) return module;
    const { length } = this;
    throw new IndexError(`ModuleList: expected a place from ${-length} to ${length - 1}, got ${i}`);
  }

  append(module: M): this {
    checkModule('ModuleList', `element ${this.length}`, module);
    this.list.push(module);
    return this;
  }

  [Symbol.iterator](): Iterator<M> {
    return this.list.values();
  }

  override namedChildren(): [string, Module][] {
    return this.list.map((module, i) => [`${i}`, module]);
  }

  /** Throws an `ArgumentError`: a list has no mathematics of its own. */
  forward(): never {
    throw new ArgumentError(
      'ModuleList: expected a call of one of its modules, got one of the list',
    );
  }
}

/** Modules by name, which state dicts spell as it is written here. */
export class ModuleDict<M extends Module = Module> extends Module implements Iterable<[string, M]> {
  private readonly map = new Map<string, M>();

  constructor(modules: Readonly<Record<string, M>> = {}) {
    super();
    for (const [name, module] of Object.entries(modules)) this.set(name, module);
  }

  get length(): number {
    return this.map.size;
  }

  has(name: string): boolean {
    return this.map.has(name);
  }

  /** The module of this name. Throws an `ArgumentError` if there is none. */
  get(name: string): M {
    const module = this.map.get(name);
    if (module !== undefined) return module;
    const names = [...this.map.keys()].join(', ');
    throw new ArgumentError(
      `ModuleDict: expected one of ${names || 'no names'}, got ${show(name)}`,
    );
  }

  /** Puts a module under this name, in the place of the one that had it. */
  set(name: string, module: M): this {
    checkModule('ModuleDict', name, module);
    checkName('ModuleDict', name);
    this.map.set(name, module);
    return this;
  }

  [Symbol.iterator](): Iterator<[string, M]> {
    return this.map.entries();
  }

  override namedChildren(): [string, Module][] {
    return [...this.map];
  }

  protected override stateName(name: string): string {
    return name;
  }

  /** Throws an `ArgumentError`: a dictionary has no mathematics of its own. */
  forward(): never {
    throw new ArgumentError(
      'ModuleDict: expected a call of one of its modules, got one of the dictionary',
    );
  }
}
