import { formatShape, sameShape, show } from '../core/shape.js';
import { cast, noGrad, StateDictError, Tensor } from '../ops/index.js';
import { Parameter } from './parameter.js';

/** Tensors by the names that PyTorch gives them: `conv1.weight`, `attention.in_proj_weight`. */
export type StateDict = Record<string, Tensor>;

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

/**
 * A named bag of parameters with a `forward`. Parameters and modules are found where they are assigned,
 * as properties or in arrays that are (not in private `#fields`):
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

  /** This module and all below it, each once, parents first. */
  modules(): Module[] {
    const found = new Set<Module>();
    const visit = (module: Module): void => {
      if (found.has(module)) return;
      found.add(module);
      module.children().forEach(visit);
    };
    visit(this);
    return [...found];
  }

  /** Parameters with PyTorch's names, own ones first. One that is shared has its first name only. */
  namedParameters(): [string, Parameter][] {
    const found = new Map<Parameter, string>();
    for (const [name, parameter] of this.allParameters()) {
      if (!found.has(parameter)) found.set(parameter, name);
    }
    return [...found].map(([parameter, name]) => [name, parameter]);
  }

  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** Every parameter under every name that it has, a module within itself left out. */
  private allParameters(prefix = '', above: readonly Module[] = []): [string, Parameter][] {
    if (above.includes(this)) return [];
    const own = namedValues(this).filter((entry): entry is [string, Parameter] => {
      return entry[1] instanceof Parameter;
    });
    return [
      ...own.map(([name, p]): [string, Parameter] => [`${prefix}${snakeCase(name)}`, p]),
      ...this.namedChildren().flatMap(([name, child]) =>
        child.allParameters(`${prefix}${snakeCase(name)}.`, [...above, this]),
      ),
    ];
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

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.grad = null;
  }

  /** The parameters, detached, by PyTorch's names. They share the module's numbers. */
  stateDict(): StateDict {
    return Object.fromEntries(this.allParameters().map(([name, p]) => [name, p.detach()]));
  }

  /**
   * Copies the numbers of `state` into the parameters, each into the dtype that it has. Throws a
   * `StateDictError`, before anything is copied, unless names and shapes are the module's.
   */
  loadStateDict(state: Readonly<StateDict>): void {
    if (typeof state !== 'object' || state === null) {
      throw new StateDictError(`loadStateDict: expected tensors by name, got ${show(state)}`);
    }
    const own = this.allParameters();
    const names = new Set(own.map(([name]) => name));
    const missing = [...names].filter((name) => !(state[name] instanceof Tensor));
    const unexpected = Object.keys(state).filter((name) => !names.has(name));
    if (missing.length + unexpected.length > 0) {
      throw new StateDictError(
        `loadStateDict: expected tensors named ${[...names].join(', ')}; missing: ${missing.join(', ') || 'none'}; unexpected: ${unexpected.join(', ') || 'none'}`,
      );
    }
    for (const [name, parameter] of own) {
      if (sameShape(state[name].shape, parameter.shape)) continue;
      throw new StateDictError(
        `loadStateDict: expected ${name} of shape ${formatShape(parameter.shape)}, got ${formatShape(state[name].shape)}`,
      );
    }
    noGrad(() => {
      for (const [name, parameter] of own) parameter.copy_(cast(state[name], parameter.dtype));
    });
  }

  /** The settings that `toString` shows between the brackets: `784, 128, bias=false`. */
  protected describe(): string {
    return '';
  }

  /** The module and those below it, one a line, indented. */
  toString(): string {
    return this.outline([]);
  }

  private outline(above: readonly Module[]): string {
    const name = this.constructor.name;
    if (above.includes(this)) return `${name}(…)`;
    const children = this.namedChildren();
    if (children.length === 0) return `${name}(${this.describe()})`;
    const lines = children.map(([key, child]) =>
      `${key}: ${child.outline([...above, this])}`.replaceAll('\n', '\n  '),
    );
    return `${name}(\n  ${lines.join('\n  ')}\n)`;
  }

  /** What `console.log` shows in Node. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}
