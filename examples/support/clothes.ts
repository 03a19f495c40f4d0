import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { tensor } from 'lambdagrad';
import type { Digits } from './mnist.js';

const folder = join(dirname(createRequire(import.meta.url).resolve('fashion-mnist')), 'clothes');
const PIXELS = 28 * 28;
/** Images of each kind, and how many of them are for training; the others are for the test. */
const [EACH, TRAINING] = [7000, 6000];
const ZERO = '0'.charCodeAt(0);

/**
 * The pixels of a kind's first `count` images, one image after another. A file is JSON of 16 MB with no
 * other digits than those of its pixels, which takes less time and memory to walk through than to parse.
 * Two images of one file are empty lists there, and are passed over.
 */
function readPixels(kind: number, count: number): Uint8Array {
  const file = readFileSync(join(folder, `${kind}.json`));
  const pixels = new Uint8Array(count * PIXELS);
  let [read, pixel] = [0, -1]; // −1: outside a number
  for (let i = 0; i < file.length && read < pixels.length; i++) {
    const digit = file[i] - ZERO;
    if (digit >= 0 && digit <= 9) pixel = 10 * Math.max(pixel, 0) + digit;
    else if (pixel >= 0) {
      pixels[read++] = pixel;
      pixel = -1;
    }
  }
  return pixels;
}

/**
 * The clothes of Fashion-MNIST (Xiao et al. 2017, arXiv 1708.07747), kind by kind in turn: the first
 * `limit` images for training (60,000) or for the test (10,000), with what they show.
 */
export function loadClothes(part: 'train' | 't10k', limit = Infinity): Digits {
  const first = part === 'train' ? 0 : TRAINING;
  const most = part === 'train' ? TRAINING : EACH - TRAINING;
  const n = Math.min(limit, 10 * most);
  const pixels = new Float32Array(n * PIXELS);
  for (let kind = 0; kind < 10; kind++) {
    const images = readPixels(kind, first + Math.ceil(n / 10)).subarray(first * PIXELS);
    for (let i = kind; i < n; i += 10) {
      const from = ((i - kind) / 10) * PIXELS;
      for (let p = 0; p < PIXELS; p++) pixels[i * PIXELS + p] = images[from + p] / 255;
    }
  }
  return {
    images: tensor(pixels, { shape: [n, 1, 28, 28] }),
    labels: tensor(Int32Array.from({ length: n }, (_, i) => i % 10)),
  };
}
