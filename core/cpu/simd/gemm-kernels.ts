import { type Code, f32, f32x4, i32, type Local, type ModuleBuilder } from './assembler.js';
import { FLOAT, VECTOR } from './layout.js';

/** Columns of a tile: two vectors of four. */
export const COLS = 8;
/** Inner steps multiplied at a time: a panel of b then fits the first-level cache. */
export const INNER = 256;

type Madd = (a: Code<'v128'>, b: Code<'v128'>, sum: Code<'v128'>) => Code<'v128'>;

/** What a micro-kernel multiplies at a time: so many rows of a by so many columns of b. */
export interface Tile {
  readonly rows: number;
  readonly cols: number;
  readonly madd: Madd;
}

/** As measured: the most sums that stay in registers, with and without a fused multiply-add. */
export const TILES = {
  plain: { rows: 4, cols: COLS, madd: (a, b, sum) => f32x4.add(sum, f32x4.mul(a, b)) },
  fused: { rows: 6, cols: COLS, madd: f32x4.relaxedMadd },
} satisfies Record<string, Tile>;

/** Rows and columns of 4 × 4 numbers in each other's place, in two rounds of shuffles. */
function transposed(
  [a, b, c, d]: readonly Code<'v128'>[],
  keep: (v: Code<'v128'>) => Local<'v128'>,
) {
  const low = [0, 4, 1, 5];
  const high = [2, 6, 3, 7];
  const [ab, cd] = [keep(f32x4.shuffle(a, b, low)), keep(f32x4.shuffle(c, d, low))];
  const [ef, gh] = [keep(f32x4.shuffle(a, b, high)), keep(f32x4.shuffle(c, d, high))];
  const [first, second] = [
    [0, 1, 4, 5],
    [2, 3, 6, 7],
  ];
  return [
    f32x4.shuffle(ab, cd, first),
    f32x4.shuffle(ab, cd, second),
    f32x4.shuffle(ef, gh, first),
    f32x4.shuffle(ef, gh, second),
  ];
}

/**
 * `pack{width}`: gathers `width` rows at a time side by side, so that the micro-kernel reads memory in
 * order: panel[k·width + r] = source[rows[r] + inner[k]]. The tables hold byte offsets, `rows` a multiple
 * of `width` of them; the panels come one behind another. Rows that are neighbours in memory are copied
 * in vectors; so are, turned round, steps that are neighbours four by four (`inFours`).
 */
function definePack(module: ModuleBuilder, width: number): void {
  module.function(
    `pack${width}`,
    {
      source: 'i32',
      rows: 'i32',
      rowsEnd: 'i32',
      inner: 'i32',
      innerEnd: 'i32',
      panel: 'i32',
      inFours: 'i32',
    },
    ({ source, rows, rowsEnd, inner, innerEnd, panel, inFours }, f) => {
      const [k, base, apart] = [f.local('i32'), f.local('i32'), f.local('i32')];
      const fours = f.local('i32');
      const starts = Array.from({ length: width }, () => f.local('i32'));
      const advance = (steps: number): void =>
        f.set(panel, i32.add(panel, i32.const(steps * width * FLOAT)));
      const eachFrom = (steps: number, end: Code<'i32'>, copy: () => void): void => {
        f.count(k, end, steps * FLOAT, () => {
          copy();
          advance(steps);
        });
      };
      const one = (): void => {
        f.set(base, i32.load(k));
        starts.forEach((start, r) => {
          f.do(f32.store(panel, f32.load(i32.add(start, base)), r * FLOAT));
        });
      };
      const fourTurned = (): void => {
        f.set(base, i32.load(k));
        for (let r = 0; r + 4 <= width; r += 4) {
          const lines = starts.slice(r, r + 4).map((s) => f.let(f32x4.load(i32.add(s, base))));
          transposed(lines, (v) => f.let(v)).forEach((column, i) => {
            f.do(f32x4.store(panel, column, (i * width + r) * FLOAT));
          });
        }
        for (let r = width - (width % 4); r < width; r++) {
          for (let i = 0; i < 4; i++) {
            const number = f32.load(i32.add(starts[r], base), i * FLOAT);
            f.do(f32.store(panel, number, (i * width + r) * FLOAT));
          }
        }
      };
      const neighbours = (): void => {
        f.set(base, i32.add(starts[0], i32.load(k)));
        for (let r = 0; r < width; ) {
          const step = r + 4 <= width ? 4 : 1;
          const at = r * FLOAT;
          if (step === 4) f.do(f32x4.store(panel, f32x4.load(base, at), at));
          else f.do(f32.store(panel, f32.load(base, at), at));
          r += step;
        }
      };
      f.count(rows, rowsEnd, width * FLOAT, () => {
        f.set(apart, i32.const(0));
        starts.forEach((start, r) => {
          f.set(start, i32.add(source, i32.load(rows, r * FLOAT)));
          const gap = i32.sub(i32.sub(start, starts[0]), i32.const(r * FLOAT));
          f.set(apart, i32.or(apart, gap));
        });
        f.set(k, inner);
        f.if(
          i32.eqz(apart),
          () => eachFrom(1, innerEnd, neighbours),
          () => {
            const whole = i32.and(i32.sub(innerEnd, inner), i32.const(-VECTOR));
            f.if(inFours, () => {
              f.set(fours, i32.add(inner, whole));
              eachFrom(4, fours, fourTurned);
            });
            eachFrom(1, innerEnd, one);
          },
        );
      });
    },
  );
}

