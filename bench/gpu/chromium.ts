/** The browser: one page, in which every engine has its turn. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Reply, Request } from '../peers/protocol.js';
import type { Adapters } from './adapters.js';
import { here } from './bundle.js';
import type { Column } from './columns.js';
import type { Face } from './page.js';
import type { Size } from './works.js';

/** No turn takes this long. */
const PATIENCE_MS = 60_000;

const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Both interfaces, on the processor if there is no GPU. */
const HEADLESS = [
  '--enable-unsafe-webgpu',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];
/** Both interfaces, on the GPU. */
const HEADED = ['--enable-unsafe-webgpu', '--ignore-gpu-blocklist', '--enable-features=Vulkan'];

export interface Launch {
  readonly path?: string | undefined;
  readonly headed: boolean;
  /** In the place of those that headless or headed would have. */
  readonly flags?: readonly string[] | undefined;
}

const FILES: Readonly<Record<string, string>> = {
  '/gpu.js': here('../../node_modules/gpu.js/dist/gpu-browser.min.js'),
  '/page.js': here('dist/page.js'),
};

const PAGE =
  '<!doctype html><script src="/gpu.js"></script><script type="module" src="/page.js"></script>';

/** Isolated from other origins, since only then a page's clock counts microseconds. */
const server = (): Server =>
  createServer(({ url = '' }, response) => {
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    const file = FILES[url];
    response.setHeader('Content-Type', file === undefined ? 'text/html' : 'text/javascript');
    response.end(file === undefined ? PAGE : readFileSync(file));
  });

export class Chromium {
  private page: Promise<Page> | undefined;

  private constructor(
    private readonly browser: Browser,
    private readonly server: Server,
    readonly flags: readonly string[],
  ) {}

  static async launch({ path, headed, flags }: Launch): Promise<Chromium> {
    const executablePath = path ?? INSTALLED.find((each) => existsSync(each));
    if (executablePath === undefined) {
      throw new Error('bench:gpu: expected a Chromium, found none; name one with --chromium PATH');
    }
    const chosen = flags ?? (headed ? HEADED : HEADLESS);
    // Chromium has no sandbox for root.
    const args = process.getuid?.() === 0 ? [...chosen, '--no-sandbox'] : [...chosen];
    const browser = await chromium.launch({ executablePath, headless: !headed, args });
    const listening = server();
    await new Promise<void>((resolve) => listening.listen(0, 'localhost', resolve));
    return new Chromium(browser, listening, chosen);
  }

  get version(): string {
    return this.browser.version();
  }

  async adapters(): Promise<Adapters> {
    const page = await this.opened();
    return page.evaluate(() => (globalThis as typeof globalThis & Face).adapters());
  }

  /** A page that does not answer in time, or crashes, is replaced by a new one. */
  async ask(column: Column, size: Size, request: Request): Promise<Reply> {
    const page = await this.opened();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const refuse = () => reject(new Error(`no answer within ${PATIENCE_MS / 1000} s`));
      timer = setTimeout(refuse, PATIENCE_MS);
    });
    const answer = page.evaluate(
      ({ column, size, request }) =>
        (globalThis as typeof globalThis & Face).answer(column, size, request),
      { column, size, request },
    );
    try {
      return await Promise.race([answer, late]);
    } catch (error) {
      answer.catch(() => {});
      this.page = undefined;
      page.close().catch(() => {});
      return { error: error instanceof Error ? error.message : String(error) };
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.server.close();
  }

  private opened(): Promise<Page> {
    this.page ??= this.open();
    return this.page;
  }

  private async open(): Promise<Page> {
    const page = await this.browser.newPage();
    const { port } = this.server.address() as AddressInfo;
    await page.goto(`http://localhost:${port}/`);
    await page.waitForFunction(() => 'answer' in globalThis);
    return page;
  }
}
