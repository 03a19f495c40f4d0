import type { Dims, Tensor } from '../../ops/index.js';
import * as lg from '../../ops/index.js';
import {
  along,
  among,
  apart,
  bools,
  each,
  exactly,
  except,
  type Input,
  integers,
  nonzero,
  normal,
  type Sample,
  type Samples,
  sample,
} from './sample.js';

type Reduction = (x: Tensor, dim?: Dims, keepdim?: boolean) => unknown;

/** A reduction over one axis, several and all of them, the axes dropped or kept. */
const reduction = (f: Reduction, draw: (...shape: number[]) => Input = normal): Sample[] => [
  sample('over all axes', (x) => f(x), draw(2, 3)),
  sample('over null', (x) => f(x, null), draw(2, 3)),
  sample('over all axes, kept', (x) => f(x, undefined, true), draw(2, 3)),
  ...along('over one axis', [0, 1, 2, -1, -3], (dim) => (x) => f(x, dim), draw(2, 3, 2)),
  ...along(
    'over several axes',
    [
      [0, 1],
      [1, 2],
      [0, 2],
      [-1, 0],
      [2, -2, 0],
    ],
    (dim) => (x) => f(x, dim),
    draw(2, 3, 2),
  ),
  ...along('kept', [1, -1], (dim) => (x) => f(x, dim, true), draw(2, 3)),
  ...along(
    'kept',
    [
      [0, 2],
      [-3, -2],
    ],
    (dim) => (x) => f(x, dim, true),
    draw(2, 3, 2),
  ),
  sample('over an axis of no numbers left', (x) => f(x, 1), draw(0, 3)),
];

/** What most reductions also stand: one number, or none. */
const ofLittle = (f: Reduction, draw: (...shape: number[]) => Input = normal): Sample[] => [
  sample('over no axis', (x) => f(x, []), draw(2, 2)),
  ...along('size 1', [1, -1], (dim) => (x) => f(x, dim), draw(3, 1)),
  sample('0-d', (x) => f(x), draw()),
  sample('0-d, kept', (x) => f(x, [], true), draw()),
];

const ofNothing = (f: Reduction): Sample[] => [
  sample('over all of nothing', (x) => f(x), normal(2, 0)),
  sample('over nothing', (x) => f(x, 1), normal(2, 0)),
  sample('over nothing, kept', (x) => f(x, -1, true), normal(2, 0)),
];

const jumps = { second: Infinity, why: 'the first derivative jumps at a tie' };
const tied = exactly([1, 3, 3, 2, -1, -1], 2, 3);

const extreme = (f: typeof lg.amax): Sample[] => [
  ...reduction(f, apart),
  ...ofLittle(f, apart),
  except(
    sample('ties in a row share the gradient', (x) => f(x, 1), tied),
    jumps,
  ),
  except(
    sample('ties in all share the gradient', (x) => f(x), exactly([2, 2], 1, 2)),
    jumps,
  ),
];

type Position = (x: Tensor, dim?: number | null, keepdim?: boolean) => Tensor;

const position = (f: Position): Sample[] => [
  sample('in all', (x) => f(x), apart(2, 3)),
  sample('in all, kept', (x) => f(x, null, true), apart(2, 3)),
  ...along('along an axis', [0, 1, -1, -3], (dim) => (x) => f(x, dim), apart(2, 3, 2)),
  ...along('kept', [0, -1], (dim) => (x) => f(x, dim, true), apart(2, 3)),
  sample('ties', (x) => f(x, 1), tied),
  sample('0-d', (x) => f(x), apart()),
  sample('size 0', (x) => f(x, 1), apart(0, 3)),
];

const truths = (f: typeof lg.all): Sample[] => [
  ...reduction(f, (...shape) => among([0, 1], ...shape)),
  ...ofLittle(f, (...shape) => among([0, 1], ...shape)),
  ...ofNothing(f),
  sample('of bools', (x) => f(x, 1), bools([true, true, false, true], 2, 2)),
];

/** Some scores taken away with −Infinity, in one row all; what becomes infinite is left out. */
const masked = (f: (x: Tensor) => Tensor) => (x: Tensor, m: Tensor) => {
  const y = f(lg.maskedFill(x, m, -Infinity));
  return lg.where(lg.isfinite(y), y, 0);
};

/** Numbers that float32 still holds 128 away, where eˣ overflows. */
const eighths = exactly([0.5, 1.25, -0.75, 2], 2, 2);

const zero = { second: Infinity, why: 'the first derivative jumps at 0' };

export const reduceSamples: Samples = {
  sum: [
    ...reduction(lg.sum),
    ...ofLittle(lg.sum),
    ...ofNothing(lg.sum),
    sample('bools are counted', (x) => lg.sum(x, 1), bools([true, true, false, true], 2, 2)),
  ],
  mean: [
    ...reduction(lg.mean),
    ...ofLittle(lg.mean),
    sample('of whole numbers', (x) => lg.mean(x, 1), integers([1, 2, 3, 5], 2, 2)),
  ],
  prod: [
    ...reduction(lg.prod),
    ...ofLittle(lg.prod),
    ...ofNothing(lg.prod),
    sample('one 0', (x) => lg.prod(x), exactly([2, 0, 3, -1], 4)),
    sample('two 0', (x) => lg.prod(x, 1), exactly([2, 0, 0, 1, 0, 3], 2, 3)),
    sample('all 0', (x) => lg.prod(x, [0, 1]), exactly([0, 0, 0, 0], 2, 2)),
  ],
  amax: extreme(lg.amax),
  amin: extreme(lg.amin),
  argmax: position(lg.argmax),
  argmin: position(lg.argmin),
  var: [
    ...reduction(lg.variance),
    ...each('correction', [0, 1, 1.5], (c) => (x) => lg.variance(x, 1, false, c), normal(2, 3)),
    sample('size 1', (x) => lg.variance(x, 1, true, 0), normal(3, 1)),
    sample('0-d', (x) => lg.variance(x, [], false, 0), normal()),
  ],
  std: [
    ...reduction(lg.std, apart),
    ...each('correction', [0, 1, 1.5], (c) => (x) => lg.std(x, -1, true, c), apart(2, 3)),
  ],
  logsumexp: [
    ...reduction(lg.logsumexp),
    ...ofLittle(lg.logsumexp),
    ...ofNothing(lg.logsumexp),
    ...each('far away,', [128, -128], (far) => (x) => lg.logsumexp(lg.add(x, far), 1), eighths),
    sample(
      'masked, one row wholly',
      masked((x) => lg.logsumexp(x, 1)),
      normal(3, 2),
      bools([false, false, true, false, true, true], 3, 2),
    ),
  ],
  norm: [
    ...reduction(lg.norm),
    ...ofLittle(lg.norm, nonzero),
    ...ofNothing(lg.norm),
    ...each('p', [1, 2, 3, 0.5, 0], (p) => (x) => lg.norm(x, 1, false, p), nonzero(2, 3)),
    ...each(
      'p',
      [Infinity, -Infinity],
      (p) => (x) => lg.norm(x, -1, true, p),
      exactly([3, -1, 0.5, -2], 4),
    ),
    except(
      sample('of 0', (x) => lg.norm(x, 1), exactly([0, 0, 3, 4], 2, 2)),
      zero,
    ),
  ],
  all: truths(lg.all),
  any: truths(lg.any),
};
