import { Tensor } from '../../../ops/index.js';
import {
  broadcast,
  broadcastsTo,
  isLike,
  isTensor,
  need,
  number,
  oneOf,
  pairDType,
  type Shapes,
  shapeOf,
} from '../rules.js';
import type { Call, Calls } from './call.js';

type Like = Tensor | number | boolean;

/** A function of one tensor or number, its further arguments being checked by `rest`. */
const unary = (undefinedAt?: string, rest: (...more: unknown[]) => void = () => {}): Call => ({
  args: (d) => [d.once(6) ? d.pick<unknown>(2, -0.5, true) : d.tensor()],
  rule: (x, ...more) => {
    rest(...more);
    return [shapeOf(isLike(x))];
  },
  ...(undefinedAt === undefined ? {} : { undefinedAt }),
});

const isBool = (x: Like): boolean =>
  x instanceof Tensor ? x.dtype === 'bool' : typeof x === 'boolean';

/** The same for numbers only. */
const numeric: Call = {
  ...unary(),
  rule: (x) => {
    need(!isBool(isLike(x)));
    return [shapeOf(isLike(x))];
  },
};

/** Takes a number, or nothing. */
const optionalNumber = (x: unknown): void => {
  if (x !== undefined) number(x);
};

const bounds: Call = {
  args: (d) => [d.tensor(), d.pick(-1, 0.5, null, undefined), d.pick(1, 1.5, null, undefined)],
  rule: (x, least, most) => {
    for (const bound of [least, most]) if (bound !== null) optionalNumber(bound);
    return [shapeOf(isLike(x))];
  },
};

const binary = (accepts: (a: Like, b: Like) => boolean, undefinedAt?: string): Call => ({
  args: (d) => {
    const shape = d.shape();
    const operand = (): unknown =>
      d.once(6) ? d.pick<unknown>(2, -1.5, true) : d.tensor(d.narrower(shape));
    return [operand(), operand()];
  },
  rule: (a, b) => {
    need(accepts(isLike(a), isLike(b)));
    return [broadcast(shapeOf(isLike(a)), shapeOf(isLike(b)))];
  },
  ...(undefinedAt === undefined ? {} : { undefinedAt }),
});

const anything = binary(() => true);
const numbers = binary((a, b) => pairDType(a, b) !== 'bool');

/** Whole numbers have no powers below 0. */
const powers = (a: Like, b: Like): boolean => {
  const dtype = pairDType(a, b);
  return dtype !== 'bool' && !(dtype === 'int32' && typeof b === 'number' && b < 0);
};

const ternary = (rule: (...args: unknown[]) => Shapes): Call => ({
  args: (d) => {
    const shape = d.shape();
    return Array.from({ length: 3 }, () => d.tensor(d.narrower(shape)));
  },
  rule,
});

const each = (names: string, call: Call): Calls =>
  Object.fromEntries(names.split(' ').map((name) => [name, call]));

export const elementwise: Calls = {
  ...each('neg abs sign square floor ceil round relu', numeric),
  ...each('exp expm1 sin cos tan atan sinh cosh tanh erf sigmoid logSigmoid', unary()),
  ...each('selu softsign silu mish isnan isinf isfinite logicalNot', unary()),
  ...each('log log2 sqrt rsqrt log1p', unary('negative numbers have none')),
  ...each('asin acos', unary('sines lie between −1 and 1')),
  reciprocal: unary(),
  clone: { args: (d) => [d.tensor()], rule: (x) => [isTensor(x).shape] },
  gelu: unary(undefined, (kind) => {
    if (kind !== undefined) oneOf(kind, 'none', 'tanh');
  }),
  ...each('leakyRelu elu', unary('an infinite slope meets 0', optionalNumber)),
  softplus: unary('an infinite β meets 0', (beta, threshold) => {
    optionalNumber(beta);
    optionalNumber(threshold);
  }),
  clamp: bounds,
  hardtanh: {
    ...bounds,
    rule: (x, least, most) => {
      for (const bound of [least, most]) if (bound !== null) optionalNumber(bound);
      return [shapeOf(isLike(x))];
    },
  },
  ...each('add maximum minimum eq ne lt le gt ge logicalAnd logicalOr', anything),
  mul: binary(() => true, 'the garbage Infinity meets 0'),
  sub: numbers,
  atan2: anything,
  div: binary(() => true, '0 / 0'),
  pow: binary(powers, 'negative numbers have no fractional powers'),
  lerp: {
    ...ternary((a, b, w) => [
      broadcast(shapeOf(isLike(a)), shapeOf(isLike(b)), shapeOf(isLike(w))),
    ]),
    undefinedAt: 'the garbage Infinity meets 0',
  },
  where: ternary((c, a, b) => [
    broadcast(isTensor(c).shape, shapeOf(isLike(a)), shapeOf(isLike(b))),
  ]),
  maskedFill: {
    args: (d) => {
      const shape = d.shape();
      return [d.tensor(shape), d.mask(d.narrower(shape)), d.pick<unknown>(0.5, true, d.tensor([]))];
    },
    rule: (x, mask, value) => {
      const { shape } = isTensor(x);
      need(isTensor(mask).dtype === 'bool');
      broadcastsTo(isTensor(mask).shape, shape);
      broadcastsTo(shapeOf(isLike(value)), shape);
      return [shape];
    },
  },
  cast: {
    args: (d) => [d.tensor(), d.dtype()],
    rule: (x, dtype) => {
      oneOf(dtype, 'float32', 'float64', 'int32', 'bool');
      return [isTensor(x).shape];
    },
  },
  dropout: {
    args: (d) => [d.float(), d.pick(0, 0.3, 1), { training: d.pick(true, false) }],
    rule: (x, p, given) => {
      if (p !== undefined) number(p, 0, 1);
      if (given !== undefined) {
        need(typeof given === 'object' && given !== null && !Array.isArray(given));
        need(Object.getPrototypeOf(given) === Object.prototype);
        for (const [key, value] of Object.entries(given)) {
          need(key === 'training' && (value === undefined || typeof value === 'boolean'));
        }
      }
      return [isTensor(x).shape];
    },
  },
};
