import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadDigits } from '../support/mnist.js';
import { encode } from './digits.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = '/examples/browser/';

/** The folders that are handed out: the page, its compiled script, the engine and gpu.js. */
const FOLDERS = [PAGE, '/out/browser/', '/dist/', '/node_modules/gpu.js/dist/'];

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.map': 'application/json',
};

/** The digits, made up when they are asked for: so many to learn from, so many for the test. */
const digits: Readonly<Record<string, () => Uint8Array>> = {
  [`${PAGE}train.bin`]: () => encode(loadDigits('train', 6000)),
  [`${PAGE}test.bin`]: () => encode(loadDigits('t10k', 1000)),
};

/** What is to be had at a path; null if nothing is. */
function contentOf(path: string): Uint8Array | null {
  if (path in digits) return digits[path]();
  const file = join(ROOT, path.endsWith('/') ? `${path}index.html` : path);
  const isOurs = FOLDERS.some((folder) => path.startsWith(folder));
  return isOurs && existsSync(file) && statSync(file).isFile() ? readFileSync(file) : null;
}

/** A server of the page on this machine; port 0 is any that is free. */
export async function serve(port: number): Promise<{ address: string; close(): void }> {
  const server = createServer((request, response) => {
    // A URL's path has no `..` in it any more.
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/') return response.writeHead(302, { Location: PAGE }).end();
    const content = contentOf(pathname);
    if (content === null) return response.writeHead(404).end(`${pathname}: nothing here\n`);
    const type = extname(pathname) || (pathname.endsWith('/') ? '.html' : '');
    return response
      .writeHead(200, {
        'Content-Type': TYPES[type] ?? 'application/octet-stream',
        'Cache-Control': 'no-cache',
        // Cross-origin isolation: with it the CPU's kernels may use threads.
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
      })
      .end(content);
  });
  await new Promise<void>((ready, failed) => {
    server.once('error', failed);
    server.listen(port, 'localhost', ready);
  });
  const { port: actual } = server.address() as AddressInfo;
  return { address: `http://localhost:${actual}${PAGE}`, close: () => server.close() };
}
