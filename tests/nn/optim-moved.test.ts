import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Lion, Module, type Optimizer, Parameter, type State } from '../../nn/index.js';
import { cpu, type DType, type Tensor, tensor } from '../../ops/index.js';
import { elsewhere } from './elsewhere.js';
import { type Make, reference } from './optim-reference.js';

class Pair extends Module {
  readonly first: Parameter;
  readonly second: Parameter;

  constructor(dtype: DType) {
    super();
    this.first = new Parameter(tensor([1, -2, 0.5], { dtype }));
    this.second = new Parameter(tensor([[0.1], [3]], { dtype }));
  }

  forward(): Tensor {
    return this.first.square().sum().add(this.second.sin().sum());
  }
}

/** Has each of the optimiser's updates first see that gradient and slots lie beside their parameter. */
function watch(optimizer: Optimizer): void {
  const update: unknown = Reflect.get(optimizer, 'update');
  assert.type(update, 'function');
  Reflect.set(optimizer, 'update', (p: Tensor, g: Tensor, state: State, settings: object) => {
    for (const { dtype, device } of [g, ...Object.values(state.slots)]) {
      assert.is(dtype, p.dtype);
      assert.is(device, p.device);
    }
    Reflect.apply(update as () => void, optimizer, [p, g, state, settings]);
  });
}

/** A module and its optimiser, which has taken some steps; `go` takes more. */
function training(make: Make, dtype: DType, steps: number) {
  const module = new Pair(dtype);
  const optimizer = make(module.parameters());
  watch(optimizer);
  const go = (count: number): void => {
    for (let i = 0; i < count; i++) {
      optimizer.zeroGrad();
      module.forward().backward();
      optimizer.step();
    }
  };
  go(steps);
  return { module, optimizer, go };
}

const slotsOf = ({ optimizer }: ReturnType<typeof training>): Tensor[] =>
  optimizer.stateDict().states.flatMap((state) => Object.values(state?.slots ?? {}));

const everyOptimizer: [string, Make][] = [
  ...reference.map(([name, make]): [string, Make] => [name, make]),
  ['Lion', (p) => new Lion(p)],
];

for (const [name, make] of everyOptimizer) {
  test(`${name} goes on bit for bit on the device that its module is moved to, and back`, () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const moved = training(make, dtype, 5);
      moved.module.to(elsewhere);
      moved.go(4);
      assert.ok(moved.module.parameters().every(({ device }) => device === elsewhere));
      assert.ok(slotsOf(moved).every(({ device }) => device === elsewhere));
      moved.module.to(cpu);
      moved.go(3);
      const { module } = training(make, dtype, 12);
      assert.equal(moved.module.first.data, module.first.data);
      assert.equal(moved.module.second.data, module.second.data);
    }
  });

  test(`${name} goes on in the dtype that its module is given, its slots too`, () => {
    for (const [from, to] of [
      ['float32', 'float64'],
      ['float64', 'float32'],
    ] as const) {
      const moved = training(make, from, 5);
      moved.module.to(to);
      moved.go(7);
      assert.ok([...moved.module.parameters(), ...slotsOf(moved)].every((x) => x.dtype === to));
      const { module } = training(make, 'float64', 12);
      moved.module.parameters().forEach((p, at) => {
        const wanted = module.parameters()[at].data;
        // What float32 rounds away in each step is some 1e-7 of numbers of at most 3.
        p.data.forEach((x, i) => {
          assert.ok(Math.abs(x - wanted[i]) < 1e-5, `${x}, expected ${wanted[i]}`);
        });
      });
    }
  });
}

test('an optimiser’s state is told as its module is now, also before the next step', () => {
  const [, make] = everyOptimizer[0];
  const moved = training(make, 'float32', 2);
  moved.module.to('float64').to(elsewhere);
  const slots = slotsOf(moved);
  assert.ok(slots.length > 0);
  assert.ok(slots.every(({ dtype, device }) => dtype === 'float64' && device === elsewhere));
});

test('a state that was kept on the CPU goes on where the parameters are', () => {
  const [, make] = everyOptimizer[0];
  const { optimizer, module } = training(make, 'float64', 5);
  const other = training(make, 'float64', 0);
  other.module.loadStateDict(module.stateDict());
  other.module.to(elsewhere);
  other.optimizer.loadStateDict(optimizer.stateDict());
  assert.ok(slotsOf(other).every(({ device }) => device === elsewhere));
  other.go(4);
  assert.equal(other.module.first.data, training(make, 'float64', 9).module.first.data);
});

test.run();
