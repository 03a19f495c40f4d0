import * as lg from '../../ops/index.js';
import { exactly, normal, type Sample, type Samples, sample } from './sample.js';

/** An equation on operands of these shapes. */
const einsum = (equation: string, ...shapes: number[][]): Sample =>
  sample(
    `${equation} of ${shapes.map((s) => `[${s}]`).join(' ')}`,
    (...xs) => lg.einsum(equation, ...xs),
    ...shapes.map((shape) => normal(...shape)),
  );

export const einsumSamples: Samples = {
  einsum: [
    // One operand.
    einsum('ij->ij', [2, 3]),
    einsum('ij->ji', [2, 3]),
    einsum('ij->', [2, 3]),
    einsum('ij->j', [2, 3]),
    einsum('ijk->ki', [2, 2, 3]),
    // Diagonals.
    einsum('ii->i', [3, 3]),
    einsum('ii->', [3, 3]),
    einsum('iji->j', [2, 3, 2]),
    einsum('iij->ji', [2, 2, 3]),
    einsum('iii->i', [2, 2, 2]),
    einsum('iijj->ij', [2, 2, 2, 2]),
    einsum('ii,i->i', [2, 2], [2]),
    einsum('ii,jj->ij', [2, 2], [2, 2]),
    // Two operands.
    einsum('i,i->', [3], [3]),
    einsum('i,i->i', [3], [3]),
    einsum('i,j->ij', [2], [3]),
    einsum('i,j->', [2], [3]),
    einsum('ij,jk->ik', [2, 3], [3, 2]),
    einsum('ij,kj->ki', [2, 3], [2, 3]),
    einsum('ij,ji->', [2, 3], [3, 2]),
    einsum('ij,ji->ij', [2, 3], [3, 2]),
    einsum('bij,bjk->bik', [2, 2, 2], [2, 2, 1]),
    einsum('bnhd,bmhd->bhnm', [1, 2, 2, 2], [1, 2, 2, 2]),
    einsum('ijk,jl->i', [2, 2, 2], [2, 2]),
    // Upper case is another letter.
    einsum('iI,Ij->ij', [2, 3], [3, 2]),
    einsum('aA->Aa', [2, 3]),
    // Without an arrow.
    einsum('ij,jk', [2, 3], [3, 2]),
    einsum('ba', [2, 3]),
    einsum('ii', [2, 2]),
    einsum('i,i', [3], [3]),
    einsum('...j,j', [2, 3], [3]),
    // Ellipsis.
    einsum('...->...', [2, 3]),
    einsum('...ij->...ji', [2, 2, 3]),
    einsum('i...->...', [2, 3]),
    einsum('...ij,...jk->...ik', [2, 1, 2], [2, 2, 2]),
    einsum('...ij,...jk->...ik', [2, 2, 2], [2, 1]),
    einsum('...i,...i->...', [2, 1, 2], [3, 2]),
    einsum('i...,...j->ij...', [2, 3], [3, 2]),
    einsum('...,...->...', [2, 1], [3]),
    einsum('...ii->...i', [2, 2, 2]),
    einsum('b...,b...->b', [2, 3], [2, 3]),
    einsum('...i->i', [2, 2, 2]),
    // Size 1 broadcasts.
    einsum('ij,ij->ij', [2, 1], [2, 3]),
    einsum('ij,jk->ik', [2, 1], [3, 2]),
    einsum('ij,jk->ik', [1, 1], [1, 1]),
    einsum('ii->i', [1, 1]),
    einsum('i,i->', [1], [3]),
    einsum('ij,ji->j', [1, 3], [3, 2]),
    // Three operands and more.
    einsum('i,i,i->i', [2], [2], [2]),
    einsum('ij,jk,kl->il', [2, 2], [2, 3], [3, 2]),
    einsum('i,ij,j->', [2], [2, 3], [3]),
    einsum('ij,ik,il->jkl', [2, 2], [2, 2], [2, 2]),
    einsum('a,b,c,d->dcba', [2], [1], [2], [2]),
    einsum('bhn,bmk,hk,n->bm', [1, 2, 2], [1, 2, 2], [2, 2], [2]),
    einsum('...a,...b,ab->...', [2, 2], [1, 2], [2, 2]),
    // 0-d operands.
    einsum('->', []),
    einsum(',->', [], []),
    einsum('i,->i', [3], []),
    einsum(',ij,->ji', [], [2, 2], []),
    einsum('...,...->...', [], [3]),
    // Size 0.
    einsum('ij->i', [2, 0]),
    einsum('ij,jk->ik', [2, 0], [0, 3]),
    einsum('ij,jk->ik', [0, 2], [2, 3]),
    einsum('i,j->ij', [0], [2]),
    einsum('ii->i', [0, 0]),

    sample('an operand twice', (x) => lg.einsum('ij,kj->ik', x, x), normal(2, 2)),
    sample('zeros', (x, y) => lg.einsum('i,i->', x, y), exactly([0, 0], 2), exactly([0, 1], 2)),
  ],
};
