import { contract } from '../../ops/einsum/contract.js';
import * as lg from '../../ops/index.js';
import { along, each, normal, type Sample, type Samples, sample } from './sample.js';

/** A product of tensors of these shapes. */
const product = (
  f: (a: lg.Tensor, b: lg.Tensor) => unknown,
  pairs: [number[], number[]][],
): Sample[] =>
  pairs.map(([a, b]) => sample(`[${a}] and [${b}]`, (x, y) => f(x, y), normal(...a), normal(...b)));

/** A contraction in einsum's notation, each letter an axis. */
const contraction = (equation: string, a: number[], b: number[]): Sample => {
  const [x, y, out] = equation.split(/,|->/).map((labels) => [...labels]);
  return sample(
    `${equation} of [${a}] [${b}]`,
    (s, t) => contract(s, t, x, y, out),
    normal(...a),
    normal(...b),
  );
};

type AxisPairs = [number[], number[]][];
/** What pairs axes of `[2, 3]` with axes of `[3, 2]`, and with axes of `[3, 1, 2]`. */
const matching: AxisPairs = [
  [[1], [0]],
  [[-1], [0]],
  [[0], [-1]],
];
const pairs: AxisPairs = [
  [
    [0, 1],
    [2, 0],
  ],
  [
    [-2, -1],
    [-1, -3],
  ],
  [
    [1, 0],
    [0, 2],
  ],
];

export const matmulSamples: Samples = {
  contract: [
    contraction('ij,jk->ik', [2, 3], [3, 2]),
    contraction('ij,jk->ki', [2, 3], [3, 2]),
    contraction('ji,kj->ik', [3, 2], [2, 3]),
    contraction('bij,bjk->bik', [2, 2, 2], [2, 2, 2]),
    contraction('bnhd,bmhd->bhnm', [1, 2, 2, 2], [1, 3, 2, 2]),
    contraction('ij,ij->', [2, 3], [2, 3]),
    contraction('i,j->ij', [2], [3]),
    contraction('ijkl,klm->mij', [2, 1, 2, 2], [2, 2, 2]),
    contraction('i,->i', [3], []),
    contraction(',->', [], []),
    contraction('ij,jk->ik', [2, 0], [0, 2]),
    contraction('ij,jk->ik', [0, 2], [2, 1]),
  ],
  dot: [
    ...product(lg.dot, [
      [[3], [3]],
      [[1], [1]],
      [[0], [0]],
    ]),
    sample('of itself', (x) => lg.dot(x, x), normal(3)),
  ],
  outer: product(lg.outer, [
    [[2], [3]],
    [[1], [2]],
    [[0], [2]],
  ]),
  matmul: [
    ...product(lg.matmul, [
      [
        [2, 3],
        [3, 2],
      ],
      [[3], [3]],
      [[3], [3, 2]],
      [[2, 3], [3]],
      [
        [2, 2, 3],
        [2, 3, 1],
      ],
      [
        [2, 2, 2],
        [2, 2],
      ],
      [
        [2, 2],
        [2, 2, 2],
      ],
      [
        [2, 1, 1, 2],
        [3, 2, 1],
      ],
      [
        [1, 2, 2],
        [2, 2, 1],
      ],
      [
        [2, 2, 2],
        [1, 2, 1],
      ],
      [[3], [2, 3, 2]],
      [[2, 2, 3], [3]],
      [
        [1, 1],
        [1, 1],
      ],
      [
        [2, 0],
        [0, 3],
      ],
      [
        [0, 2],
        [2, 2],
      ],
      [
        [0, 2, 2],
        [2, 1],
      ],
    ]),
    sample('a matrix with itself', (x) => lg.matmul(x, x), normal(2, 2)),
  ],
  bmm: product(lg.bmm, [
    [
      [2, 2, 3],
      [2, 3, 1],
    ],
    [
      [1, 1, 2],
      [1, 2, 2],
    ],
    [
      [0, 2, 2],
      [0, 2, 1],
    ],
    [
      [2, 1, 0],
      [2, 0, 1],
    ],
  ]),
  tensordot: [
    ...each('dims', [0, 1, 2], (n) => (a, b) => lg.tensordot(a, b, n), normal(2, 2), normal(2, 2)),
    ...along('axes', matching, (d) => (a, b) => lg.tensordot(a, b, d), normal(2, 3), normal(3, 2)),
    ...along('pairs', pairs, (d) => (a, b) => lg.tensordot(a, b, d), normal(2, 3), normal(3, 1, 2)),
    sample('no axes', (a, b) => lg.tensordot(a, b, [[], []]), normal(2), normal(2)),
    sample('without dims', (a, b) => lg.tensordot(a, b), normal(2, 3), normal(2, 3)),
    sample('0-d', (a, b) => lg.tensordot(a, b, 0), normal(), normal(2)),
    sample('size 0', (a, b) => lg.tensordot(a, b, 1), normal(2, 0), normal(0, 2)),
  ],
  linear: [
    sample('with a bias', (x, w, b) => lg.linear(x, w, b), normal(2, 3), normal(2, 3), normal(2)),
    sample('without one', (x, w) => lg.linear(x, w), normal(2, 3), normal(2, 3)),
    sample('null for a bias', (x, w) => lg.linear(x, w, null), normal(2, 3), normal(1, 3)),
    sample('one example', (x, w, b) => lg.linear(x, w, b), normal(3), normal(2, 3), normal(2)),
    sample(
      'a batch of sequences',
      (x, w, b) => lg.linear(x, w, b),
      normal(2, 2, 2),
      normal(1, 2),
      normal(1),
    ),
    sample('size 0', (x, w, b) => lg.linear(x, w, b), normal(0, 3), normal(2, 3), normal(2)),
    sample('no features', (x, w, b) => lg.linear(x, w, b), normal(2, 0), normal(2, 0), normal(2)),
  ],
};
