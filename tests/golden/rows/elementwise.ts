import type { Tensor, TensorLike } from '../../../ops/index.js';
import * as lg from '../../../ops/index.js';
import type { Arguments } from '../arguments.js';
import { activation, binary, type Row, type Rows, unary } from './row.js';

/** Two operands, one of which may be a number among the arguments. */
function operands(inputs: readonly Tensor[], a: Arguments): [TensorLike, TensorLike] {
  if (inputs.length > 1) return [inputs[0], inputs[1]];
  if (a.has('self/input')) return [a.number('self/input'), inputs[0]];
  return [inputs[0], a.number('other/exponent')];
}

const pair =
  (f: (x: TensorLike, y: TensorLike) => Tensor): Row =>
  (inputs, a) =>
    f(...operands(inputs, a));

/** PyTorch's add and sub take a factor for the second operand. */
const scaled =
  (f: (x: TensorLike, y: TensorLike) => Tensor): Row =>
  (inputs, a) => {
    const [x, y] = operands(inputs, a);
    const alpha = a.number('alpha', 1);
    return f(x, alpha === 1 ? y : lg.mul(y, alpha));
  };

const divide: Row = (inputs, a) => {
  const quotient = lg.div(...operands(inputs, a));
  const rounding = a.oneOf('rounding_mode', ['none', 'floor', 'trunc'], 'none');
  if (rounding === 'none') return quotient;
  if (rounding === 'floor') return lg.floor(quotient);
  return lg.mul(lg.sign(quotient), lg.floor(lg.abs(quotient)));
};

const add = scaled(lg.add);
const sub = scaled(lg.sub);
const pow = pair(lg.pow);
const greater = pair(lg.gt);
const greaterEqual = pair(lg.ge);
const less = pair(lg.lt);
const lessEqual = pair(lg.le);
const notEqual = pair(lg.ne);

/** Bounds are numbers, or tensors that broadcast: two, or the one that is not among the arguments. */
const clamp: Row = (inputs, a) => {
  const [x, ...bounds] = inputs;
  const [min, max] = [a.number('min', null), a.number('max', null)];
  if (bounds.length === 0) return lg.clamp(x, min, max);
  const raised = lg.maximum(x, min ?? bounds[0]);
  const most = max ?? (min === null ? bounds[1] : bounds[0]);
  return most === undefined ? raised : lg.minimum(raised, most);
};

const lerp: Row = (inputs, a) =>
  lg.lerp(inputs[0], inputs[1], inputs.length > 2 ? inputs[2] : a.number('weight'));

/** Either branch may be a number. */
const where: Row = (inputs, a) => {
  const [condition] = inputs;
  if (inputs.length === 3) return lg.where(condition, inputs[1], inputs[2]);
  if (inputs.length === 1) {
    return lg.where(condition, a.number('self/input/x'), a.number('other/y'));
  }
  if (a.has('other/y')) return lg.where(condition, inputs[1], a.number('other/y'));
  return lg.where(condition, a.number('self/input/x'), inputs[1]);
};

const clampMin: Row = ([x], a) => lg.clamp(x, a.number('min'));
const clampMax: Row = ([x], a) => lg.clamp(x, null, a.number('max'));

/** t + value · f(x, y). */
const fused =
  (f: (x: Tensor, y: Tensor) => Tensor): Row =>
  ([t, x, y], a) =>
    lg.add(t, lg.mul(a.number('value', 1), f(x, y)));

