import { Generator } from '../../core/random.js';

/**
 * The seed of epoch `epoch` (from 0) of what starts with `seed`: the number of that place in the stream
 * of `seed`. An epoch's random numbers so depend on none of the epochs before, and a run may begin there.
 */
export function epochSeed(seed: number, epoch: number): number {
  const stream = new Generator(seed);
  for (let i = 0; i < epoch; i++) stream.bits();
  return stream.bits();
}

/** The random numbers of epoch `epoch` (from 0) of what starts with `seed`. */
export const epochGenerator = (seed: number, epoch: number): Generator =>
  new Generator(epochSeed(seed, epoch));
