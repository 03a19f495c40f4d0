import type { Column } from './columns.js';
import type { Engine } from './engine.js';

/** How the engine of each column is started; none is loaded before it is asked for. */
export const open: Record<Column, () => Promise<Engine>> = {
  'lambdagrad webgl2': () => lambdagrad('webgl2'),
  'lambdagrad webgpu': () => lambdagrad('webgpu'),
  'tfjs webgl': () => tfjs('webgl'),
  'tfjs webgpu': () => tfjs('webgpu'),
  'jax-js webgl': () => jax('webgl'),
  'jax-js webgpu': () => jax('webgpu'),
};

async function lambdagrad(mode: 'webgl2' | 'webgpu'): Promise<Engine> {
  const { gpu } = await import('lambdagrad/gpu');
  const { ours } = await import('./engines/ours.js');
  return ours(await gpu({ mode }));
}

const tfjs = async (backend: 'webgl' | 'webgpu'): Promise<Engine> =>
  (await import('./engines/tfjs.js')).tfjs(backend);

const jax = async (device: 'webgl' | 'webgpu'): Promise<Engine> =>
  (await import('./engines/jax.js')).jax(device);
