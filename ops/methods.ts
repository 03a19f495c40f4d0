import { clone } from '../core/autograd.js';
import { type DType, isDType } from '../core/dtype.js';
import { DeviceError } from '../core/errors.js';
import type { Device } from '../core/kernels.js';
import { show } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { add, atan2, div, lerp, maximum, minimum, mul, pow, sub } from './binary.js';
import { expand } from './broadcast.js';
import { cast, toDevice } from './cast.js';
import { eq, ge, gt, le, logicalAnd, logicalOr, lt, ne } from './compare.js';
import { argsort, gather, indexSelect, scatterAdd, sort, topk } from './gather.js';
import { index } from './index-by.js';
import { inPlace } from './inplace.js';
import { bmm, dot, linear, matmul, outer, tensordot } from './matmul.js';
import { pad } from './pad.js';
import {
  all,
  amax,
  amin,
  any,
  argmax,
  argmin,
  logsumexp,
  max,
  mean,
  min,
  norm,
  prod,
  std,
  sum,
  variance,
} from './reduce.js';
import { cumprod, cumsum } from './scan.js';
import {
  chunk,
  flatten,
  flip,
  permute,
  repeat,
  reshape,
  roll,
  split,
  squeeze,
  transpose,
  unsqueeze,
} from './shape.js';
import { diagonal, narrow, select, slice, trace, tril, triu } from './slice.js';
import { logSoftmax, softmax } from './softmax.js';
import {
  abs,
  acos,
  asin,
  atan,
  ceil,
  clamp,
  cos,
  cosh,
  elu,
  erf,
  exp,
  expm1,
  floor,
  gelu,
  hardtanh,
  isfinite,
  isinf,
  isnan,
  leakyRelu,
  log,
  log1p,
  log2,
  logicalNot,
  logSigmoid,
  mish,
  neg,
  reciprocal,
  relu,
  round,
  rsqrt,
  selu,
  sigmoid,
  sign,
  silu,
  sin,
  sinh,
  softplus,
  softsign,
  sqrt,
  square,
  tan,
  tanh,
} from './unary.js';
import { maskedFill } from './where.js';

/** Every op that reads well after its first operand is a method too: `x.softmax(-1)`. */
const methods = {
  ...inPlace,
  abs,
  acos,
  add,
  all,
  amax,
  amin,
  any,
  argmax,
  argmin,
  argsort,
  asin,
  atan,
  atan2,
  bmm,
  ceil,
  chunk,
  clamp,
  clone,
  cos,
  cosh,
  cumprod,
  cumsum,
  diagonal,
  div,
  dot,
  elu,
  eq,
  erf,
  exp,
  expand,
  expm1,
  flatten,
  flip,
  floor,
  gather,
  ge,
  gelu,
  gt,
  hardtanh,
  index,
  indexSelect,
  isfinite,
  isinf,
  isnan,
  le,
  leakyRelu,
  lerp,
  linear,
  log,
  log1p,
  log2,
  logSigmoid,
  logSoftmax,
  logicalAnd,
  logicalNot,
  logicalOr,
  logsumexp,
  lt,
  maskedFill,
  matmul,
  max,
  maximum,
  mean,
  min,
  minimum,
  mish,
  mul,
  narrow,
  ne,
  neg,
  norm,
  outer,
  pad,
  permute,
  pow,
  prod,
  reciprocal,
  relu,
  repeat,
  reshape,
  roll,
  round,
  rsqrt,
  scatterAdd,
  select,
  selu,
  sigmoid,
  sign,
  silu,
  sin,
  sinh,
  slice,
  softmax,
  softplus,
  softsign,
  sort,
  split,
  sqrt,
  square,
  squeeze,
  std,
  sub,
  sum,
  tan,
  tanh,
  tensordot,
  topk,
  trace,
  transpose,
  tril,
  triu,
  unsqueeze,
  variance,
  to,
  var: variance,
};

