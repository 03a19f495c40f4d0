/** `lambdagrad/nn`: modules, optimisers, and weights in and out. */
export { Conv2d } from './conv.js';
export { uniform_ } from './init.js';
export { type LayerOptions, Linear } from './linear.js';
export { Module, type StateDict } from './module.js';
export { Adam, type AdamOptions } from './optim/adam.js';
export { Optimizer, type State } from './optim/optimizer.js';
export { SGD, type SGDOptions } from './optim/sgd.js';
export { Parameter } from './parameter.js';
