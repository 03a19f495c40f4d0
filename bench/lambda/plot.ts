export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
}

const COLOURS = ['#c0392b', '#1f5fa8', '#7d9ec7', '#2b8a57', '#8a8a8a'];
const [WIDTH, HEIGHT, LEFT, TOP, GAP] = [330, 260, 75, 40, 85];

/** Powers of a base from the first at or below the least number to the first at or above the greatest. */
function ticksOf(numbers: readonly number[], base: number): number[] {
  const exponent = (x: number): number => Math.log(x) / Math.log(base);
  const first = Math.floor(exponent(Math.min(...numbers)) + 1e-9);
  const last = Math.ceil(exponent(Math.max(...numbers)) - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => base ** (first + i));
}

/** Where a number stands on a logarithmic axis from the first tick to the last: 0 to 1. */
const along = (x: number, ticks: readonly number[]): number =>
  Math.log(x / ticks[0]) / Math.log(ticks[ticks.length - 1] / ticks[0]);

const text = (x: number, y: number, anchor: string, content: string, colour = '#333'): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${colour}">${content}</text>`;

/** Lines over two logarithmic axes (ticks at powers of 4 and of 10), which all panels share, as an SVG. */
export function plot(panels: readonly Panel[], xName: string, unit: (y: number) => string): string {
  const points = panels.flatMap(({ lines }) => lines.flatMap((line) => line.points));
  const xs = ticksOf(
    points.map(([x]) => x),
    4,
  );
  const ys = ticksOf(
    points.map(([, y]) => y),
    10,
  );
  const names = panels[0].lines.map(({ name }) => name);
  const width = LEFT + panels.length * (WIDTH + GAP);
  const height = TOP + HEIGHT + 60 + 18 * names.length;
  const parts = panels.flatMap(({ title, lines }, i) => {
    const left = LEFT + i * (WIDTH + GAP);
    const atX = (x: number): number => left + WIDTH * along(x, xs);
    const atY = (y: number): number => TOP + HEIGHT * (1 - along(y, ys));
    return [
      text(left + WIDTH / 2, TOP - 14, 'middle', title),
      ...ys.map(
        (y) => `<path d="M${left} ${atY(y).toFixed(1)}h${WIDTH}" stroke="#ddd" fill="none"/>`,
      ),
      ...ys.map((y) => text(left - 6, atY(y) + 4, 'end', unit(y))),
      ...xs.map((x) => text(atX(x), TOP + HEIGHT + 18, 'middle', String(x))),
      text(left + WIDTH / 2, TOP + HEIGHT + 36, 'middle', xName),
      ...lines.flatMap((line) => {
        const colour = COLOURS[names.indexOf(line.name)];
        const places = line.points.map(([x, y]) => [atX(x).toFixed(1), atY(y).toFixed(1)]);
        return [
          `<polyline points="${places.map((at) => at.join(',')).join(' ')}" stroke="${colour}" stroke-width="2" fill="none"/>`,
          ...places.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`),
        ];
      }),
    ];
  });
  const legend = names.map((name, i) =>
    text(LEFT, TOP + HEIGHT + 62 + 18 * i, 'start', `● ${name}`, COLOURS[i]),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    '<title>Bytes kept for the backward against the number of positions</title>',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...parts,
    ...legend,
    '</svg>\n',
  ].join('\n');
}
