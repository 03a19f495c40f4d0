import { added, percent } from './page.js';

/** The ten probabilities as bars, the greatest in colour. */
export class Bars {
  private readonly rows;

  constructor(list: HTMLElement) {
    this.rows = Array.from({ length: 10 }, (_, digit) => {
      const row = added(list, 'li');
      added(row, 'b', String(digit));
      return { row, bar: added(added(row, 'div'), 'i'), share: added(row, 'small') };
    });
  }

  /** Shows the probabilities; null for none. */
  show(probabilities: ArrayLike<number> | null): void {
    const first = probabilities === null ? -1 : likeliest(probabilities);
    this.rows.forEach(({ row, bar, share }, digit) => {
      row.classList.toggle('first', digit === first);
      bar.style.width = percent(probabilities?.[digit] ?? 0);
      share.textContent = probabilities === null ? '' : percent(probabilities[digit]);
    });
  }
}

/** The place of the greatest number. */
export const likeliest = (numbers: ArrayLike<number>): number =>
  Array.from(numbers).reduce((first, p, at) => (p > numbers[first] ? at : first), 0);
