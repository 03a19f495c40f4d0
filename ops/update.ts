import type { UpdateRule } from '../core/kernels.js';
import { mode } from '../core/mode.js';
import type { Tensor } from '../core/tensor.js';
import { zerosLike } from './create.js';

/** What an optimiser keeps of a parameter from step to step. */
type Slots = Record<string, Tensor>;

/**
 * One step of an optimiser, in place: p and the slots of these names (zeros at first) change by the
 * gradient g, which has p's shape and dtype, as the rule says. What was saved of p for a gradient is
 * stale afterwards.
 */
export function update(
  rule: UpdateRule,
  p: Tensor,
  g: Tensor,
  slots: Slots,
  names: readonly string[],
  settings: readonly number[],
): void {
  for (const name of names) slots[name] ??= zerosLike(p);
  const { kernels } = p.device;
  const kept = names.map((name) => slots[name]);
  kernels.update(
    rule,
    p.storage,
    g.storage,
    kept.map(({ storage }) => storage),
    settings,
  );
  for (const { storage } of [p, ...kept]) storage.version = ++mode.clock;
}