/** x in another dtype (an op, with a gradient), or on another device. */
function to(x: Tensor, target: DType | Device): Tensor {
  if (isDType(target)) return x.dtype === target ? x : cast(x, target);
  if (target === x.device) return x;
  if (typeof target?.upload === 'function') return toDevice(x, target);
  throw new DeviceError(`to: expected a dtype or a device, got ${show(target)}`);
}

/** A function of a tensor and more, without the tensor. */
type Method<F> = F extends (x: never, ...rest: infer R) => infer T ? (...rest: R) => T : never;

declare module '../core/tensor.js' {
  interface Tensor {
    abs: Method<(typeof methods)['abs']>;
    acos: Method<(typeof methods)['acos']>;
    add: Method<(typeof methods)['add']>;
    add_: Method<(typeof methods)['add_']>;
    all: Method<(typeof methods)['all']>;
    amax: Method<(typeof methods)['amax']>;
    amin: Method<(typeof methods)['amin']>;
    any: Method<(typeof methods)['any']>;
    argmax: Method<(typeof methods)['argmax']>;
    argmin: Method<(typeof methods)['argmin']>;
    argsort: Method<(typeof methods)['argsort']>;
    asin: Method<(typeof methods)['asin']>;
    atan: Method<(typeof methods)['atan']>;
    atan2: Method<(typeof methods)['atan2']>;
    bmm: Method<(typeof methods)['bmm']>;
    ceil: Method<(typeof methods)['ceil']>;
    chunk: Method<(typeof methods)['chunk']>;
    clamp: Method<(typeof methods)['clamp']>;
    clone: Method<(typeof methods)['clone']>;
    cos: Method<(typeof methods)['cos']>;
    cosh: Method<(typeof methods)['cosh']>;
    cumprod: Method<(typeof methods)['cumprod']>;
    cumsum: Method<(typeof methods)['cumsum']>;
    diagonal: Method<(typeof methods)['diagonal']>;
    div: Method<(typeof methods)['div']>;
    div_: Method<(typeof methods)['div_']>;
    dot: Method<(typeof methods)['dot']>;
    elu: Method<(typeof methods)['elu']>;
    eq: Method<(typeof methods)['eq']>;
    erf: Method<(typeof methods)['erf']>;
    exp: Method<(typeof methods)['exp']>;
    expand: Method<(typeof methods)['expand']>;
    expm1: Method<(typeof methods)['expm1']>;
    fill_: Method<(typeof methods)['fill_']>;
    flatten: Method<(typeof methods)['flatten']>;
    flip: Method<(typeof methods)['flip']>;
    floor: Method<(typeof methods)['floor']>;
    gather: Method<(typeof methods)['gather']>;
    ge: Method<(typeof methods)['ge']>;
    gelu: Method<(typeof methods)['gelu']>;
    gt: Method<(typeof methods)['gt']>;
    hardtanh: Method<(typeof methods)['hardtanh']>;
    index: Method<(typeof methods)['index']>;
    indexSelect: Method<(typeof methods)['indexSelect']>;
    isfinite: Method<(typeof methods)['isfinite']>;
    isinf: Method<(typeof methods)['isinf']>;
    isnan: Method<(typeof methods)['isnan']>;
    le: Method<(typeof methods)['le']>;
    leakyRelu: Method<(typeof methods)['leakyRelu']>;
    lerp: Method<(typeof methods)['lerp']>;
    linear: Method<(typeof methods)['linear']>;
    log: Method<(typeof methods)['log']>;
    log1p: Method<(typeof methods)['log1p']>;
    log2: Method<(typeof methods)['log2']>;
    logSigmoid: Method<(typeof methods)['logSigmoid']>;
    logSoftmax: Method<(typeof methods)['logSoftmax']>;
    logicalAnd: Method<(typeof methods)['logicalAnd']>;
    logicalNot: Method<(typeof methods)['logicalNot']>;
    logicalOr: Method<(typeof methods)['logicalOr']>;
    logsumexp: Method<(typeof methods)['logsumexp']>;
    lt: Method<(typeof methods)['lt']>;
    maskedFill: Method<(typeof methods)['maskedFill']>;
    matmul: Method<(typeof methods)['matmul']>;
    max: Method<(typeof methods)['max']>;
    maximum: Method<(typeof methods)['maximum']>;
    mean: Method<(typeof methods)['mean']>;
    min: Method<(typeof methods)['min']>;
    minimum: Method<(typeof methods)['minimum']>;
    mish: Method<(typeof methods)['mish']>;
    mul: Method<(typeof methods)['mul']>;
    mul_: Method<(typeof methods)['mul_']>;
    narrow: Method<(typeof methods)['narrow']>;
    ne: Method<(typeof methods)['ne']>;
    neg: Method<(typeof methods)['neg']>;
    norm: Method<(typeof methods)['norm']>;
    outer: Method<(typeof methods)['outer']>;
    pad: Method<(typeof methods)['pad']>;
    permute: Method<(typeof methods)['permute']>;
    pow: Method<(typeof methods)['pow']>;
    prod: Method<(typeof methods)['prod']>;
    reciprocal: Method<(typeof methods)['reciprocal']>;
    relu: Method<(typeof methods)['relu']>;
    repeat: Method<(typeof methods)['repeat']>;
    reshape: Method<(typeof methods)['reshape']>;
    roll: Method<(typeof methods)['roll']>;
    round: Method<(typeof methods)['round']>;
    rsqrt: Method<(typeof methods)['rsqrt']>;
    scatterAdd: Method<(typeof methods)['scatterAdd']>;
    select: Method<(typeof methods)['select']>;
    selu: Method<(typeof methods)['selu']>;
    sigmoid: Method<(typeof methods)['sigmoid']>;
    sign: Method<(typeof methods)['sign']>;
    silu: Method<(typeof methods)['silu']>;
    sin: Method<(typeof methods)['sin']>;
    sinh: Method<(typeof methods)['sinh']>;
    slice: Method<(typeof methods)['slice']>;
    softmax: Method<(typeof methods)['softmax']>;
    softplus: Method<(typeof methods)['softplus']>;
    softsign: Method<(typeof methods)['softsign']>;
    sort: Method<(typeof methods)['sort']>;
    split: Method<(typeof methods)['split']>;
    sqrt: Method<(typeof methods)['sqrt']>;
    square: Method<(typeof methods)['square']>;
    squeeze: Method<(typeof methods)['squeeze']>;
    std: Method<(typeof methods)['std']>;
    sub: Method<(typeof methods)['sub']>;
    sub_: Method<(typeof methods)['sub_']>;
    sum: Method<(typeof methods)['sum']>;
    tan: Method<(typeof methods)['tan']>;
    tanh: Method<(typeof methods)['tanh']>;
    tensordot: Method<(typeof methods)['tensordot']>;
    to: Method<(typeof methods)['to']>;
    topk: Method<(typeof methods)['topk']>;
    trace: Method<(typeof methods)['trace']>;
    transpose: Method<(typeof methods)['transpose']>;
    tril: Method<(typeof methods)['tril']>;
    triu: Method<(typeof methods)['triu']>;
    unsqueeze: Method<(typeof methods)['unsqueeze']>;
    var: Method<(typeof methods)['var']>;
    variance: Method<(typeof methods)['variance']>;
    zero_: Method<(typeof methods)['zero_']>;
  }
}

for (const [name, op] of Object.entries(methods)) {
  Object.defineProperty(Tensor.prototype, name, {
    value(this: Tensor, ...rest: never[]) {
      return (op as (x: Tensor, ...rest: never[]) => unknown)(this, ...rest);
    },
    writable: true,
    configurable: true,
  });
}
