import type { Tensor } from '../../../ops/index.js';
import * as lg from '../../../ops/index.js';
import { binary, optional, type Row, type Rows } from './row.js';

/** beta · t + alpha · f(x, y): the products that PyTorch adds to something. */
const added =
  (f: (x: Tensor, y: Tensor) => Tensor): Row =>
  ([t, x, y], a) =>
    lg.add(lg.mul(a.number('beta', 1), t), lg.mul(a.number('alpha', 1), f(x, y)));

/** A number of axes, or a list of axes for each operand. */
const tensordot: Row = ([x, y], a) => {
  const dims = a.numberOrPair('dims', 2);
  return lg.tensordot(x, y, dims);
};

const linear: Row = ([x, weight, bias], a) => lg.linear(x, weight, optional(bias, a, 'bias', x));

const bilinear: Row = ([x, y, weight, bias], a) => {
  const product = lg.einsum('...i,oij,...j->...o', x, weight, y);
  const b = optional(bias, a, 'bias', x);
  return b === null ? product : lg.add(product, b);
};

const einsum: Row = (xs, a) => lg.einsum(a.string('equation'), ...xs);
const outer = binary(lg.outer);

export const contract: Rows = {
  einsum,
  matmul: binary(lg.matmul),
  mm: binary(lg.matmul),
  mv: binary(lg.matmul),
  bmm: binary(lg.bmm),
  dot: binary(lg.dot),
  vdot: binary(lg.dot),
  inner: binary((x, y) => lg.tensordot(x, y, [[-1], [-1]])),
  outer,
  ger: outer,
  tensordot,
  linear,
  bilinear,
  addmm: added(lg.matmul),
  addmv: added(lg.matmul),
  addr: added(lg.outer),
  baddbmm: added(lg.bmm),
  addbmm: added((x, y) => lg.einsum('bnk,bkm->nm', x, y)),
};
