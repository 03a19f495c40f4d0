import { checkInteger, show } from '../../core/shape.js';
import { optionsOf } from '../../ops/arguments.js';
import { ArgumentError, StateDictError } from '../../ops/index.js';
import { lineCharts } from './chart.js';
import { replaceFile } from './files.js';

/** The numbers of one epoch by name: `loss`, `val_loss`, … */
export type Numbers = Readonly<Record<string, number>>;

export interface EpochNumbers {
  /** From 1. */
  readonly epoch: number;
  readonly numbers: Numbers;
}

/** What the numbers of the validation set are called: `val_loss` beside `loss`. */
export const VALIDATION = 'val_';

/** Numbers by epoch, in the order in which they came. */
export class History {
  private rows: EpochNumbers[] = [];

  /** The epochs so far. */
  get epochs(): readonly EpochNumbers[] {
    return this.rows;
  }

  /** The names that some epoch has a number of, in the order of their first appearance. */
  get names(): string[] {
    return [...new Set(this.rows.flatMap(({ numbers }) => Object.keys(numbers)))];
  }

  /** Adds an epoch. Throws an `ArgumentError` unless it is later than those before. */
  add(epoch: number, numbers: Numbers): void {
    checkInteger('History.add', 'the epoch', epoch, (this.rows.at(-1)?.epoch ?? 0) + 1);
    for (const [name, x] of Object.entries(numbers)) {
      if (typeof x === 'number') continue;
      throw new ArgumentError(`History.add: expected a number as ${name}, got ${show(x)}`);
    }
    this.rows.push({ epoch, numbers: { ...numbers } });
  }

  /** The numbers of this name, epoch by epoch; NaN where an epoch has none. */
  get(name: string): number[] {
    return this.rows.map(({ numbers }) => numbers[name] ?? NaN);
  }

  /** A line an epoch, under a line of names (RFC 4180); empty where an epoch has no number. */
  toCsv(): string {
    const { names } = this;
    const lines = this.rows.map(({ epoch, numbers }) => [
      epoch,
      ...names.map((name) => numbers[name] ?? ''),
    ]);
    return [['epoch', ...names.map(quoted)], ...lines]
      .map((line) => `${line.join(',')}\n`)
      .join('');
  }

  /** A chart of each quantity over the epochs, that of the validation set in the same one, as SVG. */
  toSvg(options: { title?: string } = {}): string {
    const { title } = optionsOf('toSvg', options, { title: '' });
    const quantity = (name: string): string =>
      name.startsWith(VALIDATION) ? name.slice(VALIDATION.length) : name;
    const quantities = [...new Set(this.names.map(quantity))];
    const charts = quantities.map((shown) =>
      this.names
        .filter((name) => quantity(name) === shown)
        .map((name) => ({
          name,
          points: this.rows.map(({ epoch }, i) => [epoch, this.get(name)[i]] as const),
        })),
    );
    return lineCharts(charts, title, 'epoch');
  }

  /**
   * Writes the table (a path that ends in `.csv`) or the charts (`.svg`), titled with the options, in
   * one step. Throws an `ArgumentError` for another path, a `LambdagradError` outside Node.
   */
  save(path: string, options: { title?: string } = {}): void {
    if (path.endsWith('.csv')) replaceFile('History.save', path, this.toCsv());
    else if (path.endsWith('.svg')) replaceFile('History.save', path, this.toSvg(options));
    else {
      throw new ArgumentError(
        `History.save: expected a path that ends in .csv or .svg, got ${show(path)}`,
      );
    }
  }

  stateDict(): { epochs: EpochNumbers[] } {
    return { epochs: [...this.rows] };
  }

  /** Takes on the epochs of another history's state. Throws a `StateDictError` for another state. */
  loadStateDict(state: unknown): void {
    const { epochs }: { epochs?: unknown } =
      typeof state === 'object' && state !== null ? state : {};
    if (!Array.isArray(epochs)) {
      throw new StateDictError(`History: expected a state dict of epochs, got ${show(state)}`);
    }
    const read = new History();
    for (const { epoch, numbers } of epochs) read.add(epoch, numbers);
    this.rows = read.rows;
  }
}

/** A name as a CSV has it: in quotes if it holds what would end it. */
const quoted = (name: string): string =>
  /[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
