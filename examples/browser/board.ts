import type { Numbers } from 'lambdagrad/nn';
import { Chart } from './chart.js';
import type { Onlooker } from './network.js';
import { percent, the } from './page.js';

/** How often a network that learns is asked what it sees, in milliseconds. */
const INTERVAL = 200;

/** What the page shows of a lesson. */
export class Board implements Onlooker {
  private readonly progress = the('progress', HTMLProgressElement);
  private readonly status = the('status', HTMLElement);
  private readonly loss = new Chart(the('loss', HTMLElement), 2.4, (loss) => loss.toFixed(2));
  private readonly accuracy = new Chart(the('accuracy', HTMLElement), 1, percent);
  private started = 0;
  private looked = 0;

  /** `look` is called now and then while a network learns. */
  constructor(private readonly look: () => void) {}

  say(text: string): void {
    this.status.textContent = text;
  }

  start(steps: number): void {
    this.progress.max = steps;
    this.progress.value = 0;
    this.loss.clear(steps);
    this.accuracy.clear(steps);
    this.started = performance.now();
    this.say('The first batch …');
  }

  batch(step: number, examples: number, { loss, accuracy }: Numbers): void {
    const now = performance.now();
    const speed = Math.round((1000 * step * examples) / (now - this.started));
    this.progress.value = step;
    this.loss.add(step, loss);
    this.accuracy.add(step, accuracy);
    this.say(`Batch ${step} of ${this.progress.max}, ${speed} digits a second`);
    if (now - this.looked < INTERVAL) return;
    this.looked = now;
    this.look();
  }

  epoch(step: number, { val_loss, val_accuracy }: Numbers): void {
    this.loss.mark(step, val_loss);
    this.accuracy.mark(step, val_accuracy);
    this.look();
    if (step < this.progress.max) return;
    const seconds = ((performance.now() - this.started) / 1000).toFixed(1);
    this.say(`${percent(val_accuracy)} of the digits that it has never seen, after ${seconds} s`);
  }
}
