import { inspect } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Linear, Module, ModuleDict, ModuleList, ReLU, Sequential } from '../../nn/index.js';
import { ArgumentError, IndexError, randn, relu, type Tensor, tanh } from '../../ops/index.js';
import { throwing } from './throwing.js';

const double = (x: Tensor): Tensor => x.mul(2);

test('Sequential feeds each layer with what the one before it gives', () => {
  const [a, b] = [new Linear(3, 4), new Linear(4, 2)];
  const model = new Sequential(a, new ReLU(), double, b, tanh);
  const x = randn([5, 3]);
  const y = b.forward(relu(a.forward(x)).mul(2)).tanh();
  assert.equal(model.forward(x).data, y.data);
  assert.is(new Sequential().forward(x), x);
});

test('a Sequential of named layers has their names in its state dict, and shows them', () => {
  const named = new Sequential({
    hiddenLayer: new Linear(3, 4),
    act: relu,
    out: new Sequential({ last: new Linear(4, 2, { bias: false }), double }),
  });
  const names = ['hiddenLayer.weight', 'hiddenLayer.bias', 'out.last.weight'];
  assert.equal(Object.keys(named.stateDict()), names);
  assert.equal(
    named.namedParameters().map(([name]) => name),
    names,
  );
  assert.equal(
    named.namedChildren().map(([name]) => name),
    ['hiddenLayer', 'act', 'out'],
  );
  assert.equal(
    named.namedModules().map(([name]) => name),
    ['', 'hiddenLayer', 'act', 'out', 'out.last', 'out.double'],
  );
  assert.is(
    inspect(named),
    `Sequential(
  hiddenLayer: Linear(3, 4)
  act: FunctionLayer(relu)
  out: Sequential(
    last: Linear(4, 2, bias=false)
    double: FunctionLayer(double)
  )
)`,
  );
});

test('a Sequential of named layers computes what one of the same layers by their places does', () => {
  const [a, b] = [new Linear(3, 4), new Linear(4, 2)];
  const x = randn([5, 3]);
  const named = new Sequential({ a, double, b });
  assert.equal(named.forward(x).data, new Sequential(a, double, b).forward(x).data);
  const other = new Sequential({ a: new Linear(3, 4), double, b: new Linear(4, 2) });
  other.loadStateDict(named.stateDict());
  assert.equal(other.forward(x).data, named.forward(x).data);
  assert.is(named.layers[2], b);
  assert.is(new Sequential({}).forward(x), x);
});

test('a Sequential refuses names of which the order is lost, or that are none', () => {
  const refused = (named: object, message: string) =>
    assert.throws(
      () => Reflect.construct(Sequential, [named]),
      throwing(ArgumentError, `Sequential: ${message}`),
    );
  refused({ first: relu, 0: tanh }, "expected a name that is no number, got '0'");
  refused({ 'a.b': relu }, "expected a name without dots, got 'a.b'");
  refused({ '': relu }, "expected a name without dots, got ''");
  refused({ a: 3 }, 'expected a function or a module as each layer, got 3');
  refused(randn([2]), 'expected a function or a module as each layer, got a tensor of shape [2]');
  assert.throws(
    () => Reflect.construct(Sequential, [{ a: relu }, { b: relu }]),
    throwing(
      ArgumentError,
      'Sequential: expected a function or a module as each layer, got an object',
    ),
  );
});

test('a Sequential’s state dict names layers by their places, functions counted', () => {
  const model = new Sequential(new Linear(3, 4), double, new Sequential(new Linear(4, 2)));
  assert.equal(Object.keys(model.stateDict()), ['0.weight', '0.bias', '2.0.weight', '2.0.bias']);
});

test('a Sequential prints its layers, a function by its name', () => {
  const model = new Sequential(new Linear(3, 4), double, new ReLU());
  assert.is(
    String(model),
    ['Sequential(', '  0: Linear(3, 4)', '  1: FunctionLayer(double)', '  2: ReLU()', ')'].join(
      '\n',
    ),
  );
});

