import { formatShape, sameShape } from '../../core/shape.js';
import { indexTensor, onlyTensor } from '../../ops/arguments.js';
import { argmax, cast, eq, mean, noGrad, ShapeError, type Tensor } from '../../ops/index.js';

/**
 * The share of examples whose greatest score is that of their class: logits `[b, classes, …]` and int32
 * labels `[b, …]` give a float32 number `[]`. Throws a `ShapeError` for other shapes, a `DTypeError` for
 * labels of another dtype.
 */
export function accuracy(logits: Tensor, labels: Tensor): Tensor {
  const { shape } = onlyTensor('accuracy', 'the logits', logits);
  const classes = indexTensor('accuracy', 'the labels', labels);
  if (shape.length < 2 || !sameShape(shape.toSpliced(1, 1), classes.shape)) {
    throw new ShapeError(
      `accuracy: expected logits [b, classes, …] and labels [b, …], got ${formatShape(shape)} and ${formatShape(classes.shape)}`,
    );
  }
  return noGrad(() => mean(cast(eq(argmax(logits, 1), classes), 'float32')));
}
