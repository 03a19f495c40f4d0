import * as lg from '../../ops/index.js';
import { gate } from '../../ops/unary.js';
import { elementwise } from './families.js';
import {
  among,
  between,
  each,
  exactly,
  except,
  type Input,
  nonzero,
  normal,
  positive,
  type Samples,
  sample,
} from './sample.js';

/** Inside (−1, 1), where arcsine and arccosine are smooth. */
const inside = (...shape: number[]): Input => between(-0.9, 0.9, ...shape);
/** Away from whole numbers and from halves. */
const offGrid = (...shape: number[]): Input => among([-2.3, -1.8, -0.7, 0.2, 0.9, 1.4], ...shape);
/** Where naive formulas overflow or lose every digit. */
const far = exactly([-100, -15, 15, 100], 4);
const origin = exactly([0], 1);
const anything = exactly([-Infinity, -2, 0, 3, Infinity, NaN], 6);

const jumps = { second: Infinity, why: 'the first derivative jumps there' };

export const unarySamples: Samples = {
  neg: elementwise(lg.neg),
  abs: [
    ...elementwise(lg.abs, nonzero),
    except(
      sample('at 0, where the gradient is 0', (x) => lg.abs(x), origin),
      jumps,
    ),
  ],
  sign: elementwise(lg.sign, nonzero),
  square: [...elementwise(lg.square), sample('at 0', (x) => lg.square(x), origin)],
  floor: elementwise(lg.floor, offGrid),
  ceil: elementwise(lg.ceil, offGrid),
  round: elementwise(lg.round, offGrid),

  exp: elementwise(lg.exp),
  expm1: [...elementwise(lg.expm1), sample('near 0', (x) => lg.expm1(x), exactly([1e-9, 0], 2))],
  log: elementwise(lg.log, positive),
  log1p: [
    ...elementwise(lg.log1p, (...shape) => between(-0.7, 2, ...shape)),
    sample('near 0', (x) => lg.log1p(x), exactly([1e-9, 0], 2)),
  ],
  log2: elementwise(lg.log2, positive),
  sqrt: elementwise(lg.sqrt, positive),
  rsqrt: elementwise(lg.rsqrt, positive),
  reciprocal: elementwise(lg.reciprocal, nonzero),

  sin: elementwise(lg.sin),
  cos: elementwise(lg.cos),
  tan: elementwise(lg.tan, (...shape) => between(-1.2, 1.2, ...shape)),
  asin: elementwise(lg.asin, inside),
  acos: elementwise(lg.acos, inside),
  atan: elementwise(lg.atan),
  sinh: elementwise(lg.sinh),
  cosh: elementwise(lg.cosh),
  tanh: [...elementwise(lg.tanh), sample('far from 0', (x) => lg.tanh(x), far)],
  erf: [...elementwise(lg.erf), sample('far from 0', (x) => lg.erf(x), far)],

  sigmoid: [...elementwise(lg.sigmoid), sample('far from 0', (x) => lg.sigmoid(x), far)],
  logSigmoid: [...elementwise(lg.logSigmoid), sample('far from 0', (x) => lg.logSigmoid(x), far)],
  relu: elementwise(lg.relu, nonzero),
  gate: [
    sample(
      'a matrix',
      (g) =>
        gate(
          g,
          lg.tensor(
            [
              [1, -1],
              [0, NaN],
            ],
            { dtype: g.dtype, device: g.device },
          ),
        ),
      normal(2, 2),
    ),
    sample('0-d', (g) => gate(g, lg.tensor(2, { dtype: g.dtype, device: g.device })), normal()),
    sample(
      'size 0',
      (g) => gate(g, lg.zeros([2, 0], { dtype: g.dtype, device: g.device })),
      normal(2, 0),
    ),
  ],
  silu: [...elementwise(lg.silu), sample('far from 0', (x) => lg.silu(x), far)],
  mish: [...elementwise(lg.mish), sample('far from 0', (x) => lg.mish(x), far)],
  gelu: [
    ...elementwise(lg.gelu),
    ...each('approximate', ['none', 'tanh'] as const, (a) => (x) => lg.gelu(x, a), normal(4)),
    ...each('far from 0,', ['none', 'tanh'] as const, (a) => (x) => lg.gelu(x, a), far),
  ],
  leakyRelu: [
    ...elementwise(lg.leakyRelu, nonzero),
    ...each('negativeSlope', [0.3, 0, -1], (a) => (x) => lg.leakyRelu(x, a), nonzero(5)),
  ],
  elu: [
    ...elementwise(lg.elu, nonzero),
    ...each('alpha', [0.5, 2, 0], (a) => (x) => lg.elu(x, a), nonzero(5)),
    sample('far from 0', (x) => lg.elu(x), far),
  ],
  selu: [...elementwise(lg.selu, nonzero), sample('far from 0', (x) => lg.selu(x), far)],
  softplus: [
    ...elementwise(lg.softplus),
    ...each('beta', [0.5, 3], (beta) => (x) => lg.softplus(x, beta), normal(5)),
    sample('beyond the threshold', (x) => lg.softplus(x, 2, 1), nonzero(5)),
    sample('far from 0', (x) => lg.softplus(x), far),
  ],
  softsign: [...elementwise(lg.softsign), sample('far from 0', (x) => lg.softsign(x), far)],
  clamp: [
    ...elementwise((x) => lg.clamp(x, -0.5, 1), nonzero),
    sample('from below', (x) => lg.clamp(x, 0), nonzero(5)),
    sample('from above', (x) => lg.clamp(x, null, 0.1), nonzero(5)),
    sample('from neither side', (x) => lg.clamp(x), nonzero(5)),
    sample('bounds crossed', (x) => lg.clamp(x, 1, -1), nonzero(5)),
  ],
  hardtanh: [
    ...elementwise(lg.hardtanh, nonzero),
    sample('other bounds', (x) => lg.hardtanh(x, -0.1, 1.5), nonzero(5)),
  ],

  isnan: [...elementwise(lg.isnan), sample('of anything', (x) => lg.isnan(x), anything)],
  isinf: [...elementwise(lg.isinf), sample('of anything', (x) => lg.isinf(x), anything)],
  isfinite: [...elementwise(lg.isfinite), sample('of anything', (x) => lg.isfinite(x), anything)],
  logicalNot: [
    ...elementwise(lg.logicalNot),
    sample('of anything', (x) => lg.logicalNot(x), anything),
  ],
};
