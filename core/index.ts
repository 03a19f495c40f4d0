/** The core: everything that names no op. */
export { type BackwardOptions, clone, type GradOptions } from './autograd.js';
export { cpu } from './cpu/index.js';
export { getThreads, setThreads } from './cpu/simd/threads.js';
export type { DType, TypedArray } from './dtype.js';
export * from './errors.js';
export {
  type Comparison,
  type Differentiable,
  GradcheckError,
  type GradcheckOptions,
  type GradcheckReport,
  gradcheck,
  gradgradcheck,
} from './gradcheck.js';
export type { Device, Kernels, Storage } from './kernels.js';
export { detectAnomaly, enableGrad, isGradEnabled, noGrad } from './mode.js';
export type { Hook } from './node.js';
export {
  compose,
  defineOp,
  defineVariadicOp,
  type OpDefinition,
  registry,
  type VariadicOpDefinition,
  type Vjp,
} from './op.js';
export { Generator, manualSeed } from './random.js';
export { dispose, keep, scope } from './scope.js';
export type { Dims, Shape } from './shape.js';
export { savedBytes } from './tape.js';
export { type NestedArray, Tensor, type TensorOptions, tensor } from './tensor.js';
export { grad, hvp, jvp, type TransformOptions, valueAndGrad, vjp } from './transforms.js';
export type { Tensors, Tree } from './tree.js';
