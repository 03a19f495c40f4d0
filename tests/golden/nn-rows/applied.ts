import type * as nn from '../../../nn/index.js';
import type { Tensor } from '../../../ops/index.js';
import type { Arguments } from '../arguments.js';
import type { Result } from '../rows/row.js';

/** A module, and how it is applied to the case's inputs. */
export interface Applied {
  readonly module: nn.Module;
  readonly apply: (inputs: readonly Tensor[], a: Arguments) => Result;
}

export const applied = <M extends nn.Module>(
  module: M,
  apply: (module: M, inputs: readonly Tensor[], a: Arguments) => Result,
): Applied => ({ module, apply: (inputs, a) => apply(module, inputs, a) });

/** A module of one input. */
export const ofOne = (module: nn.Module & { forward(x: Tensor): Tensor }): Applied =>
  applied(module, (m, [x]) => m.forward(x));

export const dtype = 'float64';

/** PyTorch's modules by name, as they are made here. */
export type Rows = Readonly<Record<string, (a: Arguments) => Applied>>;
