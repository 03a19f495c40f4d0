import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { tensor } from 'lambdagrad';
import type { Digits } from './mnist.js';

const folder = join(dirname(createRequire(import.meta.url).resolve('fashion-mnist')), 'clothes');
const PIXELS = 28 * 28;
/** Images of each kind that are for training; the others of the kind are for the test. */
const TRAINING = 6000;

/**
 * The clothes of Fashion-MNIST (Xiao et al. 2017, arXiv 1708.07747), kind by kind in turn: the first
 * `limit` images for training (60,000) or for the test (10,000), with what they show.
 */
export function loadClothes(part: 'train' | 't10k', limit = Infinity): Digits {
  const kinds = Array.from({ length: 10 }, (_, kind) => {
    const text = readFileSync(join(folder, `${kind}.json`), 'utf8');
    const { data } = JSON.parse(text) as { data: number[][] };
    return part === 'train' ? data.slice(0, TRAINING) : data.slice(TRAINING);
  });
  const most = Math.min(...kinds.map((images) => images.length));
  const n = Math.min(limit, 10 * most);
  const pixels = new Float32Array(n * PIXELS);
  for (let i = 0; i < n; i++) {
    const image = kinds[i % 10][Math.floor(i / 10)];
    for (let p = 0; p < PIXELS; p++) pixels[i * PIXELS + p] = image[p] / 255;
  }
  return {
    images: tensor(pixels, { shape: [n, 1, 28, 28] }),
    labels: tensor(Int32Array.from({ length: n }, (_, i) => i % 10)),
  };
}
