import { type DType, type NestedArray, type Tensor, tensor } from '../../ops/index.js';
import { isWritten, type Keywords, numberOf, read } from './format.js';

/**
 * PyTorch's keyword arguments of one case, which remember what was asked of them: an argument that no
 * row reads would be one that the case does not test. Each reader names the argument (where PyTorch has
 * several names for it, `'dim/axis'`) and PyTorch's default, which None stands for too; without a
 * default the argument must be there.
 */
export class Arguments {
  private readonly unread: Set<string>;

  constructor(private readonly values: Keywords) {
    this.unread = new Set(Object.keys(values));
    // A remark for the reader of the file.
    this.unread.delete('note');
  }

  /** The arguments that were given and never read. */
  unused(): string[] {
    return [...this.unread];
  }

  has(names: string): boolean {
    return names.split('/').some((name) => (this.values[name] ?? null) !== null);
  }

  /** Whether the argument is this word; only then does it count as read. */
  is(name: string, word: string): boolean {
    if (this.values[name] !== word) return false;
    this.unread.delete(name);
    return true;
  }

  number<D = never>(names: string, ...otherwise: D[]): number | D {
    return this.take(names, 'a number', otherwise, (x) => numberOf(x));
  }

  boolean<D = never>(names: string, ...otherwise: D[]): boolean | D {
    return this.take(names, 'true or false', otherwise, (x) =>
      typeof x === 'boolean' ? x : undefined,
    );
  }

  string<D = never>(names: string, ...otherwise: D[]): string | D {
    return this.take(names, 'a string', otherwise, (x) => (typeof x === 'string' ? x : undefined));
  }

  numbers<D = never>(names: string, ...otherwise: D[]): number[] | D {
    return this.take(names, 'a list of numbers', otherwise, (x) =>
      Array.isArray(x) ? x.map(numberOf) : undefined,
    );
  }

  /** One number, or a list of them: an axis or axes, a size for all axes or for each. */
  numberOrList<D = never>(names: string, ...otherwise: D[]): number | number[] | D {
    return this.take(names, 'a number or a list of them', otherwise, (x) =>
      Array.isArray(x) ? x.map(numberOf) : numberOf(x),
    );
  }

  /** As `numberOrList`; a list of one stands for every axis. */
  perAxis<D = never>(names: string, ...otherwise: D[]): number | number[] | D {
    const x = this.numberOrList(names, ...otherwise);
    return Array.isArray(x) && x.length === 1 ? x[0] : x;
  }

  /** A list in which null, None, leaves a place open; a number alone stands for a list of `count`. */
  openList(names: string, count = 1): (number | null)[] {
    return this.take(names, 'a list', [], (x) =>
      (Array.isArray(x) ? x : new Array<unknown>(count).fill(x)).map((value) =>
        value === null ? null : numberOf(value),
      ),
    );
  }

  /** A number, or two lists of numbers. */
  numberOrPair(names: string, otherwise: number): number | [number[], number[]] {
    return this.take<number | [number[], number[]], number>(names, 'a pair', [otherwise], (x) =>
      Array.isArray(x) ? [[x[0]].flat().map(numberOf), [x[1]].flat().map(numberOf)] : numberOf(x),
    );
  }

  /** Numbers around a convolution's input, or PyTorch's words for them. */
  padding(): number | number[] | 'same' | 'valid' {
    if (this.is('padding', 'same')) return 'same';
    return this.is('padding', 'valid') ? 'valid' : this.perAxis('padding', 0);
  }

  oneOf<const T extends string>(names: string, choices: readonly T[], otherwise: NoInfer<T>): T {
    return this.take(names, choices.join(' or '), [otherwise], (x) =>
      choices.find((choice) => choice === x),
    );
  }

  /** A tensor, or nested lists of its numbers, which then has the dtype of `like`; null if not given. */
  tensor(names: string, like: Tensor): Tensor | null {
    return this.take<Tensor, null>(names, 'a tensor', [null], (x) =>
      isWritten(x) ? read(x) : tensor(nested(x), { dtype: like.dtype }),
    );
  }

  dtype(otherwise: DType): DType {
    const choices = ['float32', 'float64', 'int32', 'int64', 'bool'] as const;
    const name = this.oneOf('dtype', choices, otherwise).replace('int64', 'int32');
    return name as DType;
  }

  /** Arguments that change no number, such as `inplace`. */
  without(names: string): void {
    for (const name of names.split('/')) this.unread.delete(name);
  }

  /** Arguments that must be left at PyTorch's default, since there is nothing here for another value. */
  only(name: string, value: unknown): void {
    const x = this.values[name] ?? value;
    this.unread.delete(name);
    if (x !== value) throw new Error(`${name} = ${JSON.stringify(x)} has no counterpart here`);
  }

  private take<T, D>(
    names: string,
    what: string,
    otherwise: readonly D[],
    parse: (x: unknown) => T | undefined,
  ): T | D {
    const name = names.split('/').find((n) => n in this.values);
    const x = name === undefined ? null : this.values[name];
    if (name !== undefined) this.unread.delete(name);
    if (x === null || x === undefined) {
      if (otherwise.length > 0) return otherwise[0];
      throw new Error(`the case gives no argument ${names}`);
    }
    const value = parse(x);
    if (value !== undefined) return value;
    throw new Error(`expected ${what} as argument ${names}, got ${JSON.stringify(x)}`);
  }
}

const nested = (x: unknown): NestedArray => (Array.isArray(x) ? x.map(nested) : numberOf(x));

/** A list that remembers which of its elements were read, and what tells those that were not. */
export function watched<T>(list: readonly T[]): [list: readonly T[], unread: () => number[]] {
  const left = new Set(list.keys());
  const proxy = new Proxy(list, {
    get(target, key, receiver) {
      if (typeof key === 'string') left.delete(Number(key));
      return Reflect.get(target, key, receiver);
    },
  });
  return [proxy, () => [...left]];
}
