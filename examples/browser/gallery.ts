import type { Tensor } from 'lambdagrad';
import { likeliest } from './bars.js';
import { type Digits, SIDE } from './digits.js';
import { added } from './page.js';

const SHOWN = 30;

/** The first digits of the test, each with what a network takes it for. */
export class Gallery {
  readonly images: Tensor;
  private readonly labels: ArrayLike<number>;
  private readonly figures;

  constructor(list: HTMLElement, { images, labels }: Digits) {
    this.images = images.narrow(0, 0, SHOWN);
    this.labels = labels.data;
    this.figures = Array.from({ length: SHOWN }, (_, i) => {
      const figure = added(list, 'figure');
      paint(added(figure, 'canvas'), this.images.select(0, i).data);
      return { figure, caption: added(figure, 'figcaption', '?') };
    });
  }

  /** Shows what the digits are taken for, by the ten probabilities of each. */
  show(probabilities: ArrayLike<number>): void {
    const numbers = Array.from(probabilities);
    this.figures.forEach(({ figure, caption }, i) => {
      const told = likeliest(numbers.slice(10 * i, 10 * (i + 1)));
      figure.className = told === this.labels[i] ? 'right' : 'wrong';
      caption.textContent = String(told);
    });
  }
}

/** Paints one digit: opaque where there is ink. */
function paint(canvas: HTMLCanvasElement, pixels: ArrayLike<number>): void {
  canvas.width = SIDE;
  canvas.height = SIDE;
  const image = new ImageData(SIDE, SIDE);
  for (let i = 0; i < pixels.length; i++) image.data[4 * i + 3] = 255 * pixels[i];
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}
