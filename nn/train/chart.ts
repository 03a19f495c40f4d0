/** A line by its name in the legend; points `[x, y]`, x rising. Where y is not finite it is broken. */
export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const WIDTH = 640;
const CHART_HEIGHT = 260;
const TITLE_HEIGHT = 36;
/** What is left around a chart's lines, for the numbers at the axes and the legend. */
const MARGIN = { top: 28, right: 20, bottom: 44, left: 64 };

/** Told apart by readers who see colours differently (Okabe and Ito 2008). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];
const FRAME = '#444';
const GRID = '#ddd';

/** Charts of lines, one under the other, each with its axes and a legend, as an SVG document. */
export function lineCharts(charts: readonly (readonly Line[])[], title: string, x: string): string {
  const top = title === '' ? 0 : TITLE_HEIGHT;
  const height = top + CHART_HEIGHT * Math.max(charts.length, 1);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" fill="${FRAME}">`,
    `<rect width="${WIDTH}" height="${height}" fill="white"/>`,
    ...(title === '' ? [] : [text(WIDTH / 2, 24, title, 'middle', ' font-size="16"')]),
    ...charts.flatMap((lines, i) => chart(lines, top + i * CHART_HEIGHT, x)),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

/** The elements of one chart whose upper edge is at `top`. */
function chart(lines: readonly Line[], top: number, xTitle: string): string[] {
  const points = lines.flatMap((line) => line.points);
  const xs = ticks(
    points.map(([x]) => x),
    true,
  );
  const ys = ticks(points.map(([, y]) => y));
  const [left, right] = [MARGIN.left, WIDTH - MARGIN.right];
  const [upper, lower] = [top + MARGIN.top, top + CHART_HEIGHT - MARGIN.bottom];
  const xAt = scale(span(points.map(([x]) => x)), left, right);
  const yAt = scale([ys[0], ys[ys.length - 1]], lower, upper);
  return [
    ...ys.flatMap((y) => [
      `<path d="M${left} ${yAt(y)}H${right}" stroke="${GRID}"/>`,
      text(left - 8, yAt(y) + 4, label(y, ys), 'end'),
    ]),
    ...xs.flatMap((x) => [
      `<path d="M${xAt(x)} ${lower}v5" stroke="${FRAME}"/>`,
      text(xAt(x), lower + 18, label(x, xs), 'middle'),
    ]),
    `<path d="M${left} ${upper}V${lower}H${right}" stroke="${FRAME}" fill="none"/>`,
    text((left + right) / 2, lower + 36, xTitle, 'middle'),
    ...lines.flatMap(({ name, points }, i) => {
      const colour = COLOURS[i % COLOURS.length];
      const at = points.map(([x, y]) => (Number.isFinite(y) ? ([xAt(x), yAt(y)] as const) : null));
      const legend = left + 12 + i * 120;
      return [
        ...pieces(at).map((piece) => drawn(piece, colour)),
        `<path d="M${legend} ${upper - 12}h18" stroke="${colour}" stroke-width="2"/>`,
        text(legend + 24, upper - 8, name, 'start'),
      ];
    }),
  ];
}

type Point = readonly [x: number, y: number];

/** The runs of points between the gaps. */
function pieces(points: readonly (Point | null)[]): Point[][] {
  const found: Point[][] = [[]];
  for (const point of points) {
    if (point === null) found.push([]);
    else found[found.length - 1].push(point);
  }
  return found.filter((piece) => piece.length > 0);
}

const drawn = (piece: readonly Point[], colour: string): string =>
  piece.length === 1
    ? `<circle cx="${piece[0][0]}" cy="${piece[0][1]}" r="3" fill="${colour}"/>`
    : `<polyline points="${piece.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`;

/** The least and the greatest of the finite numbers, set apart where they are one. */
function span(values: readonly number[]): [least: number, most: number] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  const least = finite.reduce((a, b) => Math.min(a, b));
  const most = finite.reduce((a, b) => Math.max(a, b));
  const apart = least === most ? Math.abs(least) / 2 || 1 : 0;
  return [least - apart, most + apart];
}

/** A number's place on an axis, in hundredths of a pixel. */
function scale([least, most]: readonly [number, number], start: number, end: number) {
  return (x: number): number =>
    Math.round((start + ((x - least) / (most - least)) * (end - start)) * 100) / 100;
}

/**
 * About five round numbers, evenly spaced by 1, 2 or 5 times a power of ten: whole ones within the span
 * of the values, or such as enclose it.
 */
function ticks(values: readonly number[], wholeWithin = false): number[] {
  const [least, most] = span(values);
  const rough = (most - least) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const gap = wholeWithin ? Math.max(1, Math.round(step)) : step;
  const first = wholeWithin ? Math.ceil(least / gap) : Math.floor(least / gap);
  const last = wholeWithin ? Math.floor(most / gap) : Math.ceil(most / gap);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * gap);
}

/** A tick with as many digits as the gap between ticks calls for. */
function label(x: number, all: readonly number[]): string {
  const gap = all.length > 1 ? all[1] - all[0] : 1;
  const largest = Math.max(Math.abs(all[0]), Math.abs(all[all.length - 1]));
  if (largest >= 1e6 || largest < 1e-3) return x === 0 ? '0' : String(Number(x.toPrecision(3)));
  return x.toFixed(Math.max(0, -Math.floor(Math.log10(gap) + 1e-9)));
}

const text = (x: number, y: number, content: string, anchor: string, more = ''): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}"${more}>${escaped(content)}</text>`;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

const escaped = (content: string): string => content.replace(/[&<>]/g, (c) => ENTITIES[c]);
