import { Parameter } from '../../nn/index.js';
import { add, matmul, mean, square, sub, type Tensor, tanh } from '../../ops/index.js';
import { Arguments } from './arguments.js';
import { call, compareAll, outputsOf, pulledBack } from './check-op.js';
import { compare, compareNumbers } from './compare.js';
import { type ModuleCase, type OptimCase, read, type Written } from './format.js';
import { clippers, modules, optimizers, rowOf, schedulers } from './nn-rows.js';

const readAll = (named: Readonly<Record<string, Written>>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(named).map(([name, x]) => [name, read(x)]));

/**
 * The tolerance of statistics that have seen more than one batch. The file's are those of all forwards
 * that confirmed its gradients, by difference quotients, for which the inputs were moved by some 1e-6.
 */
const MOVED = 1e-7;

/** The worst relative error of a module's outputs, gradients and running statistics. */
export function checkModule(c: ModuleCase): number {
  const a = new Arguments(c.args);
  const { module, apply } = rowOf('module', c.op, modules)(a);
  module.train(a.boolean('training', true));
  const own = module.namedParameters().map(([name]) => name);
  if (own.toSorted().join() !== Object.keys(c.parameters).toSorted().join()) {
    throw new Error(`expected parameters ${Object.keys(c.parameters)}, the module has ${own}`);
  }
  const weights = readAll(c.parameters);
  const [weight] = Object.values(weights);
  // Rows make float64 modules.
  module.to(weight?.dtype ?? 'float64');
  module.loadStateDict({ ...module.stateDict(), ...weights });
  const inputs = c.inputs.map(read);
  const byInputs = c.grads ?? inputs.map(() => null);
  const xs = inputs.filter((_, i) => byInputs[i] !== null).map((x) => x.requiresGrad_());
  const ys = outputsOf(call(c.op, apply, inputs, a), c.outputs.length);
  const parameters = module.namedParameters();
  const gs = pulledBack(ys, c.cotangents ?? [], [...xs, ...parameters.map(([, p]) => p)]);
  const errors = [
    ...compareAll('output', ys, c.outputs),
    ...compareAll(
      'gradient',
      gs.slice(0, xs.length),
      byInputs.filter((g) => g !== null),
      'derivative',
    ),
    ...compareAll(
      'parameter gradient',
      gs.slice(xs.length),
      parameters.map(([name]) => c.parameter_grads[name]),
      'derivative',
    ),
  ];
  const buffers = c.buffers_after ?? {};
  const batches = buffers.num_batches_tracked;
  const repeats = batches === undefined ? 0 : read(batches).item() - 1;
  for (let i = 0; i < repeats; i++) apply(inputs, a);
  const state = module.stateDict();
  for (const [name, written] of Object.entries(buffers)) {
    if (!(name in state)) throw new Error(`the module keeps no ${name}`);
    const moved = repeats > 0 && written.dtype === 'float64';
    errors.push(compare(name, state[name], written, 'value', moved ? MOVED : undefined));
  }
  return Math.max(0, ...errors);
}

/** The worst relative error of losses, learning rates and parameters over an optimiser's steps. */
export function checkOptim(c: OptimCase): number {
  if (c.loss !== 'mean((tanh(X@w+b)-Y)^2)') throw new Error(`unknown loss ${c.loss}`);
  const [x, y] = [read(c.X), read(c.Y)];
  const [w, b] = [new Parameter(read(c.w0)), new Parameter(read(c.b0))];
  const a = new Arguments(c.args);
  const optimizer = call(c.op, rowOf('optimiser', c.op, optimizers), [w, b], a);
  const schedule =
    c.scheduler === null
      ? null
      : rowOf(
          'scheduler',
          c.scheduler,
          schedulers,
        )(optimizer, new Arguments(c.scheduler_args ?? {}));
  const errors: number[] = [];
  const [losses, rates]: number[][] = [[], []];
  c.trajectory.forEach((after, step) => {
    optimizer.zeroGrad();
    const loss = mean(square(sub(tanh(add(matmul(x, w), b)), y)));
    loss.backward();
    if (c.clip_grad_norm !== null) {
      rowOf('clipping', 'clipGradNorm', clippers)([w, b], c.clip_grad_norm);
    }
    losses.push(loss.item());
    rates.push(optimizer.lr);
    optimizer.step();
    schedule?.step(loss.item());
    errors.push(compareNumbers(`w after step ${step}`, w.data, after.w, w.dtype));
    errors.push(compareNumbers(`b after step ${step}`, b.data, after.b, b.dtype));
  });
  errors.push(compareNumbers('losses', losses, c.losses, w.dtype));
  errors.push(compareNumbers('learning rates', rates, c.lrs));
  return Math.max(...errors);
}