/**
 * `multiply`: c = a·b over packed panels, for rows `row` to `rowEnd` and columns `col` to `colEnd` of
 * `rows` by `cols`. a lies in panels of `tile.rows` rows, b in panels of `tile.cols` columns, `INNER` of
 * the `steps` at a time; c is row-major. The sums of one tile stay in registers.
 */
function defineMultiply(module: ModuleBuilder, tile: Tile): void {
  const { rows: height, cols: width, madd } = tile;
  module.function(
    'multiply',
    {
      a: 'i32',
      rows: 'i32',
      row: 'i32',
      rowEnd: 'i32',
      b: 'i32',
      cols: 'i32',
      col: 'i32',
      colEnd: 'i32',
      steps: 'i32',
      c: 'i32',
    },
    ({ a, rows, row, rowEnd, b, cols, col, colEnd, steps, c }, f) => {
      const variable = () => f.local('i32');
      const [k, inner, stride, place, target, line] = Array.from({ length: 6 }, variable);
      const [at, bt, end, panelA, panelB, endA, endB] = Array.from({ length: 7 }, variable);
      const sums = Array.from({ length: height }, () =>
        Array.from({ length: width / 4 }, () => f.local('v128')),
      );
      const bs = Array.from({ length: width / 4 }, () => f.local('v128'));
      const as = f.local('v128');
      /** Visits the tile's vectors row by row, `place` at the beginning of the row. */
      const eachSum = (visit: (sum: Local<'v128'>, v: number) => void): void => {
        f.set(place, target);
        sums.forEach((sum, r) => {
          sum.forEach(visit);
          if (r < height - 1) f.set(place, i32.add(place, stride));
        });
      };
      const multiplyTile = (): void => {
        f.doWhile(
          () => i32.ltU(at, end),
          () => {
            bs.forEach((value, v) => {
              f.set(value, f32x4.load(bt, v * VECTOR));
            });
            sums.forEach((sum, r) => {
              f.set(as, f32x4.loadSplat(at, r * FLOAT));
              sum.forEach((s, v) => {
                f.set(s, madd(as, bs[v], s));
              });
            });
            f.set(at, i32.add(at, i32.const(height * FLOAT)));
            f.set(bt, i32.add(bt, i32.const(width * FLOAT)));
          },
        );
      };
      /** Where the panel of a row or column begins: after `before` numbers of whole steps. */
      const panelAt = (base: Local<'i32'>, all: Local<'i32'>, from: Local<'i32'>): Code<'i32'> => {
        const before = i32.add(i32.mul(k, all), i32.mul(from, inner));
        return i32.add(base, i32.shl(before, i32.const(2)));
      };
      f.set(stride, i32.shl(cols, i32.const(2)));
      f.count(k, steps, INNER, () => {
        const rest = f.let(i32.sub(steps, k));
        f.set(inner, i32.select(rest, i32.const(INNER), i32.ltU(rest, i32.const(INNER))));
        f.set(panelB, panelAt(b, cols, col));
        f.set(endB, panelAt(b, cols, colEnd));
        f.set(endA, panelAt(a, rows, rowEnd));
        const first = i32.add(i32.mul(row, cols), col);
        f.set(line, i32.add(c, i32.shl(first, i32.const(2))));
        f.while(i32.ltU(panelB, endB), () => {
          f.set(panelA, panelAt(a, rows, row));
          f.set(target, line);
          f.while(i32.ltU(panelA, endA), () => {
            f.if(
              k,
              () => eachSum((s, v) => f.set(s, f32x4.load(place, v * VECTOR))),
              () => eachSum((s) => f.set(s, f32x4.const(0))),
            );
            f.set(at, panelA);
            f.set(bt, panelB);
            f.set(end, i32.add(panelA, i32.mul(inner, i32.const(height * FLOAT))));
            multiplyTile();
            eachSum((s, v) => f.do(f32x4.store(place, s, v * VECTOR)));
            f.set(panelA, end);
            f.set(target, i32.add(target, i32.mul(stride, i32.const(height))));
          });
          f.set(panelB, i32.add(panelB, i32.mul(inner, i32.const(width * FLOAT))));
          f.set(line, i32.add(line, i32.const(width * FLOAT)));
        });
      });
    },
  );
}

