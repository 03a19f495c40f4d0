import { Presets, SingleBar } from 'cli-progress';
import type { Progress as Fitting, Numbers } from 'lambdagrad/nn';

/** What a training loop tells after each batch. */
export interface Progress {
  loss: number;
  accuracy: number;
}

/**
 * A progress bar for one epoch of `total` images: loss, accuracy, images a second and time left. Where
 * the output is no terminal it prints a line every ten seconds instead.
 */
export function progressBar(title: string, total: number) {
  const started = performance.now();
  const bar = new SingleBar(
    {
      format: `${title} {bar} {percentage} % | loss {loss} | accuracy {accuracy} | {speed} images/s | {eta_formatted} left`,
      hideCursor: true,
      noTTYOutput: true,
      notTTYSchedule: 10_000,
      etaBuffer: 100,
    },
    Presets.shades_classic,
  );
  const shown = (done: number, { loss, accuracy }: Progress) => ({
    loss: loss.toFixed(3),
    accuracy: `${(100 * accuracy).toFixed(1)} %`,
    speed: Math.round((1000 * done) / Math.max(performance.now() - started, 1)),
  });
  bar.start(total, 0, { loss: '–', accuracy: '–', speed: '–' });
  return {
    update: (done: number, progress: Progress): void => bar.update(done, shown(done, progress)),
    stop: (): void => bar.stop(),
  };
}

/** For `fit`: a bar for the epoch that runs, on a terminal, and a line for each that has ended. */
export function fitProgress(title: string): Fitting {
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
