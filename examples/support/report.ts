import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { init } from 'echarts';
import type { Tensor } from 'lambdagrad';
import type { History } from 'lambdagrad/nn';

/** Rows: what the images show; columns: what was predicted. Both int32 `[n]`. */
export function confusionMatrix(labels: Tensor, predicted: Tensor, classes: number): string {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  labels.data.forEach((label, i) => {
    counts[label][predicted.data[i]]++;
  });
  const cell = (x: number | string): string => String(x).padStart(5);
  const header = ['     ', ...counts.keys()].map(cell).join('');
  const rows = counts.map((row, label) =>
    [label, ...row.map((n) => (n === 0 ? '·' : n))].map(cell).join(''),
  );
  return [header, ...rows].join('\n');
}

const INK = ' .:-=+*#%@';

/** Images `[n, 1, h, w]` as text, side by side, half the lines left out since letters are tall. */
export function drawImages(images: Tensor, captions: readonly string[]): string {
  const [n, , height, width] = images.shape;
  const lines: string[] = [captions.map((caption) => caption.padEnd(width)).join('  ')];
  for (let y = 0; y < height; y += 2) {
    const parts = Array.from({ length: n }, (_, i) => {
      const row = images.data.subarray((i * height + y) * width, (i * height + y + 1) * width);
      return Array.from(row, (ink) => INK[Math.min(Math.floor(ink * INK.length), 9)]).join('');
    });
    lines.push(parts.join('  ').trimEnd());
  }
  return lines.join('\n');
}

/** Writes a curve `[step, loss]` as an SVG with a logarithmic vertical axis. */
export function writeCurve(file: string, title: string, curve: readonly [number, number][]): void {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 720, height: 400 });
  chart.setOption({
    animation: false,
    title: { text: title, left: 'center' },
    xAxis: { type: 'value', name: 'step', max: curve.at(-1)?.[0] ?? 1 },
    yAxis: { type: 'log', name: 'loss' },
    series: [{ type: 'line', showSymbol: false, data: curve.map(([x, y]) => [x, y]) }],
  });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, chart.renderToSVGString());
  chart.dispose();
}

/** Saves what `fit` measured in the folder, as curves and as a table. */
export function saveHistory(history: History, folder: string, name: string, title: string): void {
  history.save(join(folder, `${name}.svg`), { title });
  history.save(join(folder, `${name}.csv`));
  console.log(`The curves are in ${join(folder, name)}.svg, the numbers in ${name}.csv.`);
}
