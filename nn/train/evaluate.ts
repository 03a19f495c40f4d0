import { optionsOf } from '../../ops/arguments.js';
import { noGrad, scope } from '../../ops/index.js';
import {
  type Batches,
  checkMeasured,
  deviceOf,
  examplesIn,
  type LossFunction,
  Means,
  type Measures,
  type Metrics,
  type Model,
  modesOf,
  parted,
} from './measures.js';
import { breather } from './pause.js';

/**
 * The loss and the metrics of a model by name: means over the batches, each counting as often as it has
 * examples. A batch is the model's inputs and last the target, all `[b, …]`. The model is in evaluation
 * mode meanwhile, and each module in its own mode again afterwards; nothing is recorded.
 *
 * Throws an `ArgumentError` for arguments that are not as above, a `ShapeError` for a loss or a metric
 * that is not one number.
 */
export async function evaluate<Output>(
  model: Model<Output>,
  data: Batches,
  options: Measures<Output>,
): Promise<Record<string, number>> {
  const { metrics, ...given } = optionsOf('evaluate', options, {
    loss: undefined as LossFunction<Output> | undefined,
    metrics: {} as Metrics<Output>,
  });
  const loss = checkMeasured('evaluate', model, data, given.loss, metrics);
  const means = new Means('evaluate', metrics);
  const device = deviceOf(model);
  const breathe = breather();
  const restoreModes = modesOf(model);
  model.eval();
  try {
    for (const batch of data) {
      const [inputs, target] = parted('evaluate', batch);
      const measured = scope(() =>
        noGrad(() => {
          const wanted = target.to(device);
          const output = model.forward(...inputs.map((x) => x.to(device)));
          return means.measure(loss(output, wanted), output, wanted);
        }),
      );
      await means.add(measured, examplesIn(target));
      await breathe();
    }
  } finally {
    restoreModes();
  }
  return means.values();
}
