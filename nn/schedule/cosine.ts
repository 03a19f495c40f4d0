import { checkInteger } from '../../core/shape.js';
import { optionsOf } from '../../ops/arguments.js';
import type { Optimizer } from '../optim/optimizer.js';
import { checkSetting } from '../optim/settings.js';
import { Schedule } from './schedule.js';

/** From `start` to `end` along half a wave of the cosine, for a share from 0 to 1. */
export const alongCosine = (start: number, end: number, share: number): number =>
  end + ((start - end) * (1 + Math.cos(Math.PI * share))) / 2;

export interface CosineOptions {
  /** The lowest rate: 0 unless said otherwise. */
  etaMin?: number;
}

/**
 * From the rate to `etaMin` in `tMax` steps along the cosine, and back in as many:
 * η = η_min + ½(lr₀ − η_min)(1 + cos(πt/tMax)) (Loshchilov and Hutter 2017, arXiv 1608.03983, without
 * the restarts).
 */
export class CosineAnnealingLR extends Schedule {
  constructor(optimizer: Optimizer, tMax: number, options: CosineOptions = {}) {
    checkInteger('CosineAnnealingLR', 'tMax', tMax, 1);
    const { etaMin } = optionsOf('CosineAnnealingLR', options, { etaMin: 0 });
    checkSetting('CosineAnnealingLR', 'etaMin', etaMin);
    super(optimizer, (initial, t) => alongCosine(initial, etaMin, t / tMax));
  }
}

export interface WarmRestartsOptions extends CosineOptions {
  /** How many times as long each period is as the one before it: 1 unless said otherwise. */
  tMult?: number;
}

/**
 * From the rate to `etaMin` along the cosine in `t0` steps, then again from the start in tMult times as
 * many, and so on: SGDR (Loshchilov and Hutter 2017, arXiv 1608.03983, equation 5).
 */
export class CosineAnnealingWarmRestarts extends Schedule {
  constructor(optimizer: Optimizer, t0: number, options: WarmRestartsOptions = {}) {
    const name = 'CosineAnnealingWarmRestarts';
    checkInteger(name, 't0', t0, 1);
    const { etaMin, tMult } = optionsOf(name, options, { etaMin: 0, tMult: 1 });
    checkSetting(name, 'etaMin', etaMin);
    checkInteger(name, 'tMult', tMult, 1);
    super(optimizer, (initial, t) => alongCosine(initial, etaMin, shareOfPeriod(t, t0, tMult)));
  }
}

/** How much of the period that step t falls into lies behind it. */
function shareOfPeriod(t: number, t0: number, tMult: number): number {
  if (tMult === 1) return (t % t0) / t0;
  let [start, length] = [0, t0];
  while (t >= start + length) {
    start += length;
    length *= tMult;
  }
  return (t - start) / length;
}
