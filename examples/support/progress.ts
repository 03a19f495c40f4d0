import { Presets, SingleBar } from 'cli-progress';
import type { Numbers, Progress } from 'lambdagrad/nn';

/**
 * For `fit`, or a loop of one's own: a bar for the epoch that runs, on a terminal, and a line for each
 * that has ended.
 */
export function fitProgress(title: string): Progress {
  let head = '';
  const bar = new SingleBar(
    {
      format: '{head} {bar} {percentage} %{numbers} | {eta_formatted} left',
      hideCursor: true,
      clearOnComplete: true,
    },
    Presets.shades_classic,
  );
  return {
    start(epoch, epochs, batches) {
      head = `${title}, epoch ${epoch}/${epochs}`;
      bar.start(batches, 0, { head, numbers: '' });
    },
    update: (done, numbers) => bar.update(done, { numbers: listed(numbers, ' | ') }),
    stop(numbers) {
      bar.stop();
      if (numbers !== null) console.log(`${head}${listed(numbers, '  ')}`);
    },
  };
}

const listed = (numbers: Numbers, gap: string): string =>
  Object.entries(numbers)
    .map(([name, x]) => `${gap}${name} ${x.toFixed(4)}`)
    .join('');
