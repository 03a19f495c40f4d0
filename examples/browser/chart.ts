import { added, drawn } from './page.js';

const [WIDTH, HEIGHT] = [400, 150];
const MARGIN = { top: 8, right: 8, bottom: 8, left: 48 };
const LINES = 4;

/** How much of a running mean stays when a number comes. */
const INERTIA = 0.9;

/** A number over the batches: of each (faint), in the running mean (bold), and on the test (dots). */
export class Chart {
  private steps = 1;
  private mean: number | null = null;
  private readonly now: HTMLElement;
  private readonly each: SVGElement;
  private readonly late: SVGElement;
  private readonly tests: SVGElement;

  /** Draws into an element numbers from 0 to `highest`, written as `format` says. */
  constructor(
    parent: HTMLElement,
    private readonly highest: number,
    private readonly format: (y: number) => string,
  ) {
    this.now = added(parent, 'output', '–');
    const svg = drawn(parent, 'svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}` });
    for (let i = 0; i <= LINES; i++) {
      const y = (highest * i) / LINES;
      drawn(svg, 'path', { d: `M${MARGIN.left} ${this.y(y)}H${WIDTH - MARGIN.right}` });
      drawn(svg, 'text', { x: MARGIN.left - 6, y: this.y(y) }).textContent = format(y);
    }
    this.each = drawn(svg, 'polyline', { class: 'each' });
    this.late = drawn(svg, 'polyline', { class: 'late' });
    this.tests = drawn(svg, 'g', {});
  }

  /** Begins anew, for so many steps. */
  clear(steps: number): void {
    this.steps = steps;
    this.mean = null;
    this.now.textContent = '–';
    this.each.setAttribute('points', '');
    this.late.setAttribute('points', '');
    this.tests.replaceChildren();
  }

  /** Adds the number of one batch. */
  add(step: number, y: number): void {
    this.mean = this.mean === null ? y : INERTIA * this.mean + (1 - INERTIA) * y;
    this.now.textContent = this.format(this.mean);
    this.extend(this.each, step, y);
    this.extend(this.late, step, this.mean);
  }

  /** Adds the number on the test. */
  mark(step: number, y: number): void {
    const dot = drawn(this.tests, 'circle', { cx: this.x(step), cy: this.y(y), r: 4 });
    drawn(dot, 'title', {}).textContent = `on the test: ${this.format(y)}`;
  }

  private extend(line: SVGElement, step: number, y: number): void {
    const before = line.getAttribute('points') ?? '';
    line.setAttribute('points', `${before} ${this.x(step)},${this.y(y)}`);
  }

  private x(step: number): string {
    const width = WIDTH - MARGIN.left - MARGIN.right;
    return (MARGIN.left + (width * step) / this.steps).toFixed(1);
  }

  private y(y: number): string {
    const height = HEIGHT - MARGIN.top - MARGIN.bottom;
    return (MARGIN.top + height * (1 - Math.min(y / this.highest, 1))).toFixed(1);
  }
}