/**
 * `multiplySmall`: y = a·b for each pair of a batch. Three addresses a pair, two byte offsets a row (into a
 * and y) and an inner step (into a and b), and one a column (into b) lie side by side in tables; `cols` is
 * rounded up to four columns, of which `width` bytes are written, in order. b is laid out in `panel` first.
 */
function defineMultiplySmall(module: ModuleBuilder, { madd }: Tile): void {
  module.function(
    'multiplySmall',
    {
      pair: 'i32',
      pairsEnd: 'i32',
      rows: 'i32',
      rowsEnd: 'i32',
      cols: 'i32',
      width: 'i32',
      inner: 'i32',
      innerEnd: 'i32',
      panel: 'i32',
    },
    ({ pair, pairsEnd, rows, rowsEnd, cols, width, inner, innerEnd, panel }, f) => {
      const variable = () => f.local('i32');
      const [k, row, col, base, to, at, start] = Array.from({ length: 7 }, variable);
      const sum = f.local('v128');
      const across = f.let(i32.and(i32.add(width, i32.const(VECTOR - 1)), i32.const(-VECTOR)));
      const whole = f.let(i32.and(width, i32.const(-VECTOR)));
      const colsEnd = f.let(i32.add(cols, across));
      f.count(pair, pairsEnd, 3 * FLOAT, () => {
        f.set(at, panel);
        f.set(k, inner);
        f.count(k, innerEnd, 2 * FLOAT, () => {
          f.set(base, i32.add(i32.load(pair, FLOAT), i32.load(k, FLOAT)));
          f.set(col, cols);
          f.count(col, colsEnd, FLOAT, () => {
            f.do(f32.store(at, f32.load(i32.add(base, i32.load(col)))));
            f.set(at, i32.add(at, i32.const(FLOAT)));
          });
        });
        f.set(row, rows);
        f.count(row, rowsEnd, 2 * FLOAT, () => {
          f.set(start, i32.add(i32.load(pair), i32.load(row)));
          f.set(to, i32.add(i32.load(pair, 2 * FLOAT), i32.load(row, FLOAT)));
          f.set(col, i32.const(0));
          f.count(col, across, VECTOR, () => {
            f.set(sum, f32x4.const(0));
            f.set(at, i32.add(panel, col));
            f.set(k, inner);
            f.count(k, innerEnd, 2 * FLOAT, () => {
              const left = f32x4.loadSplat(i32.add(start, i32.load(k)));
              f.set(sum, madd(left, f32x4.load(at), sum));
              f.set(at, i32.add(at, across));
            });
            f.if(
              i32.ltU(col, whole),
              () => f.do(f32x4.store(i32.add(to, col), sum)),
              () => {
                for (let lane = 0; lane < 3; lane++) {
                  f.if(i32.ltU(i32.add(col, i32.const(lane * FLOAT)), width), () => {
                    f.do(f32.store(i32.add(to, col), f32x4.lane(sum, lane), lane * FLOAT));
                  });
                }
              },
            );
          });
        });
      });
    },
  );
}

/** The kernels of matrix products. */
export function defineGemm(module: ModuleBuilder, tile: Tile): void {
  defineMultiplySmall(module, tile);
  definePack(module, tile.rows);
  definePack(module, tile.cols);
  defineMultiply(module, tile);
}
