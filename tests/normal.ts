import { Generator, type Tensor, tensor } from '../ops/index.js';

/** Draws float64 tensors of normal numbers from a seed of their own: not from the one that modules begin with. */
export function normalsFrom(seed: number): (...shape: number[]) => Tensor {
  const generator = new Generator(seed);
  return (...shape) => {
    const length = shape.reduce((a, b) => a * b, 1);
    const data = Float64Array.from({ length }, () => generator.normal());
    return tensor(data, { shape });
  };
}