test('Sequential refuses what is neither a module nor a function', () => {
  const three: unknown = 3;
  assert.throws(
    () => new Sequential(three as ReLU),
    throwing(ArgumentError, 'Sequential: expected a function or a module as each layer, got 3'),
  );
});

class Blocks extends Module {
  blocks = new ModuleList([new Linear(2, 2), new Linear(2, 2, { bias: false })]);
  heads = new ModuleDict({ topClass: new Linear(2, 1), box: new Linear(2, 4) });

  forward(x: Tensor): Tensor {
    let y = x;
    for (const block of this.blocks) y = block.forward(y);
    return this.heads.get('box').forward(y);
  }
}

test('modules in lists and dictionaries are found, under PyTorch’s names', () => {
  assert.equal(Object.keys(new Blocks().stateDict()), [
    'blocks.0.weight',
    'blocks.0.bias',
    'blocks.1.weight',
    'heads.topClass.weight',
    'heads.topClass.bias',
    'heads.box.weight',
    'heads.box.bias',
  ]);
  assert.equal(
    new Blocks().namedModules().map(([name]) => name),
    ['', 'blocks', 'blocks.0', 'blocks.1', 'heads', 'heads.topClass', 'heads.box'],
  );
  assert.equal(new Blocks().forward(randn([3, 2])).shape, [3, 4]);
});

test('lists and dictionaries print what they hold', () => {
  assert.is(
    String(new Blocks()),
    [
      'Blocks(',
      '  blocks: ModuleList(',
      '    0: Linear(2, 2)',
      '    1: Linear(2, 2, bias=false)',
      '  )',
      '  heads: ModuleDict(',
      '    topClass: Linear(2, 1)',
      '    box: Linear(2, 4)',
      '  )',
      ')',
    ].join('\n'),
  );
});

test('a ModuleList grows, is walked, and is read from both ends', () => {
  const [a, b, c] = [1, 2, 3].map((n) => new Linear(n, n));
  const list = new ModuleList([a, b]).append(c);
  assert.is(list.length, 3);
  assert.equal([...list], [a, b, c]);
  assert.is(list.at(0), a);
  assert.is(list.at(-1), c);
  assert.throws(
    () => list.at(3),
    throwing(IndexError, 'ModuleList: expected a place from -3 to 2, got 3'),
  );
});

test('a ModuleDict is written and read by name', () => {
  const [a, b] = [new Linear(1, 1), new Linear(2, 2)];
  const dict = new ModuleDict<Module>({ a });
  dict.set('b', b).set('a', b);
  assert.is(dict.length, 2);
  assert.equal(
    [...dict],
    [
      ['a', b],
      ['b', b],
    ],
  );
  assert.ok(dict.has('a'));
  assert.not.ok(dict.has('c'));
  assert.throws(
    () => dict.get('c'),
    throwing(ArgumentError, "ModuleDict: expected one of a, b, got 'c'"),
  );
  assert.throws(
    () => dict.set('a.b', a),
    throwing(ArgumentError, "ModuleDict: expected a name without dots, got 'a.b'"),
  );
});

test('lists and dictionaries refuse what is no module, and to be called', () => {
  const three: unknown = 3;
  assert.throws(
    () => new ModuleList([three as Module]),
    throwing(ArgumentError, 'ModuleList: expected a module as element 0, got 3'),
  );
  assert.throws(
    () => new ModuleDict({ a: three as Module }),
    throwing(ArgumentError, 'ModuleDict: expected a module as a, got 3'),
  );
  assert.throws(
    () => new ModuleList().forward(),
    throwing(
      ArgumentError,
      'ModuleList: expected a call of one of its modules, got one of the list',
    ),
  );
  assert.throws(
    () => new ModuleDict().forward(),
    throwing(
      ArgumentError,
      'ModuleDict: expected a call of one of its modules, got one of the dictionary',
    ),
  );
});

test.run();