export const elementwise: Rows = {
  neg: unary(lg.neg),
  negative: unary(lg.neg),
  positive: unary((x) => x),
  abs: unary(lg.abs),
  absolute: unary(lg.abs),
  sign: unary(lg.sign),
  sgn: unary(lg.sign),
  exp: unary(lg.exp),
  exp2: unary((x) => lg.pow(2, x)),
  expm1: unary(lg.expm1),
  log: unary(lg.log),
  log1p: unary(lg.log1p),
  log2: unary(lg.log2),
  log10: unary((x) => lg.div(lg.log(x), Math.LN10)),
  sqrt: unary(lg.sqrt),
  rsqrt: unary(lg.rsqrt),
  square: unary(lg.square),
  reciprocal: unary(lg.reciprocal),
  sin: unary(lg.sin),
  cos: unary(lg.cos),
  tan: unary(lg.tan),
  asin: unary(lg.asin),
  arcsin: unary(lg.asin),
  acos: unary(lg.acos),
  arccos: unary(lg.acos),
  atan: unary(lg.atan),
  arctan: unary(lg.atan),
  sinh: unary(lg.sinh),
  cosh: unary(lg.cosh),
  tanh: unary(lg.tanh),
  erf: unary(lg.erf),
  floor: unary(lg.floor),
  ceil: unary(lg.ceil),
  round: ([x], a) => {
    const scale = 10 ** a.number('decimals', 0);
    return scale === 1 ? lg.round(x) : lg.div(lg.round(lg.mul(x, scale)), scale);
  },
  clone: unary((x) => x.clone()),
  contiguous: unary((x) => x),
  detach: unary((x) => x.detach()),

  add,
  sub,
  subtract: sub,
  rsub: ([x, y], a) => lg.sub(y, lg.mul(a.number('alpha', 1), x)),
  mul: pair(lg.mul),
  multiply: pair(lg.mul),
  div: divide,
  divide,
  true_divide: pair(lg.div),
  floor_divide: pair((x, y) => lg.floor(lg.div(x, y))),
  pow,
  pow_scalar: pow,
  float_power: pair((x, y) => {
    const double = (t: TensorLike): TensorLike =>
      t instanceof lg.Tensor ? lg.cast(t, 'float64') : t;
    return lg.pow(double(x), double(y));
  }),
  maximum: pair(lg.maximum),
  minimum: pair(lg.minimum),
  atan2: binary(lg.atan2),
  arctan2: binary(lg.atan2),
  lerp,
  where,
  clamp,
  clip: clamp,
  clamp_min: clampMin,
  clamp_max: clampMax,
  addcmul: fused(lg.mul),
  addcdiv: fused(lg.div),

  eq: pair(lg.eq),
  ne: notEqual,
  not_equal: notEqual,
  lt: less,
  less,
  le: lessEqual,
  less_equal: lessEqual,
  gt: greater,
  greater,
  ge: greaterEqual,
  greater_equal: greaterEqual,
  logical_not: unary(lg.logicalNot),
  logical_and: binary(lg.logicalAnd),
  logical_or: binary(lg.logicalOr),
  logical_xor: binary((x, y) => lg.ne(lg.logicalNot(x), lg.logicalNot(y))),
  isnan: unary(lg.isnan),
  isinf: unary(lg.isinf),
  isfinite: unary(lg.isfinite),

  sigmoid: unary(lg.sigmoid),
  expit: unary(lg.sigmoid),
  logsigmoid: unary(lg.logSigmoid),
  log_sigmoid: unary(lg.logSigmoid),
  softsign: unary(lg.softsign),
  tanhshrink: unary((x) => lg.sub(x, lg.tanh(x))),
  relu: activation(lg.relu),
  relu6: activation((x) => lg.hardtanh(x, 0, 6)),
  leaky_relu: activation((x, a) => lg.leakyRelu(x, a.number('negative_slope', 0.01))),
  elu: activation((x, a) => lg.elu(x, a.number('alpha', 1))),
  celu: activation((x, a) => {
    const alpha = a.number('alpha', 1);
    return lg.mul(alpha, lg.elu(lg.div(x, alpha)));
  }),
  selu: activation(lg.selu),
  silu: activation(lg.silu),
  swish: activation(lg.silu),
  mish: activation(lg.mish),
  gelu: ([x], a) => lg.gelu(x, a.oneOf('approximate', ['none', 'tanh'], 'none')),
  softplus: ([x], a) => lg.softplus(x, a.number('beta', 1), a.number('threshold', 20)),
  hardtanh: activation((x, a) =>
    lg.hardtanh(x, a.number('min_val/min_value/min', -1), a.number('max_val/max_value/max', 1)),
  ),
};
