/** The engines, each with the interface to the GPU that it uses. */
export const OURS = ['lambdagrad webgl2', 'lambdagrad webgpu'] as const;
export const PEERS = ['tfjs webgl', 'tfjs webgpu', 'jax-js webgl', 'jax-js webgpu'] as const;
export const COLUMNS = [...OURS, ...PEERS];
export type Column = (typeof COLUMNS)[number];
