import type { Contraction, Kernels, Loop } from '../../core/kernels.js';
import { Memo } from '../../core/memo.js';
import { defineOp } from '../../core/op.js';
import { type Shape, sizeOf, stridesOf } from '../../core/shape.js';
import { Tensor } from '../../core/tensor.js';

/** Indices by name, one letter or symbol an axis. */
export type Labels = readonly string[];

/**
 * Two operands multiplied and summed: y[out] = Σ a[aLabels] · b[bLabels] over every label that `out`
 * lacks. Within an operand labels differ; each stands in at least two of the three, with one size.
 * Being bilinear, it differentiates into itself: swap the roles of the result and of one operand.
 */
export const contract = defineOp({
  name: 'contract',
  forward: (k: Kernels, a: Tensor, b: Tensor, aLabels: Labels, bLabels: Labels, out: Labels) => {
    const key = `${a.shape}|${b.shape}|${aLabels}|${bLabels}|${out}`;
    const { loops, shape } = plans.get(key, () => planOf(a.shape, b.shape, aLabels, bLabels, out));
    return new Tensor(k.contract(a.storage, b.storage, loops), shape);
  },
  saves: [[1], [0]],
  vjp: [
    (g, _y, _a, b, aLabels, bLabels, out): Tensor => contract(g, b, out, bLabels, aLabels),
    (g, _y, a, _b, aLabels, bLabels, out): Tensor => contract(a, g, aLabels, out, bLabels),
  ],
});

/** The loops of a contraction, and the shape of what it gives. */
interface Plan {
  readonly loops: Contraction;
  readonly shape: Shape;
}

const plans = new Memo<string, Plan>(1000);

/** Sorts the labels by where they stand: in all three, in a and y, in b and y, or summed. */
function planOf(a: Shape, b: Shape, aLabels: Labels, bLabels: Labels, out: Labels): Plan {
  const shape = out.map((label) =>
    aLabels.includes(label) ? a[aLabels.indexOf(label)] : b[bLabels.indexOf(label)],
  );
  const [stepsA, stepsB, stepsY] = [stridesOf(a), stridesOf(b), stridesOf(shape)];
  const kinds = {
    batch: [] as Loop[],
    rows: [] as Loop[],
    cols: [] as Loop[],
    inner: [] as Loop[],
  };
  for (const label of [...out, ...aLabels.filter((l) => !out.includes(l))]) {
    const [inA, inB, inY] = [aLabels.indexOf(label), bLabels.indexOf(label), out.indexOf(label)];
    const loop: Loop = {
      size: inA >= 0 ? a[inA] : b[inB],
      a: inA < 0 ? 0 : stepsA[inA],
      b: inB < 0 ? 0 : stepsB[inB],
      y: inY < 0 ? 0 : stepsY[inY],
    };
    if (inY < 0) kinds.inner.push(loop);
    else if (inA >= 0 && inB >= 0) kinds.batch.push(loop);
    else if (inA >= 0) kinds.rows.push(loop);
    else kinds.cols.push(loop);
  }
  return { loops: { ...kinds, length: sizeOf(shape) }, shape };
}
