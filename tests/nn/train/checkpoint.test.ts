import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Adam,
  type CheckpointTarget,
  Linear,
  loadCheckpoint,
  SGD,
  StepLR,
  safetensors,
  saveCheckpoint,
} from '../../../nn/index.js';
import {
  ArgumentError,
  LambdagradError,
  manualSeed,
  randn,
  StateDictError,
  type Tensor,
  tensor,
} from '../../../ops/index.js';

/** Runs `body` with the path of a checkpoint in a folder that exists only meanwhile. */
async function withPath(body: (path: string) => Promise<void>): Promise<void> {
  const folder = fs.mkdtempSync(join(tmpdir(), 'lambdagrad-checkpoint-'));
  try {
    await body(join(folder, 'run'));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** A small model and its optimiser, after some steps. */
function trained(seed: number, steps: number) {
  manualSeed(seed);
  const model = new Linear(3, 2);
  const optimizer = new Adam(model.parameters(), { lr: 0.1 });
  const schedule = new StepLR(optimizer, 2, { gamma: 0.5 });
  const step = (): void => {
    optimizer.zeroGrad();
    model
      .forward(randn([4, 3]))
      .square()
      .mean()
      .backward();
    optimizer.step();
    schedule.step();
  };
  for (let i = 0; i < steps; i++) step();
  return { model, optimizer, schedule, step };
}

const weightsOf = (model: Linear): number[] =>
  model.parameters().flatMap((p: Tensor) => [...p.data]);

/** Holds that the promise is rejected with an error of these words. */
async function rejects(
  promise: Promise<unknown>,
  kind: typeof LambdagradError,
  message: string | RegExp,
): Promise<void> {
  const error: unknown = await promise.then(
    () => assert.unreachable('expected an error'),
    (caught: unknown) => caught,
  );
  assert.instance(error, kind);
  if (typeof message === 'string') assert.is((error as Error).message, message);
  else assert.match((error as Error).message, message);
}

test('what is loaded goes on bit for bit as what was saved', () =>
  withPath(async (path) => {
    const { step, ...first } = trained(1, 3);
    await saveCheckpoint(path, { ...first, epoch: 3 });
    manualSeed(7);
    for (let i = 0; i < 3; i++) step();

    const { step: otherStep, ...second } = trained(2, 1);
    assert.equal(await loadCheckpoint(path, second), { epoch: 3 });
    manualSeed(7);
    for (let i = 0; i < 3; i++) otherStep();
    assert.equal(weightsOf(second.model), weightsOf(first.model));
    assert.is(second.optimizer.lr, first.optimizer.lr);
  }));

test('the weights are in path.safetensors by PyTorch’s names, beside the optimiser’s tensors', () =>
  withPath(async (path) => {
    const { model, optimizer } = trained(1, 1);
    await saveCheckpoint(path, { model, optimizer });
    const tensors = safetensors.decode(fs.readFileSync(`${path}.safetensors`));
    assert.equal([...tensors.weight.data], [...model.weight.data]);
    assert.equal([...tensors.weight.shape], [2, 3]);
    assert.ok('bias' in tensors);
    const others = Object.keys(tensors).filter((name) => !(name in model.stateDict()));
    assert.ok(others.length >= 4, others.join(', '));
    for (const name of others) assert.match(name, /^optimizer\//);
  }));

test('path.json shows the rest, its tensors by name', () =>
  withPath(async (path) => {
    const { model } = trained(1, 0);
    const note = {
      text: 'a "note"',
      list: [1, -0, NaN, Infinity],
      mean: tensor([1, 2]),
      none: null,
    };
    await saveCheckpoint(path, { model, epoch: 2, note, later: undefined });
    assert.equal(JSON.parse(fs.readFileSync(`${path}.json`, 'utf8')), {
      epoch: 2,
      note: {
        text: 'a "note"',
        list: [1, { $number: '-0' }, { $number: 'NaN' }, { $number: 'Infinity' }],
        mean: { $tensor: 'note/mean' },
        none: null,
      },
    });
    const { epoch, note: read } = await loadCheckpoint(path, { model });
    assert.is(epoch, 2);
    const { mean, list, ...others } = read as typeof note;
    assert.equal(others, { text: note.text, none: null });
    list.forEach((x, i) => {
      assert.ok(Object.is(x, note.list[i]));
    });
    assert.equal(mean.toArray(), [1, 2]);
  }));

test('a checkpoint is read without path.json, which is for people', () =>
  withPath(async (path) => {
    const { model } = trained(1, 0);
    await saveCheckpoint(path, { model, epoch: 5 });
    fs.rmSync(`${path}.json`);
    assert.equal(await loadCheckpoint(path, { model }), { epoch: 5 });
  }));

test('the state that is saved is that at the time of the call', () =>
  withPath(async (path) => {
    const { model, step, optimizer } = trained(1, 1);
    const before = weightsOf(model);
    const saving = saveCheckpoint(path, { model, optimizer });
    step();
    await saving;
    assert.not.equal(weightsOf(model), before);
    await loadCheckpoint(path, { model, optimizer });
    assert.equal(weightsOf(model), before);
  }));

test('saving twice gives the same bytes, and leaves no other files', () =>
  withPath(async (path) => {
    const { step: _, ...parts } = trained(1, 2);
    const bytes = async (): Promise<Buffer> => {
      await saveCheckpoint(path, { ...parts, epoch: 1 });
      return fs.readFileSync(`${path}.safetensors`);
    };
    assert.ok((await bytes()).equals(await bytes()));
    assert.equal(fs.readdirSync(join(path, '..')).sort(), ['run.json', 'run.safetensors']);
  }));

test('missing folders are made', () =>
  withPath(async (path) => {
    const { model } = trained(1, 0);
    await saveCheckpoint(join(path, 'a', 'b'), { model });
    assert.equal(await loadCheckpoint(join(path, 'a', 'b'), { model }), {});
  }));

/** The calls by which a file comes to the disk. */
const CALLS = [
  ...['mkdirSync', 'openSync', 'writeFileSync', 'fsyncSync', 'closeSync', 'renameSync', 'rmSync'],
] as const;

/**
 * Runs `body` on a machine that goes down at call `at` of those: of a write half is done, and nothing
 * reaches the disk from then on. Returns whether it got so far.
 */
async function crashing(at: number, body: () => Promise<void>): Promise<boolean> {
  const real = { ...fs };
  let calls = 0;
  for (const name of CALLS) {
    const call = Reflect.get(real, name) as (...args: unknown[]) => unknown;
    Reflect.set(fs, name, (...args: unknown[]): unknown => {
      if (++calls < at) return call(...args);
      if (calls === at && name === 'writeFileSync') {
        const [file, content] = args as [number, string | Uint8Array];
        real.writeFileSync(file, content.slice(0, content.length / 2));
      }
      throw new Error('the machine is down');
    });
  }
  try {
    await body();
  } catch (error) {
    assert.is((error as Error).message, 'the machine is down');
  } finally {
    for (const name of CALLS) Reflect.set(fs, name, Reflect.get(real, name));
  }
  return calls >= at;
}

test('a crash at any moment of saving leaves the old checkpoint or the new one', () =>
  withPath(async (path) => {
    const [before, after] = [trained(1, 2), trained(2, 4)];
    const save = ({ model, optimizer, schedule }: typeof before, epoch: number): Promise<void> =>
      saveCheckpoint(path, { model, optimizer, schedule, epoch });
    const found: (number | undefined)[] = [];
    await save(before, 2);
    for (let at = 1; await crashing(at, () => save(after, 4)); at++) {
      const { model, optimizer, schedule } = trained(3, 1);
      const { epoch } = await loadCheckpoint(path, { model, optimizer, schedule });
      const whole = epoch === 2 ? before : after;
      assert.equal(weightsOf(model), weightsOf(whole.model));
      assert.equal(schedule.stateDict(), whole.schedule.stateDict());
      assert.equal(optimizer.lr, whole.optimizer.lr);
      const steps = optimizer.stateDict().states.map((state) => state?.step);
      assert.equal(steps, [epoch, epoch]);
      found.push(epoch);
      await save(before, 2);
    }
    // Up to the renaming of the first file it is the old one, and then the new one.
    assert.equal(found, found.toSorted());
    assert.equal([...new Set(found)], [2, 4]);
    assert.ok(found.length > 10, `${found}`);
  }));

test('an error while writing leaves no temporary file', () =>
  withPath(async (path) => {
    const { model } = trained(1, 0);
    const { writeFileSync } = fs;
    fs.writeFileSync = () => {
      throw new Error('no space left');
    };
    try {
      await rejects(saveCheckpoint(path, { model }), Error as never, 'no space left');
    } finally {
      fs.writeFileSync = writeFileSync;
    }
    assert.equal(fs.readdirSync(join(path, '..')), []);
  }));

test('a model that is not the one that was saved is left as it is', () =>
  withPath(async (path) => {
    const { model, optimizer } = trained(1, 2);
    await saveCheckpoint(path, { model, optimizer });
    const other = new Linear(3, 4);
    const before = weightsOf(other);
    await rejects(loadCheckpoint(path, { model: other }), StateDictError, /^loadStateDict: /);
    assert.equal(weightsOf(other), before);
    const same = new Linear(3, 2);
    const kept = weightsOf(same);
    await rejects(
      loadCheckpoint(path, { model: same, schedule: new StepLR(optimizer, 1) }),
      StateDictError,
      `loadCheckpoint: expected model, optimizer, which ${path}.safetensors holds, got schedule`,
    );
    assert.equal(weightsOf(same), kept);
  }));

test('loadCheckpoint says what is wrong with a file', () =>
  withPath(async (path) => {
    const { model } = trained(1, 0);
    const file = `${path}.safetensors`;
    await rejects(
      loadCheckpoint(path, { model }),
      StateDictError,
      `loadCheckpoint: expected a checkpoint in ${file}, got no such file`,
    );
    fs.writeFileSync(file, safetensors.encode(model.stateDict()));
    await rejects(
      loadCheckpoint(path, { model }),
      StateDictError,
      `loadCheckpoint: expected a file that saveCheckpoint wrote, got ${file} without metadata 'checkpoint'; read it with safetensors.decode`,
    );
    fs.writeFileSync(file, safetensors.encode({}, { checkpoint: '{"a":{"$tensor":"a/b"}}' }));
    await rejects(
      loadCheckpoint(path, { model }),
      StateDictError,
      "loadCheckpoint: expected a tensor 'a/b', got none",
    );
    for (const text of ['{', '[]', '1']) {
      fs.writeFileSync(file, safetensors.encode({}, { checkpoint: text }));
      await rejects(
        loadCheckpoint(path, { model }),
        StateDictError,
        `loadCheckpoint: expected a JSON object as metadata 'checkpoint' of ${file}`,
      );
    }
    fs.writeFileSync(file, 'x');
    await rejects(loadCheckpoint(path, { model }), StateDictError, /at least 8 bytes, got 1$/);
  }));

test('saveCheckpoint says what cannot be saved', () =>
  withPath(async (path) => {
    const { model } = trained(1, 0);
    const cases: [Promise<void>, typeof LambdagradError, string][] = [
      [
        saveCheckpoint(path, {} as never),
        ArgumentError,
        'saveCheckpoint: expected { model, … } with a module as the model, got an object',
      ],
      [saveCheckpoint('', { model }), ArgumentError, "saveCheckpoint: expected a path, got ''"],
      [
        saveCheckpoint(path, { model, epoch: -1 }),
        ArgumentError,
        'saveCheckpoint: expected an integer of at least 0 as the epoch, got -1',
      ],
      [
        saveCheckpoint(path, { model, note: { when: new Date(0) } }),
        StateDictError,
        'saveCheckpoint: expected numbers, texts, truth values, null and tensors in arrays and plain objects, got an object as note/when',
      ],
      [
        saveCheckpoint(path, { model, note: { $tensor: 'x' } }),
        StateDictError,
        'saveCheckpoint: expected other names than $tensor in note',
      ],
      [
        saveCheckpoint(path, { model, weight: tensor(1) }),
        StateDictError,
        "saveCheckpoint: expected one tensor 'weight', got two",
      ],
    ];
    for (const [promise, kind, message] of cases) await rejects(promise, kind, message);
    assert.equal(fs.readdirSync(join(path, '..')), []);
  }));

test('an optimiser of the wrong kind of state says so itself', () =>
  withPath(async (path) => {
    const { model, optimizer } = trained(1, 2);
    await saveCheckpoint(path, { model, optimizer });
    const target: CheckpointTarget = { model, optimizer: new SGD(model.parameters(), { lr: 1 }) };
    await rejects(loadCheckpoint(path, target), LambdagradError, /SGD/);
    await rejects(
      loadCheckpoint(path, { model, optimizer: 3 }),
      ArgumentError,
      'loadCheckpoint: expected something with a state dict as optimizer, got 3',
    );
  }));

test('where there are no files, as in a page, saving says so', async () => {
  const { model } = trained(1, 0);
  const { getBuiltinModule } = process;
  Reflect.set(process, 'getBuiltinModule', undefined);
  try {
    await rejects(
      saveCheckpoint('run', { model }),
      LambdagradError,
      'saveCheckpoint: expected Node.js 20.16 or later, which has files',
    );
  } finally {
    Reflect.set(process, 'getBuiltinModule', getBuiltinModule);
  }
});

test.run();
