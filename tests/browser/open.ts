import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Browser, chromium } from 'playwright-core';
import { ROOT } from '../readme.js';

/** Where Chromium is looked for, unless the variable CHROMIUM says where it is. */
const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/snap/bin/chromium',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:/Program Files/Google/Chrome/Application/chrome.exe',
];

/** The browser's program, or null. */
export function browserPath(): string | null {
  const { CHROMIUM } = process.env;
  const places = CHROMIUM === undefined ? PLACES : [CHROMIUM];
  return places.find((path) => existsSync(path)) ?? null;
}

/** Headless Chromium with WebGL and WebGPU, on a software driver where there is no GPU. */
export const openBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      ...['--no-sandbox', '--enable-unsafe-webgpu', '--enable-unsafe-swiftshader'],
      ...['--use-angle=swiftshader', '--js-flags=--expose-gc', '--enable-precise-memory-info'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ...['--disable-quic', '--no-first-run'],
    ],
  });

/** Serves a module of the tests, bundled, as /page.js, and gpu.js's script with an empty page. */
export async function serve(entry: string): Promise<{ address: string; server: Server }> {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, entry)],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    // The package's list of files with side effects is of the published ones.
    ignoreAnnotations: true,
    external: ['node:*'],
    logLevel: 'error',
  });
  const files: Record<string, readonly [type: string, text: string | Uint8Array]> = {
    '/': ['text/html', '<!doctype html><script src="/gpu.js"></script>'],
    '/page.js': ['text/javascript', outputFiles[0].contents],
    '/gpu.js': [
      'text/javascript',
      readFileSync(join(ROOT, 'node_modules/gpu.js/dist/gpu-browser.js')),
    ],
  };
  const server = createServer(({ url = '' }, response) => {
    const [type, text] = files[url] ?? ['text/plain', ''];
    response.writeHead(url in files ? 200 : 404, { 'content-type': type }).end(text);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}
