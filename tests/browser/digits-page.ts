import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** A driver in software takes seconds a batch. */
const PATIENCE_MS = 300_000;

type Point = readonly [x: number, y: number];

/** The page of examples/browser, as someone uses it. */
export class DigitsPage {
  /** What the page threw and nobody caught. */
  readonly errors: string[] = [];

  private constructor(readonly page: Page) {}

  /** Opens the page; `prepare` is called before anything is loaded. */
  static async open(
    browser: Browser,
    address: string,
    options: BrowserContextOptions = {},
    prepare: (page: Page) => Promise<unknown> = async () => {},
  ): Promise<DigitsPage> {
    const page = await browser.newPage(options);
    page.setDefaultTimeout(PATIENCE_MS);
    const opened = new DigitsPage(page);
    page.on('pageerror', (error) => opened.errors.push(String(error)));
    await prepare(page);
    await page.goto(address);
    await page.waitForSelector('#train:enabled');
    return opened;
  }

  choose(device: string): Promise<void> {
    return this.page.locator('label', { has: this.page.locator(`[value=${device}]`) }).click();
  }

  /** Clicks the button, which must say this. */
  press(label: 'Train' | 'Stop' | 'Clear'): Promise<void> {
    return this.page.getByRole('button', { name: label, exact: true }).click();
  }

  async text(id: string): Promise<string> {
    return (await this.page.locator(`#${id}`).textContent()) ?? '';
  }

  /** Waits until an element's text is like this. */
  until(id: string, pattern: RegExp): Promise<void> {
    return this.page.locator(`#${id}`).filter({ hasText: pattern }).waitFor();
  }

  /** Notes what an element says from now on; the result tells all of it. */
  async record(id: string): Promise<() => Promise<string[]>> {
    const texts = await this.page.locator(`#${id}`).evaluateHandle((element) => {
      const seen: string[] = [];
      new MutationObserver(() => {
        seen.push(element.textContent ?? '');
      }).observe(element, { childList: true });
      return seen;
    });
    return () => texts.jsonValue();
  }

  /** Draws with the mouse a line through points of the paper. */
  async draw(points: readonly Point[]): Promise<void> {
    const { mouse } = this.page;
    const [first, ...others] = await this.onPaper(points);
    await mouse.move(first.x, first.y);
    await mouse.down();
    for (const { x, y } of others) await mouse.move(x, y, { steps: 5 });
    await mouse.up();
  }

  /** The same with a finger. */
  async touch(points: readonly Point[]): Promise<void> {
    const client = await this.page.context().newCDPSession(this.page);
    const [first, ...others] = await this.onPaper(points);
    const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', at: { x: number; y: number }[]) =>
      client.send('Input.dispatchTouchEvent', { type, touchPoints: at });
    await send('touchStart', [first]);
    for (const point of others) await send('touchMove', [point]);
    await send('touchEnd', []);
  }

  /** Points of the paper, as points of the window. */
  private async onPaper(points: readonly Point[]): Promise<{ x: number; y: number }[]> {
    const pad = this.page.locator('#pad');
    await pad.scrollIntoViewIfNeeded();
    const { x, y } = (await pad.boundingBox()) ?? { x: 0, y: 0 };
    return points.map(([right, down]) => ({ x: x + right, y: y + down }));
  }

  /** The percentages that the ten bars show, and the number of the row that stands out. */
  async bars(): Promise<{ shares: number[]; first: string }> {
    const shares = await this.page.locator('#bars small').allTextContents();
    const first = await this.page.locator('#bars .first b').textContent();
    return { shares: shares.map((share) => Number.parseFloat(share)), first: first ?? '' };
  }

  /** What was right of the test after each epoch so far, in percent. */
  async tests(): Promise<number[]> {
    const titles = await this.page.locator('#accuracy circle title').allTextContents();
    return titles.map((title) => Number(/([\d.]+)%/.exec(title)?.[1]));
  }
}
