import { type Tensor, tensor } from 'lambdagrad';

/** Images `[n, 1, 28, 28]` (float32, 0 paper to 1 ink) and what they show, int32 `[n]`. */
export interface Digits {
  images: Tensor;
  labels: Tensor;
}

export const SIDE = 28;
const PIXELS = SIDE * SIDE;

/** How a digit travels: a byte for what it shows, then one for each pixel. */
const BYTES = 1 + PIXELS;

export function encode({ images, labels }: Digits): Uint8Array {
  const bytes = new Uint8Array(labels.size * BYTES);
  for (let i = 0; i < labels.size; i++) {
    const pixels = images.data.subarray(i * PIXELS, (i + 1) * PIXELS);
    bytes[i * BYTES] = labels.data[i];
    bytes.set(
      pixels.map((ink) => Math.round(255 * ink)),
      i * BYTES + 1,
    );
  }
  return bytes;
}

export function decode(bytes: Uint8Array): Digits {
  const n = bytes.length / BYTES;
  const labels = new Int32Array(n);
  const pixels = new Float32Array(n * PIXELS);
  for (let i = 0; i < n; i++) {
    const digit = bytes.subarray(i * BYTES, (i + 1) * BYTES);
    labels[i] = digit[0];
    pixels.set(
      Float32Array.from(digit.subarray(1), (grey) => grey / 255),
      i * PIXELS,
    );
  }
  return { images: imagesOf(pixels), labels: tensor(labels) };
}

/** Pixels of one image after the other as images `[n, 1, 28, 28]`. */
export const imagesOf = (pixels: Float32Array): Tensor =>
  tensor(pixels, { shape: [pixels.length / PIXELS, 1, SIDE, SIDE] });

/** The digits that the server hands out at this address. */
export async function fetchDigits(url: string): Promise<Digits> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: the server says ${response.status}`);
  return decode(new Uint8Array(await response.arrayBuffer()));
}
