import { SIDE } from './digits.js';

/** The digits of MNIST fill a box of this size, with their centre of mass in the middle of the image. */
const BOX = 20;

/** Paper to draw a digit on, with mouse, pen or finger. What is opaque is ink. */
export class Pad {
  /** The pixels of the digit, in the size and the place of those in MNIST; null on empty paper. */
  digit: Float32Array | null = null;
  private readonly pen: CanvasRenderingContext2D;
  private readonly small: CanvasRenderingContext2D;

  /** `preview` will show the digit as a network sees it; `changed` is called whenever the ink has. */
  constructor(
    private readonly paper: HTMLCanvasElement,
    preview: HTMLCanvasElement,
    private readonly changed: () => void,
  ) {
    this.pen = penFor(paper);
    this.pen.lineWidth = paper.width / 13;
    this.pen.lineCap = 'round';
    this.pen.lineJoin = 'round';
    this.small = penFor(preview);
    this.small.imageSmoothingQuality = 'high';
    paper.addEventListener('pointerdown', (event) => {
      paper.setPointerCapture(event.pointerId);
      this.pen.beginPath();
      this.drawTo(event);
    });
    paper.addEventListener('pointermove', (event) => {
      if (event.buttons !== 0) this.drawTo(event);
    });
  }

  clear(): void {
    this.pen.clearRect(0, 0, this.paper.width, this.paper.height);
    this.update();
  }

  private drawTo({ offsetX, offsetY }: PointerEvent): void {
    // The page may show the paper in another size.
    const scale = this.paper.width / this.paper.clientWidth;
    this.pen.lineTo(scale * offsetX, scale * offsetY);
    this.pen.stroke();
    this.update();
  }

  private update(): void {
    const ink = inkOn(this.pen);
    this.lay(ink, 0, 0);
    const [x, y] = inkOn(this.small)?.centre ?? [0, 0];
    this.lay(ink, Math.round(SIDE / 2 - x), Math.round(SIDE / 2 - y));
    const { data } = this.small.getImageData(0, 0, SIDE, SIDE);
    const opacity = (_: unknown, i: number): number => data[4 * i + 3] / 255;
    this.digit = ink === null ? null : Float32Array.from({ length: SIDE * SIDE }, opacity);
    this.changed();
  }

  /** Lays what is on the paper on the preview, its corner at (x, y), so that it would fill the box. */
  private lay(ink: Ink | null, x: number, y: number): void {
    this.small.clearRect(0, 0, SIDE, SIDE);
    if (ink === null) return;
    const { left, top, width, height } = ink;
    const scale = BOX / Math.max(width, height);
    const size = [scale * width, scale * height] as const;
    this.small.drawImage(this.paper, left, top, width, height, x, y, ...size);
  }
}

function penFor(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (pen === null) throw new Error('expected a canvas that can be drawn on');
  return pen;
}

/** The box around the ink, and its centre of mass. */
interface Ink {
  left: number;
  top: number;
  width: number;
  height: number;
  centre: [x: number, y: number];
}

/** The ink on a canvas; null if there is none. */
function inkOn(pen: CanvasRenderingContext2D): Ink | null {
  const { width, height } = pen.canvas;
  const { data } = pen.getImageData(0, 0, width, height);
  let [mass, x, y] = [0, 0, 0];
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const opacity = data[4 * (row * width + column) + 3];
      if (opacity === 0) continue;
      mass += opacity;
      x += opacity * (column + 0.5);
      y += opacity * (row + 0.5);
      left = Math.min(left, column);
      right = Math.max(right, column + 1);
      top = Math.min(top, row);
      bottom = row + 1;
    }
  }
  const centre: Ink['centre'] = [x / mass, y / mass];
  return mass === 0 ? null : { left, top, width: right - left, height: bottom - top, centre };
}
