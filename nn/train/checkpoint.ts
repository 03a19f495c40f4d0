import { checkInteger, show } from '../../core/shape.js';
import { fromData } from '../../core/tensor.js';
import { ArgumentError, StateDictError } from '../../ops/index.js';
import { Module, type StateDict } from '../module.js';
import { fileExists, readFile, replaceFile } from './files.js';
import { decode, encode, metadataOf } from './safetensors.js';
import { isStateful } from './state.js';
import { type Json, pack, unpack } from './tree.js';

/** The metadata of a checkpoint's tensors that holds the rest of it. */
const REST = 'checkpoint';

/** What a checkpoint holds: a model, and by any other name what has a state dict, or is a state. */
export interface Checkpoint {
  model: Module;
  /** How many epochs the model has been trained for. */
  epoch?: number;
  [name: string]: unknown;
}

/** What a checkpoint is read into: what has a state dict, by the names that it was saved by. */
export interface CheckpointTarget {
  model: Module;
  [name: string]: unknown;
}

/** The rest of a checkpoint: what it holds besides what it was read into. */
export interface LoadedCheckpoint {
  epoch?: number;
  [name: string]: unknown;
}

const weightsAt = (path: string): string => `${path}.safetensors`;

/** Whether there is a checkpoint at `path`. */
export const checkpointExists = (path: string): boolean =>
  fileExists('checkpointExists', weightsAt(path));

/**
 * Saves a model, and with it what is to go on later: an optimiser, a schedule, the epoch, anything with
 * `stateDict()`, or numbers, texts and tensors in arrays and plain objects.
 *
 * `path.safetensors` is the whole checkpoint: the model's tensors by PyTorch's names, those of other
 * state by their places (`optimizer/state/0/…`), and the rest of it as metadata. `path.json` shows that
 * rest to people. Each file takes the place of the old one in one step, so that a crash at any moment
 * leaves the old checkpoint or the new one. The state is that at the time of the call.
 *
 * Throws an `ArgumentError` without a model or for an epoch that is no whole number, a `StateDictError`
 * for state of another kind, and a `LambdagradError` where there are no files (outside Node).
 */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const op = 'saveCheckpoint';
  const { model, ...others } = checkTarget(op, path, checkpoint);
  if (others.epoch !== undefined) checkInteger(op, 'the epoch', others.epoch, 0);
  const tensors: StateDict = { ...model.stateDict() };
  const rest = Object.entries(others).flatMap(([name, x]): [string, Json][] => {
    if (x === undefined || x === null) return [];
    return [[name, pack(op, name, isStateful(x) ? x.stateDict() : x, tensors)]];
  });
  const json = Object.fromEntries(rest);
  const weights = encode(await snapshot(tensors), { [REST]: JSON.stringify(json) });
  replaceFile(op, weightsAt(path), weights);
  replaceFile(op, `${path}.json`, `${JSON.stringify(json, null, 2)}\n`);
}

/** Copies of the tensors in this process's memory, from any device, all as they are now. */
async function snapshot(tensors: StateDict): Promise<StateDict> {
  const copies = Object.entries(tensors).map(async ([name, x]) => {
    return [name, fromData(x.dtype, await x.read(), x.shape)] as const;
  });
  return Object.fromEntries(await Promise.all(copies));
}

/**
 * Reads what `saveCheckpoint` wrote into the model, and into whatever else is given by the name that it
 * was saved by and has `loadStateDict`; returns the rest, such as the epoch.
 *
 * Throws a `StateDictError`, before anything is changed, where there is no checkpoint, its file is
 * damaged, or it holds nothing by one of the names; and what `loadStateDict` throws.
 */
export async function loadCheckpoint(
  path: string,
  target: CheckpointTarget,
): Promise<LoadedCheckpoint> {
  const op = 'loadCheckpoint';
  const { model, ...others } = checkTarget(op, path, target);
  const file = readFile(op, weightsAt(path));
  if (file === null) {
    throw new StateDictError(
      `${op}: expected a checkpoint in ${weightsAt(path)}, got no such file`,
    );
  }
  const { [REST]: text } = metadataOf(file);
  if (text === undefined) {
    throw new StateDictError(
      `${op}: expected a file that saveCheckpoint wrote, got ${weightsAt(path)} without metadata '${REST}'; read it with safetensors.decode`,
    );
  }
  const tensors = decode(file);
  const used = new Set<string>();
  const rest = new Map(
    Object.entries(parseRest(op, path, text)).map(([name, json]): [string, unknown] => [
      name,
      unpack(op, json, tensors, used),
    ]),
  );
  const into = Object.entries(others).filter(([, x]) => x !== undefined && x !== null);
  for (const [name, x] of into) {
    if (!isStateful(x)) {
      throw new ArgumentError(
        `${op}: expected something with a state dict as ${name}, got ${show(x)}`,
      );
    }
    if (rest.has(name)) continue;
    throw new StateDictError(
      `${op}: expected ${['model', ...rest.keys()].join(', ')}, which ${weightsAt(path)} holds, got ${name}`,
    );
  }
  const own = Object.entries(tensors).filter(([name]) => !used.has(name));
  model.loadStateDict(Object.fromEntries(own));
  for (const [name, x] of into) {
    if (isStateful(x)) x.loadStateDict(rest.get(name));
    rest.delete(name);
  }
  return Object.fromEntries(rest);
}

function parseRest(op: string, path: string, text: string): Readonly<Record<string, Json>> {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return { ...json };
  } catch {
    // As for JSON that is no object.
  }
  throw new StateDictError(
    `${op}: expected a JSON object as metadata '${REST}' of ${weightsAt(path)}`,
  );
}

function checkTarget<T extends CheckpointTarget>(op: string, path: unknown, given: T): T {
  if (typeof path !== 'string' || path === '') {
    throw new ArgumentError(`${op}: expected a path, got ${show(path)}`);
  }
  if (given?.model instanceof Module) return given;
  throw new ArgumentError(
    `${op}: expected { model, … } with a module as the model, got ${show(given?.model ?? given)}`,
  );
}
