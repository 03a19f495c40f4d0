import { type Code, f32, f32x4, i32, type ModuleBuilder } from './assembler.js';

/** A micro-kernel's tile: rows of a, and columns of b in vectors of four. */
export const TILE = { rows: 4, vectors: 2, cols: 8 } as const;

const FLOAT = 4;
const VECTOR = 16;

type Madd = (a: Code<'v128'>, b: Code<'v128'>, sum: Code<'v128'>) => Code<'v128'>;

/** a·b + sum in two instructions, which every engine with vectors has. */
export const multiplyThenAdd: Madd = (a, b, sum) => f32x4.add(sum, f32x4.mul(a, b));

/**
 * `pack{width}`: gathers `width` rows at a time side by side, so that the micro-kernel reads memory in
 * order: panel[k·width + r] = source[rows[r] + inner[k]]. The tables hold byte offsets, `rows` a multiple
 * of `width` of them. Rows that are neighbours in memory are copied four at a time.
 */
function definePack(module: ModuleBuilder, width: number): void {
  module.function(
    `pack${width}`,
    { source: 'i32', rows: 'i32', rowsEnd: 'i32', inner: 'i32', innerEnd: 'i32', panel: 'i32' },
    ({ source, rows, rowsEnd, inner, innerEnd, panel }, f) => {
      const k = f.local('i32');
      const base = f.local('i32');
      const apart = f.local('i32');
      const starts = Array.from({ length: width }, () => f.local('i32'));
      const eachStep = (copy: () => void): void => {
        f.set(k, inner);
        f.count(k, innerEnd, FLOAT, () => {
          copy();
          f.set(panel, i32.add(panel, i32.const(width * FLOAT)));
        });
      };
      f.count(rows, rowsEnd, width * FLOAT, () => {
        f.set(apart, i32.const(0));
        starts.forEach((start, r) => {
          f.set(start, i32.add(source, i32.load(rows, r * FLOAT)));
          const gap = i32.sub(i32.sub(start, starts[0]), i32.const(r * FLOAT));
          f.set(apart, i32.or(apart, gap));
        });
        f.if(
          i32.eqz(apart),
          () =>
            eachStep(() => {
              f.set(base, i32.add(starts[0], i32.load(k)));
              for (let at = 0; at < width * FLOAT; at += VECTOR) {
                f.do(f32x4.store(panel, f32x4.load(base, at), at));
              }
            }),
          () =>
            eachStep(() => {
              f.set(base, i32.load(k));
              starts.forEach((start, r) => {
                f.do(f32.store(panel, f32.load(i32.add(start, base)), r * FLOAT));
              });
            }),
        );
      });
    },
  );
}

/**
 * `multiply`: c += a·b over packed panels: a in panels of `TILE.rows` rows, b in panels of `TILE.cols`
 * columns, each `bytes` of inner steps long; c row-major, `stride` bytes a row. The sums of one tile
 * stay in registers.
 */
function defineMultiply(module: ModuleBuilder, madd: Madd): void {
  const { rows, vectors } = TILE;
  module.function(
    'multiply',
    {
      a: 'i32',
      aEnd: 'i32',
      b: 'i32',
      bEnd: 'i32',
      inner: 'i32',
      c: 'i32',
      stride: 'i32',
    },
    ({ a, aEnd, b, bEnd, inner, c, stride }, f) => {
      const row = f.local('i32');
      const tile = f.local('i32');
      const place = f.local('i32');
      const [at, bt, end] = [f.local('i32'), f.local('i32'), f.local('i32')];
      const sums = Array.from({ length: rows }, () =>
        Array.from({ length: vectors }, () => f.local('v128')),
      );
      const bs = Array.from({ length: vectors }, () => f.local('v128'));
      const as = f.local('v128');
      const eachRow = (visit: (r: number) => void): void => {
        f.set(place, tile);
        for (let r = 0; r < rows; r++) {
          visit(r);
          if (r < rows - 1) f.set(place, i32.add(place, stride));
        }
      };
      f.while(i32.ltU(b, bEnd), () => {
        f.set(row, a);
        f.set(tile, c);
        f.while(i32.ltU(row, aEnd), () => {
          eachRow((r) => {
            sums[r].forEach((sum, v) => {
              f.set(sum, f32x4.load(place, v * VECTOR));
            });
          });
          f.set(at, row);
          f.set(bt, b);
          f.set(end, i32.add(row, i32.mul(inner, i32.const(rows))));
          f.doWhile(
            () => i32.ltU(at, end),
            () => {
              bs.forEach((value, v) => {
                f.set(value, f32x4.load(bt, v * VECTOR));
              });
              sums.forEach((line, r) => {
                f.set(as, f32x4.loadSplat(at, r * FLOAT));
                line.forEach((sum, v) => {
                  f.set(sum, madd(as, bs[v], sum));
                });
              });
              f.set(at, i32.add(at, i32.const(rows * FLOAT)));
              f.set(bt, i32.add(bt, i32.const(vectors * VECTOR)));
            },
          );
          eachRow((r) => {
            sums[r].forEach((sum, v) => {
              f.do(f32x4.store(place, sum, v * VECTOR));
            });
          });
          f.set(row, end);
          f.set(tile, i32.add(tile, i32.mul(stride, i32.const(rows))));
        });
        f.set(b, i32.add(b, i32.mul(inner, i32.const(TILE.cols))));
        f.set(c, i32.add(c, i32.const(TILE.cols * FLOAT)));
      });
    },
  );
}

/** The kernels of a packed matrix product. */
export function defineGemm(module: ModuleBuilder, madd: Madd): void {
  definePack(module, TILE.rows);
  definePack(module, TILE.cols);
  defineMultiply(module, madd);
}
