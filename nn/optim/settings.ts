import { checkBoolean, show } from '../../core/shape.js';
import { optionsOf } from '../../ops/arguments.js';
import { ArgumentError, Tensor } from '../../ops/index.js';

/** What every optimiser is set to, and what schedules change of it. */
export interface Settings {
  /** The learning rate. */
  lr: number;
  momentum?: number;
  betas?: readonly [number, number];
}

/** Parameters that are stepped with the same settings, which may be changed between steps. */
export type Group<S extends Settings = Settings> = S & { params: readonly Tensor[] };

/** Parameters, and what is set otherwise for them than for the rest. */
export type PartialGroup<S extends Settings = Settings> = Partial<Group<S>> & {
  params: readonly Tensor[];
};

export type ParametersOrGroups<S extends Settings> = readonly Tensor[] | readonly PartialGroup<S>[];

/** A number in [low, high), as an optimiser's setting. Throws an `ArgumentError` otherwise. */
export function checkSetting(
  op: string,
  what: string,
  x: unknown,
  low = 0,
  high = Infinity,
): number {
  if (typeof x === 'number' && x >= low && x < high) return x;
  throw new ArgumentError(
    `${op}: expected a number in [${low}, ${high}) as ${what}, got ${show(x)}`,
  );
}

/** The settings that say how much of a running mean stays from step to step. */
const KEPT = ['alpha', 'rho'];

/**
 * Throws an `ArgumentError` unless each setting is what its default is: true or false, two betas in
 * [0, 1), or a number of at least 0.
 */
export function checkSettings(op: string, settings: object, defaults: object): void {
  const given = new Map<string, unknown>(Object.entries(settings));
  for (const [name, standard] of Object.entries(defaults)) {
    const x = given.get(name);
    if (typeof standard === 'boolean') checkBoolean(op, name, x);
    else if (name === 'betas') checkBetas(op, x);
    else checkSetting(op, name, x, 0, KEPT.includes(name) ? 1 : Infinity);
  }
}

function checkBetas(op: string, betas: unknown): void {
  if (!Array.isArray(betas) || betas.length !== 2) {
    throw new ArgumentError(`${op}: expected two numbers as betas, got ${show(betas)}`);
  }
  checkSetting(op, 'the first beta', betas[0], 0, 1);
  checkSetting(op, 'the second beta', betas[1], 0, 1);
}

/** Whether groups were given, not a plain list of parameters. */
const areGroups = <S extends Settings>(
  given: ParametersOrGroups<S>,
): given is readonly PartialGroup<S>[] =>
  given.length > 0 && given.every((x) => !(x instanceof Tensor) && Object(x).params !== undefined);

function checkParameters(op: string, params: unknown): void {
  if (Array.isArray(params) && params.length > 0) return;
  throw new ArgumentError(
    `${op}: expected an array of at least one parameter, got ${show(params)}`,
  );
}

/**
 * Groups that have `settings` where they have none of their own; a plain list is one group. Throws an
 * `ArgumentError` unless all parameters are leaves that require grad, each there once, at least one a
 * group.
 */
export function groupsOf<S extends Settings>(
  op: string,
  given: ParametersOrGroups<S>,
  settings: S,
): Group<S>[] {
  checkParameters(op, given);
  const groups = areGroups(given)
    ? given.map((group) => optionsOf<Group<S>>(op, group, { ...settings, params: [] }))
    : [{ ...settings, params: given }];
  for (const { params } of groups) checkParameters(op, params);
  const parameters = groups.flatMap(({ params }) => params);
  parameters.forEach((p, i) => {
    if (p instanceof Tensor && p.requiresGrad && p.isLeaf) return;
    throw new ArgumentError(
      `${op}: expected leaves that require grad, parameter ${i} is ${p instanceof Tensor ? 'none' : show(p)}`,
    );
  });
  if (new Set(parameters).size < parameters.length) {
    throw new ArgumentError(`${op}: expected each parameter once, got one that stands twice`);
  }
  return groups;
}
